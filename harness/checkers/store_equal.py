"""What the store holds after the run reads back to the node's state.

The next run will believe it: orders with their fills, positions, account balances. And the sets of
ids beside them: no entry without what it stands for, and none missing. (A fill that is written
twice is `persisted_fills`'s.)

A position that was closed and is open again stays in the set of closed positions, beside that of
open ones (N21 of docs/findings.md): that is noted as stale. NautilusTrader does not read the set.

Up to 1.222.0 the sets of open and of closed positions hold a fill's bytes in the place of the
position's id (N52): that is noted as garbled, and neither set compared. They are not read either.

A node that is killed between the write of an order and that of its entry leaves the sets behind,
and no later run repairs them: what they lack after a kill is noted.

Not compared: an order that the node has purged stays in the store, closed, where the cache is
configured so; the sets of orders in flight and emulated are of the moment. Where the store or the
link to it was disturbed, what differs is noted and no failure: what a store loses that is emptied,
killed or full, no node can help. An order that lost its strategy by it is `external_claims`'s.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from harness.checkers.case import Case
from harness.checkers.ledger import plus
from harness.checkers.snapshot import NodeOrder, Snapshot
from harness.checkers.verdict import CheckerVerdict, Evidence, NothingToJudge, conclude

TERMINAL: Mapping[str, str] = {
    "OrderDenied": "DENIED",
    "OrderRejected": "REJECTED",
    "OrderCanceled": "CANCELED",
    "OrderExpired": "EXPIRED",
}
"""The status in which an event leaves an order for good."""


class _Order(msgspec.Struct, frozen=True):
    types: tuple[str, ...]
    filled: Decimal

    @property
    def terminal(self) -> str | None:
        """The status of an order that was closed otherwise than by its fills."""
        return next((TERMINAL[name] for name in reversed(self.types) if name in TERMINAL), None)


class _Position(msgspec.Struct, frozen=True):
    signed_quantity: Decimal


class _Account(msgspec.Struct, frozen=True):
    balances: dict[str, Decimal]


class _Persisted(msgspec.Struct, frozen=True):
    orders: dict[str, _Order]
    positions: dict[str, _Position]
    accounts: dict[str, _Account]
    index: dict[str, frozenset[str]]
    left_out: int
    garbled: tuple[str, ...] = ()


def store_equal(case: Case) -> CheckerVerdict:
    """FAIL for each order, position, balance and index entry that differs from the node's state.

    A node whose cache is in no store has none to judge.
    """
    if case.of("store", "absent"):
        return conclude("store_equal", ())
    readings = case.of("store", "persisted")
    if not readings or "orders" not in readings[-1].data:
        raise NothingToJudge("the store was not read after the run")
    seq = readings[-1].seq
    persisted = msgspec.convert(readings[-1].data, _Persisted, strict=False)
    if persisted.left_out:
        raise NothingToJudge(f"the store holds {persisted.left_out} lists more than are read")
    comparison = _Comparison(case, persisted, seq)
    evidence = [
        *comparison.orders(),
        *comparison.positions(),
        *comparison.balances(),
    ]
    index = list(comparison.index())
    disturbed = bool(case.node.store_breaks)
    killed = any(run.killed or run.ended_unexpectedly for run in case.node.store_runs)
    return conclude(
        "store_equal",
        [*(() if disturbed else evidence), *(() if disturbed or killed else index)],
        notes=[
            *comparison.stale(),
            *comparison.garbled(),
            *(evidence if disturbed else ()),
            *(index if disturbed or killed else ()),
        ],
        measures={"orders_count": float(len(persisted.orders))},
    )


class _Comparison:
    """The store against what the node held last."""

    def __init__(self, case: Case, persisted: _Persisted, seq: int) -> None:
        self._last: Snapshot = case.last
        self._persisted = persisted
        self._seqs = (case.last.seq, seq)
        self._balances = _totals(case.last_event.data["balances"]) if case.last_event else {}

    def orders(self) -> Iterator[Evidence]:
        """Yield the orders that are in one place alone, or differ."""
        held = {order.client_order_id: order for order in self._last.orders}
        for name, order in held.items():
            persisted = self._persisted.orders.get(name)
            if persisted is None:
                yield self._order("order_not_persisted", order, "is not in the store")
                continue
            if persisted.filled != order.filled:
                text = f"has filled {order.filled:f}, {persisted.filled:f} in the store"
                yield self._order("persisted_order_differs", order, text)
            closed_as = order.status if order.status in TERMINAL.values() else None
            if persisted.terminal != closed_as:
                text = f"is {order.status}, {persisted.terminal or 'open or filled'} in the store"
                yield self._order("persisted_order_differs", order, text)
        for name in self._persisted.orders.keys() - held.keys():
            if name not in self._persisted.index.get("orders_closed", ()):
                yield self._evidence(
                    "persisted_order_unknown",
                    f"the store holds order {name}, not closed; the node does not know it",
                    client_order_id=name,
                )

    def positions(self) -> Iterator[Evidence]:
        """Yield the positions that are in one place alone, or of another quantity."""
        held = {place.position_id: place for place in self._last.positions}
        for name, place in held.items():
            persisted = self._persisted.positions.get(name)
            if persisted is None or persisted.signed_quantity != place.signed_quantity:
                there = "missing" if persisted is None else plus(persisted.signed_quantity)
                yield self._evidence(
                    "persisted_position_differs",
                    f"position {name} is {plus(place.signed_quantity)} in the node, {there} in "
                    "the store",
                    instrument_id=place.instrument_id,
                )
        for name, persisted in self._persisted.positions.items():
            if name not in held and persisted.signed_quantity:
                yield self._evidence(
                    "persisted_position_unknown",
                    f"the store holds position {name}, {plus(persisted.signed_quantity)}; the "
                    "node does not know it",
                )

    def balances(self) -> Iterator[Evidence]:
        """Yield the currencies of which the node's accounts hold another total."""
        persisted: dict[str, Decimal] = {}
        for account in self._persisted.accounts.values():
            persisted |= account.balances
        for currency in sorted(self._balances.keys() | persisted.keys()):
            here, there = self._balances.get(currency), persisted.get(currency)
            if here != there:
                yield self._evidence(
                    "persisted_balance_differs",
                    f"the balance is {_amount(here)} {currency} in the node, {_amount(there)} in "
                    "the store",
                )

    def index(self) -> Iterator[Evidence]:
        """Yield the entries of sets that stand for nothing, and those that are missing."""
        orders, positions = self._last.orders, self._last.positions
        kept, places = self._persisted.orders.keys(), self._persisted.positions.keys()
        open_orders = {order.client_order_id for order in orders if order.is_open}
        open_places = {place.position_id for place in positions if place.is_open}
        closed = kept - {order.client_order_id for order in orders if not order.is_closed}
        for name, wanted in (
            ("orders", kept),
            ("orders_open", open_orders),
            ("orders_closed", closed),
            ("positions", places),
            ("positions_open", open_places),
            ("positions_closed", places - open_places),
        ):
            if name.startswith("positions_") and self._persisted.garbled:
                continue  # An id that was written wrongly is missing in its own set.
            stale = self._stale() if name == "positions_closed" else frozenset()
            there = self._persisted.index.get(name, frozenset())
            yield from self._entries(
                "index_entry_orphaned", name, there - wanted - stale, "should not"
            )
            yield from self._entries("index_entry_missing", name, wanted - there, "should")
        for name in ("order_position", "order_client", "order_ids"):
            there = self._persisted.index.get(name, frozenset())
            yield from self._entries("index_entry_orphaned", name, there - kept, "should not")

    def stale(self) -> Iterator[Evidence]:
        """Yield the open positions that are in the set of closed ones too."""
        stale = self._stale()
        yield from self._entries("index_entry_stale", "positions_closed", stale, "need not")

    def garbled(self) -> Iterator[Evidence]:
        """Yield the sets that hold what is no id."""
        for name in self._persisted.garbled:
            yield self._evidence("index_set_garbled", f"index:{name} holds what is no id")

    def _stale(self) -> frozenset[str]:
        index = self._persisted.index
        empty = frozenset[str]()
        return (
            index.get("positions_open", empty)
            & index.get("positions_closed", empty)
            & {place.position_id for place in self._last.positions if place.is_open}
        )

    def _entries(
        self, kind: str, name: str, entries: set[str] | frozenset[str], verb: str
    ) -> Iterator[Evidence]:
        if entries:
            listed = ", ".join(sorted(entries)[:3])
            more = f" and {len(entries) - 3} more" if len(entries) > 3 else ""
            yield self._evidence(kind, f"index:{name} {verb} hold {listed}{more}")

    def _order(self, kind: str, order: NodeOrder, text: str) -> Evidence:
        return self._evidence(
            kind,
            f"order {order.client_order_id} {text}",
            client_order_id=order.client_order_id,
            instrument_id=order.instrument_id,
        )

    def _evidence(self, kind: str, message: str, **about: str) -> Evidence:
        return Evidence(kind=kind, message=message, seqs=self._seqs, **about)


def _totals(balances: list[dict[str, Any]]) -> dict[str, Decimal]:
    return {balance["currency"]: Decimal(balance["total"]) for balance in balances}


def _amount(amount: Decimal | None) -> str:
    return "unknown" if amount is None else f"{amount:f}"
