"""Candles: minutes are kept, every other interval is put together from them when it is asked for.

Before its first trade a symbol stood at its first price, and a minute without a trade repeats the
last close, so there is a candle for every moment a client asks about.
"""

from bisect import bisect_left
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from mock_venue.exchange.decimals import EXACT, ZERO

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
MONDAY_MS = 4 * DAY_MS
"""1970-01-05, the first Monday: weeks begin there."""
MINUTES_MAX = 100_000

MONTH = "1M"
INTERVALS: dict[str, int] = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "2h": 2 * HOUR_MS,
    "4h": 4 * HOUR_MS,
    "6h": 6 * HOUR_MS,
    "8h": 8 * HOUR_MS,
    "12h": 12 * HOUR_MS,
    "1d": DAY_MS,
    "3d": 3 * DAY_MS,
    "1w": WEEK_MS,
    MONTH: 31 * DAY_MS,
}
"""Length of each interval; a month's is its longest."""


class Candle(msgspec.Struct, kw_only=True, gc=False):
    """What was traded in [open_ms, close_ms]; `taker_...` is the part that takers bought."""

    open_ms: int
    close_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = ZERO
    quote_volume: Decimal = ZERO
    trades: int = 0
    taker_volume: Decimal = ZERO
    taker_quote_volume: Decimal = ZERO
    first_trade_id: int = -1
    last_trade_id: int = -1


def opening_ms(at_ms: int, interval: str) -> int:
    """When the candle that holds a moment begins."""
    if interval == MONTH:
        at = datetime.fromtimestamp(at_ms / 1000, UTC)
        return int(datetime(at.year, at.month, 1, tzinfo=UTC).timestamp()) * 1000
    length_ms = INTERVALS[interval]
    shift = MONDAY_MS if interval == "1w" else 0
    return (at_ms - shift) // length_ms * length_ms + shift


def next_opening_ms(open_ms: int, interval: str) -> int:
    """When the candle after the one that begins at `open_ms` begins."""
    length_ms = INTERVALS[interval]
    return opening_ms(open_ms + length_ms, interval) if interval == MONTH else open_ms + length_ms


class Candles:
    """The minutes of one symbol."""

    def __init__(self, first_price: Decimal) -> None:
        self._first_price = first_price
        self._minutes: list[Candle] = []
        self._openings: list[int] = []

    @property
    def last(self) -> Decimal:
        """The last price."""
        return self._minutes[-1].close if self._minutes else self._first_price

    def print(
        self,
        price: Decimal,
        time_ms: int,
        quantity: Decimal = ZERO,
        trade_id: int = -1,
        taker_buys: bool = False,
    ) -> None:
        """Add a trade, or with no quantity a price the market went to without one."""
        if not self._minutes or time_ms > self._minutes[-1].close_ms:
            open_ms = opening_ms(time_ms, "1m")
            # A candle begins with its first trade's price.
            start = price if quantity else self.last
            self._minutes.append(_flat(open_ms, open_ms + MINUTE_MS, start))
            self._openings.append(open_ms)
            if len(self._minutes) > 2 * MINUTES_MAX:
                del self._minutes[:MINUTES_MAX], self._openings[:MINUTES_MAX]
        minute = self._minutes[-1]
        minute.high = max(minute.high, price)
        minute.low = min(minute.low, price)
        minute.close = price
        if not quantity:
            return
        quote = EXACT.multiply(price, quantity)
        minute.volume += quantity
        minute.quote_volume += quote
        if taker_buys:
            minute.taker_volume += quantity
            minute.taker_quote_volume += quote
        if not minute.trades:
            minute.first_trade_id = trade_id
        minute.last_trade_id = trade_id
        minute.trades += 1

    def move(self, price: Decimal, time_ms: int) -> None:
        """The price is this now, without a trade."""
        if price != self.last:
            self.print(price, time_ms)

    def candle(self, open_ms: int, interval: str) -> Candle:
        """The candle that begins at `open_ms`, complete or not."""
        return self.between(open_ms, next_opening_ms(open_ms, interval))

    def between(self, start_ms: int, end_ms: int) -> Candle:
        """All that was traded in [start_ms, end_ms) as one candle; both are full minutes."""
        first = bisect_left(self._openings, start_ms)
        stop = bisect_left(self._openings, end_ms)
        before = self._minutes[first - 1].close if first else self._first_price
        if first == stop:
            return _flat(start_ms, end_ms, before)
        minutes = self._minutes[first:stop]
        traded = [minute for minute in minutes if minute.trades]
        return Candle(
            open_ms=start_ms,
            close_ms=end_ms - 1,
            open=minutes[0].open,
            high=max(minute.high for minute in minutes),
            low=min(minute.low for minute in minutes),
            close=minutes[-1].close,
            volume=sum((minute.volume for minute in traded), ZERO),
            quote_volume=sum((minute.quote_volume for minute in traded), ZERO),
            trades=sum(minute.trades for minute in traded),
            taker_volume=sum((minute.taker_volume for minute in traded), ZERO),
            taker_quote_volume=sum((minute.taker_quote_volume for minute in traded), ZERO),
            first_trade_id=traded[0].first_trade_id if traded else -1,
            last_trade_id=traded[-1].last_trade_id if traded else -1,
        )

    def first(self, interval: str, start_ms: int, end_ms: int, limit: int) -> list[Candle]:
        """The first candles that begin in [start_ms, end_ms]."""
        found: list[Candle] = []
        open_ms = opening_ms(start_ms, interval)
        if open_ms < start_ms:
            open_ms = next_opening_ms(open_ms, interval)
        while open_ms <= end_ms and len(found) < limit:
            found.append(self.candle(open_ms, interval))
            open_ms = next_opening_ms(open_ms, interval)
        return found

    def latest(self, interval: str, start_ms: int, end_ms: int, limit: int) -> list[Candle]:
        """The last candles that begin in [start_ms, end_ms], oldest first."""
        found: list[Candle] = []
        open_ms = opening_ms(end_ms, interval)
        while open_ms >= start_ms and len(found) < limit:
            found.append(self.candle(open_ms, interval))
            open_ms = opening_ms(open_ms - 1, interval)
        found.reverse()
        return found


def _flat(start_ms: int, end_ms: int, price: Decimal) -> Candle:
    return Candle(
        open_ms=start_ms, close_ms=end_ms - 1, open=price, high=price, low=price, close=price
    )
