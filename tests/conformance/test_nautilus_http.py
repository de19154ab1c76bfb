"""NautilusTrader's HTTP clients, with each type of key, and its client of market streams."""

import asyncio
from typing import Any

import msgspec
import pytest
from nautilus_trader.adapters.binance.common.enums import (
    BinanceAccountType,
    BinanceOrderSide,
    BinanceOrderStatus,
    BinanceOrderType,
    BinanceTimeInForce,
)
from nautilus_trader.adapters.binance.futures.enums import BinanceFuturesMarginType
from nautilus_trader.adapters.binance.futures.http.account import BinanceFuturesAccountHttpAPI
from nautilus_trader.adapters.binance.futures.http.market import BinanceFuturesMarketHttpAPI
from nautilus_trader.adapters.binance.futures.http.wallet import BinanceFuturesWalletHttpAPI
from nautilus_trader.adapters.binance.http.client import BinanceHttpClient
from nautilus_trader.adapters.binance.http.error import BinanceClientError, get_binance_error_code
from nautilus_trader.adapters.binance.http.user import BinanceUserDataHttpAPI
from nautilus_trader.adapters.binance.websocket.client import BinanceWebSocketClient
from nautilus_trader.common.component import LiveClock

from tests.conformance.live import LiveVenue
from tests.mock_venue.helpers import DEADLINE_SECS, SYMBOL
from tests.mock_venue.keys import Credentials

FUTURES = BinanceAccountType.USDT_FUTURES
SECRETS = {
    "hmac_key": "api_secret",
    "rsa_key": "rsa_private_key",
    "ed25519_key": "ed25519_private_key",
}
BUY, SELL = BinanceOrderSide.BUY, BinanceOrderSide.SELL


class Http:
    """The adapter's HTTP clients of one account."""

    def __init__(self, live: LiveVenue, credentials: Credentials, secret: str) -> None:
        clock = LiveClock()
        # It wants an `api_secret` beside a private key, and signs with the key.
        given: dict[str, Any] = {"api_secret": "unused", secret: credentials.secret}
        client = BinanceHttpClient(clock, credentials.key, base_url=live.http, **given)
        self.account = BinanceFuturesAccountHttpAPI(client, clock, FUTURES)
        self.market = BinanceFuturesMarketHttpAPI(client, FUTURES)
        self.user = BinanceUserDataHttpAPI(client, FUTURES)
        self.wallet = BinanceFuturesWalletHttpAPI(client, clock, FUTURES)

    async def limit(self, name: str, quantity: str = "0.010") -> Any:
        return await self.account.new_order(
            SYMBOL,
            BUY,
            BinanceOrderType.LIMIT,
            time_in_force=BinanceTimeInForce.GTC,
            quantity=quantity,
            price="49000.0",
            new_client_order_id=name,
        )

    async def stop(self, name: str, trigger_price: str) -> Any:
        return await self.account.new_algo_order(
            SYMBOL,
            SELL,
            BinanceOrderType.STOP_MARKET,
            quantity="0.010",
            trigger_price=trigger_price,
            client_algo_id=name,
        )


@pytest.fixture(params=SECRETS)
def http(live: LiveVenue, request: pytest.FixtureRequest) -> Http:
    return Http(live, request.getfixturevalue(request.param), SECRETS[request.param])


async def refused(request: Any) -> int:
    """The code of a refusal."""
    with pytest.raises(BinanceClientError) as caught:
        await request
    code = get_binance_error_code(caught.value)
    assert code is not None
    return int(code.value)


@pytest.mark.asyncio
async def test_an_order_from_placing_to_cancelling(http: Http) -> None:
    account = http.account
    placed = await http.limit("a")
    by_id = await account.query_order(SYMBOL, order_id=placed.orderId)
    assert (by_id.status, by_id.origQty) == (BinanceOrderStatus.NEW, "0.010")
    assert await account.query_order(SYMBOL, orig_client_order_id="a") == by_id
    assert await account.query_open_orders(SYMBOL) == [by_id]

    amended = await account.modify_order(SYMBOL, BUY, "0.020", "49100.0", order_id=placed.orderId)
    assert (amended.orderId, amended.origQty) == (placed.orderId, "0.020")
    cancelled = await account.cancel_order(SYMBOL, orig_client_order_id="a")
    assert cancelled.status is BinanceOrderStatus.CANCELED
    assert await refused(account.cancel_order(SYMBOL, order_id=placed.orderId)) == -2011
    assert await refused(account.query_order(SYMBOL, order_id=1)) == -2013


@pytest.mark.asyncio
async def test_orders_are_cancelled_together(http: Http) -> None:
    for name in ("a", "b", "c"):
        await http.limit(name)

    cancelled = await http.account.cancel_multiple_orders(SYMBOL, ["a", "none"])
    assert [one.get("code", one.get("status")) for one in cancelled] == ["CANCELED", -2011]
    await http.account.cancel_all_open_orders(SYMBOL)

    assert await http.account.query_open_orders() == []


@pytest.mark.asyncio
async def test_history_positions_and_balance(live: LiveVenue, http: Http) -> None:
    account = http.account
    placed = await http.limit("a")
    live.venue.fill(placed.orderId, "0.004")
    await account.cancel_order(SYMBOL, order_id=placed.orderId)

    (order,) = await account.query_all_orders(SYMBOL)
    assert (order.orderId, order.executedQty) == (placed.orderId, "0.004")
    (trade,) = await account.query_user_trades(SYMBOL)
    assert (trade.orderId, trade.qty, trade.maker) == (placed.orderId, "0.004", True)
    (position,) = await account.query_futures_position_risk()
    assert (position.symbol, position.positionAmt) == (SYMBOL, "0.004")
    told = await account.query_futures_account_info()
    wallet = {asset.asset: asset.walletBalance for asset in told.assets}["USDT"]
    assert wallet == "99999.96080000"  # a maker's fee of 2 in 10,000 of 196
    assert (await account.set_leverage(SYMBOL, 7)).leverage == 7
    (config,) = await account.query_futures_symbol_config(SYMBOL)
    assert config.leverage == 7
    assert not (await account.query_futures_hedge_mode()).dualSidePosition
    assert (
        await refused(account.set_margin_type(SYMBOL, BinanceFuturesMarginType.ISOLATED)) == -4048
    )
    await account.set_margin_type("ETHUSDT", BinanceFuturesMarginType.ISOLATED)
    (config,) = await account.query_futures_symbol_config("ETHUSDT")
    assert config.marginType == BinanceFuturesMarginType.ISOLATED.value
    assert (await http.wallet.query_futures_commission_rate(SYMBOL)).takerCommissionRate == "0.0005"


@pytest.mark.asyncio
async def test_stops(live: LiveVenue, http: Http) -> None:
    account = http.account
    placed = await http.stop("s", "49000.0")
    queried = await account.query_algo_order(client_algo_id="s")
    assert (queried.algoId, queried.algoStatus) == (placed.algoId, "NEW")
    assert [one.algoId for one in await account.query_open_algo_orders()] == [placed.algoId]
    await http.stop("t", "40000.0")
    assert (await account.cancel_algo_order(client_algo_id="t")).code == "200"
    assert await refused(account.cancel_algo_order(client_algo_id="t")) == -2011
    assert await refused(http.stop("u", "60000.0")) == -2021

    live.venue.set_price(SYMBOL, "48999.9", "49000.0")
    live.venue.market_trade(SYMBOL, "SELL", "0.1")

    triggered = await account.query_algo_order(algo_id=placed.algoId)
    assert triggered.algoStatus == "FINISHED"
    (order,) = await account.query_all_orders(SYMBOL)
    assert (str(order.orderId), order.clientOrderId) == (triggered.actualOrderId, "s")
    listed = {
        one.clientAlgoId: one.algoStatus for one in await account.query_all_algo_orders(SYMBOL)
    }
    assert listed == {"s": "FINISHED", "t": "CANCELED"}
    await http.stop("v", "40000.0")
    await account.cancel_all_open_algo_orders(SYMBOL)
    assert await account.query_open_algo_orders() == []


@pytest.mark.asyncio
async def test_listen_keys(http: Http) -> None:
    key = (await http.user.create_listen_key()).listenKey
    await http.user.keepalive_listen_key(listen_key=key)
    await http.user.close_listen_key(listen_key=key)

    assert await refused(http.user.keepalive_listen_key(listen_key=key)) == -1125


@pytest.mark.asyncio
async def test_markets(live: LiveVenue, hmac_key: Credentials) -> None:
    market = Http(live, hmac_key, "api_secret").market
    live.venue.market_trade(SYMBOL, "BUY", "0.5")

    assert await market.ping() == {}
    assert abs(await market.request_server_time() - live.venue.now_ms()) < 60_000
    info = await market.query_futures_exchange_info()
    assert SYMBOL in {symbol.symbol for symbol in info.symbols}
    assert msgspec.to_builtins(await market.query_depth(SYMBOL, limit=5))["bids"] != []
    assert [trade.qty for trade in await market.query_trades(SYMBOL)] == ["0.500"]
    assert len(await market.query_agg_trades(SYMBOL)) == 1
    assert (await market.query_ticker_24hr(SYMBOL))[0].lastPrice == "50000.10"
    assert (await market.query_ticker_price(SYMBOL))[0].price == "50000.10"
    assert (await market.query_ticker_book(SYMBOL))[0].bidPrice == "50000.00"


STREAMS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("subscribe_book_ticker", {}, {"e": "bookTicker", "b": "51000.00", "a": "51000.10"}),
    ("subscribe_agg_trades", {}, {"e": "aggTrade", "p": "51000.10", "q": "0.500", "m": False}),
    ("subscribe_trades", {}, {"e": "trade", "p": "51000.10", "q": "0.500", "m": False}),
    ("subscribe_mark_price", {"speed": 1000}, {"e": "markPriceUpdate", "p": "51000.05000000"}),
    ("subscribe_ticker", {}, {"e": "24hrTicker", "c": "51000.10", "v": "0.500"}),
    (
        "subscribe_partial_book_depth",
        {"depth": 5, "speed": 100},
        {"e": "depthUpdate", "a": [[f"51000.{tick}0", "1000.000"] for tick in range(1, 6)]},
    ),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("method", "given", "told"), STREAMS, ids=[row[0] for row in STREAMS])
async def test_market_streams(
    live: LiveVenue, method: str, given: dict[str, Any], told: dict[str, Any]
) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    client = BinanceWebSocketClient(LiveClock(), live.ws, heard.put_nowait, None, loop)
    try:
        await getattr(client, method)(symbol=SYMBOL, **given)
        await live.log.wait("connection", action="opened")
        live.venue.set_price(SYMBOL, "51000.0", "51000.1")
        live.venue.market_trade(SYMBOL, "BUY", "0.5")
        data: dict[str, Any] = {}
        while {name: data.get(name) for name in told} != told:
            frame = msgspec.json.decode(await asyncio.wait_for(heard.get(), DEADLINE_SECS))
            data = frame["data"]
            assert (data["e"], data["s"]) == (told["e"], SYMBOL)
    finally:
        await client.disconnect()
