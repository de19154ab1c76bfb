"""Reduce-only orders: cut, refused, knocked out."""

from decimal import Decimal
from typing import Any

import pytest

from mock_venue.exchange.commands import AmendOrder, CancelOrder, FillOrder, OrderRef
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.order import Order
from tests.mock_venue.helpers import SYMBOL, Core, World


@pytest.fixture
def long(core: Core) -> Core:
    """A position of 0.010."""
    core.place("BUY", "0.010", type="MARKET")
    return core


def exit_at(core: Core, price: str, quantity: str = "0.004", **fields: Any) -> Order:
    return core.place("SELL", quantity, price=price, reduce_only=True, **fields)


def is_open(core: Core, orders: list[Order]) -> list[bool]:
    return [core.order(order.order_id).is_open for order in orders]


def test_a_new_order_is_cut_to_what_the_others_leave(long: Core) -> None:
    exit_at(long, "51000", "0.007")

    assert exit_at(long, "52000", "0.050").quantity == Decimal("0.003")


def test_where_the_others_leave_nothing_a_limit_order_is_refused(long: Core) -> None:
    first = exit_at(long, "51000", "0.010")
    with pytest.raises(ExchangeError, match=r"-4118 .*existing position and open orders\."):
        exit_at(long, "50500")
    long.do(
        CancelOrder(account="main", symbol=SYMBOL, ref=OrderRef(order_id=first.order_id)),
    )

    assert exit_at(long, "50500").status == "NEW"


def test_a_fill_makes_no_room_for_others(long: Core) -> None:
    first = exit_at(long, "51000", "0.010")
    long.do(FillOrder(order_id=first.order_id, quantity=Decimal("0.004"), price=first.price))
    with pytest.raises(ExchangeError, match="-4118"):
        exit_at(long, "50500")


def test_a_market_order_outranks_and_knocks_out(long: Core) -> None:
    resting = exit_at(long, "51000", "0.010")

    order = long.place("SELL", "0.050", type="MARKET", reduce_only=True)

    assert (order.status, order.quantity) == ("FILLED", Decimal("0.010"))
    knocked_out = long.order(resting.order_id)
    assert (knocked_out.status, knocked_out.expiry_reason) == ("EXPIRED", "4")


def test_the_better_price_stays_and_of_one_price_the_older(long: Core) -> None:
    orders = [
        exit_at(long, price, quantity)
        for price, quantity in (("52000", "0.003"), ("51000", "0.003"), ("51000", "0.004"))
    ]
    long.place("SELL", "0.004", type="MARKET")
    assert is_open(long, orders) == [True, True, False]

    long.place("SELL", "0.002", type="MARKET")
    assert is_open(long, orders) == [False, True, False]


def test_an_amended_order_is_the_younger(long: Core) -> None:
    first, second = (exit_at(long, "51000", "0.004") for _ in range(2))
    for price in ("51100", "51000"):
        long.do(
            AmendOrder(
                account="main",
                symbol=SYMBOL,
                ref=OrderRef(order_id=first.order_id),
                side="SELL",
                quantity=first.quantity,
                price=Decimal(price),
            )
        )
    long.place("SELL", "0.004", type="MARKET")

    assert is_open(long, [first, second]) == [False, True]


def test_an_order_that_is_not_reduce_only_neither_counts_nor_is_knocked_out(long: Core) -> None:
    plain = long.place("SELL", "0.010", price="51000")
    reducing = exit_at(long, "51000", "0.010")
    assert reducing.quantity == Decimal("0.010")
    long.place("SELL", "0.010", type="MARKET")

    assert is_open(long, [plain, reducing]) == [True, False]


async def submit_and_fill(world: World) -> list[dict[str, Any]]:
    await world.market("BUY", "0.010")
    stream = await world.user_stream()
    await world.limit("SELL", "0.050", "51000.0", reduceOnly="true", newClientOrderId="exit")
    world.venue.fill("exit")
    frames = [await stream.next() for _ in range(4)]
    return [frame["o"] for frame in frames if frame["e"] == "ORDER_TRADE_UPDATE"]


@pytest.mark.asyncio
async def test_the_cut_quantity_is_told_everywhere(world: World) -> None:
    accepted, filled = await submit_and_fill(world)

    assert (accepted["q"], filled["q"], filled["z"], filled["X"]) == (
        "0.010",
        "0.010",
        "0.010",
        "FILLED",
    )
    reply = await world.get("/fapi/v1/order", symbol=SYMBOL, origClientOrderId="exit")
    assert (reply["origQty"], reply["executedQty"]) == ("0.010", "0.010")
