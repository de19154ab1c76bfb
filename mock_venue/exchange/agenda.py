"""What the exchange does by itself when its time comes, in the order of the times.

The core reads no clock: whoever has one asks for `due_ms` and then carries out `PassTime`.
"""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from mock_venue.exchange.commands import CancelOrder, ExpireAlgoOrder, OrderRef, PassTime
from mock_venue.exchange.conditional import AlgoOrder
from mock_venue.exchange.events import ExchangeEvent
from mock_venue.exchange.order import Order

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange


class Agenda:
    """The dates of GTD orders. What is no longer wanted then stays on it and is passed over."""

    def __init__(self) -> None:
        self._good_till: list[tuple[int, int]] = []
        self._algo_good_till: list[tuple[int, int]] = []

    def add_order(self, order: Order) -> None:
        """Cancel an order when its date comes."""
        heappush(self._good_till, (order.good_till_ms, order.order_id))

    def add_algo_order(self, order: AlgoOrder) -> None:
        """Expire a conditional order when its date comes."""
        heappush(self._algo_good_till, (order.good_till_ms, order.algo_id))

    @property
    def due_ms(self) -> int | None:
        """When something is to be done next, None for never."""
        heaps = (self._good_till, self._algo_good_till)
        return min((heap[0][0] for heap in heaps if heap), default=None)

    def pop_orders(self, now_ms: int) -> Iterator[int]:
        """The ids of the orders whose date has come."""
        while self._good_till and self._good_till[0][0] <= now_ms:
            yield heappop(self._good_till)[1]

    def pop_algo_orders(self, now_ms: int) -> Iterator[int]:
        """The ids of the conditional orders whose date has come."""
        while self._algo_good_till and self._algo_good_till[0][0] <= now_ms:
            yield heappop(self._algo_good_till)[1]


def pass_time(exchange: "Exchange", command: PassTime, now_ms: int) -> Iterator[ExchangeEvent]:
    """Carry out what is due.

    A GTD order is cancelled: "orders with the TIF set to GTD will be automatically canceled by the
    goodTillDate time" (change log). That they do not expire instead is unconfirmed. A conditional
    order that has not triggered expires, being "canceled by the system" ("Event: Algo Order
    Update").
    """
    for order_id in exchange.agenda.pop_orders(now_ms):
        order = exchange.ledger.order(order_id)
        assert order is not None
        if order.is_open:
            ref = OrderRef(order_id=order_id)
            cancel = CancelOrder(account=order.account, symbol=order.symbol, ref=ref)
            yield from exchange.carry_out(cancel, now_ms)
    for algo_id in exchange.agenda.pop_algo_orders(now_ms):
        algo_order = exchange.algos.order(algo_id)
        assert algo_order is not None
        if algo_order.status == "NEW":
            yield from exchange.carry_out(ExpireAlgoOrder(algo_id=algo_id), now_ms)
