"""Nothing that can increase risk reaches the venue before startup reconciliation has succeeded."""

from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.node_view import Run
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude
from harness.history.event import Event

NEW_ORDERS = frozenset(
    {
        ("http", "POST", "/fapi/v1/order"),
        ("http", "POST", "/fapi/v1/batchOrders"),
        ("http", "POST", "/fapi/v1/algoOrder"),
        ("ws_api", "order.place", "/ws-fapi/v1"),
        ("ws_api", "algoOrder.place", "/ws-fapi/v1"),
    }
)


def startup_gating(case: Case) -> CheckerVerdict:
    """FAIL for each new order, not reduce-only, that arrives between a fork and reconciliation.

    A node that is not to reconcile has nothing to wait for.
    """
    if not case.reconciles:
        return conclude("startup_gating", ())
    requests = case.judged(case.of("wire", "http", "ws_api"))
    orders = [event for event in requests if _may_increase_risk(event)]
    made = _first_made(case)
    evidence = [evidence for run in case.runs for evidence in _early(run, orders, made)]
    return conclude("startup_gating", evidence)


def _may_increase_risk(event: Event) -> bool:
    data = event.data
    return (event.kind, data["method"], data["path"]) in NEW_ORDERS and str(
        data["params"].get("reduceOnly", "false")
    ).lower() != "true"


def _first_made(case: Case) -> dict[str, int]:
    """Return by client order id the run that made it first."""
    first: dict[str, int] = {}
    for run in case.runs:
        for event in run.order_initialized():
            first.setdefault(event.data["event"]["client_order_id"], run.number)
    return first


def _early(run: Run, orders: list[Event], made: dict[str, int]) -> Iterator[Evidence]:
    if run.forked is None:
        return
    finished = run.reconciliation_finished if run.reconciled else None
    end = finished or run.exited
    for event in orders:
        arrived = event.data["received_ns"]
        if arrived < run.forked.ts or (end is not None and arrived >= end.ts):
            continue
        client_order_id = event.data["client_order_id"]
        # A slow link may deliver what an earlier run sent before it was killed.
        if made.get(client_order_id or "", run.number) < run.number:
            continue
        params = event.data["params"]
        yield Evidence(
            kind="early_order",
            message=f"order {client_order_id} ({params.get('side')} {params.get('quantity')} "
            f"{params.get('symbol')}) reached the venue in run {run.number} "
            + ("before its startup reconciliation finished" if finished else "unreconciled"),
            seqs=(run.forked.seq, event.seq, *((finished.seq,) if finished else ())),
            client_order_id=client_order_id,
        )
