"""Market streams: what the public sees, in frames, for those who subscribed.

    <symbol>@bookTicker, !bookTicker             at each change of the book
    <symbol>@depth, <symbol>@depth5|10|20        the same; any @100ms, @250ms or @500ms is taken
    <symbol>@markPrice[@1s], !markPrice@arr[@1s] at each change, and every 3 s or 1 s
    <symbol>@aggTrade, <symbol>@trade            at each trade
    <symbol>@kline_<interval>                    at each trade and change; `x` true when it is over
    <symbol>_perpetual@continuousKline_<interval>  the same
    <symbol>@ticker, @miniTicker, !ticker@arr, !miniTicker@arr    every second

Every change is sent at once, whatever speed was asked for. A price or partial-depth stream sends
one frame of the present on subscription. Other names are taken and stay silent.
"""

import re
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from mock_venue.exchange.book import Levels
from mock_venue.exchange.candles import INTERVALS, opening_ms
from mock_venue.exchange.events import ExchangeEvent, MarketTraded, OrderTraded, PriceChanged
from mock_venue.exchange.market_data import MarketData, PublicTrade, public_trade
from mock_venue.executor import Executor
from mock_venue.wire.connection import Connection, Connections
from mock_venue.wire.schemas import market as schemas
from mock_venue.wire.schemas import tape

MARK_PRICE_TICKS = 3
SPEEDS = ("", "@100ms", "@250ms", "@500ms")
PARTIAL_LEVELS = (5, 10, 20)

_KLINE = re.compile(r"([^@_]+)(@kline|_perpetual@continuousKline)_(\w+)")

Frames = dict[str, Callable[[], Any]]
"""What would be sent on each stream, made when somebody listens."""


class _Published(msgspec.Struct):
    """The book of a symbol as the depth streams have told it."""

    bids: Levels
    asks: Levels
    update_id: int
    previous_id: int


class MarketStream:
    """Turns the exchange's events, and the passing of seconds, into frames."""

    def __init__(self, executor: Executor, data: MarketData, connections: Connections) -> None:
        self._exchange = executor.exchange
        self._executor = executor
        self._data = data
        self._connections = connections
        self._encoder = msgspec.json.Encoder()
        self._published = {symbol: self._now(symbol) for symbol in self._exchange.symbols}
        self._candle_ms: dict[str, int] = {}
        self._ticks = 0
        executor.listen(self._on_events)

    def send_current(self, connection: Connection, stream: str) -> None:
        """Send what a new subscriber gets at once."""
        symbol = stream.partition("@")[0].upper()
        if symbol not in self._exchange.symbols:
            return
        frames = self._price_frames(symbol) | self._partial_frames(symbol)
        make = frames.get(stream)
        if make is not None:
            connection.send(stream, self._encoder.encode(make()))

    def tick(self) -> None:
        """Send what comes every second, and close the candles that are over."""
        self._ticks += 1
        wanted = self._connections.wanted
        if not wanted:
            return
        frames: Frames = {}
        for symbol in self._exchange.symbols:
            lower = symbol.lower()
            every = {f"{lower}@markPrice@1s": self._mark(symbol)}
            if self._ticks % MARK_PRICE_TICKS == 0:
                every[f"{lower}@markPrice"] = self._mark(symbol)
            every[f"{lower}@ticker"] = self._ticker(symbol)
            every[f"{lower}@miniTicker"] = self._mini_ticker(symbol)
            frames |= every
        frames["!markPrice@arr@1s"] = self._all(self._mark)
        if self._ticks % MARK_PRICE_TICKS == 0:
            frames["!markPrice@arr"] = self._all(self._mark)
        frames["!ticker@arr"] = self._all(self._ticker)
        frames["!miniTicker@arr"] = self._all(self._mini_ticker)
        self._send(frames, wanted)
        self._send_candles(wanted, None)

    def resync(self) -> None:
        """Take the book as it is for told; the streams were closed."""
        self._published = {symbol: self._now(symbol) for symbol in self._exchange.symbols}
        self._candle_ms.clear()

    def _on_events(self, events: list[ExchangeEvent]) -> None:
        wanted = self._connections.wanted
        touched: set[str] = set()
        for event in events:
            if isinstance(event, PriceChanged):
                symbol = event.price.symbol
                if self._published[symbol].update_id == self._exchange.prices[symbol].update_id:
                    continue  # told with an earlier change of the same command
                frames = self._price_frames(symbol) | self._depth_frames(symbol)
            elif isinstance(event, OrderTraded | MarketTraded):
                made = public_trade(event)
                if made is None:
                    continue
                symbol, frames = made.symbol, self._trade_frames(made)
            else:
                continue
            touched.add(symbol)
            self._send(frames, wanted)
        if wanted and touched:
            self._send_candles(wanted, touched)

    def _send(self, frames: Frames, wanted: Collection[str]) -> None:
        for name, make in frames.items():
            if name in wanted:
                self._send_one(name, make())

    def _send_one(self, name: str, payload: Any) -> None:
        data = self._encoder.encode(payload)
        for connection in self._connections.listening(name):
            connection.send(name, data)

    def _send_candles(self, wanted: Collection[str], touched: set[str] | None) -> None:
        """Send the candles of these symbols (None: of all that have a candle to close)."""
        now_ms = self._executor.now_ms()
        for name in wanted:
            match = _KLINE.fullmatch(name)
            if match is None:
                continue
            symbol, interval = match[1].upper(), match[3]
            frame = tape.kline_frame if match[2] == "@kline" else tape.continuous_kline_frame
            if symbol not in self._exchange.symbols or interval not in INTERVALS:
                continue
            spec = self._exchange.symbols[symbol]
            open_ms = opening_ms(now_ms, interval)
            last_ms = self._candle_ms.setdefault(name, open_ms)
            if last_ms < open_ms:
                over = self._data.candle(symbol, interval, last_ms)
                self._send_one(name, frame(spec, interval, over, True, now_ms))
                self._candle_ms[name] = open_ms
            elif touched is None or symbol not in touched:
                continue
            candle = self._data.candle(symbol, interval, now_ms)
            self._send_one(name, frame(spec, interval, candle, False, now_ms))
        for name in self._candle_ms.keys() - set(wanted):
            del self._candle_ms[name]

    def _price_frames(self, symbol: str) -> Frames:
        spec, price = self._exchange.symbols[symbol], self._exchange.prices[symbol]
        book, now_ms = self._exchange.books[symbol], self._executor.now_ms()
        mark = self._mark(symbol)
        lower = symbol.lower()

        def ticker() -> Any:
            return schemas.book_ticker_frame(spec, book, price, now_ms)

        return {
            f"{lower}@bookTicker": ticker,
            "!bookTicker": ticker,
            f"{lower}@markPrice": mark,
            f"{lower}@markPrice@1s": mark,
            "!markPrice@arr": lambda: [mark()],
            "!markPrice@arr@1s": lambda: [mark()],
        }

    def _depth_frames(self, symbol: str) -> Frames:
        """The difference to the last one told, and the partial books."""
        before = self._published[symbol]
        self._published[symbol] = now = self._now(symbol, before.update_id)
        frames = self._partial_frames(symbol)
        spec, price = self._exchange.symbols[symbol], self._exchange.prices[symbol]
        now_ms = self._executor.now_ms()

        def difference() -> Any:
            bids = schemas.changed_levels(spec, before.bids, now.bids)
            asks = schemas.changed_levels(spec, before.asks, now.asks)
            return schemas.depth_frame(spec, price, before.update_id, bids, asks, now_ms)

        lower = symbol.lower()
        return frames | {f"{lower}@depth{speed}": difference for speed in SPEEDS}

    def _partial_frames(self, symbol: str) -> Frames:
        spec, price = self._exchange.symbols[symbol], self._exchange.prices[symbol]
        book, now_ms = self._exchange.books[symbol], self._executor.now_ms()
        previous_id = self._published[symbol].previous_id

        def partial(limit: int) -> Callable[[], Any]:
            return lambda: schemas.depth_frame(
                spec,
                price,
                previous_id,
                schemas.levels(spec, book.bids, limit),
                schemas.levels(spec, book.asks, limit),
                now_ms,
            )

        return {
            f"{symbol.lower()}@depth{limit}{speed}": partial(limit)
            for limit in PARTIAL_LEVELS
            for speed in SPEEDS
        }

    def _trade_frames(self, made: PublicTrade) -> Frames:
        spec, now_ms = self._exchange.symbols[made.symbol], self._executor.now_ms()
        lower = made.symbol.lower()
        return {
            f"{lower}@aggTrade": lambda: tape.agg_trade_frame(spec, made, now_ms),
            f"{lower}@trade": lambda: tape.trade_frame(spec, made, now_ms),
        }

    def _mark(self, symbol: str) -> Callable[[], Any]:
        now_ms = self._executor.now_ms()
        return lambda: schemas.mark_price_frame(self._exchange.prices[symbol], now_ms)

    def _ticker(self, symbol: str) -> Callable[[], Any]:
        spec, now_ms = self._exchange.symbols[symbol], self._executor.now_ms()
        return lambda: tape.ticker_frame(
            spec, self._data.day(symbol, now_ms), self._data.last_trade(symbol), now_ms
        )

    def _mini_ticker(self, symbol: str) -> Callable[[], Any]:
        spec, now_ms = self._exchange.symbols[symbol], self._executor.now_ms()
        return lambda: tape.mini_ticker_frame(spec, self._data.day(symbol, now_ms), now_ms)

    def _all(self, one: Callable[[str], Callable[[], Any]]) -> Callable[[], Any]:
        return lambda: [one(symbol)() for symbol in self._exchange.symbols]

    def _now(self, symbol: str, previous_id: int | None = None) -> _Published:
        book = self._exchange.books[symbol]
        update_id = self._exchange.prices[symbol].update_id
        return _Published(
            bids=dict(book.bids),
            asks=dict(book.asks),
            update_id=update_id,
            previous_id=update_id - 1 if previous_id is None else previous_id,
        )
