"""Prices that the venue finds, and prices too far from the mark price."""

from decimal import Decimal
from typing import Any

import pytest

from mock_venue.exchange.commands import AmendOrder, OrderRef, SetPrice
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.order import PriceMatch, Side
from tests.mock_venue.helpers import SYMBOL, Core, World, refusal

ORDER = "/fapi/v1/order"
MATCHED = {
    "symbol": SYMBOL,
    "side": "BUY",
    "type": "LIMIT",
    "quantity": "0.010",
    "timeInForce": "GTC",
}


@pytest.mark.parametrize(
    ("side", "mode", "price"),
    [
        ("BUY", "QUEUE", "50000.00"),
        ("BUY", "QUEUE_5", "49999.60"),
        ("BUY", "QUEUE_20", "49998.10"),
        ("BUY", "OPPONENT", "50000.10"),
        ("BUY", "OPPONENT_5", "50000.50"),
        ("SELL", "QUEUE", "50000.10"),
        ("SELL", "QUEUE_10", "50001.00"),
        ("SELL", "OPPONENT_5", "49999.60"),
    ],
)
@pytest.mark.asyncio
async def test_the_price_is_the_books(world: World, side: str, mode: str, price: str) -> None:
    params = {**MATCHED, "side": side, "priceMatch": mode}
    status, reply = await world.call("POST", ORDER, **params)

    assert (status, reply["price"], reply["priceMatch"]) == (200, price, mode)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"priceMatch": "OPPONENT_10"}, -5037),
        ({"priceMatch": "OPPONENT_20"}, -5037),
        ({"priceMatch": "best"}, -5037),
        ({"priceMatch": "QUEUE", "price": "49000"}, -1106),
        ({"priceMatch": "NONE"}, -1102),
    ],
)
@pytest.mark.asyncio
async def test_price_matches_refused(world: World, changes: dict[str, Any], code: int) -> None:
    assert refusal(await world.call("POST", ORDER, **MATCHED, **changes)) == (400, code)


@pytest.mark.asyncio
async def test_a_market_order_matches_no_price(world: World) -> None:
    params = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    reply = await world.call("POST", ORDER, **params, priceMatch="QUEUE")

    assert refusal(reply) == (400, -5038)


@pytest.mark.asyncio
async def test_an_amendment_matches_a_price_or_gives_one(world: World) -> None:
    await world.limit(newClientOrderId="a")
    params = {"symbol": SYMBOL, "side": "BUY", "quantity": "0.010", "origClientOrderId": "a"}

    _, matched = await world.call("PUT", ORDER, **params, priceMatch="QUEUE_5")
    _, given = await world.call("PUT", ORDER, **params, price="49500")
    both = await world.call("PUT", ORDER, **params, price="49500", priceMatch="QUEUE")
    neither = await world.call("PUT", ORDER, **params)

    assert (matched["price"], matched["priceMatch"]) == ("49999.60", "QUEUE_5")
    assert (given["price"], given["priceMatch"]) == ("49500.00", "NONE")
    assert (refusal(both), refusal(neither)) == ((400, -1106), (400, -1102))


def test_a_book_that_has_no_such_level_matches_nothing(core: Core) -> None:
    lowest = core.exchange.symbols[SYMBOL].min_price
    core.do(SetPrice(symbol=SYMBOL, bid=lowest, ask=lowest + 1, mark=lowest))
    with pytest.raises(ExchangeError, match="-5041"):
        core.place(price_match="QUEUE_5")


def test_limits_keep_within_5_percent_of_the_mark_price(core: Core) -> None:
    core.do(
        SetPrice(symbol=SYMBOL, bid=Decimal(50000), ask=Decimal(50001), mark=Decimal("50000.55"))
    )
    with pytest.raises(ExchangeError, match=r"-4016 Limit price can't be higher than 52500\.50$"):
        core.place("BUY", price="52500.6")
    with pytest.raises(ExchangeError, match=r"-4024 Limit price can't be lower than 47500\.60$"):
        core.place("SELL", price="47500.5")

    assert core.place("BUY", price="52500.5").status == "FILLED"
    assert core.place("SELL", price="47500.6").status == "FILLED"
    assert core.place("BUY", price="30000").status == "NEW"
    assert core.place("SELL", price="90000").status == "NEW"


@pytest.mark.parametrize(("side", "mark"), [("BUY", "47600"), ("SELL", "52700")])
def test_a_market_order_needs_the_others_within_them_too(core: Core, side: Side, mark: str) -> None:
    core.do(SetPrice(symbol=SYMBOL, bid=Decimal(50000), ask=Decimal(50001), mark=Decimal(mark)))
    with pytest.raises(ExchangeError, match=r"-4131 .* PERCENT_PRICE filter limit\."):
        core.place(side, type="MARKET")


@pytest.mark.parametrize("mode", ["NONE", "OPPONENT_5"])
def test_an_amendment_too_far_leaves_the_order_as_it_is(core: Core, mode: PriceMatch) -> None:
    order = core.place("BUY")
    core.do(SetPrice(symbol=SYMBOL, bid=Decimal(50000), ask=Decimal(50001), mark=Decimal(40000)))
    with pytest.raises(ExchangeError, match="-4016"):
        core.do(
            AmendOrder(
                account="main",
                symbol=SYMBOL,
                ref=OrderRef(order_id=order.order_id),
                side="BUY",
                quantity=order.quantity,
                price=Decimal(50000) if mode == "NONE" else None,
                price_match=mode,
            )
        )

    assert core.order(order.order_id) == order
