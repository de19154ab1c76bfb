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
from mock_venue.exchange.ledger import DAY_MS
from mock_venue.exchange.order import Order

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange

YEAR_MS = 365 * DAY_MS


class Agenda:
    """The dates of GTD orders, the countdowns, and the end of a year of GTC orders.

    An order that is closed before its date stays on it and is passed over. GTC orders are not on
    it: no order is older than those that were open when the exchange last looked, so until a year
    after the oldest of these there is nothing to look at.

    `due_ms` is when something may be to do next.
    """

    def __init__(self, now_ms: int) -> None:
        self._good_till: list[tuple[int, int]] = []
        self._algo_good_till: list[tuple[int, int]] = []
        self._countdowns: dict[tuple[str, str], int] = {}
        self._year_over_ms = now_ms + YEAR_MS
        self.due_ms = self._year_over_ms

    def add_order(self, order: Order) -> None:
        """Cancel an order when its date comes."""
        heappush(self._good_till, (order.good_till_ms, order.order_id))
        self.due_ms = min(self.due_ms, order.good_till_ms)

    def add_algo_order(self, order: AlgoOrder) -> None:
        """Expire a conditional order when its date comes."""
        heappush(self._algo_good_till, (order.good_till_ms, order.algo_id))
        self.due_ms = min(self.due_ms, order.good_till_ms)

    def set_countdown(self, account: str, symbol: str, due_ms: int | None) -> None:
        """Set when an account's orders on a symbol are cancelled, None for never."""
        if due_ms is None:
            self._countdowns.pop((account, symbol), None)
        else:
            self._countdowns[account, symbol] = due_ms
        self._look_ahead()

    def note_oldest(self, created_ms: int) -> None:
        """No GTC order that is open, or is to come, was created before this."""
        self._year_over_ms = created_ms + YEAR_MS
        self._look_ahead()

    def is_year_over(self, now_ms: int) -> bool:
        """Whether a GTC order may be open for a year."""
        return self._year_over_ms <= now_ms

    def pop_orders(self, now_ms: int) -> Iterator[int]:
        """The ids of the orders whose date has come."""
        yield from self._pop(self._good_till, now_ms)

    def pop_algo_orders(self, now_ms: int) -> Iterator[int]:
        """The ids of the conditional orders whose date has come."""
        yield from self._pop(self._algo_good_till, now_ms)

    def pop_countdowns(self, now_ms: int) -> list[tuple[str, str]]:
        """The accounts and symbols whose countdown is over, the earliest first."""
        due = sorted((ms, key) for key, ms in self._countdowns.items() if ms <= now_ms)
        for _, key in due:
            self.set_countdown(*key, None)
        return [key for _, key in due]

    def _pop(self, heap: list[tuple[int, int]], now_ms: int) -> Iterator[int]:
        while heap and heap[0][0] <= now_ms:
            number = heappop(heap)[1]
            self._look_ahead()
            yield number

    def _look_ahead(self) -> None:
        heaps = (self._good_till, self._algo_good_till)
        dates_ms = [heap[0][0] for heap in heaps if heap]
        self.due_ms = min((self._year_over_ms, *dates_ms, *self._countdowns.values()))


def pass_time(exchange: "Exchange", command: PassTime, now_ms: int) -> Iterator[ExchangeEvent]:
    """Carry out what is due.

    A GTD order is cancelled: "orders with the TIF set to GTD will be automatically canceled by the
    goodTillDate time" (change log). That they do not expire instead is unconfirmed. A conditional
    order that has not triggered expires, being "canceled by the system" ("Event: Algo Order
    Update").

    "Good-Till-Cancel (GTC) timeInForce will have a one-year validity period after order placement.
    GTC orders longer than one-year will be automatically canceled. This applies to all order types
    including reduceOnly but does not affect part-filled orders" (change log, 2024-04-09). So they
    end here as GTD orders do, 365 days after they were placed, amended or not. Unconfirmed: the
    status (CANCELED, no `er`), what a leap year is, and that conditional orders are among them.
    """
    for order_id in exchange.agenda.pop_orders(now_ms):
        order = exchange.ledger.order(order_id)
        assert order is not None
        if order.is_open:
            yield from _cancel(exchange, order, now_ms)
    for algo_id in exchange.agenda.pop_algo_orders(now_ms):
        algo_order = exchange.algos.order(algo_id)
        assert algo_order is not None
        if algo_order.status == "NEW":
            yield from exchange.carry_out(ExpireAlgoOrder(algo_id=algo_id), now_ms)
    for account, symbol in exchange.agenda.pop_countdowns(now_ms):
        yield from end_countdown(exchange, account, symbol, now_ms)
    if exchange.agenda.is_year_over(now_ms):
        yield from _end_year(exchange, now_ms)


def _end_year(exchange: "Exchange", now_ms: int) -> Iterator[ExchangeEvent]:
    """End the GTC orders that have been open for a year."""
    oldest_ms = now_ms
    for order in sorted(exchange.ledger.open_orders(), key=lambda one: one.order_id):
        if order.time_in_force != "GTC" or order.filled:
            continue
        if order.created_ms + YEAR_MS <= now_ms:
            yield from _cancel(exchange, order, now_ms)
        else:
            oldest_ms = min(oldest_ms, order.created_ms)
    for algo_order in exchange.algos.open_orders():
        if algo_order.time_in_force != "GTC" or algo_order.status != "NEW":
            continue
        if algo_order.created_ms + YEAR_MS <= now_ms:
            yield from exchange.carry_out(ExpireAlgoOrder(algo_id=algo_order.algo_id), now_ms)
        else:
            oldest_ms = min(oldest_ms, algo_order.created_ms)
    exchange.agenda.note_oldest(oldest_ms)


def _cancel(exchange: "Exchange", order: Order, now_ms: int) -> Iterator[ExchangeEvent]:
    ref = OrderRef(order_id=order.order_id)
    cancel = CancelOrder(account=order.account, symbol=order.symbol, ref=ref)
    yield from exchange.carry_out(cancel, now_ms)
