"""Market data: no key needed, historicalTrades aside.

Of trades the last 20,000 a symbol are kept; aggTrades tells those of 48 hours (24 before autumn
2026), historicalTrades those of a month.
Funding before the venue began was charged at the interest rate every eight hours; after that it is
listed when it was charged. `fundingInfo` lists the symbols whose interval, cap or floor was
adjusted, which here are none.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from mock_venue.exchange import errors
from mock_venue.exchange.book import Levels
from mock_venue.exchange.candles import DAY_MS, HOUR_MS
from mock_venue.exchange.decimals import fixed
from mock_venue.exchange.funding import INTEREST_RATE, INTERVAL_MS, Charge
from mock_venue.exchange.instruments import ASSET_INDICES, SymbolSpec
from mock_venue.exchange.positions import open_interest
from mock_venue.exchange.rpi import rpi_levels
from mock_venue.wire.limits import rate_limits
from mock_venue.wire.params import Params
from mock_venue.wire.routing import Call, Handler, Route, by_symbol, public
from mock_venue.wire.schemas import market as schemas
from mock_venue.wire.schemas import tape

DEPTH_LIMITS = (5, 10, 20, 50, 100, 500, 1000)
DEPTH_DEFAULT = 500
RPI_DEPTH = 1000
PAGE_DEFAULT = 500
PAGE_MAX = 1000
FUNDING_DEFAULT = 100
FUNDING_LATEST = 200
AGG_TRADES_TOLD_MS = 2 * DAY_MS
TRADES_TOLD_MS = 30 * DAY_MS


def _ping(call: Call) -> Any:
    return {}


def _time(call: Call) -> Any:
    return {"serverTime": call.desk.executor.now_ms()}


def _exchange_info(call: Call) -> Any:
    desk = call.desk
    return schemas.exchange_info(desk.exchange, rate_limits(desk.config), desk.executor.now_ms())


def _depth(call: Call) -> Any:
    spec = call.desk.exchange.spec(call.params.text("symbol"))
    book = call.desk.exchange.books[spec.symbol]
    return _depth_of(call, spec, (book.bids, book.asks), DEPTH_LIMITS, DEPTH_DEFAULT)


def _rpi_depth(call: Call) -> Any:
    exchange = call.desk.exchange
    spec = exchange.spec(call.params.text("symbol"))
    return _depth_of(call, spec, rpi_levels(exchange, spec.symbol), (RPI_DEPTH,), RPI_DEPTH)


def _depth_of(
    call: Call,
    spec: SymbolSpec,
    sides: tuple[Levels, Levels],
    limits: tuple[int, ...],
    default: int,
) -> Any:
    limit = call.params.find_integer("limit")
    if limit is not None and limit not in limits:
        raise errors.BAD_DEPTH_LIMIT(limit)
    price, now_ms = call.desk.exchange.prices[spec.symbol], call.desk.executor.now_ms()
    return schemas.depth(spec, sides, price, default if limit is None else limit, now_ms)


def _book_ticker(call: Call) -> Any:
    exchange = call.desk.exchange

    def one(spec: SymbolSpec) -> Any:
        book, price = exchange.books[spec.symbol], exchange.prices[spec.symbol]
        return schemas.book_ticker(spec, book, price)

    return _one_or_all(call, one)


def _premium_index(call: Call) -> Any:
    exchange = call.desk.exchange
    now_ms = call.desk.executor.now_ms()

    def one(spec: SymbolSpec) -> Any:
        rate = exchange.funding.rate(spec.symbol)
        return schemas.premium_index(exchange.prices[spec.symbol], rate, now_ms)

    return _one_or_all(call, one)


def _open_interest(call: Call) -> Any:
    exchange = call.desk.exchange
    spec = exchange.spec(call.params.text("symbol"))
    contracts = open_interest(exchange, spec.symbol)
    return schemas.open_interest(spec, contracts, call.desk.executor.now_ms())


def _asset_index(call: Call) -> Any:
    symbol, now_ms = call.params.find("symbol"), call.desk.executor.now_ms()

    def one(name: str) -> dict[str, Any]:
        price = call.desk.exchange.asset_price(ASSET_INDICES[name])
        return schemas.asset_index(name, price, now_ms)

    if symbol is None:
        return [one(name) for name in ASSET_INDICES]
    if symbol not in ASSET_INDICES:
        raise errors.BAD_SYMBOL()
    return one(symbol)


def _trades(call: Call) -> Any:
    spec = call.desk.exchange.spec(call.params.text("symbol"))
    limit = call.params.limit(PAGE_DEFAULT, PAGE_MAX)
    return [tape.trade(spec, made) for made in call.desk.market.latest_trades(spec.symbol, limit)]


def _historical_trades(call: Call) -> Any:
    spec = call.desk.exchange.spec(call.params.text("symbol"))
    limit = call.params.limit(PAGE_DEFAULT, PAGE_MAX)
    from_id = call.params.find_integer("fromId")
    if from_id is None:
        return _trades(call)
    since_ms = call.desk.executor.now_ms() - TRADES_TOLD_MS
    found = call.desk.market.trades_from(spec.symbol, from_id, limit, since_ms)
    return [tape.trade(spec, made) for made in found]


def _agg_trades(call: Call) -> Any:
    params, market = call.params, call.desk.market
    spec = call.desk.exchange.spec(params.text("symbol"))
    limit = params.limit(PAGE_DEFAULT, PAGE_MAX)
    from_id = params.find_integer("fromId")
    start_ms, end_ms = params.times()
    if from_id is not None and (start_ms, end_ms) != (None, None):
        raise errors.BAD_COMBINATION()
    since_ms = call.desk.executor.now_ms() - AGG_TRADES_TOLD_MS
    if from_id is not None:
        found = market.trades_from(spec.symbol, from_id, limit, since_ms)
    elif start_ms is not None:
        until_ms = start_ms + HOUR_MS - 1 if end_ms is None else end_ms
        if until_ms - start_ms > HOUR_MS:
            raise errors.MORE_THAN_HOURS(1)
        found = market.trades_between(spec.symbol, max(start_ms, since_ms), until_ms, limit)
    elif end_ms is not None:
        found = market.trades_between(spec.symbol, since_ms, end_ms, PAGE_MAX * PAGE_MAX)[-limit:]
    else:
        found = market.latest_trades(spec.symbol, limit)
    return [tape.agg_trade(spec, made) for made in found]


def _ticker_24hr(call: Call) -> Any:
    market, now_ms = call.desk.market, call.desk.executor.now_ms()

    def one(spec: SymbolSpec) -> Any:
        day, last = market.day(spec.symbol, now_ms), market.last_trade(spec.symbol)
        return tape.ticker_24hr(spec, day, last, now_ms)

    return _one_or_all(call, one)


def _ticker_price(call: Call) -> Any:
    market, now_ms = call.desk.market, call.desk.executor.now_ms()

    def one(spec: SymbolSpec) -> Any:
        return tape.ticker_price(spec, market.last_price(spec.symbol), now_ms)

    return _one_or_all(call, one)


def _funding_rate(call: Call) -> Any:
    params, exchange = call.params, call.desk.exchange
    symbol = params.find("symbol")
    specs = list(exchange.symbols.values()) if symbol is None else [exchange.spec(symbol)]
    start_ms, end_ms = params.times()
    now_ms = call.desk.executor.now_ms()
    last_ms = now_ms if end_ms is None else min(end_ms, now_ms)
    if start_ms is None and end_ms is None:
        limit = min(params.limit(FUNDING_LATEST, PAGE_MAX), FUNDING_LATEST)
    else:
        limit = params.limit(FUNDING_DEFAULT, PAGE_MAX)
    charged = [
        _funding(spec, charge)
        for spec in specs
        for charge in exchange.funding.charged(spec.symbol)
        if (start_ms or 0) <= charge.time_ms <= last_ms
    ]
    past = _past_funding(call, specs, start_ms, min(last_ms, exchange.funding.began_ms), limit)
    funded = sorted(charged + past, key=lambda one: int(one["fundingTime"]))
    return funded[-limit:] if start_ms is None else funded[:limit]


def _funding_info(call: Call) -> Any:
    return []


def _past_funding(
    call: Call, specs: list[SymbolSpec], start_ms: int | None, last_ms: int, limit: int
) -> list[dict[str, Any]]:
    """The times before the venue began, at most `limit` of them and those of the window's end."""
    newest_ms = last_ms // INTERVAL_MS * INTERVAL_MS
    if start_ms is None:
        first_ms = newest_ms - (limit - 1) * INTERVAL_MS
    else:
        first_ms = -(-start_ms // INTERVAL_MS) * INTERVAL_MS
    funded: list[dict[str, Any]] = []
    while first_ms <= newest_ms and len(funded) < limit:
        for spec in specs:
            if first_ms >= spec.onboard_ms:
                mark = call.desk.market.mark_candles(spec.symbol).candle(first_ms, "1m").open
                charge = Charge(rate=INTEREST_RATE, mark=mark, time_ms=first_ms)
                funded.append(_funding(spec, charge))
        first_ms += INTERVAL_MS
    return funded


def _funding(spec: SymbolSpec, charge: Charge) -> dict[str, Any]:
    return {
        "symbol": spec.symbol,
        "fundingRate": fixed(charge.rate, 8),
        "fundingTime": charge.time_ms,
        "markPrice": fixed(charge.mark, 8),
        "rateType": "Regular",
    }


def _one_or_all(call: Call, one: Callable[[SymbolSpec], Any]) -> Any:
    exchange = call.desk.exchange
    symbol = call.params.find("symbol")
    if symbol is not None:
        return one(exchange.spec(symbol))
    return [one(spec) for spec in exchange.symbols.values()]


def _depth_weight(params: Params) -> int:
    weights = {"5": 2, "10": 2, "20": 2, "50": 2, "100": 5, "1000": 20}
    return weights.get(params.find("limit") or "", 10)


def _pooled(path: str, handler: Handler) -> Route:
    return msgspec.structs.replace(public(path, 0, handler), pool="funding")


ROUTES = (
    public("/fapi/v1/ping", 1, _ping),
    public("/fapi/v1/time", 1, _time),
    public("/fapi/v1/exchangeInfo", 1, _exchange_info),
    public("/fapi/v1/depth", _depth_weight, _depth),
    public("/fapi/v1/rpiDepth", 20, _rpi_depth),
    public("/fapi/v1/ticker/bookTicker", by_symbol(2, 5), _book_ticker),
    public("/fapi/v1/premiumIndex", by_symbol(1, 10), _premium_index),
    public("/fapi/v1/openInterest", 1, _open_interest),
    public("/fapi/v1/assetIndex", by_symbol(1, 10), _asset_index),
    public("/fapi/v1/trades", 5, _trades),
    Route(
        method="GET",
        path="/fapi/v1/historicalTrades",
        security="KEY",
        weight=200,
        handler=_historical_trades,
    ),
    public("/fapi/v1/aggTrades", 20, _agg_trades),
    public("/fapi/v1/ticker/24hr", by_symbol(1, 40), _ticker_24hr),
    public("/fapi/v1/ticker/price", by_symbol(1, 2), _ticker_price),
    public("/fapi/v2/ticker/price", by_symbol(1, 2), _ticker_price),
    _pooled("/fapi/v1/fundingRate", _funding_rate),
    _pooled("/fapi/v1/fundingInfo", _funding_info),
)
