"""Market data: no key needed."""

from collections.abc import Callable
from typing import Any

from mock_venue.exchange import errors
from mock_venue.wire.limits import rate_limits
from mock_venue.wire.params import Params
from mock_venue.wire.routing import Call, Route, by_symbol
from mock_venue.wire.schemas import market as schemas

DEPTH_LIMITS = (5, 10, 20, 50, 100, 500, 1000)


def _ping(call: Call) -> Any:
    return {}


def _time(call: Call) -> Any:
    return {"serverTime": call.desk.executor.now_ms()}


def _exchange_info(call: Call) -> Any:
    desk = call.desk
    return schemas.exchange_info(desk.exchange, rate_limits(desk.config), desk.executor.now_ms())


def _depth(call: Call) -> Any:
    spec = call.desk.exchange.spec(call.params.text("symbol"))
    limit = call.params.find_integer("limit")
    if limit is not None and limit not in DEPTH_LIMITS:
        raise errors.BAD_DEPTH_LIMIT(limit)
    price = call.desk.exchange.prices[spec.symbol]
    return schemas.depth(spec, price, call.desk.executor.now_ms())


def _book_ticker(call: Call) -> Any:
    exchange = call.desk.exchange
    symbol = call.params.find("symbol")
    if symbol is not None:
        return schemas.book_ticker(exchange.spec(symbol), exchange.prices[symbol])
    return [
        schemas.book_ticker(spec, exchange.prices[name]) for name, spec in exchange.symbols.items()
    ]


def _ticker_price(call: Call) -> Any:
    exchange = call.desk.exchange
    symbol = call.params.find("symbol")
    if symbol is not None:
        return schemas.ticker_price(exchange.spec(symbol), exchange.prices[symbol])
    return [
        schemas.ticker_price(spec, exchange.prices[name]) for name, spec in exchange.symbols.items()
    ]


def _premium_index(call: Call) -> Any:
    exchange = call.desk.exchange
    now_ms = call.desk.executor.now_ms()
    symbol = call.params.find("symbol")
    if symbol is not None:
        return schemas.premium_index(exchange.prices[exchange.spec(symbol).symbol], now_ms)
    return [schemas.premium_index(price, now_ms) for price in exchange.prices.values()]


def _depth_weight(params: Params) -> int:
    weights = {"5": 2, "10": 2, "20": 2, "50": 2, "100": 5, "1000": 20}
    return weights.get(params.find("limit") or "", 10)


def _route(path: str, weight: int | Callable[[Params], int], handler: Any) -> Route:
    return Route(method="GET", path=path, security="NONE", weight=weight, handler=handler)


ROUTES = (
    _route("/fapi/v1/ping", 1, _ping),
    _route("/fapi/v1/time", 1, _time),
    _route("/fapi/v1/exchangeInfo", 1, _exchange_info),
    _route("/fapi/v1/depth", _depth_weight, _depth),
    _route("/fapi/v1/ticker/bookTicker", by_symbol(2, 5), _book_ticker),
    _route("/fapi/v1/ticker/price", by_symbol(1, 2), _ticker_price),
    _route("/fapi/v2/ticker/price", by_symbol(1, 2), _ticker_price),
    _route("/fapi/v1/premiumIndex", by_symbol(1, 10), _premium_index),
)
