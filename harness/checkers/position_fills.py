"""A position is the sum of the fills that name it, and what strategies were told of it last."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from harness.checkers.case import Case
from harness.checkers.ledger import ZERO, plus
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude


def position_fills(case: Case) -> CheckerVerdict:
    """FAIL for each position that its fills do not add up to, or that is not as it was told.

    One of whose orders the node has let go of is noted: its fills went with it.
    """
    gone = _gone(case)
    evidence: list[Evidence] = []
    notes: list[Evidence] = []
    for difference in _differences(case):
        (notes if difference.instrument_id in gone else evidence).append(difference)
    return conclude("position_fills", [*evidence, *_untold(case)], notes=notes)


def _gone(case: Case) -> set[str]:
    """Return the instruments of orders that were filled and are not in the final state."""
    held = {order.client_order_id for order in case.final.orders}
    return {
        event.data["event"]["instrument_id"]
        for run in case.store_runs
        for event in case.judged(list(run.fills()))
        if event.data["event"]["client_order_id"] not in held
    }


def _differences(case: Case) -> Iterator[Evidence]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for order in case.final.orders:
        for fill in order.fills:
            if fill.position_id is not None:
                sums[order.instrument_id, fill.position_id] += order.signed(fill.quantity)
    held = {
        (position.instrument_id, position.position_id): position.signed_quantity
        for position in case.final.positions
    }
    for key in sorted({*sums, *held}):
        instrument_id, position_id = key
        if sums.get(key, ZERO) != held.get(key, ZERO):
            yield Evidence(
                kind="position_fill_sum",
                message=f"position {position_id} is {plus(held.get(key, ZERO))}, its fills add up "
                f"to {plus(sums.get(key, ZERO))}",
                seqs=(case.final.seq,),
                instrument_id=instrument_id,
            )


def _untold(case: Case) -> Iterator[Evidence]:
    """Yield the positions that the last run told otherwise than they are."""
    told = {
        event.data["position_id"]: event
        for event in case.judged(case.of("node", "position_event"))
        if event.data["run"] == case.final.run
    }
    for position in case.final.positions:
        event = told.get(position.position_id)
        if event is not None and Decimal(event.data["signed_qty"]) != position.signed_quantity:
            yield Evidence(
                kind="untold_position",
                message=f"position {position.position_id} is {plus(position.signed_quantity)}, and "
                f"was told as {plus(Decimal(event.data['signed_qty']))} last",
                seqs=(event.seq, case.final.seq),
                instrument_id=position.instrument_id,
            )
