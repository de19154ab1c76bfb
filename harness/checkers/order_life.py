"""An order lives as NautilusTrader's own state machine says: forward, and it dies once.

After an order is closed only fills may follow, which come late, and the refusal of a request that
came late itself. No status goes back, and no order fills more than its quantity. Its strategy is
told of each fill that it has.
"""

from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.order_lives import CLOSED, SNAPSHOT, Change, OrderLife
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude

CONSEQUENTIAL = frozenset(
    {
        "OrderInitialized",
        "OrderDenied",
        "OrderRejected",
        "OrderCanceled",
        "OrderExpired",
        "OrderFilled",
    }
)
"""The events upon which a strategy acts anew or money has moved; others may come late."""

_FORWARD = (
    "INITIALIZED",
    "EMULATED",
    "RELEASED",
    "SUBMITTED",
    "ACCEPTED",
    "TRIGGERED",
    "PARTIALLY_FILLED",
)
_RANK = dict.fromkeys(CLOSED, len(_FORWARD)) | {name: n for n, name in enumerate(_FORWARD)}


def order_life(case: Case) -> CheckerVerdict:
    """FAIL for each change of an order that no order can make.

    What comes late and changes nothing, as an `OrderAccepted` after the fill, is noted.
    """
    evidence: list[Evidence] = []
    notes: list[Evidence] = []
    for life in case.order_lives.values():
        for change in life.changes:
            kind, text = _wrong(change)
            if kind:
                (notes if kind == "late_event" else evidence).append(
                    life.evidence(kind, text, change.event.seq)
                )
        evidence += _overfilled(life)
        evidence += _untold(life)
    return conclude("order_life", evidence, notes=notes)


def _wrong(change: Change) -> tuple[str, str]:
    """Return the kind of what is wrong and a text; empty where nothing is."""
    before, status = change.before, change.status
    if before is None or status is None:
        return "", ""
    if not change.legal:
        text = f"was {before} when its strategy was told {change.told}"
        if change.told not in CONSEQUENTIAL:
            return "late_event", text
        return ("event_after_terminal" if before in CLOSED else "illegal_transition"), text
    if change.told != SNAPSHOT or status == before:
        return "", ""
    text = f"was {before}, and is {status} without an event that says so"
    if before in CLOSED:
        return ("terminal_status_changed" if status in CLOSED else "resurrected_order"), text
    if _RANK[status] < _RANK[before]:
        return "status_went_back", text
    return "", ""


def _untold(life: OrderLife) -> Iterator[Evidence]:
    for trade_id, snapshot in life.untold:
        text = f"has the fill {trade_id}, and no event told its strategy of it"
        yield life.evidence("untold_fill", text, snapshot.seq)


def _overfilled(life: OrderLife) -> Iterator[Evidence]:
    for change in life.changes:
        if change.quantity is not None and change.filled > change.quantity:
            text = f"has filled {change.filled:f} of its {change.quantity:f}"
            yield life.evidence("overfill", text, change.event.seq)
            return
