"""What the public sees of trading: the trades, the candles, the last 24 hours.

A function of the exchange's events and of nothing else. The accounts' trades and those of others
are one sequence with one sequence of ids. A change of the reference price moves the last price
where it left it behind, and makes no trade.
"""

from bisect import bisect_left, bisect_right
from decimal import Decimal

import msgspec

from mock_venue.exchange.candles import (
    DAY_MS,
    MINUTE_MS,
    Candle,
    Candles,
    opening_ms,
)
from mock_venue.exchange.decimals import EXACT, ZERO
from mock_venue.exchange.events import ExchangeEvent, MarketTraded, OrderTraded, PriceChanged
from mock_venue.exchange.instruments import Price, SymbolSpec

TRADES_KEPT = 20_000


class PublicTrade(msgspec.Struct, frozen=True, gc=False):
    """A trade as everybody sees it."""

    symbol: str
    trade_id: int
    price: Decimal
    quantity: Decimal
    time_ms: int
    buyer_is_maker: bool
    is_rpi: bool = False
    """Whether the maker's order was RPI."""


def public_trade(event: OrderTraded | MarketTraded) -> PublicTrade | None:
    """The public side of a trade, None where it is not to be seen in this event."""
    if isinstance(event, MarketTraded):
        return PublicTrade(
            event.symbol,
            event.trade_id,
            event.trade.price,
            event.trade.quantity,
            event.time_ms,
            event.trade.side == "SELL",
        )
    if not event.is_public:
        return None
    trade = event.trade
    return PublicTrade(
        trade.symbol,
        trade.trade_id,
        trade.price,
        trade.quantity,
        trade.time_ms,
        (trade.side == "BUY") == trade.maker,
        event.order.time_in_force == "RPI",
    )


def premium(price: Price) -> Decimal:
    """How far the best bid is above the index or the best ask below it, as a part of the index.

    The index is the mark price here, and the impact prices are the best ones. Source: Binance's
    FAQ "Introduction to Binance Futures Funding Rates".
    """
    if price.bid <= price.mark <= price.ask:
        return ZERO
    best = price.bid if price.bid > price.mark else price.ask
    return EXACT.divide(best - price.mark, price.mark)


class _Tape:
    """The last trades of one symbol, and its candles."""

    def __init__(self, spec: SymbolSpec) -> None:
        self.trades: list[PublicTrade] = []
        self.candles = Candles(spec.bid)
        self.mark_candles = Candles(spec.mark)
        self.premium_candles = Candles(ZERO)

    def move(self, price: Price) -> None:
        self.candles.move(price.last, price.updated_ms)
        self.mark_candles.move(price.mark, price.updated_ms)
        self.premium_candles.move(premium(price), price.updated_ms)

    def add(self, trade: PublicTrade) -> None:
        self.trades.append(trade)
        if len(self.trades) > 2 * TRADES_KEPT:
            del self.trades[:TRADES_KEPT]
        self.candles.print(
            trade.price,
            trade.time_ms,
            trade.quantity,
            trade.trade_id,
            not trade.buyer_is_maker,
        )


class MarketData:
    """The tapes of all symbols. Feed it every event of the exchange."""

    def __init__(self, symbols: dict[str, SymbolSpec]) -> None:
        self._tapes = {name: _Tape(spec) for name, spec in symbols.items()}

    def on_events(self, events: list[ExchangeEvent]) -> None:
        """Take in what happened."""
        for event in events:
            match event:
                case OrderTraded() | MarketTraded():
                    trade = public_trade(event)
                    if trade is not None:
                        self._tapes[trade.symbol].add(trade)
                case PriceChanged(price=price):
                    self._tapes[price.symbol].move(price)

    def last_price(self, symbol: str) -> Decimal:
        """The last price; the first bid before any."""
        return self._tapes[symbol].candles.last

    def last_trade(self, symbol: str) -> PublicTrade | None:
        """The last trade, if there was one."""
        trades = self._tapes[symbol].trades
        return trades[-1] if trades else None

    def latest_trades(self, symbol: str, limit: int) -> list[PublicTrade]:
        """The last trades, oldest first."""
        return self._tapes[symbol].trades[-limit:]

    def trades_from(
        self, symbol: str, trade_id: int, limit: int, since_ms: int
    ) -> list[PublicTrade]:
        """The first trades with this id or a greater one, none made before `since_ms`."""
        trades = self._tapes[symbol].trades
        start = max(
            bisect_left(trades, trade_id, key=lambda trade: trade.trade_id),
            bisect_left(trades, since_ms, key=lambda trade: trade.time_ms),
        )
        return trades[start : start + limit]

    def trades_between(
        self, symbol: str, start_ms: int, end_ms: int, limit: int
    ) -> list[PublicTrade]:
        """The first trades made in [start_ms, end_ms]."""
        trades = self._tapes[symbol].trades
        start = bisect_left(trades, start_ms, key=lambda trade: trade.time_ms)
        stop = bisect_right(trades, end_ms, key=lambda trade: trade.time_ms)
        return trades[start : min(stop, start + limit)]

    def day(self, symbol: str, now_ms: int) -> Candle:
        """The last 24 hours, in full minutes."""
        end_ms = opening_ms(now_ms, "1m") + MINUTE_MS
        return self._tapes[symbol].candles.between(end_ms - DAY_MS, end_ms)

    def candles(self, symbol: str) -> Candles:
        """The candles of the last price."""
        return self._tapes[symbol].candles

    def mark_candles(self, symbol: str) -> Candles:
        """The candles of the mark price."""
        return self._tapes[symbol].mark_candles

    def premium_candles(self, symbol: str) -> Candles:
        """The candles of the premium."""
        return self._tapes[symbol].premium_candles
