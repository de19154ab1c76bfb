"""Candles: of the trades, of the mark and index price, which are one here, and of the premium.

A candle for a time before the venue began is flat.
"""

from collections.abc import Callable
from typing import Any

from mock_venue.exchange import errors
from mock_venue.exchange.candles import INTERVALS, Candle, Candles
from mock_venue.exchange.instruments import SymbolSpec
from mock_venue.wire.params import Params
from mock_venue.wire.routing import Call, public
from mock_venue.wire.schemas import tape

PAGE_DEFAULT = 500
PAGE_MAX = 1500
WEIGHTS = ((100, 1), (500, 2), (1001, 5))
"""Below which limit a request weighs how much."""
WEIGHT_MAX = 10


def _klines(call: Call) -> Any:
    spec = call.desk.exchange.spec(call.params.text("symbol"))
    return _page(call, spec, call.desk.market.candles(spec.symbol), tape.kline)


def _continuous_klines(call: Call) -> Any:
    spec = call.desk.exchange.spec(call.params.text("pair"))
    if call.params.text("contractType") != "PERPETUAL":
        raise errors.BAD_PARAMETER("contractType")
    return _page(call, spec, call.desk.market.candles(spec.symbol), tape.kline)


def _mark_price_klines(call: Call) -> Any:
    spec = call.desk.exchange.spec(call.params.text("symbol"))
    return _page(call, spec, call.desk.market.mark_candles(spec.symbol), tape.price_kline)


def _index_price_klines(call: Call) -> Any:
    spec = call.desk.exchange.spec(call.params.text("pair"))
    return _page(call, spec, call.desk.market.mark_candles(spec.symbol), tape.price_kline)


def _premium_index_klines(call: Call) -> Any:
    spec = call.desk.exchange.spec(call.params.text("symbol"))
    return _page(call, spec, call.desk.market.premium_candles(spec.symbol), tape.price_kline)


def _page(
    call: Call, spec: SymbolSpec, candles: Candles, write: Callable[[SymbolSpec, Candle], Any]
) -> Any:
    params = call.params
    interval = params.text("interval")
    if interval not in INTERVALS:
        raise errors.BAD_INTERVAL()
    limit = params.limit(PAGE_DEFAULT, PAGE_MAX)
    start_ms, end_ms = params.times()
    now_ms = call.desk.executor.now_ms()
    last_ms = now_ms if end_ms is None else min(end_ms, now_ms)
    first_ms = max(spec.onboard_ms, start_ms or 0)
    pick = candles.latest if start_ms is None else candles.first
    return [write(spec, candle) for candle in pick(interval, first_ms, last_ms, limit)]


def _weight(params: Params) -> int:
    try:
        limit = params.find_integer("limit")
    except errors.ExchangeError:
        limit = None
    limit = PAGE_DEFAULT if limit is None else limit
    return next((weight for below, weight in WEIGHTS if limit < below), WEIGHT_MAX)


ROUTES = (
    public("/fapi/v1/klines", _weight, _klines),
    public("/fapi/v1/continuousKlines", _weight, _continuous_klines),
    public("/fapi/v1/markPriceKlines", _weight, _mark_price_klines),
    public("/fapi/v1/indexPriceKlines", _weight, _index_price_klines),
    public("/fapi/v1/premiumIndexKlines", _weight, _premium_index_klines),
)
