"""ccxt's conditional orders, batches and account settings, made as the venue prints it."""

import asyncio
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from tests.conformance.live import LiveVenue
from tests.conformance.test_ccxt import ACCOUNT, SYMBOL, decimal, known
from tests.conformance.test_ccxt_pro import subscribed, told

TRIGGER = {"trigger": True}


async def stop(exchange: Any, trigger: float = 49_000, **params: Any) -> Any:
    given = {"stopLossPrice": trigger, **params}
    return await exchange.create_order(SYMBOL, "market", "sell", 0.01, None, given)


@pytest.mark.asyncio
async def test_a_stop_is_placed_asked_for_by_both_ids_and_cancelled(
    live: LiveVenue, exchange: Any
) -> None:
    placed = await stop(exchange, clientOrderId="mine", reduceOnly=False)
    assert (placed["status"], placed["triggerPrice"], placed["amount"]) == ("open", 49_000.0, 0.01)
    assert (placed["clientOrderId"], placed["info"]["orderType"]) == ("mine", "STOP_MARKET")
    (recorded,) = live.log.of("algo_order")
    assert (str(recorded["algo_id"]), recorded["client_order_id"]) == (placed["id"], "mine")

    by_id = await exchange.fetch_order(placed["id"], SYMBOL, TRIGGER)
    by_client_id = await exchange.fetch_order(None, SYMBOL, {**TRIGGER, "clientAlgoId": "mine"})
    assert by_id == by_client_id
    assert (by_id["status"], by_id["triggerPrice"]) == ("open", 49_000.0)
    (listed,) = await exchange.fetch_open_orders(SYMBOL, None, None, TRIGGER)
    assert listed["id"] == placed["id"]
    assert await exchange.fetch_open_orders(SYMBOL) == []  # a book of their own

    cancelled = await exchange.cancel_order(placed["id"], SYMBOL, TRIGGER)
    assert cancelled["id"] == placed["id"]
    with pytest.raises(ccxt.OrderNotFound, match="-2011"):
        await exchange.cancel_order(placed["id"], SYMBOL, TRIGGER)
    (remembered,) = await exchange.fetch_orders(SYMBOL, None, None, TRIGGER)
    assert remembered["status"] == "canceled"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("kind", "side", "price", "params", "order_type"),
    [
        ("market", "sell", None, {"takeProfitPrice": 51_000}, "TAKE_PROFIT_MARKET"),
        ("limit", "sell", 50_900, {"takeProfitPrice": 51_000}, "TAKE_PROFIT"),
        ("limit", "buy", 50_600, {"triggerPrice": 50_500}, "STOP"),
        ("market", "sell", None, {"trailingPercent": 1}, "TRAILING_STOP_MARKET"),
    ],
)
async def test_every_kind_of_conditional_order(
    exchange: Any, kind: str, side: str, price: float | None, params: Any, order_type: str
) -> None:
    placed = await exchange.create_order(SYMBOL, kind, side, 0.01, price, params)
    assert (placed["info"]["orderType"], placed["status"]) == (order_type, "open")
    assert placed["price"] == price
    await exchange.cancel_all_orders(SYMBOL, TRIGGER)
    assert await exchange.fetch_open_orders(SYMBOL, None, None, TRIGGER) == []


@pytest.mark.asyncio
async def test_a_stop_that_is_triggered_becomes_another_order(
    live: LiveVenue, exchange: Any
) -> None:
    with pytest.raises(ccxt.OrderImmediatelyFillable, match="-2021"):
        await stop(exchange, 51_000)
    placed = await stop(exchange, clientOrderId="mine")
    watching = await subscribed(live, exchange.watch_orders(SYMBOL))
    live.venue.set_price("BTCUSDT", "48990.0", "48990.1")
    watched = {order["id"]: order["status"] for order in await told(watching)}

    finished = await exchange.fetch_order(placed["id"], SYMBOL, TRIGGER)
    assert (finished["status"], finished["info"]["algoStatus"]) == ("closed", "FINISHED")
    regular = await exchange.fetch_order(finished["info"]["actualOrderId"], SYMBOL)
    assert known(live, regular).status == "FILLED"
    assert (regular["clientOrderId"], regular["average"]) == ("mine", 48_990.0)
    assert watched == {placed["id"]: "closed", regular["id"]: "closed"}


@pytest.mark.asyncio
async def test_a_stop_over_the_websocket_api(exchange: Any) -> None:
    params = {"stopLossPrice": 49_000}
    placed = await exchange.create_order_ws(SYMBOL, "market", "sell", 0.01, None, params)
    assert placed["triggerPrice"] == 49_000.0
    await exchange.cancel_order_ws(placed["id"], SYMBOL, TRIGGER)
    assert await exchange.fetch_open_orders(SYMBOL, None, None, TRIGGER) == []


@pytest.mark.asyncio
async def test_a_batch_is_placed_and_modified_in_part(live: LiveVenue, exchange: Any) -> None:
    order = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01}
    placed = await exchange.create_orders([{**order, "price": price} for price in (49_000, 1)])
    accepted = next(one for one in placed if one["status"] == "open")
    rejected = next(one for one in placed if one["status"] == "rejected")
    assert known(live, accepted).price == 49_000
    assert rejected["info"] == {"code": -4013, "msg": "Price less than min price."}

    change = {**order, "id": accepted["id"], "price": 48_900}
    (modified,) = await exchange.edit_orders([change])
    assert known(live, modified).price == 48_900


@pytest.mark.asyncio
async def test_hedge_mode_has_two_positions(live: LiveVenue, exchange: Any) -> None:
    assert (await exchange.fetch_position_mode(SYMBOL))["hedged"] is False
    await exchange.set_position_mode(True)
    assert (await exchange.fetch_position_mode(SYMBOL))["hedged"] is True
    with pytest.raises(ccxt.OperationRejected, match="-4061"):
        await exchange.create_order(SYMBOL, "market", "buy", 0.01)
    watching = asyncio.ensure_future(exchange.watch_positions([SYMBOL]))
    assert await told(watching) == []
    for side, position_side, amount in (("buy", "LONG", 0.03), ("sell", "SHORT", 0.02)):
        params = {"positionSide": position_side}
        await exchange.create_order(SYMBOL, "market", side, amount, None, params)
    positions = {one["side"]: one for one in await exchange.fetch_positions([SYMBOL])}
    for side in ("long", "short"):
        held = live.venue.ledger.position(ACCOUNT, "BTCUSDT", side.upper())  # type: ignore[arg-type]
        assert decimal(positions[side]["contracts"]) == abs(held.amount)
        assert decimal(positions[side]["entryPrice"]) == held.entry_price
        assert positions[side]["hedged"] is True


@pytest.mark.asyncio
async def test_margin_of_an_isolated_position(exchange: Any) -> None:
    await exchange.set_margin_mode("isolated", SYMBOL)
    await exchange.set_leverage(10, SYMBOL)
    await exchange.create_order(SYMBOL, "market", "buy", 0.01)
    (before,) = await exchange.fetch_positions([SYMBOL])
    assert before["marginMode"] == "isolated"
    assert (await exchange.fetch_leverages([SYMBOL]))[SYMBOL]["longLeverage"] == 10
    await exchange.add_margin(SYMBOL, 25)
    (after,) = await exchange.fetch_positions([SYMBOL])
    assert decimal(after["collateral"]) - decimal(before["collateral"]) == Decimal(25)
    await exchange.reduce_margin(SYMBOL, 10)
    changes = await exchange.fetch_margin_adjustment_history(SYMBOL)
    assert [(one["type"], one["amount"]) for one in changes] == [("add", 25.0), ("reduce", 10.0)]


@pytest.mark.asyncio
async def test_too_much_for_the_margin_is_insufficient_funds(exchange: Any) -> None:
    with pytest.raises(ccxt.InsufficientFunds, match="-2019"):
        await exchange.create_order(SYMBOL, "market", "buy", 100)
    assert (await exchange.fetch_trading_fees())[SYMBOL]["info"]["feeTier"] == 0


@pytest.mark.asyncio
async def test_what_moved_the_wallet_is_listed(live: LiveVenue, exchange: Any) -> None:
    await exchange.create_order(SYMBOL, "market", "buy", 0.01)
    (paid,) = live.venue.funding("BTCUSDT", "0.0001")
    await exchange.create_order(SYMBOL, "market", "sell", 0.01, None, {"reduceOnly": True})
    live.venue.deposit("250")

    entries = await exchange.fetch_ledger("USDT")
    kinds = {one["info"]["incomeType"] for one in entries}
    assert kinds == {"COMMISSION", "REALIZED_PNL", "FUNDING_FEE", "TRANSFER"}
    signs = {"in": 1, "out": -1}
    moved = sum(decimal(one["amount"]) * signs[one["direction"]] for one in entries)
    wallet = live.venue.ledger.balance(ACCOUNT, "USDT").wallet
    assert moved == wallet - 100_000
    (funding,) = await exchange.fetch_funding_history(SYMBOL)
    assert decimal(funding["amount"]) == paid.amount == Decimal("-0.05000005")


@pytest.mark.asyncio
async def test_a_liquidation_is_listed_and_pushed(live: LiveVenue, exchange: Any) -> None:
    await exchange.create_order(SYMBOL, "market", "buy", 0.01)
    watching = await subscribed(live, exchange.watch_orders(SYMBOL))
    live.venue.liquidate("BTCUSDT")
    (order,) = await told(watching)
    assert order["clientOrderId"].startswith("autoclose-")
    assert known(live, await exchange.fetch_order(order["id"], SYMBOL)).status == "FILLED"
    (liquidation,) = await exchange.fetch_my_liquidations(SYMBOL)
    assert decimal(liquidation["contracts"]) == Decimal("0.01")
    assert await exchange.fetch_positions([SYMBOL]) == []
