"""What happens by itself when its time comes."""

from decimal import Decimal
from typing import Any

import pytest

from mock_venue.exchange.agenda import YEAR_MS
from mock_venue.exchange.commands import AmendOrder, FillOrder, OrderRef, PassTime
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.order import Order
from tests.mock_venue.helpers import START_MS, SYMBOL, Core, World, refusal

GOOD_TILL_MS = START_MS + 601_000


def good_till(core: Core, ms: int = GOOD_TILL_MS) -> Order:
    return core.place(time_in_force="GTD", good_till_ms=ms)


def pass_time(core: Core, now_ms: int) -> None:
    core.now_ms = now_ms
    core.do(PassTime())


def test_a_gtd_order_is_cancelled_when_its_second_comes(core: Core) -> None:
    order = good_till(core, GOOD_TILL_MS + 999)
    assert order.good_till_ms == GOOD_TILL_MS
    pass_time(core, GOOD_TILL_MS - 1)
    assert core.order(order.order_id).is_open
    assert core.exchange.agenda.due_ms == GOOD_TILL_MS

    pass_time(core, GOOD_TILL_MS)

    assert core.order(order.order_id).status == "CANCELED"
    assert core.exchange.agenda.due_ms == START_MS + YEAR_MS


def test_dates_come_in_their_order_and_closed_orders_are_passed_over(core: Core) -> None:
    later, sooner = good_till(core, GOOD_TILL_MS + 5_000), good_till(core)
    third = core.place(price="50100", time_in_force="GTD", good_till_ms=GOOD_TILL_MS)
    assert third.status == "FILLED"

    pass_time(core, GOOD_TILL_MS)

    assert core.order(sooner.order_id).status == "CANCELED"
    assert core.order(third.order_id).status == "FILLED"
    assert core.order(later.order_id).is_open


def test_a_gtc_order_ends_a_year_after_it_was_placed_unless_it_was_filled_in_part(
    core: Core,
) -> None:
    whole, filled = core.place(), core.place()
    core.do(FillOrder(order_id=filled.order_id, quantity=Decimal("0.004"), price=filled.price))
    dated = good_till(core, START_MS + 2 * YEAR_MS)
    post_only = core.place(time_in_force="GTX")
    core.now_ms += 1_000
    later = core.place()
    ref = OrderRef(order_id=whole.order_id)
    amendment = AmendOrder(
        account=core.account.name,
        symbol=SYMBOL,
        ref=ref,
        side="BUY",
        quantity=whole.quantity,
        price=Decimal(49100),
    )
    core.do(amendment)

    pass_time(core, START_MS + YEAR_MS - 1)
    assert core.order(whole.order_id).status == "NEW"
    pass_time(core, START_MS + YEAR_MS)

    ended = core.order(whole.order_id)
    assert (ended.status, ended.expiry_reason) == ("CANCELED", "0")
    assert core.order(filled.order_id).status == "PARTIALLY_FILLED"
    still = (dated.order_id, post_only.order_id, later.order_id)
    assert [core.order(one).status for one in still] == ["NEW", "NEW", "NEW"]
    assert core.exchange.agenda.due_ms == later.created_ms + YEAR_MS
    pass_time(core, later.created_ms + YEAR_MS)
    assert core.order(later.order_id).status == "CANCELED"


def test_an_order_placed_after_the_exchange_has_looked_ends_a_year_later_too(core: Core) -> None:
    pass_time(core, START_MS + YEAR_MS + 7)
    order = core.place()
    assert core.exchange.agenda.due_ms == order.created_ms + YEAR_MS

    pass_time(core, order.created_ms + YEAR_MS)

    assert core.order(order.order_id).status == "CANCELED"


@pytest.mark.asyncio
async def test_a_year_ends_without_a_request_conditional_orders_too(world: World) -> None:
    stream = await world.user_stream()
    await world.limit(newClientOrderId="resting")
    fields = {"side": "SELL", "type": "STOP_MARKET", "quantity": "0.010", "triggerPrice": "40000"}
    path = "/fapi/v1/algoOrder"
    status, stop = await world.call(
        "POST", path, symbol=SYMBOL, algoType="CONDITIONAL", clientAlgoId="stop", **fields
    )
    assert status == 200, stop

    world.clock.ms += YEAR_MS

    await world.log.wait("order", client_order_id="resting", status="CANCELED")
    await world.log.wait("algo_order", client_order_id="stop", status="EXPIRED")
    assert await stream.names(2) == [("ORDER_TRADE_UPDATE", "NEW"), ("ALGO_UPDATE", None)]
    assert (await stream.next())["e"] == "listenKeyExpired"
    assert await world.get("/fapi/v1/openOrders") == []
    assert await world.get("/fapi/v1/openAlgoOrders") == []


@pytest.mark.parametrize("ms", [START_MS + 600_000, START_MS + 600_999, 253_402_300_799_000])
def test_a_date_must_be_600_seconds_ahead_and_before_the_year_10000(core: Core, ms: int) -> None:
    with pytest.raises(ExchangeError, match=r"-5040 .* plus 600 seconds and smaller than 2534"):
        good_till(core, ms)


@pytest.mark.asyncio
async def test_time_passes_before_a_request_and_without_one(world: World) -> None:
    fields: dict[str, Any] = {"timeInForce": "GTD", "goodTillDate": GOOD_TILL_MS}
    _, reply = await world.limit(newClientOrderId="first", **fields)
    assert (reply["timeInForce"], reply["goodTillDate"]) == ("GTD", GOOD_TILL_MS)
    await world.limit(newClientOrderId="second", **{**fields, "goodTillDate": GOOD_TILL_MS + 2_000})

    world.clock.ms = GOOD_TILL_MS
    first = await world.get("/fapi/v1/order", symbol=SYMBOL, origClientOrderId="first")
    world.clock.ms += 2_000

    assert first["status"] == "CANCELED"
    await world.log.wait("order", client_order_id="second", status="CANCELED")


@pytest.mark.asyncio
async def test_a_date_belongs_to_gtd_orders_and_they_need_one(world: World) -> None:
    assert refusal(await world.limit(timeInForce="GTD")) == (400, -1102)
    assert refusal(await world.limit(goodTillDate=GOOD_TILL_MS)) == (400, -1106)


@pytest.mark.asyncio
async def test_a_snapshot_keeps_the_dates(world: World) -> None:
    await world.limit(timeInForce="GTD", goodTillDate=GOOD_TILL_MS, newClientOrderId="dated")
    taken = world.venue.snapshot()
    world.venue.cancel("dated")
    world.venue.restore(taken)

    world.clock.ms = GOOD_TILL_MS
    reply = await world.get("/fapi/v1/order", symbol=SYMBOL, origClientOrderId="dated")

    assert reply["status"] == "CANCELED"
