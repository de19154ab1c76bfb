"""What a strategy submits once reaches the venue once, and never after the node has given it up.

A strategy acts upon a rejection: it tries anew. So a rejection that the venue did not give is as
bad as a request sent twice, and what is submitted after it stands beside the order that lives.
"""

from collections import Counter
from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.ledger import instrument_of, symbol_of
from harness.checkers.order_lives import Change, OrderLife
from harness.checkers.order_requests import OrderRequest
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude

Key = str | None | tuple[str | None, str | None]
GIVEN_UP = frozenset({"OrderRejected", "OrderDenied"})


def submissions(case: Case) -> CheckerVerdict:
    """FAIL for each order that the venue has twice, or came by after it was given up.

    A request that was repeated and that the venue refused as such is noted.
    """
    evidence = [*_twice(case)]
    accepted = _accepted(case)
    for life in case.order_lives.values():
        given_up = next((one for one in life.changes if one.told in GIVEN_UP), None)
        if given_up is not None:
            evidence += _came_late(accepted, life, given_up)
            evidence += _replaced(case, accepted, life, given_up)
    return conclude("submissions", evidence, notes=_repeated(case))


def _made(case: Case) -> Counter[str]:
    return Counter(
        event.data["event"]["client_order_id"]
        for run in case.runs
        for event in run.order_initialized()
    )


def _twice(case: Case) -> Iterator[Evidence]:
    for client_order_id, times in _made(case).items():
        orders = [
            order for order in case.ledger.by_client_order_id(client_order_id) if not order.external
        ]
        if len(orders) > times:
            listed = ", ".join(str(order.order_id) for order in orders)
            yield Evidence(
                kind="double_order",
                message=f"order {client_order_id} was submitted {times} times and is "
                f"{len(orders)} orders at the venue: {listed}",
                seqs=tuple(order.seq for order in orders),
                client_order_id=client_order_id,
                instrument_id=instrument_of(orders[0].symbol),
            )


def _accepted(case: Case) -> dict[Key, list[OrderRequest]]:
    """Return what was placed and executed, by client order id, and by symbol and side."""
    found: dict[Key, list[OrderRequest]] = {}
    for request in case.order_requests:
        if request.executed and not request.amends:
            of_the_kind = request.params.get("symbol"), request.params.get("side")
            found.setdefault(request.client_order_id, []).append(request)
            found.setdefault(of_the_kind, []).append(request)
    return found


def _came_late(
    accepted: dict[Key, list[OrderRequest]], life: OrderLife, given_up: Change
) -> Iterator[Evidence]:
    for request in accepted.get(life.client_order_id, ()):
        if request.arrived_ns > given_up.event.ts:
            text = f"reached the venue after its strategy had been told {given_up.told}"
            seqs = (given_up.event.seq, request.event.seq)
            yield life.evidence("submitted_after_rejection", text, *seqs)


def _replaced(
    case: Case, accepted: dict[Key, list[OrderRequest]], life: OrderLife, rejected: Change
) -> Iterator[Evidence]:
    """Yield the orders that were submitted for one that the venue had not rejected."""
    at_venue = case.venue_lives.find(life.client_order_id, life.venue_order_id)
    said = at_venue.statuses_by(rejected.event.ts) if at_venue is not None else set()
    if not said or "REJECTED" in said:
        return
    side = case.ledger.by_client_order_id(life.client_order_id)[-1].side
    for request in accepted.get((symbol_of(life.instrument_id), side), ()):
        if (
            request.may_increase_risk
            and request.client_order_id != life.client_order_id
            and request.arrived_ns > rejected.event.ts
        ):
            text = (
                f"was told {rejected.told}, the venue had not given that; then order "
                f"{request.client_order_id} was submitted beside it"
            )
            seqs = (rejected.event.seq, request.event.seq)
            yield life.evidence("submitted_after_false_rejection", text, *seqs)


def _repeated(case: Case) -> Iterator[Evidence]:
    made = _made(case)
    arrived = Counter(
        request.client_order_id
        for request in case.order_requests
        if not request.amends and request.client_order_id in made
    )
    for client_order_id, times in arrived.items():
        if client_order_id is not None and times > made[client_order_id]:
            yield Evidence(
                kind="repeated_submission",
                message=f"order {client_order_id} was submitted {made[client_order_id]} times, "
                f"requests for it arrived {times} times",
                client_order_id=client_order_id,
            )
