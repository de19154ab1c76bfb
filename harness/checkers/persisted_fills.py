"""The store holds the last run's fills, each once: what is there, the next run will believe.

A fill that was applied while the store was broken, or before, may be lost with it, and is noted.
One that was applied when the store was whole, and stayed so, may not.
"""

from collections import Counter
from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.verdict import CheckerVerdict, Evidence, NothingToJudge, conclude
from harness.history.event import Event


def persisted_fills(case: Case) -> CheckerVerdict:
    """FAIL for each fill that is in the store more than once, or not though it was whole.

    A node whose cache is in no store has none to judge.
    """
    if case.of("store", "absent"):
        return conclude("persisted_fills", ())
    readings = case.of("store", "persisted")
    if not readings:
        raise NothingToJudge("the store was not read after the run")
    persisted = readings[-1]
    whole_ns = max((event.ts for event in case.node.store_breaks), default=0)
    lost = list(_lost(case, persisted)) if case.runs[-1].stop_requested else []
    return conclude(
        "persisted_fills",
        [
            *_twice(persisted),
            *(_evidence(fill, persisted) for fill in lost if fill.ts > whole_ns),
        ],
        notes=[_evidence(fill, persisted) for fill in lost if fill.ts <= whole_ns],
    )


def _lost(case: Case, persisted: Event) -> Iterator[Event]:
    """Yield the fills that the last run applied, and holds, and that the store does not hold."""
    held = {
        (order.client_order_id, fill.trade_id)
        for order in case.final.orders
        for fill in order.fills
    }
    for event in case.runs[-1].order_events:
        if event.data["type"] == "OrderFilled":
            fill = event.data["event"]
            key = fill["client_order_id"], fill["trade_id"]
            if key in held and key[1] not in persisted.data["fills"].get(key[0], ()):
                yield event


def _evidence(applied: Event, persisted: Event) -> Evidence:
    fill = applied.data["event"]
    return Evidence(
        kind="unpersisted_fill",
        message=f"trade {fill['trade_id']} of order {fill['client_order_id']} was applied, and is "
        "not in the store",
        seqs=(applied.seq, persisted.seq),
        client_order_id=fill["client_order_id"],
        trade_id=fill["trade_id"],
    )


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
