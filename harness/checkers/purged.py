"""What a node has purged from its cache: orders that it held, and that were closed long enough.

A purged order is no missing one: the checkers judge it as the node held it last. That is what the
node told when it closed, or the latest snapshot that has it.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from harness.checkers.ledger import Ledger
from harness.checkers.node_view import SECOND_NS, Run
from harness.checkers.snapshot import NodeOrder, Snapshot, counterpart_of
from harness.history.event import Event

MINUTE_NS = 60 * SECOND_NS
# What a fast clock makes of the machine's own work.
EARLY_TOLERANCE_NS = 5 * SECOND_NS
LATE_TOLERANCE_NS = MINUTE_NS


class Purge(msgspec.Struct, frozen=True):
    """How often a node purges, and for how long it keeps what is closed. Durations in ns."""

    interval_ns: int
    buffer_ns: int

    def may(self, closed_ns: int, now_ns: int) -> bool:
        """Return whether what was closed then may be gone by now."""
        return now_ns >= closed_ns + self.buffer_ns - EARLY_TOLERANCE_NS

    def must(self, closed_ns: int, started_ns: int, now_ns: int) -> bool:
        """Return whether it must be gone, from a node that was started then."""
        since_ns = max(closed_ns + self.buffer_ns, started_ns)
        return now_ns > since_ns + self.interval_ns + LATE_TOLERANCE_NS

    @classmethod
    def of(cls, what: str, values: dict[str, Any]) -> "Purge | None":
        """Return the purge of "orders" or "positions" that settings make; None where none does."""
        interval_mins = values.get(f"purge_closed_{what}_interval_mins")
        buffer_mins = values.get(f"purge_closed_{what}_buffer_mins") or 0
        if not interval_mins:
            return None
        return cls(int(interval_mins * MINUTE_NS), int(buffer_mins * MINUTE_NS))


class GoneOrder(msgspec.Struct, frozen=True):
    """An order that a run has held and holds no more; `closed_ns` is missing where it was open."""

    order: NodeOrder
    told: Event
    closed_ns: int | None


def node_state(run: Run, event: Event, ledger: Ledger, values: dict[str, Any]) -> Snapshot:
    """Return the state in a snapshot of `run`, with the orders that it has purged by right."""
    snapshot = Snapshot(event)
    purge = Purge.of("orders", values)
    if purge is None:
        return snapshot
    purged = (
        gone.order
        for gone in gone_orders(run, snapshot, ledger)
        if gone.closed_ns is not None and purge.may(gone.closed_ns, event.ts)
    )
    return Snapshot(event, purged)


def gone_orders(run: Run, snapshot: Snapshot, ledger: Ledger) -> Iterator[GoneOrder]:
    """Yield the orders that the run has held before a snapshot, and that this does not have."""
    held = {order.client_order_id for order in snapshot.orders}
    told: dict[str, tuple[dict[str, Any], Event]] = {}
    for event in sorted((*run.snapshots, *run.closed_orders), key=lambda event: event.seq):
        if event.seq < snapshot.seq:
            for order in _orders(event):
                if order["client_order_id"] not in held:
                    told[order["client_order_id"]] = order, event
    for data, event in told.values():
        order = msgspec.convert(data, NodeOrder)
        yield GoneOrder(order, event, closed_ns(order, event, ledger))


def closed_ns(order: NodeOrder, told: Event, ledger: Ledger) -> int | None:
    """Return when an order was closed, by the venue where it had it; None for an open one."""
    if not order.is_closed:
        return None
    known = counterpart_of(ledger, order)
    return told.ts if known is None else known.ts


def _orders(event: Event) -> list[dict[str, Any]]:
    return event.data["orders"] if event.kind == "snapshot" else [event.data["order"]]
