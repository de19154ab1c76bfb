"""Positions that the exchange closes, margin calls, and symbols that end."""

from decimal import Decimal
from typing import Any

import pytest

from mock_venue import AccountSpec, VenueConfig
from mock_venue.exchange.commands import (
    CallMargin,
    ChargeFunding,
    ClosePosition,
    SetMarginType,
    SetPositionMode,
    SetPrice,
)
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.events import AccountChanged, MarginCalled, OrderTraded
from mock_venue.script.errors import VenueScriptError
from tests.mock_venue.helpers import SYMBOL, Core, World, refusal

INFO = "/fapi/v1/exchangeInfo"


def mark(core: Core, price: str, symbol: str = SYMBOL) -> list[Any]:
    middle, tick = Decimal(price), core.exchange.symbols[symbol].tick_size
    return core.do(SetPrice(symbol=symbol, bid=middle - tick, ask=middle + tick, mark=middle))


def small() -> Core:
    """An account of 3,000 USDT: enough for a whole bitcoin at leverage 20."""
    return Core(AccountSpec(wallet=Decimal(3_000)))


def amount(core: Core) -> Decimal:
    return core.exchange.ledger.position("main", SYMBOL).amount


def calls(events: list[Any]) -> list[MarginCalled]:
    return [event for event in events if isinstance(event, MarginCalled)]


# By the mark price


def test_a_cross_position_is_liquidated_below_its_maintenance_margin() -> None:
    core = small()
    core.place("BUY", "1.000", type="MARKET")
    resting = core.place("SELL", "0.500", price="52000")
    # 3000 - 25.00005 + x - 50000.1 = 0.004 x
    mark(core, "47214.01")
    assert amount(core) == 1
    mark(core, "47213.9")

    assert amount(core) == 0
    assert core.order(resting.order_id).expiry_reason == "5"
    [forced] = core.exchange.ledger.forced_orders("main")
    assert forced.client_order_id.startswith("autoclose-")
    assert (forced.status, forced.side, forced.time_in_force) == ("FILLED", "SELL", "IOC")


def test_what_the_wallet_lacks_the_insurance_fund_pays() -> None:
    core = small()
    core.place("BUY", "1.000", type="MARKET")
    events = mark(core, "45000")

    [cleared] = [event for event in events if isinstance(event, AccountChanged)]
    assert cleared.reason == "INSURANCE_CLEAR"
    assert cleared.income is not None and cleared.income.amount > 0
    assert core.exchange.ledger.balance("main", "USDT").wallet == 0


def test_a_wallet_is_not_filled_up_while_other_positions_carry_it() -> None:
    core = small()
    core.do(SetPositionMode(account="main", hedging=True))
    core.place("BUY", "0.800", type="MARKET", position_side="LONG")
    core.place("SELL", "0.350", type="MARKET", position_side="SHORT")
    mark(core, "43800")
    ledger = core.exchange.ledger

    assert ledger.position("main", SYMBOL, "LONG").amount == 0
    assert ledger.position("main", SYMBOL, "SHORT").amount == Decimal("-0.35")
    assert ledger.balance("main", "USDT").wallet < 0
    events = mark(core, "45000")

    [cleared] = [event for event in events if isinstance(event, AccountChanged)]
    assert cleared.reason == "INSURANCE_CLEAR"
    assert ledger.balance("main", "USDT").wallet == 0


@pytest.mark.parametrize("told", [False, True])
def test_an_isolated_position_loses_no_more_than_its_margin(told: bool) -> None:
    core = Core()
    core.do(SetMarginType(account="main", symbol=SYMBOL, margin_type="ISOLATED"))
    core.place("BUY", "1.000", type="MARKET")
    before = core.exchange.ledger.balance("main", "USDT")
    if told:
        price = Decimal(40_000)
        close = ClosePosition(account="main", symbol=SYMBOL, by="LIQUIDATION", price=price)
        events = core.do(close)
    else:
        events = mark(core, "40000")

    [cleared] = [event for event in events if isinstance(event, AccountChanged)]
    assert cleared.reason == "INSURANCE_CLEAR"
    after = core.exchange.ledger.balance("main", "USDT")
    assert after.wallet == after.cross == before.cross


def test_an_isolated_position_falls_alone() -> None:
    core = Core()
    core.do(SetMarginType(account="main", symbol=SYMBOL, margin_type="ISOLATED"))
    core.place("SELL", "1.000", type="MARKET")
    mark(core, "52290.8")
    assert amount(core) == -1
    mark(core, "52290.9")

    assert amount(core) == 0
    balance = core.exchange.ledger.balance("main", "USDT")
    assert balance.wallet > 97_000
    assert balance.isolated == 0


def test_of_cross_positions_the_largest_goes_first() -> None:
    core = Core(AccountSpec(wallet=Decimal(4_500)))
    core.place("BUY", "1.000", type="MARKET")
    eth = core.order_to("BUY", "5.000", type="MARKET")
    core.do(
        type(eth)(
            **{name: getattr(eth, name) for name in eth.__struct_fields__} | {"symbol": "ETHUSDT"}
        )
    )
    mark(core, "45700")

    assert amount(core) == 0
    assert core.exchange.ledger.position("main", "ETHUSDT").amount == 5


def test_margin_is_called_once_on_the_way_down() -> None:
    core = small()
    core.place("BUY", "1.000", type="MARKET")
    assert calls(mark(core, "47300")) == []
    [call] = calls(mark(core, "47255"))
    assert call.cross_wallet == Decimal("2974.99995")
    assert [one.position.symbol for one in call.positions] == [SYMBOL]
    assert calls(mark(core, "47250")) == []
    mark(core, "50000")
    assert len(calls(mark(core, "47255"))) == 1


def test_an_isolated_margin_is_called_for_itself() -> None:
    core = Core()
    core.do(SetMarginType(account="main", symbol=SYMBOL, margin_type="ISOLATED"))
    core.place("BUY", "1.000", type="MARKET")
    [call] = calls(mark(core, "47735"))
    assert call.cross_wallet is None
    assert call.positions[0].isolated


def test_funding_can_be_the_last_straw() -> None:
    core = small()
    core.place("BUY", "1.000", type="MARKET")
    mark(core, "47300")
    core.do(ChargeFunding(symbol=SYMBOL, rate=Decimal("0.001")))
    assert amount(core) == 1
    core.do(ChargeFunding(symbol=SYMBOL, rate=Decimal("0.001")))
    assert amount(core) == 0


def test_who_has_no_position_is_not_looked_at(core: Core) -> None:
    core.place("BUY", "1.000", price="49000")
    assert len(mark(core, "49500")) == 1


# By acts


def test_a_part_can_be_liquidated(core: Core) -> None:
    core.place("BUY", "1.000", type="MARKET")
    close = ClosePosition(account="main", symbol=SYMBOL, by="LIQUIDATION", quantity=Decimal("0.4"))
    core.do(close)
    assert amount(core) == Decimal("0.6")


@pytest.mark.parametrize("quantity", ["0", "1.001"])
def test_no_more_than_the_position_can_be_closed(core: Core, quantity: str) -> None:
    core.place("BUY", "1.000", type="MARKET")
    close = ClosePosition(account="main", symbol=SYMBOL, by="ADL", quantity=Decimal(quantity))
    with pytest.raises(ExchangeError, match="-2024"):
        core.do(close)


def test_a_flat_position_cannot_be_closed_or_called(core: Core) -> None:
    with pytest.raises(ExchangeError, match="-2024"):
        core.do(ClosePosition(account="main", symbol=SYMBOL, by="LIQUIDATION"))
    with pytest.raises(ExchangeError, match="-2024"):
        core.do(CallMargin(account="main"))


def test_adl_leaves_the_orders_that_still_fit(core: Core) -> None:
    core.do(SetPositionMode(account="main", hedging=True))
    core.place("SELL", "1.000", type="MARKET", position_side="SHORT")
    kept = core.place("BUY", "0.300", price="49000", position_side="SHORT")
    gone = core.place("BUY", "0.600", price="48000", position_side="SHORT")
    close = ClosePosition(
        account="main",
        symbol=SYMBOL,
        by="ADL",
        position_side="SHORT",
        quantity=Decimal("0.5"),
        price=Decimal("50010"),
    )
    events = core.do(close)

    [traded] = [event for event in events if isinstance(event, OrderTraded)]
    assert traded.order.client_order_id == "adl_autoclose"
    assert traded.trade.price == 50010
    assert core.order(kept.order_id).is_open
    assert core.order(gone.order_id).expiry_reason == "4"


@pytest.mark.asyncio
async def test_a_liquidation_on_the_stream_in_rest_and_in_the_history(world: World) -> None:
    await world.market("BUY", "1.000")
    await world.limit(newClientOrderId="resting")
    stream = await world.user_stream()
    world.venue.liquidate(SYMBOL, price="49990.0")

    frames = [await stream.next() for _ in range(5)]
    assert [(one["e"], one.get("o", {}).get("x")) for one in frames] == [
        ("TRADE_LITE", None),
        ("ORDER_TRADE_UPDATE", "EXPIRED"),
        ("ORDER_TRADE_UPDATE", "NEW"),
        ("ACCOUNT_UPDATE", None),
        ("ORDER_TRADE_UPDATE", "CALCULATED"),
    ]
    assert (frames[1]["o"]["c"], frames[1]["o"]["er"]) == ("resting", "5")
    final = frames[4]["o"]
    assert final["c"].startswith("autoclose-") and final["c"] == frames[2]["o"]["c"]
    assert (frames[2]["o"]["X"], final["X"], final["l"]) == ("NEW", "FILLED", "1.000")
    [row] = await world.get("/fapi/v1/forceOrders")
    assert (row["clientOrderId"], row["type"], row["timeInForce"]) == (final["c"], "LIMIT", "IOC")
    assert row["price"] == "49990.00"
    assert "priceMatch" not in row
    assert await world.get("/fapi/v1/forceOrders", autoCloseType="ADL") == []
    assert len(await world.get("/fapi/v1/forceOrders", autoCloseType="LIQUIDATION")) == 1
    assert await world.get("/fapi/v1/forceOrders", symbol="ETHUSDT") == []
    world.clock.ms += 91 * 86_400_000
    assert await world.get("/fapi/v1/forceOrders", startTime=0) == []
    recorded = world.log.of("order", client_order_id=final["c"])
    assert [one["forced_by"] for one in recorded] == ["LIQUIDATION"] * 2
    assert [one["act"] for one in world.log.of("act")] == ["liquidate"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"symbol": "NONE"}, -1121),
        ({"autoCloseType": "SETTLEMENT"}, -1130),
        ({"startTime": 2, "endTime": 1}, -1023),
    ],
)
async def test_force_orders_refused(world: World, params: dict[str, Any], code: int) -> None:
    reply = await world.call("GET", "/fapi/v1/forceOrders", **params)
    assert refusal(reply) == (400, code)


@pytest.mark.asyncio
async def test_a_margin_call_on_the_stream_and_in_the_history(world: World) -> None:
    await world.market("SELL", "1.000")
    stream = await world.user_stream()
    world.venue.margin_call()

    assert await stream.next() == {
        "e": "MARGIN_CALL",
        "E": world.clock.ms,
        "cw": "99975.00000000",
        "p": [
            {
                "s": SYMBOL,
                "ps": "BOTH",
                "pa": "-1.000",
                "mt": "CROSSED",
                "iw": "0",
                "mp": "50000.05000000",
                "up": "-0.05",
                "mm": "200.0002",
            }
        ],
    }
    [call] = world.log.of("margin_call")
    assert call["positions"][0]["maintenance"] == "200.00020000"


@pytest.mark.asyncio
async def test_acts_without_a_position_are_refused(world: World) -> None:
    for act in (world.venue.liquidate, world.venue.adl):
        with pytest.raises(VenueScriptError, match="-2024"):
            act(SYMBOL)
    with pytest.raises(VenueScriptError, match="-2024"):
        world.venue.margin_call()


# The end of a symbol


async def status(world: World) -> str:
    symbols = (await world.get(INFO))["symbols"]
    return next(str(one["status"]) for one in symbols if one["symbol"] == SYMBOL)


@pytest.mark.asyncio
async def test_a_symbol_that_does_not_trade(world: World) -> None:
    await world.market("BUY", "0.010")
    await world.limit(newClientOrderId="open")
    world.venue.set_status(SYMBOL, "PRE_SETTLE")
    assert await status(world) == "PRE_SETTLE"
    assert refusal(await world.limit()) == (400, -4140)
    amendment = {"side": "BUY", "quantity": "0.02", "price": "48000", "origClientOrderId": "open"}
    reply = await world.call("PUT", "/fapi/v1/order", symbol=SYMBOL, **amendment)
    assert refusal(reply) == (400, -5024)
    assert (await world.limit("SELL", price="51000", reduceOnly="true"))[0] == 200
    world.venue.set_status(SYMBOL, "CLOSE")
    reply = await world.limit("SELL", price="52000", reduceOnly="true")
    assert refusal(reply) == (400, -4141)
    reply = await world.call("DELETE", "/fapi/v1/order", symbol=SYMBOL, origClientOrderId="open")
    assert reply[0] == 200
    world.venue.set_status(SYMBOL, "TRADING")
    assert (await world.limit())[0] == 200
    told = [one["status"] for one in world.log.of("symbol_status")]
    assert told == ["PRE_SETTLE", "CLOSE", "TRADING"]
    with pytest.raises(VenueScriptError, match="status must be one of"):
        world.venue.set_status(SYMBOL, "GONE")  # type: ignore[arg-type]


@pytest.mark.asyncio
async def test_a_settlement_ends_everything_on_a_symbol() -> None:
    other = AccountSpec(name="other", key="k", secret="s")
    async with World(VenueConfig(accounts=(AccountSpec(), other))) as world:
        world.venue.external_order(SYMBOL, "SELL", "0.010", account="other")
        await world.market("BUY", "0.010")
        await world.limit(newClientOrderId="open")
        world.venue.settle(SYMBOL, "50005.55")

        ledger = world.venue.ledger
        assert ledger.last_by_client_id("main", SYMBOL, "open") is not None
        assert ledger.open_orders() == []
        assert world.log.of("order", client_order_id="open")[-1]["expiry_reason"] == "7"
        for account in ("main", "other"):
            assert ledger.position(account, SYMBOL).amount == 0
            [forced] = ledger.forced_orders(account)
            assert forced.client_order_id.startswith("settlement_autoclose-")
            assert forced.average_price == Decimal("50005.55")
        assert await status(world) == "CLOSE"
        assert await world.get("/fapi/v1/forceOrders") == []


@pytest.mark.asyncio
async def test_a_snapshot_keeps_status_and_forced_orders(world: World) -> None:
    await world.market("BUY", "1.000")
    world.venue.adl(SYMBOL)
    world.venue.set_status(SYMBOL, "SETTLING")
    taken = world.venue.snapshot()
    world.venue.set_status(SYMBOL, "TRADING")
    world.venue.restore(taken)

    assert await status(world) == "SETTLING"
    [row] = await world.get("/fapi/v1/forceOrders", autoCloseType="ADL")
    assert row["clientOrderId"] == "adl_autoclose"


@pytest.mark.asyncio
async def test_the_public_sees_liquidations_and_not_what_trades_outside_the_book(
    world: World,
) -> None:
    await world.market("BUY", "0.010")
    stop = {"algoType": "CONDITIONAL", "type": "STOP_MARKET", "clientAlgoId": "stop"}
    order = {"symbol": SYMBOL, "side": "SELL", "quantity": "0.002", "triggerPrice": "49000"}
    await world.call("POST", "/fapi/v1/algoOrder", **stop, **order)
    world.venue.adl(SYMBOL, quantity="0.002", price="48000")
    liquidated = world.venue.liquidate(SYMBOL, quantity="0.002", price="49500")
    seen = await world.get("/fapi/v1/trades", symbol=SYMBOL)
    world.venue.settle(SYMBOL, "48000")

    assert [one["qty"] for one in seen] == ["0.010", "0.002"]
    assert seen[-1]["id"] == liquidated.trade_id
    assert await world.get("/fapi/v1/trades", symbol=SYMBOL) == seen
    assert (await world.get("/fapi/v1/ticker/price", symbol=SYMBOL))["price"] == "49500.00"
    assert world.venue.prices[0].last == 49_500
    told = await world.get("/fapi/v1/algoOrder", clientAlgoId="stop")
    assert (told["algoStatus"], told["actualOrderId"]) == ("EXPIRED", "")
