"""Hedge mode: two positions a symbol, and orders that say which."""

from decimal import Decimal
from typing import Any

import pytest

from mock_venue.exchange.commands import FillOrder, PlaceOrder, SetMarginType, SetPositionMode
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.order import PositionSide, Side
from mock_venue.script.errors import VenueScriptError
from tests.mock_venue.helpers import SYMBOL, Core, World, refusal

DUAL = "/fapi/v1/positionSide/dual"


@pytest.fixture
def hedging(core: Core) -> Core:
    core.do(SetPositionMode(account="main", hedging=True))
    return core


def trade(core: Core, side: Side, position_side: PositionSide, quantity: str) -> None:
    core.place(side, quantity, type="MARKET", position_side=position_side)


def amounts(core: Core) -> list[Decimal]:
    ledger = core.exchange.ledger
    sides: tuple[PositionSide, ...] = ("BOTH", "LONG", "SHORT")
    return [ledger.position("main", SYMBOL, side).amount for side in sides]


def decimals(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def test_long_and_short_are_two_positions(hedging: Core) -> None:
    trade(hedging, "BUY", "LONG", "0.010")
    trade(hedging, "SELL", "SHORT", "0.004")

    assert amounts(hedging) == decimals("0", "0.010", "-0.004")


def test_closing_one_side_leaves_the_other(hedging: Core) -> None:
    trade(hedging, "BUY", "LONG", "0.010")
    trade(hedging, "SELL", "SHORT", "0.004")
    trade(hedging, "SELL", "LONG", "0.010")

    assert amounts(hedging) == decimals("0", "0", "-0.004")


def test_an_order_to_close_never_opens_the_other_side(hedging: Core) -> None:
    trade(hedging, "BUY", "LONG", "0.010")
    trade(hedging, "SELL", "LONG", "0.025")
    assert amounts(hedging) == decimals("0", "0", "0")
    with pytest.raises(ExchangeError, match="-2022"):
        trade(hedging, "SELL", "LONG", "0.010")


def test_orders_to_close_are_knocked_out_by_their_own_position_alone(hedging: Core) -> None:
    trade(hedging, "BUY", "LONG", "0.010")
    trade(hedging, "SELL", "SHORT", "0.010")
    long = hedging.place("SELL", price="51000", position_side="LONG")
    short = hedging.place("BUY", price="49000", position_side="SHORT")
    trade(hedging, "SELL", "LONG", "0.010")

    assert hedging.order(long.order_id).expiry_reason == "4"
    assert hedging.order(short.order_id).is_open
    hedging.do(FillOrder(order_id=short.order_id, quantity=short.quantity, price=short.price))
    assert amounts(hedging) == decimals("0", "0", "0")


@pytest.mark.parametrize(
    ("hedges", "position_side"), [(False, "LONG"), (False, "SHORT"), (True, "BOTH")]
)
def test_the_position_side_must_be_one_of_the_mode(
    core: Core, hedges: bool, position_side: Any
) -> None:
    if hedges:
        core.do(SetPositionMode(account="main", hedging=True))
    with pytest.raises(ExchangeError, match="-4061"):
        core.place(position_side=position_side)


def test_a_margin_type_stays_while_either_side_has_a_position(hedging: Core) -> None:
    trade(hedging, "SELL", "SHORT", "0.010")
    with pytest.raises(ExchangeError, match="-4048"):
        hedging.do(SetMarginType(account="main", symbol=SYMBOL, margin_type="ISOLATED"))


def test_the_mode_changes_only_where_nothing_is_open(core: Core) -> None:
    with pytest.raises(ExchangeError, match="-4059"):
        core.do(SetPositionMode(account="main", hedging=False))
    order = core.place()
    with pytest.raises(ExchangeError, match="-4067"):
        core.do(SetPositionMode(account="main", hedging=True))
    core.do(FillOrder(order_id=order.order_id, quantity=order.quantity, price=order.price))
    with pytest.raises(ExchangeError, match="-4068"):
        core.do(SetPositionMode(account="main", hedging=True))
    core.do(
        PlaceOrder(
            account="main", symbol=SYMBOL, side="SELL", type="MARKET", quantity=order.quantity
        )
    )
    core.do(SetPositionMode(account="main", hedging=True))
    assert core.exchange.settings.is_hedging("main")


async def hedge(world: World) -> None:
    reply = await world.call("POST", DUAL, dualSidePosition="true")
    assert reply == (200, {"code": 200, "msg": "success"})


@pytest.mark.asyncio
async def test_the_mode_over_rest(world: World) -> None:
    assert await world.get(DUAL) == {"dualSidePosition": False}
    await hedge(world)
    assert await world.get(DUAL) == {"dualSidePosition": True}
    assert (await world.get("/fapi/v1/accountConfig"))["dualSidePosition"] is True
    assert refusal(await world.call("POST", DUAL, dualSidePosition="true")) == (400, -4059)
    assert refusal(await world.call("POST", DUAL)) == (400, -1102)
    assert refusal(await world.call("POST", DUAL, dualSidePosition="1")) == (400, -1130)


@pytest.mark.asyncio
async def test_the_mode_stays_while_a_conditional_order_waits(world: World) -> None:
    stop = {"algoType": "CONDITIONAL", "type": "STOP_MARKET", "quantity": "0.010"}
    status, _ = await world.call(
        "POST", "/fapi/v1/algoOrder", symbol=SYMBOL, side="BUY", triggerPrice="51000", **stop
    )
    assert status == 200
    assert refusal(await world.call("POST", DUAL, dualSidePosition="true")) == (400, -4067)


@pytest.mark.asyncio
async def test_reduce_only_is_not_sent_in_hedge_mode(world: World) -> None:
    await hedge(world)
    reply = await world.limit(positionSide="LONG", reduceOnly="false")
    assert refusal(reply) == (400, -1106)


@pytest.mark.asyncio
async def test_replies_show_both_sides(world: World) -> None:
    await hedge(world)
    await world.market("BUY", "0.010", positionSide="LONG")
    await world.limit("SELL", "0.020", "51000", positionSide="SHORT")

    risk = await world.get("/fapi/v3/positionRisk")
    assert [(row["positionSide"], row["positionAmt"]) for row in risk] == [
        ("LONG", "0.010"),
        ("SHORT", "0.000"),
    ]
    assert [row["askNotional"] for row in risk] == ["0", "1020"]
    risk = await world.get("/fapi/v2/positionRisk", symbol=SYMBOL)
    assert [row["positionSide"] for row in risk] == ["LONG", "SHORT"]
    v2 = (await world.get("/fapi/v2/account"))["positions"]
    assert [row["positionSide"] for row in v2] == ["LONG", "SHORT"] * 3
    v3 = (await world.get("/fapi/v3/account"))["positions"]
    assert [row["positionAmt"] for row in v3] == ["0.010", "0.000"]
    trade = (await world.get("/fapi/v1/userTrades", symbol=SYMBOL))[0]
    assert trade["positionSide"] == "LONG"


@pytest.mark.asyncio
async def test_the_stream_tells_the_side_that_changed(world: World) -> None:
    await hedge(world)
    stream = await world.user_stream()
    await world.market("SELL", "0.010", positionSide="SHORT")

    frames = [await stream.next() for _ in range(4)]
    [position] = frames[2]["a"]["P"]
    assert (position["ps"], position["pa"]) == ("SHORT", "-0.010")
    assert frames[3]["o"]["ps"] == "SHORT"
    await world.market("BUY", "0.004", positionSide="SHORT")
    frames = [await stream.next() for _ in range(4)]
    assert frames[3]["o"]["R"] is True


@pytest.mark.asyncio
async def test_acts_in_hedge_mode(world: World) -> None:
    await hedge(world)
    world.venue.external_order(SYMBOL, "BUY", "0.010", position_side="LONG")
    assert (await world.get("/fapi/v3/positionRisk"))[0]["positionAmt"] == "0.010"
    with pytest.raises(VenueScriptError, match="-4061"):
        world.venue.external_order(SYMBOL, "BUY", "0.010")
    with pytest.raises(VenueScriptError, match="one-way"):
        world.venue.generate_history("ETHUSDT", 10, 1, world.clock.ms, 1_000)


@pytest.mark.asyncio
async def test_a_snapshot_keeps_the_mode(world: World) -> None:
    await hedge(world)
    await world.market("SELL", "0.010", positionSide="SHORT")
    taken = world.venue.snapshot()
    await world.market("BUY", "0.010", positionSide="SHORT")
    await world.call("POST", DUAL, dualSidePosition="false")
    world.venue.restore(taken)

    assert await world.get(DUAL) == {"dualSidePosition": True}
    assert (await world.get("/fapi/v3/positionRisk"))[0]["positionAmt"] == "-0.010"
