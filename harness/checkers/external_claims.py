"""External orders belong to the strategy that claims their instrument, else to EXTERNAL.

External is, to a node, every order that none of its strategies made: placed on the web, left
by an earlier life whose store is gone, or made up by NautilusTrader itself to align a position. An
order that a strategy did make stays that strategy's, across runs.
"""

from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.snapshot import NodeOrder
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude
from harness.history.event import Event

UNCLAIMED = "EXTERNAL"


def external_claims(case: Case) -> CheckerVerdict:
    """FAIL for each order of the node that belongs to another strategy than it should."""
    return conclude("external_claims", _wrongly_owned(case))


def _wrongly_owned(case: Case) -> Iterator[Evidence]:
    claims = {
        instrument_id: strategy["strategy_id"]
        for strategy in case.scenario["strategies"]
        for instrument_id in strategy["claims"]
    }
    made: dict[str, Event] = {}
    for run in case.node.store_runs:
        for event in run.order_initialized():
            made.setdefault(event.data["event"]["client_order_id"], event)
    for order in case.final.orders:
        own = made.get(order.client_order_id)
        if own is not None:
            owner = own.data["event"]["strategy_id"]
            if order.strategy_id != owner:
                text = f"was made by strategy {owner}"
                yield _evidence(case, "lost_owner", order, text, own.seq)
        elif order.status not in ("INITIALIZED", "DENIED"):
            owner = claims.get(order.instrument_id, UNCLAIMED)
            if order.strategy_id != owner:
                claimed = f"claimed by {owner}" if owner != UNCLAIMED else "claimed by none"
                text = f"is external, {order.instrument_id} {claimed}"
                yield _evidence(case, "wrong_claim", order, text, None)


def _evidence(case: Case, kind: str, order: NodeOrder, text: str, seq: int | None) -> Evidence:
    return Evidence(
        kind=kind,
        message=f"order {order.client_order_id} {text}; in the node it belongs to "
        f"{order.strategy_id}",
        seqs=(case.final.seq,) if seq is None else (seq, case.final.seq),
        client_order_id=order.client_order_id,
        instrument_id=order.instrument_id,
    )
