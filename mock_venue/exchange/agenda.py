"""What the exchange does by itself when its time comes, in the order of the times.

The core reads no clock: whoever has one asks for `due_ms` and then carries out `PassTime`.
"""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from mock_venue.exchange.commands import CancelOrder, OrderRef, PassTime
from mock_venue.exchange.events import ExchangeEvent
from mock_venue.exchange.order import Order

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange


class Agenda:
    """The dates of GTD orders. What is no longer wanted then stays on it and is passed over."""

    def __init__(self) -> None:
        self._good_till: list[tuple[int, int]] = []

    def add_order(self, order: Order) -> None:
        """Cancel an order when its date comes."""
        heappush(self._good_till, (order.good_till_ms, order.order_id))

    @property
    def due_ms(self) -> int | None:
        """When something is to be done next, None for never."""
        return self._good_till[0][0] if self._good_till else None

    def pop_orders(self, now_ms: int) -> Iterator[int]:
        """The ids of the orders whose date has come."""
        while self._good_till and self._good_till[0][0] <= now_ms:
            yield heappop(self._good_till)[1]


def pass_time(exchange: "Exchange", command: PassTime, now_ms: int) -> Iterator[ExchangeEvent]:
    """Carry out what is due.

    A GTD order is cancelled: "orders with the TIF set to GTD will be automatically canceled by the
    goodTillDate time" (change log). That they do not expire instead is unconfirmed.
    """
    for order_id in exchange.agenda.pop_orders(now_ms):
        order = exchange.ledger.order(order_id)
        assert order is not None
        if order.is_open:
            ref = OrderRef(order_id=order_id)
            cancel = CancelOrder(account=order.account, symbol=order.symbol, ref=ref)
            yield from exchange.apply(cancel, now_ms)
