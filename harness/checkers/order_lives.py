"""The lives of orders as the node told them: each change of an order's status, one after another.

Replayed from the order events of each run, and corrected by each snapshot: the snapshot is the
state, the events are what led to it. NautilusTrader tells strategies of an event that an order
cannot take in its status, too, and does not apply it: such a one changes nothing here. What a
request waits for (PENDING_UPDATE, PENDING_CANCEL) lies over the status and does not change it.

A run takes over from the one before it that an order was closed, if that was kept
(`Case.was_kept`); of every other order its status is unknown until it is told.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from harness.checkers.ledger import ZERO
from harness.checkers.node_view import Run
from harness.checkers.verdict import Evidence
from harness.history.event import Event

if TYPE_CHECKING:
    from harness.checkers.case import Case

SNAPSHOT = "snapshot"
PENDING = frozenset({"PENDING_UPDATE", "PENDING_CANCEL"})
CLOSED = frozenset({"DENIED", "REJECTED", "CANCELED", "EXPIRED", "FILLED"})
_AT_VENUE = frozenset({"SUBMITTED", "ACCEPTED", "TRIGGERED", "PARTIALLY_FILLED"})
_OPEN = _AT_VENUE | {"INITIALIZED", "EMULATED", "RELEASED"}
LEGAL: dict[str, frozenset[str]] = {
    "OrderInitialized": frozenset(),
    "OrderDenied": frozenset({"INITIALIZED", "RELEASED"}),
    "OrderEmulated": frozenset({"INITIALIZED"}),
    "OrderReleased": frozenset({"INITIALIZED", "EMULATED"}),
    "OrderSubmitted": frozenset({"INITIALIZED", "RELEASED"}),
    # A second one takes a request back that was refused.
    "OrderAccepted": frozenset({"INITIALIZED", "SUBMITTED", "ACCEPTED"}),
    "OrderTriggered": frozenset({"INITIALIZED", "ACCEPTED"}),
    "OrderRejected": frozenset({"INITIALIZED", "SUBMITTED", "ACCEPTED", "TRIGGERED"}),
    "OrderCanceled": _OPEN,
    "OrderExpired": _OPEN,
    "OrderFilled": _AT_VENUE | {"CANCELED", "EXPIRED"},
    # 2.x takes a fill back that it had inferred.
    "OrderFillVoided": frozenset({"PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED"}),
    "OrderPendingUpdate": _AT_VENUE,
    "OrderPendingCancel": _AT_VENUE,
    "OrderUpdated": _AT_VENUE,
    "OrderModifyRejected": _OPEN | CLOSED,
    "OrderCancelRejected": _OPEN | CLOSED,
}
"""The statuses in which an order can take each event; after a late fill it may be open again."""

STATUS_OF = {
    "OrderInitialized": "INITIALIZED",
    "OrderDenied": "DENIED",
    "OrderEmulated": "EMULATED",
    "OrderReleased": "RELEASED",
    "OrderSubmitted": "SUBMITTED",
    "OrderRejected": "REJECTED",
    "OrderAccepted": "ACCEPTED",
    "OrderTriggered": "TRIGGERED",
    "OrderCanceled": "CANCELED",
    "OrderExpired": "EXPIRED",
}
"""The status that an order event makes, where it makes one whatever was before."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing told of an order. `told` is the type of an order event, or "snapshot".

    `before` and `status` are missing where the node has not told them. What is not `legal` was not
    applied.
    """

    run: Run
    event: Event
    told: str
    before: str | None
    status: str | None
    quantity: Decimal | None
    filled: Decimal
    legal: bool = True

    @property
    def is_closed(self) -> bool:
        """Whether the order cannot fill any more, as the node sees it."""
        return self.status in CLOSED


class OrderLife:
    """What was told of one order, in `changes`, oldest first.

    `untold` are the fills that a snapshot has and no event told of, each with the snapshot.
    """

    def __init__(self, client_order_id: str, instrument_id: str) -> None:
        self.client_order_id = client_order_id
        self.instrument_id = instrument_id
        self.venue_order_id: str | None = None
        self.changes: list[Change] = []
        self.untold: list[tuple[str, Event]] = []
        self._status: str | None = None
        self._quantity: Decimal | None = None
        self._filled = ZERO
        # Of an order that came from the store, nobody was told.
        self._fills: set[str] | None = None

    def evidence(self, kind: str, text: str, *seqs: int) -> Evidence:
        """Return evidence of this order: `text` says what was wrong with it."""
        return Evidence(
            kind=kind,
            message=f"order {self.client_order_id} {text}",
            seqs=seqs,
            client_order_id=self.client_order_id,
            instrument_id=self.instrument_id,
        )

    def begin(self, case: "Case", run: Run) -> None:
        """Begin another run, which knows that the order was closed if that was kept."""
        self._fills = None
        last = self.changes[-1]
        if not (last.is_closed and case.was_kept(last.run, last.event, run)):
            self._status, self._quantity, self._filled = None, None, ZERO

    def apply(self, run: Run, event: Event) -> None:
        """Take in an order event, where the order can take it."""
        told, order = event.data["type"], event.data["event"]
        if told == "OrderInitialized":
            self._fills = set()
        elif told == "OrderFilled" and self._fills is not None:
            self._fills.add(order["trade_id"])
        before = self._status
        legal = before is None or before in LEGAL[told]
        if legal:
            if told in ("OrderInitialized", "OrderUpdated"):
                self._quantity = Decimal(order["quantity"])
            if told == "OrderFilled":
                self._filled += Decimal(order["last_qty"])
                whole = self._quantity is not None and self._filled >= self._quantity
                self._status = "FILLED" if whole else "PARTIALLY_FILLED"
            elif told == "OrderFillVoided":
                self._filled -= Decimal(order["voided_qty"])
                if order["is_reopened"]:
                    self._status = "PARTIALLY_FILLED" if self._filled else "ACCEPTED"
            else:
                self._status = STATUS_OF.get(told, before)
        self._note(run, event, told, before, legal, order)

    def correct(self, run: Run, event: Event, order: dict[str, Any]) -> None:
        """Take in the order as a snapshot has it."""
        fills = {fill["trade_id"] for fill in order["fills"]}
        if self._fills is not None:
            self.untold += [(trade_id, event) for trade_id in sorted(fills - self._fills)]
        self._fills = fills
        before = self._status
        if order["status"] not in PENDING:
            self._status = order["status"]
        self._quantity, self._filled = Decimal(order["quantity"]), Decimal(order["filled"])
        if self._status != before or self._filled > self._quantity:
            self._note(run, event, SNAPSHOT, before, True, order)

    def _note(
        self,
        run: Run,
        event: Event,
        told: str,
        before: str | None,
        legal: bool,
        order: dict[str, Any],
    ) -> None:
        self.venue_order_id = order.get("venue_order_id") or self.venue_order_id
        self.changes.append(
            Change(
                run=run,
                event=event,
                told=told,
                before=before,
                status=self._status,
                quantity=self._quantity,
                filled=self._filled,
                legal=legal,
            )
        )


def order_lives(case: "Case") -> dict[str, OrderLife]:
    """Return by client order id what was told of each order, up to the final snapshot.

    Only the runs of the final store count. Raises NothingToJudge where no node was started.
    """
    lives: dict[str, OrderLife] = {}

    def life_of(order: dict[str, Any]) -> OrderLife:
        client_order_id = order["client_order_id"]
        life = lives.get(client_order_id)
        if life is None:
            life = lives[client_order_id] = OrderLife(client_order_id, order["instrument_id"])
        return life

    for run in case.store_runs:
        for life in lives.values():
            life.begin(case, run)
        events = sorted((*run.order_events, *run.snapshots), key=lambda event: event.seq)
        for event in case.judged(events):
            if event.kind == "snapshot":
                for order in event.data["orders"]:
                    life_of(order).correct(run, event, order)
            else:
                life_of(event.data["event"]).apply(run, event)
    return {client_order_id: life for client_order_id, life in lives.items() if life.changes}
