"""An order is rejected, cancelled or expired in the node only if it is so at the venue.

Looked for at the moment at which the node tells it: by then the venue must have said so. An order
that the venue never had may end in any way; if it comes to the venue later, or lives there
nevertheless, that is the worst case: live at the venue, closed in the node. It is looked for at
every instant, and how long it lasted is told.
"""

from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.node_view import SECOND_NS
from harness.checkers.order_lives import Change, OrderLife
from harness.checkers.venue_lives import VenueLife
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude

# NautilusTrader reads EXPIRED_IN_MATCH as EXPIRED from the user stream, as CANCELED from REST.
SAID_SO = {
    "OrderRejected": ("invented_rejection", frozenset({"REJECTED"})),
    "OrderCanceled": ("invented_cancel", frozenset({"CANCELED", "EXPIRED_IN_MATCH"})),
    "OrderExpired": ("invented_expiry", frozenset({"EXPIRED", "EXPIRED_IN_MATCH"})),
}
"""For each event that ends an order, what it is called and what the venue must have said."""


def closed_by_the_venue(case: Case) -> CheckerVerdict:
    """FAIL for each end that the venue did not make; measures the longest that one lived on."""
    evidence: list[Evidence] = []
    longest = 0.0
    for life in case.order_lives.values():
        at_venue = case.venue_lives.find(life.client_order_id, life.venue_order_id)
        if at_venue is None:
            continue
        evidence += _invented(life, at_venue)
        seconds, seqs = _lived_on(case, life, at_venue)
        longest = max(longest, seconds)
        if seqs:
            text = f"was live at the venue and closed in the node for {seconds:.3f} s"
            evidence.append(life.evidence("closed_in_node_while_live", text, *seqs))
    return conclude(
        "closed_by_the_venue", evidence, measures={"closed_while_live_secs_max": longest}
    )


def _invented(life: OrderLife, at_venue: VenueLife) -> Iterator[Evidence]:
    for change in life.changes:
        if change.told not in SAID_SO:
            continue
        kind, needed = SAID_SO[change.told]
        said = at_venue.statuses_by(change.event.ts)
        if said and not said & needed:
            text = f"was told {change.told}, the venue had said {', '.join(sorted(said))}"
            yield life.evidence(kind, text, change.event.seq)


def _lived_on(case: Case, life: OrderLife, at_venue: VenueLife) -> tuple[float, tuple[int, ...]]:
    """Return for how long in all, and the events of the first time."""
    total_ns = 0
    seqs: tuple[int, ...] = ()
    for closing, until_ns in _closed(case, life):
        for period in at_venue.live:
            end_ns = until_ns if period.until_ns is None else min(until_ns, period.until_ns)
            both_ns = end_ns - max(closing.event.ts, period.from_ns)
            if both_ns > 0:
                total_ns += both_ns
                seqs = seqs or (period.seq, closing.event.seq)
    return total_ns / SECOND_NS, seqs


def _closed(case: Case, life: OrderLife) -> Iterator[tuple[Change, int]]:
    """Yield each change by which the order was closed, and when it was so no more."""
    closing: Change | None = None
    for change in life.changes:
        if closing is None and change.is_closed:
            closing = change
        elif closing is not None and not change.is_closed:
            yield closing, change.event.ts
            closing = None
    if closing is not None:
        yield closing, case.end_ns
