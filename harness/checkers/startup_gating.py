"""Nothing that can increase risk reaches the venue before startup reconciliation has succeeded.

That is a new order that is not reduce-only, and an amendment to more than the venue has.
"""

from collections.abc import Iterator
from decimal import Decimal

from harness.checkers.case import Case
from harness.checkers.node_view import Run
from harness.checkers.order_requests import OrderRequest
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude


def startup_gating(case: Case) -> CheckerVerdict:
    """FAIL for each such request that arrives between a fork and reconciliation.

    A node that is not to reconcile has nothing to wait for.
    """
    if not case.reconciles:
        return conclude("startup_gating", ())
    made = _first_made(case)
    evidence = [evidence for run in case.runs for evidence in _early(case, run, made)]
    return conclude("startup_gating", evidence)


def _first_made(case: Case) -> dict[str, int]:
    """Return by client order id the run that made it first."""
    first: dict[str, int] = {}
    for run in case.runs:
        for event in run.order_initialized():
            first.setdefault(event.data["event"]["client_order_id"], run.number)
    return first


def _early(case: Case, run: Run, made: dict[str, int]) -> Iterator[Evidence]:
    if run.forked is None:
        return
    finished = run.reconciliation_finished if run.reconciled else None
    end = finished or run.exited
    for request in case.order_requests:
        arrived = request.arrived_ns
        if arrived < run.forked.ts or (end is not None and arrived >= end.ts):
            continue
        what = _raised(case, run, request) if request.amends else _placed(run, request, made)
        if what is None:
            continue
        yield Evidence(
            kind="early_amendment" if request.amends else "early_order",
            message=f"{what} reached the venue in run {run.number} "
            + ("before its startup reconciliation finished" if finished else "unreconciled"),
            seqs=(run.forked.seq, request.event.seq, *((finished.seq,) if finished else ())),
            client_order_id=request.client_order_id,
        )


def _placed(run: Run, request: OrderRequest, made: dict[str, int]) -> str | None:
    """Return what a new order is, where it may increase risk and is this run's."""
    client_order_id, params = request.client_order_id, request.params
    # A slow link may deliver what an earlier run sent before it was killed.
    if made.get(client_order_id or "", run.number) < run.number or not request.may_increase_risk:
        return None
    return (
        f"order {client_order_id} ({params.get('side')} {params.get('quantity')} "
        f"{params.get('symbol')})"
    )


def _raised(case: Case, run: Run, request: OrderRequest) -> str | None:
    """Return what an amendment is, where it asks for more and is this run's."""
    told = [
        event
        for event in case.of("venue", "order")
        if event.ts <= request.arrived_ns
        and (
            str(event.data["order_id"]) == str(request.params.get("orderId"))
            or event.data["client_order_id"] == request.client_order_id
        )
    ]
    if not told:
        return None
    order = told[-1].data
    wanted = Decimal(request.params["quantity"])
    asked = any(
        event.data["type"] == "OrderPendingUpdate"
        and event.data["event"]["client_order_id"] == order["client_order_id"]
        and event.ts <= request.arrived_ns
        for event in run.order_events
    )
    if not asked or wanted <= Decimal(order["quantity"]):
        return None
    return f"an amendment of order {order['client_order_id']} from {order['quantity']} to {wanted}"
