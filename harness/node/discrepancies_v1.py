"""What the venue tells otherwise than the node's cache has it (NautilusTrader 1.x)."""

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from functools import partial
from typing import Any

from nautilus_trader.execution.messages import GenerateOrderStatusReports

_SYNTHETIC = frozenset({"RECONCILIATION", "INTERNAL"})


def is_external(order: Any) -> bool:
    """Return whether an order came from the venue: not submitted here, nor made up to align."""
    return bool(
        order.venue_order_id is not None
        and order.ts_submitted == 0
        and _SYNTHETIC.isdisjoint(order.tags or ())
    )


class VenueAnswers:
    """The venue's last answers about all orders and about all positions, held against the cache.

    An answer is compared as it comes. What differs then is pending until the cache agrees or,
    where that settles it, has heard something since the question. `instrument_ids` limits what is
    compared, if any are given.
    """

    def __init__(self, cache: Any, instrument_ids: Collection[Any]) -> None:
        self._cache = cache
        self._instrument_ids = instrument_ids
        self._orders: list[Callable[[], bool]] = []
        self._positions: list[Callable[[], bool]] = []

    def take(self, command: Any, reports: Iterable[Any], asked_ns: int) -> None:
        """Compare an answer; `asked_ns` is when the question was put, by the node's clock."""
        reports = [report for report in reports if self._considers(report.instrument_id)]
        if isinstance(command, GenerateOrderStatusReports):
            start_ns = 0 if command.start is None else command.start.value
            self._orders = [one for one in self._about_orders(reports, asked_ns, start_ns) if one()]
        else:
            self._positions = [one for one in self._about_positions(reports, asked_ns) if one()]

    def differing(self) -> int:
        """Return how many orders and positions differ still."""
        return sum(differs() for differs in (*self._orders, *self._positions))

    def _considers(self, instrument_id: Any) -> bool:
        return self._cache.instrument(instrument_id) is not None and (
            not self._instrument_ids or instrument_id in self._instrument_ids
        )

    def _about_orders(
        self, reports: list[Any], asked_ns: int, start_ns: int
    ) -> Iterable[Callable[[], bool]]:
        told = set()
        for report in reports:
            client_order_id = report.client_order_id or self._cache.client_order_id(
                report.venue_order_id
            )
            told.add(client_order_id)
            yield partial(self._order_differs, client_order_id, report, asked_ns)
        for order in self._cache.orders_open():
            # The venue tells of no order that is older than what was asked for.
            if (
                order.client_order_id not in told
                and order.ts_init >= start_ns
                and self._considers(order.instrument_id)
            ):
                yield partial(_still_open, order, asked_ns)

    def _order_differs(self, client_order_id: Any, report: Any, asked_ns: int) -> bool:
        order = None if client_order_id is None else self._cache.order(client_order_id)
        if order is None:
            # A closed one may have been purged.
            return bool(report.is_open)
        if order.filled_qty < report.filled_qty:
            return True
        if report.is_open:
            return bool(order.is_closed and order.last_event.ts_init < asked_ns)
        return bool(order.is_open)

    def _about_positions(self, reports: list[Any], asked_ns: int) -> Iterable[Callable[[], bool]]:
        venue: dict[Any, Decimal] = {}
        for report in reports:
            before = venue.get(report.instrument_id, Decimal(0))
            venue[report.instrument_id] = before + report.signed_decimal_qty
        held = {position.instrument_id for position in self._cache.positions_open()}
        for instrument_id in venue.keys() | {one for one in held if self._considers(one)}:
            quantity = venue.get(instrument_id, Decimal(0))
            yield partial(self._position_differs, instrument_id, quantity, asked_ns)

    def _position_differs(self, instrument_id: Any, quantity: Decimal, asked_ns: int) -> bool:
        positions = self._cache.positions(instrument_id=instrument_id)
        net = sum((position.signed_decimal_qty() for position in positions), Decimal(0))
        return net != quantity and all(
            position.last_event.ts_init < asked_ns for position in positions
        )


def _still_open(order: Any, asked_ns: int) -> bool:
    return bool(order.is_open and order.last_event.ts_init < asked_ns)
