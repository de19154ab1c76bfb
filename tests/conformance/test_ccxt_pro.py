"""ccxt.pro, made as the venue prints it: streams and the WebSocket API say what the ledger says."""

import asyncio
from collections.abc import Awaitable
from decimal import Decimal
from pathlib import Path
from typing import Any

import ccxt
import pytest

from mock_venue import VenueConfig
from mock_venue.control.clients import PRIVATE_KEY_FILE
from mock_venue.exchange.path import Walk
from tests.conformance.live import LiveVenue
from tests.conformance.test_ccxt import ACCOUNT, SYMBOL, decimal, known
from tests.mock_venue.helpers import DEADLINE_SECS
from tests.mock_venue.keys import Credentials

ETHER = "ETH/USDT:USDT"


async def subscribed(live: LiveVenue, watching: Awaitable[Any]) -> asyncio.Future[Any]:
    """Start to watch, and come back when the venue has the subscription."""
    before = _streams(live)
    future = asyncio.ensure_future(watching)
    async with asyncio.timeout(DEADLINE_SECS):
        while _streams(live) == before:
            await asyncio.sleep(0)
    return future


def _streams(live: LiveVenue) -> int:
    """How many streams are listened to; ccxt's URLs end in a number that is none."""
    return sum(
        not stream.isdecimal()
        for connection in live.venue.connections
        for stream in connection.streams
    )


async def told(future: asyncio.Future[Any]) -> Any:
    return await asyncio.wait_for(future, DEADLINE_SECS)


async def limit(exchange: Any, client_order_id: str, price: float = 49_000) -> Any:
    params = {"clientOrderId": client_order_id}
    return await exchange.create_order(SYMBOL, "limit", "buy", 0.01, price, params)


@pytest.mark.asyncio
async def test_watched_orders_and_trades_are_the_ledgers(live: LiveVenue, exchange: Any) -> None:
    watching = await subscribed(live, exchange.watch_orders(SYMBOL))
    placed = await limit(exchange, "mine")
    (order,) = await told(watching)
    assert order["id"] == placed["id"]
    assert known(live, order).status == "NEW"

    orders = asyncio.ensure_future(exchange.watch_orders(SYMBOL))
    trades = asyncio.ensure_future(exchange.watch_my_trades(SYMBOL))
    await asyncio.sleep(0)
    made = live.venue.fill("mine", "0.004")
    (order,) = await told(orders)
    assert known(live, order).filled == Decimal("0.004")
    assert decimal(order["fee"]["cost"]) == made.commission
    (trade,) = await told(trades)
    assert (trade["id"], trade["order"]) == (str(made.trade_id), placed["id"])
    assert (trade["takerOrMaker"], trade["timestamp"]) == ("maker", made.time_ms)
    assert (decimal(trade["price"]), decimal(trade["amount"])) == (made.price, made.quantity)
    assert decimal(trade["fee"]["cost"]) == made.commission

    orders = asyncio.ensure_future(exchange.watch_orders(SYMBOL))
    await asyncio.sleep(0)
    await exchange.cancel_order(placed["id"], SYMBOL)
    (order,) = await told(orders)
    assert known(live, order).status == "CANCELED"


@pytest.mark.asyncio
async def test_watched_positions_and_balance_are_the_ledgers(
    live: LiveVenue, exchange: Any
) -> None:
    await exchange.create_order(SYMBOL, "market", "buy", 0.02)
    (snapshot,) = await exchange.watch_positions([SYMBOL])  # by REST; only then does it connect
    assert decimal(snapshot["contracts"]) == Decimal("0.02")
    positions = await subscribed(live, exchange.watch_positions([SYMBOL]))
    balance = asyncio.ensure_future(exchange.watch_balance())
    await asyncio.sleep(0)
    await exchange.create_order(SYMBOL, "market", "sell", 0.05)
    (position,) = await told(positions)
    held = live.venue.ledger.position(ACCOUNT, "BTCUSDT")
    assert (position["symbol"], position["side"]) == (SYMBOL, "short")
    assert -decimal(position["contracts"]) == held.amount == Decimal("-0.03")
    assert decimal(position["entryPrice"]) == held.entry_price
    mark = Decimal("50000.05")
    assert decimal(position["unrealizedPnl"]) == held.unrealized_pnl(mark)
    wallet = live.venue.ledger.balance(ACCOUNT, "USDT").wallet
    assert decimal((await told(balance))["USDT"]["total"]) == wallet


@pytest.mark.asyncio
async def test_the_user_stream_comes_back_after_it_was_closed(
    live: LiveVenue, exchange: Any
) -> None:
    watching = await subscribed(live, exchange.watch_orders(SYMBOL))
    live.venue.close_streams("maintenance")
    with pytest.raises(ccxt.NetworkError):
        await told(watching)
    watching = await subscribed(live, exchange.watch_orders(SYMBOL))
    placed = await limit(exchange, "mine")
    (order,) = await told(watching)
    assert order["id"] == placed["id"]


@pytest.mark.asyncio
async def test_the_order_book_follows_its_snapshot(live: LiveVenue, exchange: Any) -> None:
    watching = await subscribed(live, exchange.watch_order_book(SYMBOL))
    await live.log.wait("http", path="/fapi/v1/depth", outcome="replied")
    for tick in range(1, 40):
        live.venue.set_price("BTCUSDT", f"5000{tick // 10}.{tick % 10}", f"5001{tick // 10}.0")
        book = await told(watching)
        assert book["bids"][0] == [float(f"5000{tick // 10}.{tick % 10}"), 1_000.0]
        assert book["asks"][0] == [float(f"5001{tick // 10}.0"), 1_000.0]
        assert (len(book["bids"]), len(book["asks"])) == (20, 20)
        watching = asyncio.ensure_future(exchange.watch_order_book(SYMBOL))
        await asyncio.sleep(0)
    watching.cancel()
    assert len(live.log.of("http", path="/fapi/v1/depth")) == 1


@pytest.mark.asyncio
async def test_watched_market_data_is_the_markets(live: LiveVenue, exchange: Any) -> None:
    venue = live.venue
    quotes = await subscribed(live, exchange.watch_bids_asks([SYMBOL]))
    marks = await subscribed(live, exchange.watch_mark_price(SYMBOL))
    trades = await subscribed(live, exchange.watch_trades(SYMBOL))
    candles = await subscribed(live, exchange.watch_ohlcv(SYMBOL, "1d"))
    ticker = await subscribed(live, exchange.watch_ticker(SYMBOL))

    assert (await told(quotes))[SYMBOL]["bid"] == 50_000.0
    assert (await told(marks))["markPrice"] == 50_000.05
    venue.market_trade("BTCUSDT", "SELL", "0.25")
    (trade,) = await told(trades)
    assert (trade["side"], trade["price"], trade["amount"]) == ("sell", 50_000.0, 0.25)
    (candle,) = await told(candles)
    assert candle[1:] == [50_000.0, 50_000.0, 50_000.0, 50_000.0, 0.25]
    day = await told(ticker)
    assert (day["last"], day["baseVolume"]) == (50_000.0, 0.25)


@pytest.mark.asyncio
async def test_watched_liquidations_are_the_venues(live: LiveVenue, exchange: Any) -> None:
    venue = live.venue
    venue.external_order("BTCUSDT", "BUY", "0.01")
    liquidations = await subscribed(live, exchange.watch_liquidations(SYMBOL))
    forced = venue.liquidate("BTCUSDT")
    (liquidation,) = await told(liquidations)
    assert liquidation["symbol"] == SYMBOL
    assert decimal(liquidation["contracts"]) == forced.quantity
    assert decimal(liquidation["price"]) == forced.price


@pytest.mark.asyncio
async def test_several_symbols_on_one_socket_and_unsubscription(
    live: LiveVenue, exchange: Any
) -> None:
    watching = await subscribed(live, exchange.watch_trades_for_symbols([SYMBOL, ETHER]))
    (connection,) = live.venue.connections
    assert connection.kind == "market"
    assert {"btcusdt@trade", "ethusdt@trade"} < set(connection.streams)
    live.venue.market_trade("ETHUSDT", "BUY", "2")
    (trade,) = await told(watching)
    assert (trade["symbol"], trade["amount"]) == (ETHER, 2.0)
    await exchange.un_watch_trades_for_symbols([SYMBOL, ETHER])
    assert not [stream for stream in connection.streams if "@" in stream]


@pytest.mark.asyncio
async def test_orders_over_the_websocket_api(live: LiveVenue, exchange: Any) -> None:
    placed = await exchange.create_order_ws(
        SYMBOL, "limit", "buy", 0.01, 49_000, {"clientOrderId": "mine"}
    )
    assert known(live, placed).client_order_id == "mine"
    asked = await exchange.fetch_order_ws(placed["id"], SYMBOL)
    assert known(live, asked).status == "NEW"
    modified = await exchange.edit_order_ws(placed["id"], SYMBOL, "limit", "buy", 0.02, 48_900)
    assert known(live, modified).price == 48_900
    cancelled = await exchange.cancel_order_ws(placed["id"], SYMBOL)
    assert known(live, cancelled).status == "CANCELED"
    with pytest.raises(ccxt.OrderNotFound, match="-2011"):
        await exchange.cancel_order_ws(placed["id"], SYMBOL)
    with pytest.raises(ccxt.OrderNotFound, match="-2013"):
        await exchange.fetch_order_ws("1", SYMBOL)
    bought = await exchange.create_order_ws(SYMBOL, "market", "buy", 0.01)
    assert known(live, bought).status == "FILLED"

    wallet = live.venue.ledger.balance(ACCOUNT, "USDT").wallet
    balance = await exchange.fetch_balance_ws()
    assert decimal(balance["info"]["totalWalletBalance"]) == wallet
    (position,) = await exchange.fetch_positions_ws([SYMBOL])
    assert decimal(position["contracts"]) == Decimal("0.01")
    ticker = await exchange.fetch_ticker_ws(SYMBOL)
    assert (ticker["bid"], ticker["ask"]) == (50_000.0, 50_000.1)
    book = await exchange.fetch_order_book_ws(SYMBOL)
    assert book["bids"][0] == [50_000.0, 1_000.0]


@pytest.mark.asyncio
async def test_refusals_are_the_exceptions_of_usd_m_futures(exchange: Any) -> None:
    with pytest.raises(ccxt.OrderNotFillable, match="-5022"):
        await exchange.create_order(SYMBOL, "limit", "buy", 0.01, 50_100, {"postOnly": True})
    with pytest.raises(ccxt.InvalidOrder, match="-2022"):
        await exchange.create_order(SYMBOL, "market", "sell", 0.01, None, {"reduceOnly": True})


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["hmac_key", "rsa_key", "ed25519_key"])
async def test_a_key_of_each_type_trades_over_both_apis(
    live: LiveVenue, name: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: Any
) -> None:
    credentials: Credentials = request.getfixturevalue(name)
    (tmp_path / PRIVATE_KEY_FILE).write_text(credentials.secret)
    monkeypatch.chdir(tmp_path)
    exchange = live.follow("ccxt", credentials.account)["exchange"]
    try:
        over_rest = await exchange.create_order(SYMBOL, "limit", "buy", 0.01, 49_000)
        over_socket = await exchange.create_order_ws(SYMBOL, "limit", "buy", 0.01, 49_000)
        for order in (over_rest, over_socket):
            assert known(live, order).account == credentials.account.name
        await exchange.cancel_orders([over_rest["id"], over_socket["id"]], SYMBOL)
        assert await exchange.fetch_open_orders(SYMBOL) == []
    finally:
        await exchange.close()


@pytest.mark.asyncio
async def test_the_order_book_follows_a_market_at_binances_pace() -> None:
    config = VenueConfig(
        stream_pace="binance", matching="auto", price_path=Walk(), price_interval_ms=20
    )
    async with LiveVenue(config) as live:
        exchange = live.follow("ccxt", config.accounts[0])["exchange"]
        try:
            for _ in range(10):
                book = await told(asyncio.ensure_future(exchange.watch_order_book(SYMBOL)))
                assert book["bids"][0][0] < book["asks"][0][0]
                assert (len(book["bids"]), len(book["asks"])) == (20, 20)
            assert len(live.log.of("http", path="/fapi/v1/depth")) == 1  # never out of step
        finally:
            await exchange.close()
