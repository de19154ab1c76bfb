"""python-binance's conditional orders, batches and account settings."""

from decimal import Decimal
from typing import Any

import pytest
from binance.exceptions import BinanceAPIException

from tests.conformance.live import LiveVenue
from tests.conformance.test_python_binance import (
    ACCOUNT,
    SYMBOL,
    known,
    limit,
    market,
    opened,
    received,
    refused,
)

ORDER = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}


async def stop(client: Any, trigger: str | None = "49000", **params: Any) -> Any:
    given = {"type": "STOP_MARKET", "quantity": "0.01", "triggerPrice": trigger, **params}
    return await client.futures_create_order(symbol=SYMBOL, side="SELL", **given)


@pytest.mark.asyncio
async def test_a_stop_is_placed_asked_for_by_both_ids_and_cancelled(client: Any) -> None:
    placed = await stop(client, clientAlgoId="mine")
    assert (placed["algoStatus"], placed["triggerPrice"]) == ("NEW", "49000.00")
    by_id = await client.futures_get_order(algoId=placed["algoId"])
    by_client_id = await client.futures_get_algo_order(clientAlgoId="mine")
    assert by_id == by_client_id
    assert (by_id["orderType"], by_id["quantity"]) == ("STOP_MARKET", "0.010")
    (listed,) = await client.futures_get_open_orders(symbol=SYMBOL, conditional=True)
    assert listed["algoId"] == placed["algoId"]
    assert await client.futures_get_open_orders(symbol=SYMBOL) == []

    cancelled = await client.futures_cancel_order(algoId=placed["algoId"])
    assert (cancelled["algoId"], cancelled["code"]) == (placed["algoId"], "200")
    assert await refused(client.futures_cancel_algo_order(clientAlgoId="mine")) == (400, -2011)
    (remembered,) = await client.futures_get_all_orders(symbol=SYMBOL, conditional=True)
    assert remembered["algoStatus"] == "CANCELED"

    await stop(client)
    await stop(client, type="TRAILING_STOP_MARKET", trigger=None, callbackRate="1")
    assert len(await client.futures_get_open_algo_orders()) == 2
    await client.futures_cancel_all_algo_open_orders(symbol=SYMBOL)
    assert await client.futures_get_open_algo_orders() == []


@pytest.mark.asyncio
async def test_a_stop_that_is_triggered_becomes_another_order(
    live: LiveVenue, client: Any, sockets: Any
) -> None:
    assert await refused(stop(client, "51000")) == (400, -2021)
    async with opened(live, sockets.futures_user_socket()) as user:
        placed = await stop(client, clientAlgoId="mine")
        update = await received(user)
        assert (update["e"], update["o"]["X"]) == ("ALGO_UPDATE", "NEW")
        live.venue.set_price(SYMBOL, "48990.0", "48990.1")
        updates = [await received(user) for _ in range(7)]
        statuses = [one["o"]["X"] for one in updates if one["e"] == "ALGO_UPDATE"]
        assert statuses == ["TRIGGERING", "TRIGGERED", "FINISHED"]
    finished = await client.futures_get_order(algoId=placed["algoId"])
    order = await client.futures_get_order(symbol=SYMBOL, orderId=finished["actualOrderId"])
    assert known(live, order).status == "FILLED"
    assert (order["clientOrderId"], order["avgPrice"]) == ("mine", "48990.00000")


@pytest.mark.asyncio
async def test_stops_over_the_websocket_api(client: Any) -> None:
    placed = await client.ws_futures_create_order(
        symbol=SYMBOL, side="SELL", type="STOP_MARKET", quantity=0.01, stopPrice=49_000
    )
    assert placed["triggerPrice"] == "49000.00"
    cancelled = await client.ws_futures_cancel_algo_order(algoId=placed["algoId"])
    assert cancelled["algoId"] == placed["algoId"]
    with pytest.raises(BinanceAPIException) as caught:
        await client.ws_futures_cancel_algo_order(algoId=placed["algoId"])
    assert caught.value.code == -2011


@pytest.mark.asyncio
async def test_a_batch_is_placed_and_modified_in_part(live: LiveVenue, client: Any) -> None:
    orders = [{**ORDER, "quantity": "0.01", "price": price} for price in ("49000", "1")]
    accepted, rejected = await client.futures_place_batch_order(batchOrders=orders)
    assert known(live, accepted).price == 49_000
    assert rejected == {"code": -4013, "msg": "Price less than min price."}
    changed = await client.futures_modify_order(
        symbol=SYMBOL, orderId=accepted["orderId"], side="BUY", quantity="0.02", price="48900"
    )
    (amendment,) = await client.futures_v1_get_order_amendment(
        symbol=SYMBOL, orderId=changed["orderId"]
    )
    assert amendment["orderId"] == accepted["orderId"]
    assert amendment["amendment"]["price"] == {"before": "49000.00", "after": "48900.00"}


@pytest.mark.asyncio
async def test_test_orders_and_the_countdown(live: LiveVenue, client: Any) -> None:
    await client.futures_create_test_order(**ORDER, quantity="0.01", price="49000")
    bad = client.futures_create_test_order(**ORDER, quantity="0.001", price="49000")
    assert await refused(bad) == (400, -4164)
    assert live.log.of("order") == []
    await limit(client, newClientOrderId="mine")
    reply = await client.futures_countdown_cancel_all(symbol=SYMBOL, countdownTime=1)
    assert reply == {"symbol": SYMBOL, "countdownTime": "1"}
    await live.log.wait("order", client_order_id="mine", status="CANCELED")


@pytest.mark.asyncio
async def test_hedge_mode_has_two_positions(live: LiveVenue, client: Any) -> None:
    await client.futures_change_position_mode(dualSidePosition="true")
    again = client.futures_change_position_mode(dualSidePosition="true")
    assert await refused(again) == (400, -4059)
    assert await client.futures_get_position_mode() == {"dualSidePosition": True}
    assert await refused(market(client)) == (400, -4061)
    await market(client, positionSide="LONG")
    await market(client, "SELL", positionSide="SHORT")
    positions = await client.futures_position_information(symbol=SYMBOL)
    amounts = {one["positionSide"]: Decimal(one["positionAmt"]) for one in positions}
    ledger = live.venue.ledger
    assert amounts["LONG"] == ledger.position(ACCOUNT, SYMBOL, "LONG").amount == Decimal("0.01")
    assert amounts["SHORT"] == ledger.position(ACCOUNT, SYMBOL, "SHORT").amount
    await client.futures_cancel_all_open_orders(symbol=SYMBOL)


@pytest.mark.asyncio
async def test_margin_of_an_isolated_position(client: Any) -> None:
    await client.futures_change_margin_type(symbol=SYMBOL, marginType="ISOLATED")
    await market(client)
    (before,) = await client.futures_position_information(symbol=SYMBOL)
    await client.futures_change_position_margin(symbol=SYMBOL, amount="25", type=1)
    (after,) = await client.futures_position_information(symbol=SYMBOL)
    added = Decimal(after["isolatedMargin"]) - Decimal(before["isolatedMargin"])
    assert added == 25
    (change,) = await client.futures_position_margin_history(symbol=SYMBOL)
    assert Decimal(change["amount"]) == 25
    too_much = client.futures_create_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="100")
    assert await refused(too_much) == (400, -2019)


@pytest.mark.asyncio
async def test_multi_assets_mode(client: Any) -> None:
    await client.futures_change_multi_assets_mode(multiAssetsMargin=True)
    assert await client.futures_get_multi_assets_mode() == {"multiAssetsMargin": True}
    config = await client.futures_account_config()
    assert (config["multiAssetsMargin"], config["dualSidePosition"]) == (True, False)


@pytest.mark.asyncio
async def test_what_moved_the_wallet_is_listed(live: LiveVenue, client: Any, sockets: Any) -> None:
    await market(client)
    async with opened(live, sockets.futures_user_socket()) as user:
        live.venue.funding(SYMBOL, "0.0001")
        update = await received(user)
        assert (update["e"], update["a"]["m"]) == ("ACCOUNT_UPDATE", "FUNDING_FEE")
    rows = await client.futures_income_history()
    wallet = live.venue.ledger.balance(ACCOUNT, "USDT").wallet
    assert sum(Decimal(row["income"]) for row in rows) == wallet - 100_000
    (fee,) = await client.futures_income_history(symbol=SYMBOL, incomeType="FUNDING_FEE")
    assert Decimal(fee["income"]) == Decimal("-0.05000005")
    assert update["a"]["B"][0]["wb"] == str(wallet)
