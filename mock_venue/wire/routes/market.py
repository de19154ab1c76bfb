"""Market data: no key needed."""

from typing import Any

from mock_venue.exchange import errors
from mock_venue.wire.routing import Call, Route
from mock_venue.wire.schemas import market as schemas

DEPTH_LIMITS = (5, 10, 20, 50, 100, 500, 1000)


def _ping(call: Call) -> Any:
    return {}


def _time(call: Call) -> Any:
    return {"serverTime": call.desk.executor.now_ms()}


def _exchange_info(call: Call) -> Any:
    return schemas.exchange_info(call.desk.exchange, call.desk.executor.now_ms())


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


def _premium_index(call: Call) -> Any:
    exchange = call.desk.exchange
    now_ms = call.desk.executor.now_ms()
    symbol = call.params.find("symbol")
    if symbol is not None:
        return schemas.premium_index(exchange.prices[exchange.spec(symbol).symbol], now_ms)
    return [schemas.premium_index(price, now_ms) for price in exchange.prices.values()]


def _route(path: str, weight: int, handler: Any) -> Route:
    return Route(method="GET", path=path, security="NONE", weight=weight, handler=handler)


ROUTES = (
    _route("/fapi/v1/ping", 1, _ping),
    _route("/fapi/v1/time", 1, _time),
    _route("/fapi/v1/exchangeInfo", 1, _exchange_info),
    _route("/fapi/v1/depth", 10, _depth),
    _route("/fapi/v1/ticker/bookTicker", 2, _book_ticker),
    _route("/fapi/v1/premiumIndex", 1, _premium_index),
)
