"""The book as the depth streams of one speed have told it.

Each speed has a sequence of its own: a frame tells what changed since the frame before it on the
same speed, and its `pu` is that frame's `u`.
"""

from collections.abc import Collection
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec

from mock_venue.exchange.book import Levels
from mock_venue.executor import Executor
from mock_venue.wire.schemas import market as schemas

PARTIAL_LEVELS = (5, 10, 20)


class _Told(msgspec.Struct):
    """The book of a symbol as it was seen last, and what of it is to be told and was told last."""

    bids: Levels
    asks: Levels
    update_id: int
    previous_id: int
    touched_bids: set[Decimal] = msgspec.field(default_factory=set)
    touched_asks: set[Decimal] = msgspec.field(default_factory=set)
    changed_bids: set[Decimal] = msgspec.field(default_factory=set)
    changed_asks: set[Decimal] = msgspec.field(default_factory=set)


class DepthFeed:
    """What the depth streams whose names end in one of `speeds` send."""

    def __init__(self, executor: Executor, speeds: tuple[str, ...]) -> None:
        self._exchange = executor.exchange
        self._now_ms = executor.now_ms
        self._speeds = speeds
        self._differences = {
            symbol: [f"{symbol.lower()}@depth{speed}" for speed in speeds]
            for symbol in self._exchange.symbols
        }
        self.resync()

    def resync(self) -> None:
        """Take the book as it is for told."""
        self._told = {symbol: self._first(symbol) for symbol in self._exchange.symbols}

    def is_behind(self, symbol: str) -> bool:
        """Whether the book has changed since it was told."""
        return self._told[symbol].update_id != self._exchange.prices[symbol].update_id

    def note(self, symbol: str, wanted: Collection[str]) -> None:
        """See each change of the book, whenever it will be told, if somebody listens.

        A frame has every level that changed since the one before, also one that came and went: a
        client may have taken its snapshot in between.
        """
        told, book = self._told[symbol], self._exchange.books[symbol]
        if any(name in wanted for name in self._differences[symbol]):
            told.touched_bids.update(_changed(told.bids, book.bids))
            told.touched_asks.update(_changed(told.asks, book.asks))
        told.bids, told.asks = dict(book.bids), dict(book.asks)

    def publish(self, symbol: str) -> None:
        """Tell the book as it is from now on."""
        told = self._told[symbol]
        told.changed_bids, told.touched_bids = told.touched_bids, set()
        told.changed_asks, told.touched_asks = told.touched_asks, set()
        told.previous_id, told.update_id = told.update_id, self._exchange.prices[symbol].update_id

    def frames(self, symbol: str) -> schemas.Frames:
        """What was published last, by stream: the difference, and the best levels."""
        differences = dict.fromkeys(self._differences[symbol], partial(self._depth, symbol))
        return self.partial_frames(symbol) | differences

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
        bids = schemas.levels_at(spec, told.changed_bids, told.bids)
        asks = schemas.levels_at(spec, told.changed_asks, told.asks)
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
        return _Told(dict(book.bids), dict(book.asks), update_id, update_id - 1)


def _changed(before: Levels, now: Levels) -> set[Decimal]:
    """The prices at which there is not what there was."""
    return {price for price, _ in before.items() ^ now.items()}
