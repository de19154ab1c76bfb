"""The official SDK over REST: each reply has every field of the SDK's model, in its type."""

from pathlib import Path
from typing import Any

import pytest
from binance_common.errors import (
    BadRequestError,
    TooManyRequestsError,
    UnauthorizedError,
)

from mock_venue.script.rules import Refuse, ReplyRule
from mock_venue.wire.routes import ROUTES
from tests.conformance.live import LiveVenue
from tests.conformance.sdk import RESTING, Sdk
from tests.conformance.sdk_docs import documentation
from tests.mock_venue.helpers import SYMBOL
from tests.mock_venue.keys import Credentials

MARKET: dict[str, Any] = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": 0.01}


@pytest.fixture
def sdk(live: LiveVenue, hmac_key: Credentials) -> Sdk:
    return Sdk(live, hmac_key)


async def refused(error: type[Exception], sdk: Sdk, method: str, **parameters: Any) -> int:
    """The code of a request's refusal."""
    with pytest.raises(error) as caught:
        await sdk.call(method, **parameters)
    return int(vars(caught.value)["status_code"])


@pytest.mark.asyncio
@pytest.mark.parametrize("key", ["hmac_key", "rsa_key", "ed25519_key"])
async def test_an_order_from_placing_to_cancelling(
    live: LiveVenue, request: pytest.FixtureRequest, key: str
) -> None:
    sdk = Sdk(live, request.getfixturevalue(key))
    placed = await sdk.call("new_order", **RESTING, new_client_order_id="a:1")
    assert (placed["status"], placed["price"], placed["origQty"]) == ("NEW", "49000.00", "0.010")

    by_id = {"symbol": SYMBOL, "order_id": placed["orderId"]}
    by_name = {"symbol": SYMBOL, "orig_client_order_id": "a:1"}
    queried = await sdk.call("query_order", **by_id)
    assert queried["orderId"] > 2**53
    assert await sdk.call("query_order", **by_name) == queried
    assert await sdk.call("query_current_open_order", **by_id) == queried
    assert await sdk.call("current_all_open_orders", symbol=SYMBOL) == [queried]

    modified = await sdk.call(
        "modify_order", **by_id, side="BUY", quantity=0.02, price=49100.0, modify_id=7
    )
    assert (modified["orderId"], modified["origQty"]) == (placed["orderId"], "0.020")
    assert modified["modifyId"] == 7
    cancelled = await sdk.call("cancel_order", **by_name)
    assert (cancelled["status"], cancelled["price"]) == ("CANCELED", "49100.00")
    assert await refused(BadRequestError, sdk, "cancel_order", **by_id) == -2011
    assert await refused(BadRequestError, sdk, "query_current_open_order", **by_id) == -2013
    unknown = {"symbol": SYMBOL, "order_id": 1}
    assert await refused(BadRequestError, sdk, "cancel_order", **unknown) == -2011
    assert await refused(BadRequestError, sdk, "query_order", **unknown) == -2013


def batched(**fields: Any) -> Any:
    return {"symbol": SYMBOL, "side": "BUY", "quantity": "0.01", "price": "49000", **fields}


@pytest.mark.asyncio
async def test_batches_have_orders_and_errors(sdk: Sdk) -> None:
    limit = {"type": "LIMIT", "timeInForce": "GTC"}
    wanted = [batched(**limit, newClientOrderId=name) for name in ("a", "b", "a")]
    placed = await sdk.call("place_multiple_orders", batch_orders=wanted)
    assert [item.get("code", item.get("clientOrderId")) for item in placed] == ["a", "b", -4116]

    changes = [batched(origClientOrderId=name, price="48000") for name in ("a", "none")]
    modified = await sdk.call("modify_multiple_orders", batch_orders=changes)
    assert modified[0]["price"] == "48000.00"
    assert modified[1]["code"] == -2013
    (amendment,) = await sdk.call(
        "get_order_modify_history", symbol=SYMBOL, order_id=placed[0]["orderId"]
    )
    assert amendment["amendment"]["price"] == {"before": "49000.00", "after": "48000.00"}

    ids = [placed[0]["orderId"], 1]
    by_id = await sdk.call("cancel_multiple_orders", symbol=SYMBOL, order_id_list=ids)
    names = ["b", "none"]
    by_name = await sdk.call(
        "cancel_multiple_orders", symbol=SYMBOL, orig_client_order_id_list=names
    )
    for cancelled, unknown in (by_id, by_name):
        assert (cancelled["status"], unknown["code"]) == ("CANCELED", -2011)


@pytest.mark.asyncio
async def test_what_places_nothing(sdk: Sdk) -> None:
    await sdk.call("test_order", **RESTING)
    for countdown in (100_000, 0):
        told = await sdk.call(
            "auto_cancel_all_open_orders", symbol=SYMBOL, countdown_time=countdown
        )
        assert told == {"symbol": SYMBOL, "countdownTime": str(countdown)}


@pytest.mark.asyncio
async def test_stops(live: LiveVenue, sdk: Sdk) -> None:
    stop: dict[str, Any] = {"algo_type": "CONDITIONAL", "symbol": SYMBOL, "side": "SELL"}
    stop |= {"quantity": 0.01, "type": "STOP_MARKET"}
    placed = await sdk.call("new_algo_order", **stop, trigger_price=49000.0, client_algo_id="s")
    trailing = {**stop, "type": "TRAILING_STOP_MARKET", "callback_rate": 1.0}
    await sdk.call("new_algo_order", **trailing, client_algo_id="t")
    assert (placed["orderType"], placed["algoStatus"]) == ("STOP_MARKET", "NEW")
    for reference in ({"algo_id": placed["algoId"]}, {"client_algo_id": "s"}):
        queried = await sdk.call("query_algo_order", **reference)
        assert (queried["algoId"], queried["triggerPrice"]) == (placed["algoId"], "49000.00")
    queried = await sdk.call("query_algo_order", client_algo_id="t")
    assert (queried["callbackRate"], queried["activatePrice"]) == ("1.0", "50000.00")
    listed = await sdk.call("current_all_algo_open_orders")
    assert [one.get("callbackRate") for one in listed] == [None, "1.0"]
    assert [one.get("activatePrice") for one in listed] == [None, "50000.00"]
    assert (await sdk.call("cancel_algo_order", client_algo_id="t"))["code"] == "200"
    assert await refused(BadRequestError, sdk, "cancel_algo_order", client_algo_id="t") == -2011
    assert await refused(BadRequestError, sdk, "query_algo_order", client_algo_id="none") == -2013

    live.venue.set_price(SYMBOL, "48999.9", "49000.0")
    live.venue.market_trade(SYMBOL, "SELL", "0.1")
    triggered = await sdk.call("query_algo_order", client_algo_id="s")
    assert (triggered["algoStatus"], triggered["actualQty"]) == ("FINISHED", "0.010")
    (order,) = await sdk.call("all_orders", symbol=SYMBOL)
    assert (str(order["orderId"]), order["clientOrderId"]) == (triggered["actualOrderId"], "s")
    statuses = [one["algoStatus"] for one in await sdk.call("query_all_algo_orders", symbol=SYMBOL)]
    assert sorted(statuses) == ["CANCELED", "FINISHED"]
    await sdk.call("new_algo_order", **stop, trigger_price=40000.0)
    assert (await sdk.call("cancel_all_algo_open_orders", symbol=SYMBOL))["code"] == 200
    code = await refused(BadRequestError, sdk, "new_algo_order", **stop, trigger_price=60000.0)
    assert code == -2021


@pytest.mark.asyncio
async def test_orders_that_trade(live: LiveVenue, sdk: Sdk) -> None:
    done = await sdk.call("new_order", **MARKET, new_order_resp_type="RESULT")
    assert (done["status"], done["avgPrice"]) == ("FILLED", "50000.10000")
    await sdk.call("new_order", **RESTING, new_client_order_id="a")
    live.venue.fill("a", "0.004")
    assert (await sdk.call("cancel_all_open_orders", symbol=SYMBOL))["code"] == 200

    orders = await sdk.call("all_orders", symbol=SYMBOL)
    assert [order["status"] for order in orders] == ["FILLED", "CANCELED"]
    trades = await sdk.call("account_trade_list", symbol=SYMBOL)
    assert [trade["qty"] for trade in trades] == ["0.010", "0.004"]
    income = await sdk.call("get_income_history")
    assert [(one["incomeType"], one["income"][:3]) for one in income] == [
        ("COMMISSION", "-0."),
        ("COMMISSION", "-0."),
    ]
    (position,) = await sdk.call("position_information_v3")
    assert position["positionAmt"] == "0.014"
    assert await sdk.call("position_information_v3", symbol=SYMBOL) == [position]


@pytest.mark.asyncio
async def test_the_account(sdk: Sdk) -> None:
    await sdk.call(
        "new_order", **{**RESTING, "type": "MARKET", "price": None, "time_in_force": None}
    )
    for method in ("futures_account_balance_v2", "futures_account_balance_v3"):
        (balance,) = await sdk.call(method)
        assert (balance["asset"], balance["balance"][:5]) == ("USDT", "99999")
    for method in ("account_information_v2", "account_information_v3"):
        account = await sdk.call(method)
        assert account["totalWalletBalance"] == balance["balance"]
        assert account["positions"] != []
    await sdk.call("position_information_v2")
    await sdk.call("position_adl_quantile_estimation")
    await sdk.call("position_adl_quantile_estimation", symbol=SYMBOL)
    changed = await sdk.call("change_initial_leverage", symbol=SYMBOL, leverage=7)
    assert changed["leverage"] == 7
    (configured,) = await sdk.call("symbol_configuration", symbol=SYMBOL)
    assert configured["leverage"] == 7
    await sdk.call("change_margin_type", symbol="ETHUSDT", margin_type="ISOLATED")
    (isolated,) = await sdk.call("symbol_configuration", symbol="ETHUSDT")
    assert isolated["marginType"] == "ISOLATED"
    again = {"symbol": "ETHUSDT", "margin_type": "ISOLATED"}
    assert await refused(BadRequestError, sdk, "change_margin_type", **again) == -4046
    await sdk.call("notional_and_leverage_brackets")
    await sdk.call("notional_and_leverage_brackets", symbol=SYMBOL)
    await sdk.call("user_commission_rate", symbol=SYMBOL)
    await sdk.call("query_user_rate_limit")
    await sdk.call("futures_account_configuration")


@pytest.mark.asyncio
async def test_margin(sdk: Sdk) -> None:
    assert await sdk.call("get_current_multi_assets_mode") == {"multiAssetsMargin": False}
    await sdk.call("change_multi_assets_mode", multi_assets_margin="true")
    assert await sdk.call("get_current_multi_assets_mode") == {"multiAssetsMargin": True}
    await sdk.call("change_multi_assets_mode", multi_assets_margin="false")

    await sdk.call("change_margin_type", symbol=SYMBOL, margin_type="ISOLATED")
    await sdk.call("new_order", **MARKET)
    moved = {"symbol": SYMBOL, "amount": 10.0, "type": 1}
    assert (await sdk.call("modify_isolated_position_margin", **moved))["amount"] == 10
    (change,) = await sdk.call("get_position_margin_change_history", symbol=SYMBOL)
    assert float(change["amount"]) == 10
    too_much = {**RESTING, "quantity": 900.0}
    assert await refused(BadRequestError, sdk, "new_order", **too_much) == -2019

    await sdk.call("toggle_bnb_burn_on_futures_trade", fee_burn="true")
    assert await sdk.call("get_bnb_burn_status") == {"feeBurn": True}


@pytest.mark.asyncio
async def test_forced_orders(live: LiveVenue, sdk: Sdk) -> None:
    await sdk.call("new_order", **MARKET)
    live.venue.liquidate(SYMBOL)
    await sdk.call("new_order", **MARKET)
    live.venue.adl(SYMBOL)

    forced = await sdk.call("users_force_orders")

    assert [one["clientOrderId"].partition("close")[0] for one in forced] == ["auto", "adl_auto"]
    assert await sdk.call("users_force_orders", auto_close_type="ADL") == forced[1:]


@pytest.mark.asyncio
async def test_position_modes(sdk: Sdk) -> None:
    assert await sdk.call("get_current_position_mode") == {"dualSidePosition": False}
    await sdk.call("change_position_mode", dual_side_position="true")
    assert await sdk.call("get_current_position_mode") == {"dualSidePosition": True}
    hedged = {**RESTING, "position_side": "LONG"}
    assert (await sdk.call("new_order", **hedged))["positionSide"] == "LONG"
    code = await refused(BadRequestError, sdk, "new_order", **RESTING)
    assert code == -4061


@pytest.mark.asyncio
async def test_listen_keys(sdk: Sdk) -> None:
    started = await sdk.call("start_user_data_stream")
    assert await sdk.call("keepalive_user_data_stream") == started
    await sdk.call("close_user_data_stream")
    assert await refused(BadRequestError, sdk, "keepalive_user_data_stream") == -1125


S = {"symbol": SYMBOL}
KLINES = {"interval": "1m"}
FILTERS = {
    "PRICE_FILTER": {"minPrice", "maxPrice", "tickSize"},
    "LOT_SIZE": {"minQty", "maxQty", "stepSize"},
    "MARKET_LOT_SIZE": {"minQty", "maxQty", "stepSize"},
    "MAX_NUM_ORDERS": {"limit"},
    "MIN_NOTIONAL": {"notional"},
    "PERCENT_PRICE": {"multiplierUp", "multiplierDown", "multiplierDecimal"},
    "POSITION_RISK_CONTROL": {"positionControlSide"},
}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("test_connectivity", {}),
        ("check_server_time", {}),
        ("exchange_information", {}),
        ("order_book", S),
        ("rpi_order_book", S),
        ("rpi_order_book", {**S, "limit": 1000}),
        ("recent_trades_list", S),
        ("old_trades_lookup", S),
        ("compressed_aggregate_trades_list", S),
        ("kline_candlestick_data", {**S, **KLINES}),
        (
            "continuous_contract_kline_candlestick_data",
            {"pair": SYMBOL, "contract_type": "PERPETUAL", **KLINES},
        ),
        ("mark_price_kline_candlestick_data", {**S, **KLINES}),
        ("index_price_kline_candlestick_data", {"pair": SYMBOL, **KLINES}),
        ("premium_index_kline_data", {**S, **KLINES}),
        ("ticker24hr_price_change_statistics", {}),
        ("ticker24hr_price_change_statistics", S),
        ("symbol_price_ticker", {}),
        ("symbol_price_ticker", S),
        ("symbol_price_ticker_v2", {}),
        ("symbol_price_ticker_v2", S),
        ("symbol_order_book_ticker", {}),
        ("symbol_order_book_ticker", S),
        ("mark_price", {}),
        ("mark_price", S),
        ("get_funding_rate_history", {}),
        ("get_funding_rate_history", S),
        ("get_funding_rate_info", {}),
        ("open_interest", S),
        ("asset_index", {}),
        ("asset_index", {"symbol": "BNBUSD"}),
    ],
)
async def test_markets(live: LiveVenue, sdk: Sdk, method: str, parameters: Any) -> None:
    live.venue.market_trade(SYMBOL, "BUY", "0.5")

    await sdk.call(method, **parameters)


@pytest.mark.asyncio
async def test_each_filter_has_its_own_fields(sdk: Sdk) -> None:
    for symbol in (await sdk.call("exchange_information"))["symbols"]:
        assert {one["filterType"]: {*one} - {"filterType"} for one in symbol["filters"]} == FILTERS


@pytest.mark.asyncio
async def test_refusals_are_the_sdks_errors(live: LiveVenue, sdk: Sdk) -> None:
    assert await refused(BadRequestError, sdk, "order_book", symbol="NONE") == -1121
    live.venue.revoke_key("hmac")
    assert await refused(UnauthorizedError, sdk, "account_information_v3") == -2015
    too_many = Refuse(429, {"code": -1003, "msg": "x"}, headers={"Retry-After": "7"})
    live.venue.misbehave(ReplyRule("GET", "/fapi/v1/time", too_many))
    with pytest.raises(TooManyRequestsError) as caught:
        await sdk.call("check_server_time")
    assert (caught.value.status_code, caught.value.retry_after) == (-1003, 7)


def test_every_reply_of_the_venue_is_held_against_its_model() -> None:
    known, source = documentation(), Path(__file__).read_text()
    called = {route for route in ROUTES if f'"{known[route].method}"' in source}
    assert ROUTES.keys() - called == set(), "to be called in this file"
