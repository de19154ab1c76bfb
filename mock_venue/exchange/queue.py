"""Queue positions: how much of the others' quantity stands before each resting order.

Kept for automatic matching. An order joins its price behind all that stands there; what trades at
the price, and what others take back (a level that shrinks), moves it forward.
"""

from decimal import Decimal

import msgspec

from mock_venue.exchange.book import Book
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.order import Order


class Place(msgspec.Struct, frozen=True):
    """When an order joined its queue, and the quantity before it."""

    joined: int
    ahead: Decimal


class Queue:
    """The places of the resting orders of all accounts."""

    def __init__(self) -> None:
        self._places: dict[int, Place] = {}
        self._joined = 0

    def join(self, order: Order, book: Book) -> None:
        """Put an order at the back of its price."""
        self._joined += 1
        ahead = book.quantity(order.side, order.price)
        self._places[order.order_id] = Place(self._joined, ahead)

    def ahead(self, order: Order) -> Decimal:
        """The others' quantity before an order; none for one that never joined."""
        place = self._places.get(order.order_id)
        return place.ahead if place is not None else ZERO

    def set_ahead(self, order: Order, ahead: Decimal) -> None:
        """Move an order forward."""
        place = self._places.get(order.order_id, Place(0, ZERO))
        self._places[order.order_id] = Place(place.joined, ahead)

    def in_turn(self, resting: list[Order]) -> list[Order]:
        """Orders of one side by priority: the better price, then who joined earlier."""
        return sorted(
            resting,
            key=lambda order: (
                -order.price if order.side == "BUY" else order.price,
                self._places.get(order.order_id, Place(0, ZERO)).joined,
            ),
        )

    def shrink(self, resting: list[Order], book: Book) -> None:
        """Others may have taken quantity back: nobody waits behind more than a level shows."""
        for order in resting:
            shown = book.side(order.side).get(order.price)
            if shown is not None and shown < self.ahead(order):
                self.set_ahead(order, shown)

    def forget(self, is_open: set[int]) -> None:
        """Drop the places of orders that are closed."""
        if len(self._places) > 2 * len(is_open) + 100:
            self._places = {name: at for name, at in self._places.items() if name in is_open}
