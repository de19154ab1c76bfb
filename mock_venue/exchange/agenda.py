"""What the exchange does by itself when its time comes, in the order of the times.

The core reads no clock: whoever has one asks for `due_ms` and then carries out `PassTime`.
"""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from mock_venue.exchange.commands import CancelOrder, ExpireAlgoOrder, OrderRef, PassTime
from mock_venue.exchange.conditional import AlgoOrder
from mock_venue.exchange.countdown import end_countdown
from mock_venue.exchange.events import ExchangeEvent
from mock_venue.exchange.order import Order

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange


class Agenda:
    """The dates of GTD orders, and the countdowns.

    An order that is closed before its date stays on it and is passed over.
    """

    def __init__(self) -> None:
        self._good_till: list[tuple[int, int]] = []
        self._algo_good_till: list[tuple[int, int]] = []
        self._countdowns: dict[tuple[str, str], int] = {}
        self._next_countdown_ms: int | None = None

    def add_order(self, order: Order) -> None:
        """Cancel an order when its date comes."""
        heappush(self._good_till, (order.good_till_ms, order.order_id))

    def add_algo_order(self, order: AlgoOrder) -> None:
        """Expire a conditional order when its date comes."""
        heappush(self._algo_good_till, (order.good_till_ms, order.algo_id))

    @property
    def due_ms(self) -> int | None:
        """When something is to be done next, None for never."""
        if not (self._good_till or self._algo_good_till or self._countdowns):
            return None
        heaps = (self._good_till, self._algo_good_till)
        dates_ms = [heap[0][0] for heap in heaps if heap]
        if self._next_countdown_ms is not None:
            dates_ms.append(self._next_countdown_ms)
        return min(dates_ms)

    def set_countdown(self, account: str, symbol: str, due_ms: int | None) -> None:
        """Set when an account's orders on a symbol are cancelled, None for never."""
        if due_ms is None:
            self._countdowns.pop((account, symbol), None)
        else:
            self._countdowns[account, symbol] = due_ms
        self._next_countdown_ms = min(self._countdowns.values(), default=None)

    def pop_orders(self, now_ms: int) -> Iterator[int]:
        """The ids of the orders whose date has come."""
        while self._good_till and self._good_till[0][0] <= now_ms:
            yield heappop(self._good_till)[1]

    def pop_algo_orders(self, now_ms: int) -> Iterator[int]:
        """The ids of the conditional orders whose date has come."""
        while self._algo_good_till and self._algo_good_till[0][0] <= now_ms:
            yield heappop(self._algo_good_till)[1]

    def pop_countdowns(self, now_ms: int) -> list[tuple[str, str]]:
        """The accounts and symbols whose countdown is over, the earliest first."""
        due = sorted((ms, key) for key, ms in self._countdowns.items() if ms <= now_ms)
        for _, key in due:
            self.set_countdown(*key, None)
        return [key for _, key in due]


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
    for account, symbol in exchange.agenda.pop_countdowns(now_ms):
        yield from end_countdown(exchange, account, symbol, now_ms)
