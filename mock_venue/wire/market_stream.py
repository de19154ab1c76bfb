"""Market streams: what the public sees, in frames, for those who subscribed.

                                              immediate           Binance's pace
    <symbol>@bookTicker                       at each change      at each change
    !bookTicker                               at each change      every 5 s
    <symbol>@depth, @depth5|10|20[@<speed>]   at each change      every 100, 250 or 500 ms
    <symbol>@markPrice, !markPrice@arr        at each change too  every 3 s, with @1s every 1 s
    <symbol>@trade                            at each trade       at each trade
    <symbol>@aggTrade                         at each trade       every 100 ms
    <symbol>@kline_<interval>, <symbol>_perpetual@continuousKline_<interval>
                                              at each change      every 250 ms
    <symbol>@ticker, @miniTicker              every 2 s
    !ticker@arr, !miniTicker@arr              every second
    <symbol>@forceOrder, !forceOrder@arr      every second: a symbol's largest liquidation in it
    !contractInfo                             when a symbol's status changes

`VenueConfig.stream_pace` says which. Under Binance's pace what has not changed is not sent, and a
candle that is over is sent within a second, `x` true. A price or partial-depth stream sends one
frame of the present on subscription. Other names are taken and stay silent. (Binance: "Websocket
Market Streams", each stream's "Update Speed"; bookTicker's is real time, trade's not documented.)
"""

import re
from collections import deque
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import msgspec

from mock_venue.config import StreamPace
from mock_venue.exchange.candles import INTERVALS, opening_ms
from mock_venue.exchange.events import ExchangeEvent, MarketTraded, OrderTraded, PriceChanged
from mock_venue.exchange.market_data import MarketData, PublicTrade, public_trade
from mock_venue.executor import Executor
from mock_venue.wire.connection import Connection, Connections, Message
from mock_venue.wire.depth_feed import DepthFeed
from mock_venue.wire.notices import Notices
from mock_venue.wire.schemas import market as schemas
from mock_venue.wire.schemas import tape
from mock_venue.wire.schemas.market import Frames

MARK_PRICE_TICKS = 3
TICKER_TICKS = 2
ALL_BOOK_TICKER_MS = 5_000
ALL_BOOK_TICKERS = "!bookTicker"
AT_ONCE = 0
AGG_TRADE_MS = 100
KLINE_MS = 250
HELD_MAX = 10_000
"""Aggregate trades held back; the oldest make room."""
DEPTH_SPEEDS: dict[StreamPace, dict[int, tuple[str, ...]]] = {
    "immediate": {AT_ONCE: ("", "@100ms", "@250ms", "@500ms")},
    "binance": {100: ("@100ms",), 250: ("", "@250ms"), 500: ("@500ms",)},
}
"""How names of depth streams end, by the milliseconds between their frames."""

_KLINE = re.compile(r"([^@_]+)(@kline|_perpetual@continuousKline)_(\w+)")


class MarketStream:
    """Turns the exchange's events, and the passing of seconds, into frames."""

    def __init__(
        self, executor: Executor, data: MarketData, connections: Connections, pace: StreamPace
    ) -> None:
        self._exchange = executor.exchange
        self._executor = executor
        self._data = data
        self._connections = connections
        self._encoder = msgspec.json.Encoder()
        self._depth = {
            every_ms: DepthFeed(executor, speeds) for every_ms, speeds in DEPTH_SPEEDS[pace].items()
        }
        self._is_paced = pace == "binance"
        self._intervals_ms = sorted(
            {*self._depth, AGG_TRADE_MS, KLINE_MS, ALL_BOOK_TICKER_MS} - {AT_ONCE}
        )
        self._flushed_ms = executor.now_ms()
        self._told_ids = self._update_ids()
        self._at_once = {symbol: self._frames_at_once(symbol) for symbol in self._exchange.symbols}
        self._on_change = {
            symbol: self._frames_on_change(symbol) for symbol in self._exchange.symbols
        }
        self._candle_ms: dict[str, int] = {}
        self._touched: set[str] = set()
        self._quoted: set[str] = set()
        self._notices = Notices(executor)
        self._agg_trades: deque[Frames] = deque(maxlen=HELD_MAX)
        self._ticks = 0
        executor.listen(self._on_events)

    def send_current(self, connection: Connection, stream: str) -> None:
        """Send what a new subscriber gets at once."""
        symbol = stream.partition("@")[0].upper()
        if symbol not in self._exchange.symbols:
            return
        make = self._at_once[symbol].get(stream)
        if make is not None:
            message = Message(stream, self._encoder.encode(make()))
            connection.send(message.framed(connection.wrapped))

    def tick(self) -> None:
        """Send what comes every second, and close the candles that are over."""
        self._ticks += 1
        over = self._notices.second()
        wanted = self._connections.wanted
        if not wanted:
            return
        frames: Frames = {}
        for symbol in self._exchange.symbols:
            lower = symbol.lower()
            every = {f"{lower}@markPrice@1s": partial(self._mark, symbol)}
            if self._ticks % MARK_PRICE_TICKS == 0:
                every[f"{lower}@markPrice"] = partial(self._mark, symbol)
            if self._ticks % TICKER_TICKS == 0:
                every[f"{lower}@ticker"] = partial(self._ticker, symbol)
                every[f"{lower}@miniTicker"] = partial(self._mini_ticker, symbol)
            frames |= every
        frames["!markPrice@arr@1s"] = self._all(self._mark)
        if self._ticks % MARK_PRICE_TICKS == 0:
            frames["!markPrice@arr"] = self._all(self._mark)
        frames["!ticker@arr"] = self._all(self._ticker)
        frames["!miniTicker@arr"] = self._all(self._mini_ticker)
        self._send(frames, wanted)
        for told in over:
            self._send(told, wanted)
        self._send_candles(wanted, None)

    def flush(self) -> None:
        """Send what Binance's pace has held back and is due by the venue's time."""
        before_ms, self._flushed_ms = self._flushed_ms, self._executor.now_ms()
        wanted = self._connections.wanted
        for every_ms in self._intervals_ms:
            if self._flushed_ms // every_ms == before_ms // every_ms:
                continue
            if every_ms in self._depth:
                self._send_depth(self._depth[every_ms], wanted)
            if every_ms == AGG_TRADE_MS:
                for frames in self._agg_trades:
                    self._send(frames, wanted)
                self._agg_trades.clear()
            if every_ms == KLINE_MS:
                self._send_candles(wanted, self._touched)
                self._touched.clear()
            if every_ms == ALL_BOOK_TICKER_MS:
                for symbol in self._quoted:
                    self._send({ALL_BOOK_TICKERS: partial(self._book_ticker, symbol)}, wanted)
                self._quoted.clear()

    def resync(self) -> None:
        """Take the market as it is for told; the streams were closed."""
        for feed in self._depth.values():
            feed.resync()
        self._told_ids = self._update_ids()
        self._agg_trades.clear()
        self._touched.clear()
        self._quoted.clear()
        self._notices.second()
        self._candle_ms.clear()

    def _on_events(self, events: list[ExchangeEvent]) -> None:
        wanted = self._connections.wanted
        touched: set[str] = set()
        for event in events:
            if wanted:
                self._send(self._notices.see(event), wanted)
            if isinstance(event, PriceChanged):
                symbol = event.price.symbol
                update_id = self._exchange.prices[symbol].update_id
                if self._told_ids[symbol] == update_id:
                    continue  # told with an earlier change of the same command
                self._told_ids[symbol] = update_id
                for every_ms, feed in self._depth.items():
                    feed.note(symbol, wanted)
                    if every_ms == AT_ONCE:
                        feed.publish(symbol)
                self._send(self._on_change[symbol], wanted)
                self._quoted.add(symbol)
            elif wanted and isinstance(event, OrderTraded | MarketTraded):
                made = public_trade(event)
                if made is None:
                    continue
                symbol = made.symbol
                self._tell_trade(made, wanted)
            else:
                continue
            touched.add(symbol)
        if self._is_paced:
            self._touched |= touched
        elif wanted and touched:
            self._send_candles(wanted, touched)

    def _tell_trade(self, made: PublicTrade, wanted: Collection[str]) -> None:
        spec, now_ms = self._exchange.symbols[made.symbol], self._executor.now_ms()
        lower = made.symbol.lower()
        aggregated = f"{lower}@aggTrade"
        if not self._is_paced:
            self._send({aggregated: lambda: tape.agg_trade_frame(spec, made, now_ms)}, wanted)
        elif aggregated in wanted:
            sent_ms = self._executor.now_ms
            self._agg_trades.append(
                {aggregated: lambda: tape.agg_trade_frame(spec, made, sent_ms())}
            )
        self._send({f"{lower}@trade": lambda: tape.trade_frame(spec, made, now_ms)}, wanted)

    def _send_depth(self, feed: DepthFeed, wanted: Collection[str]) -> None:
        for symbol in self._exchange.symbols:
            if feed.is_behind(symbol):
                feed.publish(symbol)
                self._send(feed.frames(symbol), wanted)

    def _send(self, frames: Frames, wanted: Collection[str]) -> None:
        for name, make in frames.items():
            if name in wanted:
                self._send_one(name, make())

    def _send_one(self, name: str, payload: Any) -> None:
        message = Message(name, self._encoder.encode(payload))
        for connection in self._connections.listening(name):
            connection.send(message.framed(connection.wrapped))

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
            spec, candles = self._exchange.symbols[symbol], self._data.candles(symbol)
            open_ms = opening_ms(now_ms, interval)
            last_ms = self._candle_ms.setdefault(name, open_ms)
            if last_ms < open_ms:
                over = candles.candle(last_ms, interval)
                self._send_one(name, frame(spec, interval, over, True, now_ms))
                self._candle_ms[name] = open_ms
            elif touched is None or symbol not in touched:
                continue
            candle = candles.candle(open_ms, interval)
            self._send_one(name, frame(spec, interval, candle, False, now_ms))
        for name in self._candle_ms.keys() - set(wanted):
            del self._candle_ms[name]

    def _frames_at_once(self, symbol: str) -> Frames:
        """What a new subscriber gets."""
        frames = self._quote_frames(symbol) | self._mark_frames(symbol)
        for feed in self._depth.values():
            frames |= feed.partial_frames(symbol)
        return frames

    def _frames_on_change(self, symbol: str) -> Frames:
        """What is sent whenever a price or the book changes."""
        if self._is_paced:
            return {f"{symbol.lower()}@bookTicker": partial(self._book_ticker, symbol)}
        return (
            self._quote_frames(symbol)
            | self._mark_frames(symbol)
            | self._depth[AT_ONCE].frames(symbol)
        )

    def _quote_frames(self, symbol: str) -> Frames:
        ticker = partial(self._book_ticker, symbol)
        return {f"{symbol.lower()}@bookTicker": ticker, ALL_BOOK_TICKERS: ticker}

    def _mark_frames(self, symbol: str) -> Frames:
        lower, mark = symbol.lower(), partial(self._mark, symbol)
        return {
            f"{lower}@markPrice": mark,
            f"{lower}@markPrice@1s": mark,
            "!markPrice@arr": lambda: [mark()],
            "!markPrice@arr@1s": lambda: [mark()],
        }

    def _book_ticker(self, symbol: str) -> Any:
        exchange = self._exchange
        return schemas.book_ticker_frame(
            exchange.symbols[symbol],
            exchange.books[symbol],
            exchange.prices[symbol],
            self._executor.now_ms(),
        )

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

    def _update_ids(self) -> dict[str, int]:
        return {symbol: price.update_id for symbol, price in self._exchange.prices.items()}
