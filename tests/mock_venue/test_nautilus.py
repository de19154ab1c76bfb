"""NautilusTrader's own schemas decode every reply and every push, strictly."""

from typing import Any

import msgspec
import pytest
from nautilus_trader.adapters.binance.common.schemas.account import (
    BinanceOrder,
    BinanceStatusCode,
    BinanceUserTrade,
)
from nautilus_trader.adapters.binance.common.schemas.market import (
    BinanceAggregatedTradeMsg,
    BinanceAggTrade,
    BinanceCandlestickMsg,
    BinanceDepth,
    BinanceKline,
    BinanceOrderBookMsg,
    BinanceQuoteMsg,
    BinanceTicker24hr,
    BinanceTickerBook,
    BinanceTickerMsg,
    BinanceTickerPrice,
    BinanceTime,
    BinanceTrade,
)
from nautilus_trader.adapters.binance.common.schemas.user import BinanceListenKey
from nautilus_trader.adapters.binance.futures.enums import BinanceFuturesEventType
from nautilus_trader.adapters.binance.futures.schemas.account import (
    BinanceFuturesAccountInfo,
    BinanceFuturesAlgoOrder,
    BinanceFuturesAlgoOrderCancelResponse,
    BinanceFuturesDualSidePosition,
    BinanceFuturesLeverage,
    BinanceFuturesMarginTypeResponse,
    BinanceFuturesPositionRisk,
    BinanceFuturesSymbolConfig,
)
from nautilus_trader.adapters.binance.futures.schemas.market import (
    BinanceFuturesExchangeInfo,
    BinanceFuturesMarkFunding,
    BinanceFuturesMarkPriceMsg,
    BinanceFuturesTradeMsg,
)
from nautilus_trader.adapters.binance.futures.schemas.user import (
    BinanceFuturesAccountUpdateMsg,
    BinanceFuturesAlgoUpdateMsg,
    BinanceFuturesOrderUpdateMsg,
    BinanceFuturesTradeLiteMsg,
    BinanceFuturesUserMsgData,
)
from nautilus_trader.adapters.binance.futures.schemas.wallet import BinanceFuturesCommissionRate

from tests.mock_venue.helpers import DEADLINE_SECS, SYMBOL, Socket, World

S = {"symbol": SYMBOL}
STOP = {
    **S,
    "algoType": "CONDITIONAL",
    "side": "SELL",
    "type": "STOP_MARKET",
    "quantity": "0.010",
    "triggerPrice": "48000.00",
}
REPLIES: list[tuple[str, str, dict[str, Any], Any]] = [
    ("GET", "v1/time", {}, BinanceTime),
    ("GET", "v1/exchangeInfo", {}, BinanceFuturesExchangeInfo),
    ("GET", "v1/depth", S, BinanceDepth),
    ("GET", "v1/ticker/bookTicker", S, BinanceTickerBook),
    ("GET", "v1/ticker/bookTicker", {}, list[BinanceTickerBook]),
    ("GET", "v1/ticker/price", S, BinanceTickerPrice),
    ("GET", "v2/ticker/price", {}, list[BinanceTickerPrice]),
    ("GET", "v1/premiumIndex", S, BinanceFuturesMarkFunding),
    ("GET", "v1/trades", S, list[BinanceTrade]),
    ("GET", "v1/historicalTrades", S, list[BinanceTrade]),
    ("GET", "v1/aggTrades", S, list[BinanceAggTrade]),
    ("GET", "v1/klines", {**S, "interval": "1m"}, list[BinanceKline]),
    (
        "GET",
        "v1/continuousKlines",
        {"pair": SYMBOL, "contractType": "PERPETUAL", "interval": "1h"},
        list[BinanceKline],
    ),
    ("GET", "v1/ticker/24hr", S, BinanceTicker24hr),
    ("GET", "v1/ticker/24hr", {}, list[BinanceTicker24hr]),
    ("GET", "v2/account", {}, BinanceFuturesAccountInfo),
    ("GET", "v3/positionRisk", {}, list[BinanceFuturesPositionRisk]),
    ("GET", "v2/positionRisk", {}, list[BinanceFuturesPositionRisk]),
    ("GET", "v1/symbolConfig", {}, list[BinanceFuturesSymbolConfig]),
    ("GET", "v1/positionSide/dual", {}, BinanceFuturesDualSidePosition),
    ("GET", "v1/commissionRate", S, BinanceFuturesCommissionRate),
    ("POST", "v1/leverage", {**S, "leverage": 5}, BinanceFuturesLeverage),
    (
        "POST",
        "v1/marginType",
        {"symbol": "SOLUSDT", "marginType": "ISOLATED"},
        BinanceFuturesMarginTypeResponse,
    ),
    ("GET", "v1/order", {**S, "origClientOrderId": "filled"}, BinanceOrder),
    ("GET", "v1/openOrders", {}, list[BinanceOrder]),
    ("GET", "v1/allOrders", S, list[BinanceOrder]),
    ("GET", "v1/userTrades", S, list[BinanceUserTrade]),
    ("GET", "v1/openAlgoOrders", {}, list[BinanceFuturesAlgoOrder]),
    ("GET", "v1/allAlgoOrders", S, list[BinanceFuturesAlgoOrder]),
    ("GET", "v1/algoOrder", {"clientAlgoId": "stop"}, BinanceFuturesAlgoOrder),
    ("POST", "v1/algoOrder", STOP, BinanceFuturesAlgoOrder),
    (
        "DELETE",
        "v1/algoOrder",
        {"clientAlgoId": "stop"},
        BinanceFuturesAlgoOrderCancelResponse,
    ),
    (
        "POST",
        "v1/order",
        {**S, "side": "BUY", "type": "MARKET", "quantity": "0.01"},
        BinanceOrder,
    ),
    (
        "PUT",
        "v1/order",
        {**S, "origClientOrderId": "open", "side": "BUY", "quantity": "0.03", "price": "49000"},
        BinanceOrder,
    ),
    ("DELETE", "v1/order", {**S, "origClientOrderId": "open"}, BinanceOrder),
    (
        "DELETE",
        "v1/batchOrders",
        {**S, "origClientOrderIdList": '["open","none"]'},
        list[dict[str, Any]],
    ),
    (
        "POST",
        "v1/batchOrders",
        {"batchOrders": '[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}]'},
        list[BinanceOrder],
    ),
    (
        "PUT",
        "v1/batchOrders",
        {
            "batchOrders": '[{"symbol":"BTCUSDT","origClientOrderId":"open","side":"BUY",'
            '"quantity":"0.03","price":"49000"}]'
        },
        list[BinanceOrder],
    ),
    (
        "POST",
        "v1/order/test",
        {**S, "side": "BUY", "type": "MARKET", "quantity": "0.01"},
        BinanceOrder,
    ),
    ("DELETE", "v1/allOpenOrders", S, BinanceStatusCode),
    ("DELETE", "v1/algoOpenOrders", S, BinanceStatusCode),
    ("POST", "v1/listenKey", {}, BinanceListenKey),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("method", "path", "params", "schema"), REPLIES, ids=lambda value: str(value)[:40]
)
async def test_replies(
    world: World, method: str, path: str, params: dict[str, Any], schema: Any
) -> None:
    await world.limit(newClientOrderId="open")
    await world.limit(newClientOrderId="filled")
    world.venue.fill("filled", "0.003")
    world.venue.fill("filled")
    await world.call("POST", "/fapi/v1/algoOrder", clientAlgoId="stop", **STOP)

    status, body, _ = await world.raw(method, f"/fapi/{path}", world.query(**params))

    assert status == 200, body
    decoded = msgspec.json.decode(body, type=schema)
    assert decoded


def test_every_route_that_answers_is_decoded_here_or_has_no_schema() -> None:
    from mock_venue.wire.routes import ROUTES

    decoded = {(method, f"/fapi/{path}") for method, path, _, _ in REPLIES}
    assert set(ROUTES) - decoded == {
        # Its schema has fundingTime as text, where Binance documents an integer.
        ("GET", "/fapi/v1/fundingRate"),
        ("GET", "/fapi/v1/ping"),
        ("GET", "/fapi/v1/fundingInfo"),
        ("GET", "/fapi/v1/openInterest"),
        ("GET", "/fapi/v1/rpiDepth"),
        ("GET", "/fapi/v1/markPriceKlines"),
        ("GET", "/fapi/v1/indexPriceKlines"),
        ("GET", "/fapi/v1/premiumIndexKlines"),
        ("GET", "/fapi/v1/assetIndex"),
        ("GET", "/fapi/v1/adlQuantile"),
        ("GET", "/fapi/v1/orderAmendment"),
        ("POST", "/fapi/v1/countdownCancelAll"),
        ("GET", "/fapi/v1/rateLimit/order"),
        ("GET", "/fapi/v3/account"),
        ("GET", "/fapi/v1/accountConfig"),
        ("POST", "/fapi/v1/positionSide/dual"),
        ("GET", "/fapi/v1/multiAssetsMargin"),
        ("POST", "/fapi/v1/multiAssetsMargin"),
        ("GET", "/fapi/v1/feeBurn"),
        ("GET", "/fapi/v1/income"),
        ("GET", "/fapi/v1/forceOrders"),
        ("POST", "/fapi/v1/feeBurn"),
        ("POST", "/fapi/v1/positionMargin"),
        ("GET", "/fapi/v1/positionMargin/history"),
        ("GET", "/fapi/v2/balance"),
        ("GET", "/fapi/v3/balance"),
        ("GET", "/fapi/v1/leverageBracket"),
        ("GET", "/fapi/v1/openOrder"),
        ("PUT", "/fapi/v1/listenKey"),
        ("DELETE", "/fapi/v1/listenKey"),
    }


PUSHES = {
    BinanceFuturesEventType.ORDER_TRADE_UPDATE: BinanceFuturesOrderUpdateMsg,
    BinanceFuturesEventType.ACCOUNT_UPDATE: BinanceFuturesAccountUpdateMsg,
    BinanceFuturesEventType.TRADE_LITE: BinanceFuturesTradeLiteMsg,
    BinanceFuturesEventType.ALGO_UPDATE: BinanceFuturesAlgoUpdateMsg,
    BinanceFuturesEventType.ACCOUNT_CONFIG_UPDATE: BinanceFuturesUserMsgData,
    BinanceFuturesEventType.LISTEN_KEY_EXPIRED: BinanceFuturesUserMsgData,
}


async def raw(stream: Socket) -> bytes:
    return (await stream.raw.receive_str(timeout=DEADLINE_SECS)).encode()


async def place_algo_orders(world: World) -> None:
    """One of each type, and each trigger's outcomes."""
    for algo_type, more in {
        "STOP": {"price": "47000"},
        "STOP_MARKET": {},
        "TAKE_PROFIT": {"side": "BUY", "price": "47500"},
        "TAKE_PROFIT_MARKET": {"side": "BUY", "reduceOnly": "true"},
    }.items():
        sent = {**STOP, "type": algo_type, **more}
        assert (await world.call("POST", "/fapi/v1/algoOrder", **sent))[0] == 200
    trailing = {name: value for name, value in STOP.items() if name != "triggerPrice"}
    trailing |= {"type": "TRAILING_STOP_MARKET", "callbackRate": "5"}
    assert (await world.call("POST", "/fapi/v1/algoOrder", **trailing))[0] == 200
    world.venue.set_price(SYMBOL, "47999.9", "48000.0")
    await world.call("DELETE", "/fapi/v1/algoOpenOrders", symbol=SYMBOL)


@pytest.mark.asyncio
async def test_pushes(world: World) -> None:
    stream = await world.user_stream()
    await world.market("SELL")
    await world.limit(newClientOrderId="a")
    world.venue.fill("a", "0.003")
    change = {"origClientOrderId": "a", "side": "BUY", "quantity": "0.02", "price": "49000"}
    await world.call("PUT", "/fapi/v1/order", symbol=SYMBOL, **change)
    world.venue.cancel("a")
    await world.limit(timeInForce="IOC")
    await world.call("POST", "/fapi/v1/leverage", symbol=SYMBOL, leverage=3)
    await place_algo_orders(world)
    world.venue.expire_listen_keys()

    seen = set()
    for _ in world.log.of("push", outcome="sent"):
        frame = await raw(stream)
        event = msgspec.json.decode(frame, type=BinanceFuturesUserMsgData).e
        msgspec.json.decode(frame, type=PUSHES[event])
        seen.add(event)

    assert seen == set(PUSHES)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("stream", "schema"),
    [
        ("btcusdt@bookTicker", BinanceQuoteMsg),
        ("btcusdt@aggTrade", BinanceAggregatedTradeMsg),
        ("btcusdt@markPrice@1s", BinanceFuturesMarkPriceMsg),
        ("btcusdt@trade", BinanceFuturesTradeMsg),
        ("btcusdt@kline_1m", BinanceCandlestickMsg),
        ("btcusdt@ticker", BinanceTickerMsg),
        ("btcusdt@depth5@100ms", BinanceOrderBookMsg),
    ],
)
async def test_market_frames(world: World, stream: str, schema: Any) -> None:
    socket = await world.connect(f"/stream?streams={stream}")
    await world.log.wait("connection", action="opened")
    await world.market()

    decoded = msgspec.json.decode(await raw(socket), type=schema)

    assert decoded.stream == stream
