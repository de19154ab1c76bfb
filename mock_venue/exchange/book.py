"""The others' side of a symbol's market: how much they bid and ask at each price.

Around the reference prices stand `LEVELS` prices a side, one tick apart. Scripted matching sees as
much as it wants at each of them (`UNLIMITED` is what is shown); with a seed each level has a
quantity drawn from seed, symbol and price, and what is taken is gone until others come. The orders
of the venue's own accounts are not in it.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from random import Random

from mock_venue.exchange.decimals import EXACT, ZERO
from mock_venue.exchange.instruments import SymbolSpec
from mock_venue.exchange.order import Side, opposite

LEVELS = 20
UNLIMITED = Decimal(1_000)
UNLIMITED_BEFORE = Decimal("Infinity")
UNIT_NOTIONAL = Decimal(1_000)
"""A drawn quantity is worth 1 to `UNITS_MAX` times this in the quote asset."""
UNITS_MAX = 200

Levels = dict[Decimal, Decimal]
"""Quantity by price, the best price first."""


class Book:
    """Bids and asks of a symbol. Its state is a function of seed and calls."""

    def __init__(self, spec: SymbolSpec, seed: int | None) -> None:
        self.symbol = spec.symbol
        self.bids: Levels = {}
        self.asks: Levels = {}
        self._tick = spec.tick_size
        self._step = spec.step_size
        self._lowest = spec.min_price
        self._seed = seed
        self._moves = 0
        self.move(spec.bid, spec.ask)

    @property
    def is_limited(self) -> bool:
        """Whether takers can exhaust a level."""
        return self._seed is not None

    @property
    def bid(self) -> Decimal:
        """The best bid."""
        return next(iter(self.bids))

    @property
    def ask(self) -> Decimal:
        """The best ask."""
        return next(iter(self.asks))

    def side(self, side: Side) -> Levels:
        """What those who want to `side` have resting."""
        return self.bids if side == "BUY" else self.asks

    def move(self, bid: Decimal, ask: Decimal) -> None:
        """Make these the best prices. A level that stays keeps its quantity, one a side aside."""
        self._moves += 1
        renewed = self._moves % LEVELS
        self.bids = self._around(bid, -self._tick, "BUY", self.bids, renewed)
        self.asks = self._around(ask, self._tick, "SELL", self.asks, renewed)

    def takeable(self, side: Side, limit: Decimal | None) -> list[tuple[Decimal, Decimal]]:
        """The levels an order to `side` can take, best first; `limit` None takes any price."""
        return list(self._takeable(side, limit))

    def take(
        self, side: Side, limit: Decimal | None, quantity: Decimal
    ) -> list[tuple[Decimal, Decimal]]:
        """Take up to `quantity` and return price and quantity of each part, best first.

        Without limits all of it is had at the best price, and nothing changes.
        """
        if not self.is_limited:
            return [(price, quantity) for price, _ in islice(self._takeable(side, limit), 1)]
        taken: list[tuple[Decimal, Decimal]] = []
        for price, there in self._takeable(side, limit):
            part = min(there, quantity)
            if part > ZERO:
                taken.append((price, part))
                quantity -= part
        for price, part in taken:
            self.reduce(opposite(side), price, part)
        return taken

    def before(self, side: Side, price: Decimal, ahead: Decimal) -> Decimal:
        """What others have before an order to `side` at a price, `ahead` of it at its own price.

        Without limits it is all there is, where anybody has as good a price.
        """
        better = self.takeable(opposite(side), price)
        if not self.is_limited:
            return UNLIMITED_BEFORE if better else ZERO
        there = sum((quantity for at, quantity in better if at != price), ZERO)
        return there + min(ahead, self.side(side).get(price, ZERO))

    def quantity(self, side: Side, price: Decimal) -> Decimal:
        """What stands at a price; for one further out than is shown, what would stand there."""
        levels = self.side(side)
        if price in levels:
            return levels[price]
        inside = price > self.bid if side == "BUY" else price < self.ask
        return ZERO if inside else self._draw(side, price)

    def reduce(self, side: Side, price: Decimal, quantity: Decimal) -> None:
        """Take quantity from a level. An emptied level goes and another comes further out."""
        levels = self.side(side)
        if not self.is_limited or price not in levels:
            return
        levels[price] -= quantity
        assert levels[price] >= ZERO
        if levels[price]:
            return
        del levels[price]
        away = -self._tick if side == "BUY" else self._tick
        best = next(iter(levels), price + away)
        kept = self._around(max(best, self._lowest), away, side, levels, None)
        if side == "BUY":
            self.bids = kept
        else:
            self.asks = kept

    def _takeable(self, side: Side, limit: Decimal | None) -> Iterator[tuple[Decimal, Decimal]]:
        for price, quantity in self.side(opposite(side)).items():
            if limit is not None and (price > limit if side == "BUY" else price < limit):
                return
            yield price, quantity

    def _around(
        self, best: Decimal, away: Decimal, side: Side, known: Levels, renewed: int | None
    ) -> Levels:
        levels: Levels = {}
        for number in range(LEVELS):
            price = best + number * away
            if price < self._lowest:
                break
            quantity = None if number == renewed else known.get(price)
            levels[price] = self._draw(side, price) if quantity is None else quantity
        return levels

    def _draw(self, side: Side, price: Decimal) -> Decimal:
        if self._seed is None:
            return UNLIMITED
        random = Random(f"{self._seed}/{self.symbol}/{side}/{price}/{self._moves}")
        return quantity_worth(UNIT_NOTIONAL * random.randint(1, UNITS_MAX), price, self._step)


def quantity_worth(notional: Decimal, price: Decimal, step: Decimal) -> Decimal:
    """The multiple of the step that is worth about `notional`, at least one step."""
    steps = EXACT.divide(EXACT.divide(notional, price), step).to_integral_value()
    return max(steps, Decimal(1)) * step
