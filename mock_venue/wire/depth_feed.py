"""The book as the depth streams of one speed have told it.

Each speed has a sequence of its own: a frame tells what changed since the frame before it on the
same speed, and its `pu` is that frame's `u`.
"""

from functools import partial
from typing import Any

import msgspec

from mock_venue.exchange.book import Levels
from mock_venue.executor import Executor
from mock_venue.wire.schemas import market as schemas

PARTIAL_LEVELS = (5, 10, 20)


class _Told(msgspec.Struct):
    """The book of a symbol as it was told last, and before that."""

    bids: Levels
    asks: Levels
    update_id: int
    previous_bids: Levels
    previous_asks: Levels
    previous_id: int


class DepthFeed:
    """What the depth streams whose names end in one of `speeds` send."""

    def __init__(self, executor: Executor, speeds: tuple[str, ...]) -> None:
        self._exchange = executor.exchange
        self._now_ms = executor.now_ms
        self._speeds = speeds
        self.resync()

    def resync(self) -> None:
        """Take the book as it is for told."""
        self._told = {symbol: self._first(symbol) for symbol in self._exchange.symbols}

    def is_behind(self, symbol: str) -> bool:
        """Whether the book has changed since it was told."""
        return self._told[symbol].update_id != self._exchange.prices[symbol].update_id

    def publish(self, symbol: str) -> None:
        """Tell the book as it is from now on."""
        told, book = self._told[symbol], self._exchange.books[symbol]
        told.previous_bids, told.previous_asks = told.bids, told.asks
        told.previous_id, told.update_id = told.update_id, self._exchange.prices[symbol].update_id
        told.bids, told.asks = dict(book.bids), dict(book.asks)

    def frames(self, symbol: str) -> schemas.Frames:
        """What was published last, by stream: the difference, and the best levels."""
        depth = partial(self._depth, symbol)
        whole = {f"{symbol.lower()}@depth{speed}": depth for speed in self._speeds}
        return self.partial_frames(symbol) | whole

    def partial_frames(self, symbol: str) -> schemas.Frames:
        """The best levels, which a new subscriber gets at once."""
        return {
            f"{symbol.lower()}@depth{limit}{speed}": partial(self._best, symbol, limit)
            for limit in PARTIAL_LEVELS
            for speed in self._speeds
        }

    def _best(self, symbol: str, limit: int) -> Any:
        spec, book = self._exchange.symbols[symbol], self._exchange.books[symbol]
        bids = schemas.levels(spec, book.bids, limit)
        return self._frame(symbol, bids, schemas.levels(spec, book.asks, limit))

    def _depth(self, symbol: str) -> Any:
        spec, told = self._exchange.symbols[symbol], self._told[symbol]
        bids = schemas.changed_levels(spec, told.previous_bids, told.bids)
        asks = schemas.changed_levels(spec, told.previous_asks, told.asks)
        return self._frame(symbol, bids, asks)

    def _frame(self, symbol: str, bids: list[list[str]], asks: list[list[str]]) -> Any:
        return schemas.depth_frame(
            self._exchange.symbols[symbol],
            self._exchange.prices[symbol],
            self._told[symbol].previous_id,
            bids,
            asks,
            self._now_ms(),
        )

    def _first(self, symbol: str) -> _Told:
        """The book as it is, as if it had been told."""
        book, update_id = self._exchange.books[symbol], self._exchange.prices[symbol].update_id
        bids, asks = dict(book.bids), dict(book.asks)
        return _Told(bids, asks, update_id, bids, asks, update_id - 1)
