"""python-binance's AsyncClient and BinanceSocketManager, unmodified but for their base URLs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from binance.exceptions import BinanceAPIException

from mock_venue.control.clients import PRIVATE_KEY_FILE
from mock_venue.exchange.order import Order
from tests.conformance.live import LiveVenue
from tests.mock_venue.helpers import DEADLINE_SECS
from tests.mock_venue.keys import Credentials

ACCOUNT = "hmac"
SYMBOL = "BTCUSDT"


def known(live: LiveVenue, order: dict[str, Any]) -> Order:
    """The ledger's order, which the client's must be equal to."""
    found = live.venue.ledger.order(int(order["orderId"]))
    assert found is not None
    assert order["clientOrderId"] == found.client_order_id
    assert (order["symbol"], order["side"], order["type"]) == (SYMBOL, found.side, found.type)
    assert (order["status"], order["timeInForce"]) == (found.status, found.time_in_force)
    assert order["reduceOnly"] == found.reduce_only
    assert Decimal(order["origQty"]) == found.quantity
    assert Decimal(order["executedQty"]) == found.filled
    assert Decimal(order["avgPrice"]) == found.average_price
    assert Decimal(order["price"]) == found.price
    assert order["updateTime"] == found.updated_ms
    return found


async def limit(client: Any, side: str = "BUY", price: str = "49000", **params: Any) -> Any:
    params.setdefault("timeInForce", "GTC")
    return await client.futures_create_order(
        symbol=SYMBOL, side=side, type="LIMIT", quantity="0.01", price=price, **params
    )


async def market(client: Any, side: str = "BUY", **params: Any) -> Any:
    return await client.futures_create_order(
        symbol=SYMBOL,
        side=side,
        type="MARKET",
        quantity="0.01",
        newOrderRespType="RESULT",
        **params,
    )


async def refused(call: Any) -> tuple[int, int]:
    """HTTP status and code of a call that must fail."""
    with pytest.raises(BinanceAPIException) as caught:
        await call
    return caught.value.status_code, caught.value.code


@asynccontextmanager
async def opened(live: LiveVenue, socket: Any) -> AsyncIterator[Any]:
    """An open socket; it looks whether it is to end when it receives something, so it does."""
    async with socket:
        yield socket
        end = live.venue.close_streams
        asyncio.get_running_loop().call_soon(lambda: end("the test is over", stream=None))


async def received(socket: Any) -> Any:
    return await asyncio.wait_for(socket.recv(), DEADLINE_SECS)


@pytest.mark.asyncio
async def test_an_order_is_placed_asked_for_by_both_ids_modified_and_cancelled(
    live: LiveVenue, client: Any
) -> None:
    placed = await limit(client, newClientOrderId="mine")
    assert known(live, placed).status == "NEW"

    by_id = await client.futures_get_order(symbol=SYMBOL, orderId=placed["orderId"])
    by_client_id = await client.futures_get_order(symbol=SYMBOL, origClientOrderId="mine")
    assert by_id == by_client_id
    assert by_id["time"] == known(live, by_id).created_ms
    assert await client.futures_v1_get_open_order(symbol=SYMBOL, orderId=by_id["orderId"]) == by_id
    assert await client.futures_get_open_orders(symbol=SYMBOL) == [by_id]

    modified = await client.futures_modify_order(
        symbol=SYMBOL, origClientOrderId="mine", side="BUY", quantity="0.02", price="48900"
    )
    assert modified["orderId"] == placed["orderId"]
    assert known(live, modified).price == 48_900

    live.venue.fill("mine", "0.005")
    cancelled = await client.futures_cancel_order(symbol=SYMBOL, orderId=placed["orderId"])
    assert known(live, cancelled).filled == Decimal("0.005")
    assert cancelled["status"] == "CANCELED"


@pytest.mark.asyncio
async def test_what_the_exchange_does_not_know_is_an_api_exception(client: Any) -> None:
    where = {"symbol": SYMBOL, "orderId": 1}
    assert await refused(client.futures_cancel_order(**where)) == (400, -2011)
    assert await refused(client.futures_get_order(**where)) == (400, -2013)
    assert await refused(client.futures_v1_get_open_order(**where)) == (400, -2013)
    assert await refused(client.futures_ticker(symbol="NONE")) == (400, -1121)


@pytest.mark.asyncio
async def test_orders_of_every_time_in_force(live: LiveVenue, client: Any) -> None:
    assert known(live, await limit(client, timeInForce="GTX")).status == "NEW"
    assert await refused(limit(client, price="50100", timeInForce="GTX")) == (400, -5022)
    assert await refused(limit(client, timeInForce="FOK")) == (400, -5021)
    filled = await limit(client, price="50100", timeInForce="IOC", newOrderRespType="RESULT")
    assert known(live, filled).status == "FILLED"
    expired = await limit(client, timeInForce="IOC", newOrderRespType="RESULT")
    assert known(live, expired).status == "EXPIRED"


@pytest.mark.asyncio
async def test_a_market_order_changes_position_balance_and_history(
    live: LiveVenue, client: Any
) -> None:
    assert await refused(market(client, "SELL", reduceOnly="true")) == (400, -2022)
    bought = await market(client)
    assert known(live, bought).status == "FILLED"
    ledger = live.venue.ledger
    held = ledger.position(ACCOUNT, SYMBOL)

    (position,) = await client.futures_position_information(symbol=SYMBOL)
    assert Decimal(position["positionAmt"]) == held.amount == Decimal("0.01")
    assert Decimal(position["entryPrice"]) == held.entry_price
    wallet = ledger.balance(ACCOUNT, "USDT").wallet
    (balance,) = await client.futures_account_balance()
    assert (balance["asset"], Decimal(balance["balance"])) == ("USDT", wallet)
    account = await client.futures_account()
    assert Decimal(account["totalWalletBalance"]) == wallet
    assert Decimal(account["totalUnrealizedProfit"]) == held.unrealized_pnl(Decimal("50000.05"))

    interest = await client.futures_open_interest(symbol=SYMBOL)
    assert Decimal(interest["openInterest"]) == held.amount
    (place,) = await client.futures_adl_quantile_estimate(symbol=SYMBOL)
    assert place["adlQuantile"] == {"LONG": 0, "SHORT": 0, "BOTH": 0}

    closed = await market(client, "SELL", reduceOnly="true")
    assert known(live, closed).reduce_only
    assert await client.futures_position_information(symbol=SYMBOL) == []
    trades = await client.futures_account_trades(symbol=SYMBOL)
    made = ledger.trades(int(bought["orderId"])) + ledger.trades(int(closed["orderId"]))
    assert [trade["id"] for trade in trades] == [trade.trade_id for trade in made]
    assert [Decimal(one["realizedPnl"]) for one in trades] == [one.realized_pnl for one in made]
    assert [Decimal(one["commission"]) for one in trades] == [one.commission for one in made]
    orders = await client.futures_get_all_orders(symbol=SYMBOL)
    assert [known(live, order).order_id for order in orders] == [
        bought["orderId"],
        closed["orderId"],
    ]


@pytest.mark.asyncio
async def test_orders_are_cancelled_in_batches_and_all_at_once(
    live: LiveVenue, client: Any
) -> None:
    orders = [await limit(client, price=str(49_000 + n)) for n in range(4)]
    cancelled, unknown = await client.futures_cancel_orders(
        symbol=SYMBOL, orderidlist=[orders[0]["orderId"], 1]
    )
    assert known(live, cancelled).status == "CANCELED"
    assert unknown == {"code": -2011, "msg": "Unknown order sent."}
    (by_name,) = await client.futures_cancel_orders(
        symbol=SYMBOL, origclientorderidlist=[orders[1]["clientOrderId"]]
    )
    assert by_name["orderId"] == orders[1]["orderId"]
    assert len(await client.futures_get_open_orders()) == 2
    assert (await client.futures_cancel_all_open_orders(symbol=SYMBOL))["code"] == 200
    assert await client.futures_get_open_orders() == []


@pytest.mark.asyncio
async def test_account_settings(client: Any) -> None:
    assert (await client.futures_change_leverage(symbol=SYMBOL, leverage=7))["leverage"] == 7
    await client.futures_change_margin_type(symbol=SYMBOL, marginType="ISOLATED")
    again = client.futures_change_margin_type(symbol=SYMBOL, marginType="ISOLATED")
    assert await refused(again) == (400, -4046)
    (setting,) = await client.futures_symbol_config(symbol=SYMBOL)
    assert (setting["leverage"], setting["marginType"]) == (7, "ISOLATED")
    assert (await client.futures_get_position_mode()) == {"dualSidePosition": False}
    brackets = await client.futures_leverage_bracket(symbol=SYMBOL)
    assert brackets["brackets"][0]["maintMarginRatio"] == 0.004
    assert (await client.futures_commission_rate(symbol=SYMBOL))["takerCommissionRate"] == "0.0005"
    limits = await client.futures_v1_get_rate_limit_order()
    assert {(one["interval"], one["limit"]) for one in limits} == {
        ("SECOND", 300),
        ("MINUTE", 1200),
    }


@pytest.mark.asyncio
async def test_the_market_over_rest(live: LiveVenue, client: Any) -> None:
    live.venue.set_price(SYMBOL, "51000.0", "51000.1", "51001.5")
    live.venue.market_trade(SYMBOL, "BUY", "0.5")
    assert await client.futures_ping() == {}
    assert abs((await client.futures_time())["serverTime"] - live.venue.now_ms()) < 5_000
    info = await client.futures_exchange_info()
    assert [one["symbol"] for one in info["symbols"]] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
    book = await client.futures_order_book(symbol=SYMBOL, limit=5)
    assert (book["bids"][0][0], book["asks"][0][0]) == ("51000.00", "51000.10")
    with_rpi = await client.futures_rpi_depth(symbol=SYMBOL)
    assert with_rpi["bids"][:5] == book["bids"]
    quote = await client.futures_orderbook_ticker(symbol=SYMBOL)
    assert (quote["bidPrice"], quote["askPrice"]) == ("51000.00", "51000.10")
    mark = await client.futures_mark_price(symbol=SYMBOL)
    assert mark["markPrice"] == "51001.50000000"
    assert (await client.futures_symbol_ticker(symbol=SYMBOL))["price"] == "51000.10"
    day = await client.futures_ticker(symbol=SYMBOL)
    assert (day["lastPrice"], day["volume"]) == ("51000.10", "0.500")
    (trade,) = await client.futures_recent_trades(symbol=SYMBOL)
    (old,) = await client.futures_historical_trades(symbol=SYMBOL)
    (aggregate,) = await client.futures_aggregate_trades(symbol=SYMBOL)
    assert (trade["price"], trade["qty"], trade["isBuyerMaker"]) == ("51000.10", "0.500", False)
    assert (old["id"], aggregate["a"], aggregate["p"]) == (trade["id"], trade["id"], "51000.10")
    (candle,) = await client.futures_klines(symbol=SYMBOL, interval="1d", limit=1)
    assert candle[1:6] == ["50000.00", "51000.10", "50000.00", "51000.10", "0.500"]
    mark_klines = await client.futures_mark_price_klines(symbol=SYMBOL, interval="1d", limit=1)
    assert [row[4] for row in mark_klines] == ["51001.50000000"]
    assert mark_klines == await client.futures_index_price_klines(
        pair=SYMBOL, interval="1d", limit=1
    )
    (premium,) = await client.futures_premium_index_klines(symbol=SYMBOL, interval="1d", limit=1)
    assert premium[1:5] == ["0.00000000", "0.00000000", "-0.00002745", "-0.00002745"]
    funding = await client.futures_funding_rate(symbol=SYMBOL, limit=1)
    assert [one["fundingRate"] for one in funding] == ["0.00010000"]


@pytest.mark.asyncio
async def test_the_user_stream_tells_what_the_ledger_did(
    live: LiveVenue, client: Any, sockets: Any
) -> None:
    async with opened(live, sockets.futures_user_socket()) as user:
        order = await limit(client, newClientOrderId="mine")
        created = await received(user)
        assert created["e"] == "ORDER_TRADE_UPDATE"
        about = created["o"]
        assert (about["c"], about["i"]) == ("mine", order["orderId"])
        assert (about["x"], about["X"], about["p"]) == ("NEW", "NEW", "49000.00")

        made = live.venue.fill("mine", "0.004")
        assert [(await received(user))["e"], (account := await received(user))["e"]] == [
            "TRADE_LITE",
            "ACCOUNT_UPDATE",
        ]
        wallet = live.venue.ledger.balance(ACCOUNT, "USDT").wallet
        assert Decimal(account["a"]["B"][0]["wb"]) == wallet
        assert Decimal(account["a"]["P"][0]["pa"]) == Decimal("0.004")
        about = (await received(user))["o"]
        assert (about["x"], about["X"], about["t"]) == ("TRADE", "PARTIALLY_FILLED", made.trade_id)
        assert (about["l"], about["z"], about["L"]) == ("0.004", "0.004", "49000.00")
        assert (Decimal(about["n"]), about["N"], about["m"]) == (made.commission, "USDT", True)

        await client.futures_cancel_order(symbol=SYMBOL, origClientOrderId="mine")
        about = (await received(user))["o"]
        assert (about["x"], about["X"], about["z"]) == ("CANCELED", "CANCELED", "0.004")
        await user._keepalive_socket()
        assert [one["action"] for one in live.log.of("listen_key")] == [
            "created",
            "kept_alive",
            "kept_alive",
        ]


SOCKETS: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("aggtrade_futures_socket", {"symbol": SYMBOL}, "aggTrade", {"p": "51000.10", "q": "0.500"}),
    (
        "symbol_ticker_futures_socket",
        {"symbol": SYMBOL},
        "bookTicker",
        {"b": "51000.00", "a": "51000.10"},
    ),
    ("all_ticker_futures_socket", {}, "bookTicker", {"s": SYMBOL, "b": "51000.00"}),
    (
        "symbol_mark_price_socket",
        {"symbol": SYMBOL, "fast": False},
        "markPriceUpdate",
        {"p": "51000.05000000"},
    ),
    (
        "individual_symbol_ticker_futures_socket",
        {"symbol": SYMBOL},
        "24hrTicker",
        {"c": "51000.10", "v": "0.500"},
    ),
    (
        "futures_depth_socket",
        {"symbol": SYMBOL, "depth": "5"},
        "depthUpdate",
        {"a": [[f"51000.{n}0", "1000.000"] for n in range(1, 6)]},
    ),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("name", "given", "event", "fields"), SOCKETS, ids=[s[0] for s in SOCKETS])
async def test_market_sockets(
    live: LiveVenue, sockets: Any, name: str, given: dict[str, Any], event: str, fields: Any
) -> None:
    async with opened(live, getattr(sockets, name)(**given)) as socket:
        live.venue.set_price(SYMBOL, "51000.0", "51000.1")
        live.venue.market_trade(SYMBOL, "BUY", "0.5")
        data: dict[str, Any] = {}
        while any(data.get(field) != value for field, value in fields.items()):
            data = (await received(socket))["data"]
            assert data["e"] == event


@pytest.mark.asyncio
async def test_klines_and_all_mark_prices(live: LiveVenue, sockets: Any) -> None:
    async with opened(live, sockets.kline_futures_socket(SYMBOL, "1d")) as socket:  # a raw stream
        live.venue.market_trade(SYMBOL, "BUY", "0.5")
        candle = await received(socket)
        assert (candle["e"], candle["ps"], candle["ct"]) == (
            "continuous_kline",
            SYMBOL,
            "PERPETUAL",
        )
        assert (candle["k"]["o"], candle["k"]["c"], candle["k"]["v"]) == (
            "50000.10",
            "50000.10",
            "0.500",
        )
    async with opened(live, sockets.all_mark_price_socket()) as socket:
        every = (await received(socket))["data"]
        assert {one["s"]: one["p"] for one in every}[SYMBOL] == "50000.05000000"


@pytest.mark.asyncio
async def test_one_socket_for_several_streams(live: LiveVenue, sockets: Any) -> None:
    names = ["btcusdt@trade", "ethusdt@bookTicker", "btcusdt@kline_1m"]
    async with opened(live, sockets.futures_multiplex_socket(names)) as socket:
        assert (await received(socket))["stream"] == "ethusdt@bookTicker"
        live.venue.market_trade(SYMBOL, "SELL", "0.5")
        trade, candle = await received(socket), await received(socket)
        assert (trade["stream"], trade["data"]["p"], trade["data"]["m"]) == (
            "btcusdt@trade",
            "50000.00",
            True,
        )
        assert (candle["stream"], candle["data"]["k"]["c"]) == ("btcusdt@kline_1m", "50000.00")


@pytest.mark.asyncio
async def test_the_websocket_api(live: LiveVenue, client: Any) -> None:
    placed = await client.ws_futures_create_order(
        symbol=SYMBOL,
        side="BUY",
        type="LIMIT",
        timeInForce="GTC",
        quantity=0.01,
        price=49_000,
        newClientOrderId="mine",
    )
    assert known(live, placed).status == "NEW"
    asked = await client.ws_futures_get_order(symbol=SYMBOL, orderId=placed["orderId"])
    assert known(live, asked).client_order_id == "mine"
    modified = await client.ws_futures_edit_order(
        symbol=SYMBOL, orderId=placed["orderId"], side="BUY", quantity=0.02, price=48_900
    )
    assert known(live, modified).quantity == Decimal("0.02")
    cancelled = await client.ws_futures_cancel_order(symbol=SYMBOL, origClientOrderId="mine")
    assert known(live, cancelled).status == "CANCELED"
    again = client.ws_futures_cancel_order(symbol=SYMBOL, origClientOrderId="mine")
    with pytest.raises(BinanceAPIException) as caught:
        await again
    assert (caught.value.status_code, caught.value.code) == (400, -2011)

    wallet = live.venue.ledger.balance(ACCOUNT, "USDT").wallet
    (balance,) = await client.ws_futures_v2_account_balance()
    assert Decimal(balance["balance"]) == wallet
    status = await client.ws_futures_v2_account_status()
    assert Decimal(status["totalWalletBalance"]) == wallet
    assert await client.ws_futures_v2_account_position() == []
    await client.ws_futures_create_order(symbol=SYMBOL, side="SELL", type="MARKET", quantity=0.01)
    (position,) = await client.ws_futures_v2_account_position(symbol=SYMBOL)
    held = live.venue.ledger.position(ACCOUNT, SYMBOL)
    assert Decimal(position["positionAmt"]) == held.amount == Decimal("-0.01")
    assert Decimal(position["entryPrice"]) == held.entry_price
    quote = await client.ws_futures_get_order_book_ticker(symbol=SYMBOL)
    assert quote["askPrice"] == "50000.10"
    book = await client.ws_futures_get_order_book(symbol=SYMBOL)
    assert book["bids"][0] == ["50000.00", "1000.000"]


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["hmac_key", "rsa_key", "ed25519_key"])
async def test_a_key_of_each_type_trades_over_both_apis(
    live: LiveVenue, name: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: Any
) -> None:
    credentials: Credentials = request.getfixturevalue(name)
    (tmp_path / PRIVATE_KEY_FILE).write_text(credentials.secret)
    monkeypatch.chdir(tmp_path)
    client, _ = await live.follow("python-binance", credentials.account)["connect"]()
    try:
        over_rest = await limit(client)
        given = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "newClientOrderId": "mine"}
        over_socket = await client.ws_futures_create_order(
            symbol=SYMBOL, quantity=0.01, price=49_000, **given
        )
        for order in (over_rest, over_socket):
            assert known(live, order).account == credentials.account.name
        modified = await client.futures_modify_order(
            symbol=SYMBOL, origClientOrderId="mine", side="BUY", quantity="0.02", price="48900"
        )
        assert known(live, modified).quantity == Decimal("0.02")
        await client.futures_cancel_all_open_orders(symbol=SYMBOL)
        assert await client.futures_get_open_orders(symbol=SYMBOL) == []
    finally:
        await client.close_connection()
