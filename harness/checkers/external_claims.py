"""External orders belong to the strategy that claims their instrument, else to EXTERNAL.

External is, to a node, every order that none of its strategies made: placed on the web, left
by an earlier life whose store is gone, or made up by NautilusTrader itself to align a position. An
order that a strategy did make stays that strategy's, across runs. All of this at every instant: a
strategy that is told of another's order may act upon it. A position belongs to a strategy that has
filled in it.
"""

from collections.abc import Container, Iterator
from typing import NamedTuple

from harness.checkers.case import Case
from harness.checkers.order_lives import SNAPSHOT
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude
from harness.history.event import Event

UNCLAIMED = "EXTERNAL"
# Whose 1.221 says an order is that it made up for an instrument without a claim.
MADE_UP_IN_1_221 = "INTERNAL-DIFF"


def external_claims(case: Case) -> CheckerVerdict:
    """FAIL for each order and position that is, or was on the way, another strategy's."""
    return conclude("external_claims", [*_wrongly_owned(case), *_positions(case)])


class _Owned(NamedTuple):
    """An order and whose it is, in the final state or as an event told."""

    seq: int
    client_order_id: str
    instrument_id: str
    strategy_id: str


def _owned(case: Case, made: Container[str]) -> Iterator[_Owned]:
    """Yield each owner of each order once, those of the final state first."""
    seen: set[tuple[str, str]] = set()
    for owned in (*_at_the_end(case, made), *_on_the_way(case)):
        key = owned.client_order_id, owned.strategy_id
        if key not in seen:
            seen.add(key)
            yield owned


def _at_the_end(case: Case, made: Container[str]) -> Iterator[_Owned]:
    for order in case.final.orders:
        if order.client_order_id in made or order.status not in ("INITIALIZED", "DENIED"):
            ids = (order.client_order_id, order.instrument_id, order.strategy_id)
            yield _Owned(case.final.seq, *ids)


def _on_the_way(case: Case) -> Iterator[_Owned]:
    for life in case.order_lives.values():
        for change in life.changes:
            if change.told not in (SNAPSHOT, "OrderInitialized", "OrderDenied"):
                strategy_id = change.event.data["event"].get("strategy_id")
                if strategy_id is not None:
                    ids = (life.client_order_id, life.instrument_id, strategy_id)
                    yield _Owned(change.event.seq, *ids)


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
    for owned in _owned(case, made):
        own = made.get(owned.client_order_id)
        if own is not None:
            owner = own.data["event"]["strategy_id"]
            if owned.strategy_id != owner:
                text = f"was made by strategy {owner}"
                yield _evidence(case, "lost_owner", owned, text, own.seq)
        else:
            owner = claims.get(owned.instrument_id, UNCLAIMED)
            if owner == UNCLAIMED and owned.strategy_id == MADE_UP_IN_1_221:
                continue
            if owned.strategy_id != owner:
                claimed = f"claimed by {owner}" if owner != UNCLAIMED else "claimed by none"
                text = f"is external, {owned.instrument_id} {claimed}"
                yield _evidence(case, "wrong_claim", owned, text)


def _evidence(case: Case, kind: str, owned: _Owned, text: str, *seqs: int) -> Evidence:
    where = "in the node it belongs" if owned.seq == case.final.seq else "it was told as belonging"
    return Evidence(
        kind=kind,
        message=f"order {owned.client_order_id} {text}; {where} to {owned.strategy_id}",
        seqs=(*seqs, owned.seq),
        client_order_id=owned.client_order_id,
        instrument_id=owned.instrument_id,
    )


def _positions(case: Case) -> Iterator[Evidence]:
    """Yield each open position whose strategy has no order that filled in it."""
    owners: dict[tuple[str, str | None], set[str]] = {}
    for order in case.final.orders:
        for fill in order.fills:
            key = order.instrument_id, fill.position_id
            owners.setdefault(key, set()).add(order.strategy_id)
    for position in case.final.positions:
        found = owners.get((position.instrument_id, position.position_id))
        if position.is_open and found and position.strategy_id not in found:
            yield Evidence(
                kind="position_owner",
                message=f"position {position.position_id} belongs to {position.strategy_id}, the "
                f"orders that filled in it to {', '.join(sorted(found))}",
                seqs=(case.final.seq,),
                instrument_id=position.instrument_id,
            )
