"""Trades, candles and tickers in Binance's JSON. An aggregate trade is always one trade here."""

from decimal import Decimal
from typing import Any

from mock_venue.exchange.candles import Candle
from mock_venue.exchange.decimals import EXACT, ZERO, fixed
from mock_venue.exchange.instruments import SymbolSpec
from mock_venue.exchange.market_data import PublicTrade

QUOTE_PLACES = 8
PRICE_PLACES = 8
"""Of prices that are not traded at."""


def trade(spec: SymbolSpec, made: PublicTrade) -> dict[str, Any]:
    """GET trades and historicalTrades."""
    return {
        "id": made.trade_id,
        "price": _price(spec, made.price),
        "qty": _quantity(spec, made.quantity),
        "quoteQty": _quote(EXACT.multiply(made.price, made.quantity)),
        "time": made.time_ms,
        "isBuyerMaker": made.buyer_is_maker,
        "isRPITrade": made.is_rpi,
    }


def agg_trade(spec: SymbolSpec, made: PublicTrade) -> dict[str, Any]:
    """GET aggTrades; `nq` is the quantity without RPI orders."""
    return {
        "a": made.trade_id,
        "p": _price(spec, made.price),
        "q": _quantity(spec, made.quantity),
        "nq": _quantity(spec, ZERO if made.is_rpi else made.quantity),
        "f": made.trade_id,
        "l": made.trade_id,
        "T": made.time_ms,
        "m": made.buyer_is_maker,
    }


def kline(spec: SymbolSpec, candle: Candle) -> list[Any]:
    """GET klines."""
    return [
        candle.open_ms,
        _price(spec, candle.open),
        _price(spec, candle.high),
        _price(spec, candle.low),
        _price(spec, candle.close),
        _quantity(spec, candle.volume),
        candle.close_ms,
        _quote(candle.quote_volume),
        candle.trades,
        _quantity(spec, candle.taker_volume),
        _quote(candle.taker_quote_volume),
        "0",
    ]


def price_kline(spec: SymbolSpec, candle: Candle) -> list[Any]:
    """GET markPriceKlines, indexPriceKlines and premiumIndexKlines: nothing is traded in these."""
    prices = (candle.open, candle.high, candle.low, candle.close)
    told = [fixed(price, PRICE_PLACES) for price in prices]
    return [candle.open_ms, *told, "0", candle.close_ms, "0", 0, "0", "0", "0"]


def ticker_24hr(
    spec: SymbolSpec, day: Candle, last: PublicTrade | None, now_ms: int
) -> dict[str, Any]:
    """GET ticker/24hr. It begins with a full minute and ends now."""
    return {
        "symbol": spec.symbol,
        "priceChange": _price(spec, day.close - day.open),
        "priceChangePercent": _percent(day),
        "weightedAvgPrice": _price(spec, _average(day)),
        "lastPrice": _price(spec, day.close),
        "lastQty": _last_quantity(spec, last),
        "openPrice": _price(spec, day.open),
        "highPrice": _price(spec, day.high),
        "lowPrice": _price(spec, day.low),
        "volume": _quantity(spec, day.volume),
        "quoteVolume": _quote(day.quote_volume),
        "openTime": day.open_ms,
        "closeTime": now_ms,
        "firstId": day.first_trade_id,
        "lastId": day.last_trade_id,
        "count": day.trades,
    }


def ticker_price(spec: SymbolSpec, price: Decimal, time_ms: int) -> dict[str, Any]:
    """GET ticker/price."""
    return {"symbol": spec.symbol, "price": _price(spec, price), "time": time_ms}


def trade_frame(spec: SymbolSpec, made: PublicTrade, now_ms: int) -> dict[str, Any]:
    """`<symbol>@trade`."""
    return {
        "e": "trade",
        "E": now_ms,
        "T": made.time_ms,
        "s": spec.symbol,
        "t": made.trade_id,
        "p": _price(spec, made.price),
        "q": _quantity(spec, made.quantity),
        "X": "MARKET",
        "m": made.buyer_is_maker,
    }


def agg_trade_frame(spec: SymbolSpec, made: PublicTrade, now_ms: int) -> dict[str, Any]:
    """`<symbol>@aggTrade`."""
    told = agg_trade(spec, made)
    return {"e": "aggTrade", "E": now_ms, "a": told.pop("a"), "s": spec.symbol, **told}


def kline_frame(
    spec: SymbolSpec, interval: str, candle: Candle, closed: bool, now_ms: int
) -> dict[str, Any]:
    """`<symbol>@kline_<interval>`."""
    return {
        "e": "kline",
        "E": now_ms,
        "s": spec.symbol,
        "k": {
            "t": candle.open_ms,
            "T": candle.close_ms,
            "s": spec.symbol,
            "i": interval,
            "f": candle.first_trade_id,
            "L": candle.last_trade_id,
            "o": _price(spec, candle.open),
            "c": _price(spec, candle.close),
            "h": _price(spec, candle.high),
            "l": _price(spec, candle.low),
            "v": _quantity(spec, candle.volume),
            "n": candle.trades,
            "x": closed,
            "q": _quote(candle.quote_volume),
            "V": _quantity(spec, candle.taker_volume),
            "Q": _quote(candle.taker_quote_volume),
            "B": "0",
        },
    }


def continuous_kline_frame(
    spec: SymbolSpec, interval: str, candle: Candle, closed: bool, now_ms: int
) -> dict[str, Any]:
    """`<pair>_perpetual@continuousKline_<interval>`; the pair is the symbol."""
    told = kline_frame(spec, interval, candle, closed, now_ms)["k"]
    del told["s"]
    return {
        "e": "continuous_kline",
        "E": now_ms,
        "ps": spec.symbol,
        "ct": "PERPETUAL",
        "k": told,
    }


def mini_ticker_frame(spec: SymbolSpec, day: Candle, now_ms: int) -> dict[str, Any]:
    """`<symbol>@miniTicker`."""
    return {
        "e": "24hrMiniTicker",
        "E": now_ms,
        "s": spec.symbol,
        "c": _price(spec, day.close),
        "o": _price(spec, day.open),
        "h": _price(spec, day.high),
        "l": _price(spec, day.low),
        "v": _quantity(spec, day.volume),
        "q": _quote(day.quote_volume),
    }


def ticker_frame(
    spec: SymbolSpec, day: Candle, last: PublicTrade | None, now_ms: int
) -> dict[str, Any]:
    """`<symbol>@ticker`."""
    return {
        "e": "24hrTicker",
        "E": now_ms,
        "s": spec.symbol,
        "p": _price(spec, day.close - day.open),
        "P": _percent(day),
        "w": _price(spec, _average(day)),
        "c": _price(spec, day.close),
        "Q": _last_quantity(spec, last),
        "o": _price(spec, day.open),
        "h": _price(spec, day.high),
        "l": _price(spec, day.low),
        "v": _quantity(spec, day.volume),
        "q": _quote(day.quote_volume),
        "O": day.open_ms,
        "C": now_ms,
        "F": day.first_trade_id,
        "L": day.last_trade_id,
        "n": day.trades,
    }


def _average(day: Candle) -> Decimal:
    return EXACT.divide(day.quote_volume, day.volume) if day.volume else day.close


def _percent(day: Candle) -> str:
    return fixed(EXACT.divide(100 * (day.close - day.open), day.open), 3)


def _last_quantity(spec: SymbolSpec, last: PublicTrade | None) -> str:
    return _quantity(spec, last.quantity if last is not None else Decimal(0))


def _price(spec: SymbolSpec, price: Decimal) -> str:
    return fixed(price, spec.price_precision)


def _quantity(spec: SymbolSpec, quantity: Decimal) -> str:
    return fixed(quantity, spec.quantity_precision)


def _quote(value: Decimal) -> str:
    return fixed(value, QUOTE_PLACES)
