"""No fill twice in the store: what a node has written, its next run will believe."""

from collections import Counter
from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.verdict import CheckerVerdict, Evidence, NothingToJudge, conclude
from harness.history.event import Event


def persisted_fills(case: Case) -> CheckerVerdict:
    """FAIL for each trade id that an order's persisted events hold more than once."""
    readings = case.of("store", "persisted")
    if not readings:
        raise NothingToJudge("the store was not read after the run")
    persisted = readings[-1]
    notes: list[Evidence] = []
    if not persisted.data["fills"] and any(order.fills for order in case.final.orders):
        broken = case.node.store_faults
        if not broken:
            raise NothingToJudge("the store holds no fills, the node holds some")
        message = "the store was broken, and holds no fills, the node holds some"
        notes.append(Evidence(kind="fills_not_persisted", message=message, seqs=(broken[0].seq,)))
    return conclude("persisted_fills", _twice(persisted), notes=notes)


def _twice(persisted: Event) -> Iterator[Evidence]:
    for client_order_id, trade_ids in persisted.data["fills"].items():
        for trade_id, times in Counter(trade_ids).items():
            if times > 1:
                yield Evidence(
                    kind="duplicate_persisted_fill",
                    message=f"trade {trade_id} of order {client_order_id} is {times} times in the "
                    "store",
                    seqs=(persisted.seq,),
                    client_order_id=client_order_id,
                    trade_id=trade_id,
                )
