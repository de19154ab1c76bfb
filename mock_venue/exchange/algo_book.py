"""The book of conditional orders: every one there ever was, and which the market reaches.

Nothing here decides anything but that; `triggering` writes, everybody else reads. Waiting orders
stand sorted by trigger price, so a price that reaches none of them costs a comparison or four, and
trailing stops alone are looked at one by one.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from mock_venue.exchange.commands import AlgoRef
from mock_venue.exchange.conditional import AlgoOrder, WorkingType, follow, is_reached
from mock_venue.exchange.ledger import KEPT_MS, UNFILLED_KEPT_MS

WORKING_TYPES: tuple[WorkingType, WorkingType] = ("CONTRACT_PRICE", "MARK_PRICE")


class _Waiting(msgspec.Struct):
    """The NEW orders of one symbol and working type.

    The trigger prices of `falling` are negative: in both lists the next to be reached is first.
    """

    rising: list[tuple[Decimal, int]] = []
    falling: list[tuple[Decimal, int]] = []
    trailing: dict[int, None] = {}

    def add(self, order: AlgoOrder) -> None:
        """Let an order wait."""
        if order.is_trailing:
            self.trailing[order.algo_id] = None
        else:
            stand, key = self._stand(order)
            insort(stand, key)

    def remove(self, order: AlgoOrder) -> None:
        """Let an order wait no more."""
        if order.is_trailing:
            del self.trailing[order.algo_id]
        else:
            stand, key = self._stand(order)
            del stand[bisect_left(stand, key)]

    def reached(self, price: Decimal) -> list[int]:
        """The ids of those whose trigger price the market has reached."""
        found: list[int] = []
        for stand, at in ((self.rising, price), (self.falling, -price)):
            for trigger, algo_id in stand:
                if trigger > at:
                    break
                found.append(algo_id)
        return found

    def _stand(self, order: AlgoOrder) -> tuple[list[tuple[Decimal, int]], tuple[Decimal, int]]:
        if order.waits_for_rise:
            return self.rising, (order.trigger_price, order.algo_id)
        return self.falling, (-order.trigger_price, order.algo_id)


class _Past(msgspec.Struct):
    """All orders of one account on one symbol, by id and by creation time."""

    ids: list[int] = []
    times: list[int] = []


class AlgoBook:
    """The conditional orders of all accounts. While `held`, those that trigger are not placed."""

    def __init__(self, first_algo_id: int) -> None:
        self._next_id = first_algo_id
        self._last_ms = 0
        self.held = False
        self._orders: dict[int, AlgoOrder] = {}
        self._past: dict[tuple[str, str], _Past] = {}
        self._open: dict[str, dict[int, None]] = {}
        self._open_by_client_id: dict[tuple[str, str], int] = {}
        self._last_by_client_id: dict[tuple[str, str], int] = {}
        self._waiting: dict[str, dict[WorkingType, _Waiting]] = {}
        self._triggering: dict[int, None] = {}
        self._triggered: dict[int, int] = {}

    # Reading

    @property
    def next_id(self) -> int:
        """The id that the next order will have."""
        return self._next_id

    @property
    def is_idle(self) -> bool:
        """Whether nothing that happens concerns any order: all are over."""
        return not self._open_by_client_id

    def now(self, now_ms: int) -> int:
        """The book's time: it never goes back, so ids and creation times have the same order."""
        return max(self._last_ms, now_ms)

    def order(self, algo_id: int) -> AlgoOrder | None:
        """The order with this id, as it is now."""
        return self._orders.get(algo_id)

    def orders(self) -> list[AlgoOrder]:
        """All orders, by id."""
        return list(self._orders.values())

    def named(self, name: str | int) -> list[AlgoOrder]:
        """The order with this id, or of each account the newest with this client algo id."""
        if isinstance(name, int):
            ids = [name] if name in self._orders else []
        else:
            known = self._last_by_client_id.items()
            ids = [algo_id for (_, client_id), algo_id in known if client_id == name]
        return [self._orders[algo_id] for algo_id in ids]

    def find(self, account: str, ref: AlgoRef) -> AlgoOrder | None:
        """The order that a client means: by id, else the newest with the client algo id."""
        if ref.algo_id is None:
            assert ref.client_algo_id is not None
            known = self._last_by_client_id.get((account, ref.client_algo_id))
            return None if known is None else self._orders[known]
        order = self._orders.get(ref.algo_id)
        return order if order is not None and order.account == account else None

    def open_orders(self, account: str | None = None, symbol: str | None = None) -> list[AlgoOrder]:
        """The orders that are not over, an account's by id."""
        accounts = self._open if account is None else (account,)
        found = (self._orders[one] for name in accounts for one in self._open.get(name, ()))
        return [order for order in found if symbol in (None, order.symbol)]

    def open_count(self, account: str) -> int:
        """How many orders of the account are not over."""
        return len(self._open.get(account, ()))

    def has_open_client_id(self, account: str, client_algo_id: str) -> bool:
        """Whether an order that is not over has this client algo id."""
        return (account, client_algo_id) in self._open_by_client_id

    def visible(self, order: AlgoOrder, now_ms: int) -> bool:
        """Whether the exchange still answers for an order.

        It forgets those created more than 90 days ago, whatever their status, and those cancelled
        or expired (so without a fill) after 3 days. (Binance: "Query Algo Order".)
        """
        age_ms = now_ms - order.created_ms
        if age_ms <= UNFILLED_KEPT_MS:
            return True
        return age_ms <= KEPT_MS and order.status not in ("CANCELED", "EXPIRED")

    def orders_from(self, account: str, symbol: str, algo_id: int, now_ms: int) -> list[AlgoOrder]:
        """The visible orders with this id or a greater one."""
        past = self._past.get((account, symbol), _Past())
        return self._seen(past.ids[bisect_left(past.ids, algo_id) :], now_ms)

    def orders_between(
        self, account: str, symbol: str, start_ms: int, end_ms: int, now_ms: int
    ) -> list[AlgoOrder]:
        """The visible orders created in [start_ms, end_ms]."""
        past = self._past.get((account, symbol), _Past())
        start, stop = bisect_left(past.times, start_ms), bisect_right(past.times, end_ms)
        return self._seen(past.ids[start:stop], now_ms)

    def next_triggering(self) -> AlgoOrder | None:
        """The next order whose regular order is to be placed."""
        algo_id = None if self.held else next(iter(self._triggering), None)
        return None if algo_id is None else self._orders[algo_id]

    def triggered_by(self, order_id: int) -> AlgoOrder | None:
        """The order that this regular order was placed for, if it is not over."""
        algo_id = self._triggered.get(order_id)
        return None if algo_id is None else self._orders[algo_id]

    # Writing: for `triggering` alone

    def reached(self, symbol: str, last: Decimal, mark: Decimal) -> Iterator[AlgoOrder]:
        """The waiting orders whose condition these prices meet, by id. Trailing stops follow."""
        waiting = self._waiting.get(symbol)
        if not waiting:
            return
        found: list[int] = []
        for working_type, price in zip(WORKING_TYPES, (last, mark), strict=True):
            group = waiting.get(working_type)
            if group is None:
                continue
            found += group.reached(price)
            for algo_id in group.trailing:
                self._orders[algo_id] = order = follow(self._orders[algo_id], price)
                if is_reached(order, price):
                    found.append(algo_id)
        for algo_id in sorted(found):
            yield self._orders[algo_id]

    def put(self, order: AlgoOrder) -> None:
        """Store the newest snapshot of an order."""
        before = self._orders.get(order.algo_id)
        self._orders[order.algo_id] = order
        self._last_ms = order.updated_ms
        if before is None:
            self._next_id = order.algo_id + 1
            past = self._past.setdefault((order.account, order.symbol), _Past())
            past.ids.append(order.algo_id)
            past.times.append(order.created_ms)
            self._last_by_client_id[(order.account, order.client_algo_id)] = order.algo_id
            self._open_by_client_id[(order.account, order.client_algo_id)] = order.algo_id
            self._open.setdefault(order.account, {})[order.algo_id] = None
            self._group(order).add(order)
            return
        if before.status == "NEW":
            self._stop_waiting(before)
        self._triggering.pop(order.algo_id, None)
        if order.status == "TRIGGERING":
            self._triggering[order.algo_id] = None
        elif order.status == "TRIGGERED":
            assert order.order_id is not None
            self._triggered[order.order_id] = order.algo_id
        elif order.order_id is not None:
            del self._triggered[order.order_id]
        if not order.is_open:
            del self._open[order.account][order.algo_id]
            del self._open_by_client_id[(order.account, order.client_algo_id)]

    def _group(self, order: AlgoOrder) -> _Waiting:
        groups = self._waiting.setdefault(order.symbol, {})
        return groups.setdefault(order.working_type, _Waiting())

    def _stop_waiting(self, order: AlgoOrder) -> None:
        groups = self._waiting[order.symbol]
        group = groups[order.working_type]
        group.remove(order)
        if not (group.rising or group.falling or group.trailing):
            del groups[order.working_type]

    def _seen(self, ids: list[int], now_ms: int) -> list[AlgoOrder]:
        found = (self._orders[algo_id] for algo_id in ids)
        return [order for order in found if self.visible(order, now_ms)]
