"""Market data: symbols, prices, the book, and their frames."""

from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

from mock_venue.exchange.book import Book, Levels
from mock_venue.exchange.decimals import ZERO, fixed, plain
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.funding import INTEREST_RATE, next_ms
from mock_venue.exchange.instruments import QUOTE_ASSET, Price, SymbolSpec
from mock_venue.exchange.order import Order

Frames = dict[str, Callable[[], Any]]
"""What would be sent on each stream, made when somebody listens."""

PERPETUAL_DELIVERY_MS = 4_133_404_800_000


def exchange_info(
    exchange: Exchange, rate_limits: list[dict[str, Any]], now_ms: int
) -> dict[str, Any]:
    """GET exchangeInfo."""
    return {
        "timezone": "UTC",
        "serverTime": now_ms,
        "futuresType": "U_MARGINED",
        "rateLimits": rate_limits,
        "exchangeFilters": [],
        "assets": [{"asset": QUOTE_ASSET, "marginAvailable": True, "autoAssetExchange": "-10000"}],
        "symbols": [
            _symbol(spec, exchange.statuses[spec.symbol]) for spec in exchange.symbols.values()
        ],
    }


def depth(
    spec: SymbolSpec, sides: tuple[Levels, Levels], price: Price, limit: int, now_ms: int
) -> dict[str, Any]:
    """GET depth and rpiDepth; the sides are bids and asks.

    `lastUpdateId` is the first id of the next depthUpdate, which leaves the levels told here as
    they are: so U <= lastUpdateId <= u holds for the next event whenever the snapshot was taken.
    """
    bids, asks = sides
    return {
        "lastUpdateId": price.update_id + 1,
        "E": now_ms,
        "T": price.updated_ms,
        "bids": levels(spec, bids, limit),
        "asks": levels(spec, asks, limit),
    }


def levels(spec: SymbolSpec, side: Levels, limit: int) -> list[list[str]]:
    """The best levels of a side."""
    return [_level(spec, price, side[price]) for price in list(side)[:limit]]


def levels_at(spec: SymbolSpec, prices: Collection[Decimal], side: Levels) -> list[list[str]]:
    """What stands at these prices; quantity 0 where it is nothing."""
    gone = [_level(spec, price, ZERO) for price in prices if price not in side]
    return gone + [_level(spec, price, side[price]) for price in side if price in prices]


def book_ticker(spec: SymbolSpec, book: Book, price: Price) -> dict[str, Any]:
    """GET ticker/bookTicker."""
    return {
        "symbol": spec.symbol,
        "bidPrice": fixed(price.bid, spec.price_precision),
        "bidQty": _best(spec, book.bids),
        "askPrice": fixed(price.ask, spec.price_precision),
        "askQty": _best(spec, book.asks),
        "time": price.updated_ms,
    }


def premium_index(price: Price, rate: Decimal, now_ms: int) -> dict[str, Any]:
    """GET premiumIndex."""
    return {
        "symbol": price.symbol,
        "markPrice": fixed(price.mark, 8),
        "indexPrice": fixed(price.mark, 8),
        "estimatedSettlePrice": fixed(price.mark, 8),
        "lastFundingRate": fixed(rate, 8),
        "interestRate": fixed(INTEREST_RATE, 8),
        "nextFundingTime": next_ms(now_ms),
        "time": now_ms,
    }


def open_interest(spec: SymbolSpec, contracts: Decimal, now_ms: int) -> dict[str, Any]:
    """GET openInterest."""
    return {
        "symbol": spec.symbol,
        "openInterest": fixed(contracts, spec.quantity_precision),
        "time": now_ms,
    }


def asset_index(symbol: str, price: Decimal, now_ms: int) -> dict[str, Any]:
    """GET assetIndex. An asset counts as margin at its whole price: all buffers are 0."""
    index, buffer = fixed(price, 8), fixed(ZERO, 8)
    return {
        "symbol": symbol,
        "time": now_ms,
        "index": index,
        "bidBuffer": buffer,
        "askBuffer": buffer,
        "bidRate": index,
        "askRate": index,
        "autoExchangeBidBuffer": buffer,
        "autoExchangeAskBuffer": buffer,
        "autoExchangeBidRate": index,
        "autoExchangeAskRate": index,
    }


def book_ticker_frame(spec: SymbolSpec, book: Book, price: Price, now_ms: int) -> dict[str, Any]:
    """`<symbol>@bookTicker`."""
    return {
        "e": "bookTicker",
        "u": price.update_id,
        "s": spec.symbol,
        "b": fixed(price.bid, spec.price_precision),
        "B": _best(spec, book.bids),
        "a": fixed(price.ask, spec.price_precision),
        "A": _best(spec, book.asks),
        "T": price.updated_ms,
        "E": now_ms,
    }


def mark_price_frame(price: Price, rate: Decimal, now_ms: int) -> dict[str, Any]:
    """`<symbol>@markPrice`."""
    return {
        "e": "markPriceUpdate",
        "E": now_ms,
        "s": price.symbol,
        "p": fixed(price.mark, 8),
        "ap": fixed(price.mark, 8),
        "P": fixed(price.mark, 8),
        "i": fixed(price.mark, 8),
        "r": fixed(rate, 8),
        "T": next_ms(now_ms),
    }


def depth_frame(
    spec: SymbolSpec,
    price: Price,
    previous_id: int,
    bids: list[list[str]],
    asks: list[list[str]],
    now_ms: int,
) -> dict[str, Any]:
    """`<symbol>@depth` and `<symbol>@depth<levels>`; `previous_id` is the `u` before this one."""
    return {
        "e": "depthUpdate",
        "E": now_ms,
        "T": price.updated_ms,
        "s": spec.symbol,
        "U": previous_id + 1,
        "u": price.update_id,
        "pu": previous_id,
        "b": bids,
        "a": asks,
    }


def force_order_frame(spec: SymbolSpec, order: Order, now_ms: int) -> dict[str, Any]:
    """`<symbol>@forceOrder`: a liquidation, which trades whole."""
    quantity = fixed(order.filled, spec.quantity_precision)
    return {
        "e": "forceOrder",
        "E": now_ms,
        "o": {
            "s": order.symbol,
            "S": order.side,
            "o": order.type,
            "f": order.time_in_force,
            "q": fixed(order.quantity, spec.quantity_precision),
            "p": fixed(order.price, spec.price_precision),
            "ap": fixed(order.average_price, spec.price_precision),
            "X": order.status,
            "l": quantity,
            "z": quantity,
            "T": order.updated_ms,
        },
    }


def contract_frame(spec: SymbolSpec, status: str, now_ms: int) -> dict[str, Any]:
    """`!contractInfo`; brackets (`bks`) are told only when they change, and they never do."""
    return {
        "e": "contractInfo",
        "E": now_ms,
        "s": spec.symbol,
        "ps": spec.symbol,
        "ct": "PERPETUAL",
        "dt": PERPETUAL_DELIVERY_MS,
        "ot": spec.onboard_ms,
        "cs": status,
    }


def _symbol(spec: SymbolSpec, status: str) -> dict[str, Any]:
    return {
        "symbol": spec.symbol,
        "pair": spec.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": PERPETUAL_DELIVERY_MS,
        "onboardDate": spec.onboard_ms,
        "status": status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": spec.base_asset,
        "quoteAsset": QUOTE_ASSET,
        "marginAsset": QUOTE_ASSET,
        "pricePrecision": spec.price_precision,
        "quantityPrecision": spec.quantity_precision,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "settlePlan": 0,
        "triggerProtect": plain(spec.trigger_protect),
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10000,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": plain(spec.min_price),
                "maxPrice": plain(spec.max_price),
                "tickSize": plain(spec.tick_size),
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": plain(spec.min_quantity),
                "maxQty": plain(spec.max_quantity),
                "stepSize": plain(spec.step_size),
            },
            {
                "filterType": "MARKET_LOT_SIZE",
                "minQty": plain(spec.min_quantity),
                "maxQty": plain(spec.market_max_quantity),
                "stepSize": plain(spec.step_size),
            },
            {"filterType": "MAX_NUM_ORDERS", "limit": spec.max_open_orders},
            {"filterType": "MIN_NOTIONAL", "notional": plain(spec.min_notional)},
            {
                "filterType": "PERCENT_PRICE",
                "multiplierUp": plain(spec.price_factor_up),
                "multiplierDown": plain(spec.price_factor_down),
                "multiplierDecimal": "4",
            },
            {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
        ],
        "orderTypes": [
            "LIMIT",
            "MARKET",
            "STOP",
            "STOP_MARKET",
            "TAKE_PROFIT",
            "TAKE_PROFIT_MARKET",
            "TRAILING_STOP_MARKET",
        ],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "permissionSets": ["GRID", "COPY"],
    }


def _level(spec: SymbolSpec, price: Decimal, quantity: Decimal) -> list[str]:
    return [fixed(price, spec.price_precision), fixed(quantity, spec.quantity_precision)]


def _best(spec: SymbolSpec, side: Levels) -> str:
    return fixed(next(iter(side.values())), spec.quantity_precision)
