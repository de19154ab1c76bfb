"""The node's orders are the venue's: state, quantity, filled quantity and average price.

Looks at the orders in scope, and at what the node submitted but the venue never had: the node must
call such an order rejected or denied, or cancelled where it was asked to cancel it. One that still
waits is `in_flight_resolved`'s; fills that the venue never had are `fill_completeness`'s.
"""

from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.compare import order_differences
from harness.checkers.snapshot import NodeOrder
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude

NEVER_SENT = frozenset({"INITIALIZED", "REJECTED", "DENIED"})


def orders_equal(case: Case) -> CheckerVerdict:
    """FAIL for each order that differs."""
    evidence = [
        *order_differences(case.ledger, case.final, case.matching),
        *_never_reached_the_venue(case),
    ]
    return conclude("orders_equal", evidence)


def _never_reached_the_venue(case: Case) -> Iterator[Evidence]:
    cancelling = {
        event.data["event"]["client_order_id"]
        for run in case.node.store_runs
        for event in run.order_events
        if event.data["type"] == "OrderPendingCancel"
    }
    for order in case.matching.unmatched:
        if order.fills or order.in_flight or order.status in NEVER_SENT:
            continue
        if order.status != "CANCELED" or order.client_order_id not in cancelling:
            yield _evidence(case, order)


def _evidence(case: Case, order: NodeOrder) -> Evidence:
    return Evidence(
        kind="phantom_order",
        message=f"order {order.client_order_id} ({order.side} {order.quantity:f}) is "
        f"{order.status} in the node, the venue never had it",
        seqs=(case.final.seq,),
        client_order_id=order.client_order_id,
        instrument_id=order.instrument_id,
    )
