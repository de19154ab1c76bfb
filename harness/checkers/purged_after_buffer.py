"""A node holds what is closed for the purge's buffer, and purges it at the first interval after."""

from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.node_view import SECOND_NS, Run
from harness.checkers.purged import Purge, gone_orders
from harness.checkers.snapshot import Matching, Snapshot
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude
from harness.history.event import Event


def purged_after_buffer(case: Case) -> CheckerVerdict:
    """FAIL for each order or position that is gone too early, or is there though it should be gone.

    What was open when the node last told of it may not be gone at all.
    """
    values = case.scenario["preset_values"]
    orders, positions = Purge.of("orders", values), Purge.of("positions", values)
    state = Snapshot(case.snapshot)
    evidence = [
        *_gone_orders(case, state, orders),
        *(_kept_orders(case, state, orders) if orders else ()),
        *_positions(case, state, positions),
    ]
    purged = len(case.final.orders) - len(state.orders)
    return conclude("purged_after_buffer", evidence, measures={"purged_orders_count": purged})


def _gone_orders(case: Case, state: Snapshot, purge: Purge | None) -> Iterator[Evidence]:
    for gone in gone_orders(case.runs[-1], state, case.ledger):
        if purge and gone.closed_ns is not None and purge.may(gone.closed_ns, state.ts):
            continue
        order = gone.order
        yield Evidence(
            kind="purged_early",
            message=f"order {order.client_order_id} ({order.status}) is gone from the node "
            + _when(gone.closed_ns, state, purge),
            seqs=(gone.told.seq, state.seq),
            client_order_id=order.client_order_id,
            instrument_id=order.instrument_id,
        )


def _kept_orders(case: Case, state: Snapshot, purge: Purge) -> Iterator[Evidence]:
    for order, known in Matching.of(case.ledger, state).pairs:
        both_closed = order.is_closed and not known.is_open
        if both_closed and _must(case.runs[-1], known.ts, state, purge):
            yield Evidence(
                kind="not_purged",
                message=f"order {order.client_order_id} ({order.status}) is in the node "
                + _when(known.ts, state, purge),
                seqs=(known.seq, state.seq),
                client_order_id=order.client_order_id,
                instrument_id=order.instrument_id,
            )


def _positions(case: Case, state: Snapshot, purge: Purge | None) -> Iterator[Evidence]:
    run = case.runs[-1]
    last_told: dict[str, Event] = {}
    for event in case.judged(case.of("node", "position_event")):
        if event.data["run"] == run.number:
            last_told[event.data["position_id"]] = event
    held = {position.position_id for position in state.positions}
    for position_id, told in last_told.items():
        closed_ns = told.ts if told.data["type"] == "PositionClosed" else None
        may = purge is not None and closed_ns is not None and purge.may(closed_ns, state.ts)
        if position_id not in held and not may:
            yield _position(
                told, state, "purged_early", "gone from", _when(closed_ns, state, purge)
            )
        elif position_id in held and purge and closed_ns and _must(run, closed_ns, state, purge):
            yield _position(told, state, "not_purged", "in", _when(closed_ns, state, purge))


def _must(run: Run, closed_ns: int, state: Snapshot, purge: Purge) -> bool:
    return run.forked is not None and purge.must(closed_ns, run.forked.ts, state.ts)


def _when(closed_ns: int | None, state: Snapshot, purge: Purge | None) -> str:
    if closed_ns is None:
        return "though it was open"
    after = f"{(state.ts - closed_ns) / SECOND_NS:.0f} s after it was closed"
    if purge is None:
        return f"{after}: nothing is purged"
    buffer, interval = purge.buffer_ns // SECOND_NS, purge.interval_ns // SECOND_NS
    return f"{after}: the buffer is {buffer} s, the interval {interval} s"


def _position(told: Event, state: Snapshot, kind: str, where: str, when: str) -> Evidence:
    position_id, instrument_id = told.data["position_id"], told.data["instrument_id"]
    return Evidence(
        kind=kind,
        message=f"position {position_id} is {where} the node {when}",
        seqs=(told.seq, state.seq),
        instrument_id=instrument_id,
    )
