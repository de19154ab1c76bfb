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
from functools import partial
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
    previous_bids: Levels
    previous_asks: Levels
    previous_id: int


class MarketStream:
    """Turns the exchange's events, and the passing of seconds, into frames."""

    def __init__(self, executor: Executor, data: MarketData, connections: Connections) -> None:
        self._exchange = executor.exchange
        self._executor = executor
        self._data = data
        self._connections = connections
        self._encoder = msgspec.json.Encoder()
        self._published = {symbol: self._first(symbol) for symbol in self._exchange.symbols}
        self._at_once = {
            symbol: self._price_frames(symbol) | self._partial_frames(symbol)
            for symbol in self._exchange.symbols
        }
        self._on_change = {
            symbol: frames | self._depth_frames(symbol) for symbol, frames in self._at_once.items()
        }
        self._candle_ms: dict[str, int] = {}
        self._ticks = 0
        executor.listen(self._on_events)

    def send_current(self, connection: Connection, stream: str) -> None:
        """Send what a new subscriber gets at once."""
        symbol = stream.partition("@")[0].upper()
        if symbol not in self._exchange.symbols:
            return
        make = self._at_once[symbol].get(stream)
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
            every = {f"{lower}@markPrice@1s": partial(self._mark, symbol)}
            if self._ticks % MARK_PRICE_TICKS == 0:
                every[f"{lower}@markPrice"] = partial(self._mark, symbol)
            every[f"{lower}@ticker"] = partial(self._ticker, symbol)
            every[f"{lower}@miniTicker"] = partial(self._mini_ticker, symbol)
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
        self._published = {symbol: self._first(symbol) for symbol in self._exchange.symbols}
        self._candle_ms.clear()

    def _on_events(self, events: list[ExchangeEvent]) -> None:
        wanted = self._connections.wanted
        touched: set[str] = set()
        for event in events:
            if isinstance(event, PriceChanged):
                symbol = event.price.symbol
                if self._published[symbol].update_id == self._exchange.prices[symbol].update_id:
                    continue  # told with an earlier change of the same command
                self._publish(symbol)
                frames = self._on_change[symbol]
            elif wanted and isinstance(event, OrderTraded | MarketTraded):
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
        lower, mark = symbol.lower(), partial(self._mark, symbol)
        ticker = partial(self._book_ticker, symbol)
        return {
            f"{lower}@bookTicker": ticker,
            "!bookTicker": ticker,
            f"{lower}@markPrice": mark,
            f"{lower}@markPrice@1s": mark,
            "!markPrice@arr": lambda: [mark()],
            "!markPrice@arr@1s": lambda: [mark()],
        }

    def _partial_frames(self, symbol: str) -> Frames:
        return {
            f"{symbol.lower()}@depth{limit}{speed}": partial(self._partial_depth, symbol, limit)
            for limit in PARTIAL_LEVELS
            for speed in SPEEDS
        }

    def _depth_frames(self, symbol: str) -> Frames:
        return {f"{symbol.lower()}@depth{speed}": partial(self._depth, symbol) for speed in SPEEDS}

    def _book_ticker(self, symbol: str) -> Any:
        exchange = self._exchange
        return schemas.book_ticker_frame(
            exchange.symbols[symbol],
            exchange.books[symbol],
            exchange.prices[symbol],
            self._executor.now_ms(),
        )

    def _partial_depth(self, symbol: str, limit: int) -> Any:
        spec, book = self._exchange.symbols[symbol], self._exchange.books[symbol]
        bids = schemas.levels(spec, book.bids, limit)
        return self._depth_frame(symbol, bids, schemas.levels(spec, book.asks, limit))

    def _depth(self, symbol: str) -> Any:
        """The difference to what was told before."""
        spec, told = self._exchange.symbols[symbol], self._published[symbol]
        bids = schemas.changed_levels(spec, told.previous_bids, told.bids)
        asks = schemas.changed_levels(spec, told.previous_asks, told.asks)
        return self._depth_frame(symbol, bids, asks)

    def _depth_frame(self, symbol: str, bids: list[list[str]], asks: list[list[str]]) -> Any:
        return schemas.depth_frame(
            self._exchange.symbols[symbol],
            self._exchange.prices[symbol],
            self._published[symbol].previous_id,
            bids,
            asks,
            self._executor.now_ms(),
        )

    def _trade_frames(self, made: PublicTrade) -> Frames:
        spec, now_ms = self._exchange.symbols[made.symbol], self._executor.now_ms()
        lower = made.symbol.lower()
        return {
            f"{lower}@aggTrade": lambda: tape.agg_trade_frame(spec, made, now_ms),
            f"{lower}@trade": lambda: tape.trade_frame(spec, made, now_ms),
        }

    def _mark(self, symbol: str) -> Any:
        rate = self._exchange.funding.rate(symbol)
        now_ms = self._executor.now_ms()
        return schemas.mark_price_frame(self._exchange.prices[symbol], rate, now_ms)

    def _ticker(self, symbol: str) -> Any:
        spec, now_ms = self._exchange.symbols[symbol], self._executor.now_ms()
        return tape.ticker_frame(
            spec, self._data.day(symbol, now_ms), self._data.last_trade(symbol), now_ms
        )

    def _mini_ticker(self, symbol: str) -> Any:
        spec, now_ms = self._exchange.symbols[symbol], self._executor.now_ms()
        return tape.mini_ticker_frame(spec, self._data.day(symbol, now_ms), now_ms)

    def _all(self, one: Callable[[str], Any]) -> Callable[[], Any]:
        return lambda: [one(symbol) for symbol in self._exchange.symbols]

    def _first(self, symbol: str) -> _Published:
        """The book as it is, as if it had been told."""
        book, update_id = self._exchange.books[symbol], self._exchange.prices[symbol].update_id
        bids, asks = dict(book.bids), dict(book.asks)
        return _Published(bids, asks, update_id, bids, asks, update_id - 1)

    def _publish(self, symbol: str) -> None:
        """Tell the book as it is from now on."""
        told, book = self._published[symbol], self._exchange.books[symbol]
        told.previous_bids, told.previous_asks = told.bids, told.asks
        told.previous_id, told.update_id = told.update_id, self._exchange.prices[symbol].update_id
        told.bids, told.asks = dict(book.bids), dict(book.asks)
