"""How long node and venue differ before the node notices, and before they are equal again.

A *discrepancy* begins at the instant an order (whether it is open, what it has filled) or a
position is another one at the venue than in the node, and ends when they are equal again. It is
*noticed* at the node's first event or log line about it. News needs its ordinary time to travel;
what lasts longer is listed, the longest first.

The limit is the configured check's: the delay of the loop, the threshold, and a cycle for each
retry and two more. It counts from where the node could act: the last heal, and the end of its
startup reconciliation. By a clock that is faster than the machine a longer one is only noted, and
what no configured check looks for has no limit. What is never repaired, others tell.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

import msgspec

from harness.checkers.case import Case
from harness.checkers.continuous_loop_delay import DELAY_DEFAULT_SECS
from harness.checkers.ledger import (
    OPEN_STATUSES,
    ZERO,
    instrument_of,
    position_side_of,
    symbol_of,
)
from harness.checkers.node_view import SECOND_NS
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude
from harness.history.event import Event

# By the machine's clock.
ORDINARY_SECS = 0.1
LATE_MARGIN_SECS = 2.0
LISTED_MAX = 20
# NautilusTrader's own, where the scenario leaves a field out.
THRESHOLD_DEFAULT_MS = 5_000
OPEN_CHECK_RETRIES_DEFAULT = 5
POSITION_CHECK_RETRIES_DEFAULT = 3

_UNKNOWN_YET = frozenset({None, "INITIALIZED", "SUBMITTED", "EMULATED", "RELEASED"})

State = tuple[Decimal, bool] | Decimal | None
"""An order as (filled, open), or a position's quantity; None where one does not know it."""


class Told(NamedTuple):
    """From when on a side holds a state, and the event that says so."""

    ts: int
    event: Event
    state: State


class Discrepancy(msgspec.Struct, frozen=True):
    """A time in which the two sides differed; `ended` is missing where they still do.

    `told` is what the node told of it at any time. Before the first node there was none to differ.
    """

    kind: str
    name: str
    instrument_id: str
    told: list[Told]
    began: Told
    ended: Told | None
    since_ns: int

    @property
    def secs(self) -> float:
        """How long it lasted; infinite while it does."""
        return float("inf") if self.ended is None else (self.ended.ts - self.since_ns) / SECOND_NS


def repair_time(case: Case) -> CheckerVerdict:
    """FAIL for each discrepancy that a check should have repaired sooner; measures all."""
    forked = case.runs[0].forked
    first_ns = 0 if forked is None else forked.ts
    all_ = [*_of_orders(case, first_ns), *_of_positions(case, first_ns)]
    repaired = [one for one in all_ if one.ended is not None]
    long = sorted((one for one in repaired if one.secs > ORDINARY_SECS * case.rate), key=_by_length)
    listed = [(one, _noticed_secs(case, one)) for one in long[:LISTED_MAX]]
    slow = [evidence for one in long for evidence in _too_slow(case, one)]
    return conclude(
        "repair_time",
        slow if case.rate == 1.0 else (),
        notes=[*(() if case.rate == 1.0 else slow), *(_listed(*one) for one in listed)],
        measures={
            "order_repair_secs_max": _longest(repaired, "order"),
            "position_repair_secs_max": _longest(repaired, "position"),
            "noticed_secs_max": max((secs for _, secs in listed if secs is not None), default=0.0),
            "repaired_count": float(len(long)),
            "unrepaired_count": float(len(all_) - len(repaired)),
            "runs_count": float(len(case.runs)),
        },
    )


def _by_length(one: Discrepancy) -> float:
    return -one.secs


def _longest(repaired: Sequence[Discrepancy], kind: str) -> float:
    return max((one.secs for one in repaired if one.kind == kind), default=0.0)


def _of_orders(case: Case, first_ns: int) -> Iterator[Discrepancy]:
    venue: dict[str, list[Told]] = {}
    for event in case.judged(case.of("venue", "order")):
        data = event.data
        state = Decimal(data["filled"]), data["status"] in OPEN_STATUSES
        venue.setdefault(data["client_order_id"], []).append(Told(event.ts, event, state))
    for name, told in venue.items():
        orders = case.ledger.by_client_order_id(name)
        if len(orders) != 1 or not case.ledger.in_scope(orders[0]):
            continue
        life = case.order_lives.get(name)
        node = [
            Told(
                change.event.ts,
                change.event,
                None if change.status in _UNKNOWN_YET else (change.filled, not change.is_closed),
            )
            for change in (life.changes if life else ())
        ]
        yield from _differences(
            first_ns, "order", name, instrument_of(orders[0].symbol), told, node
        )


def _of_positions(case: Case, first_ns: int) -> Iterator[Discrepancy]:
    venue: dict[tuple[str, str], list[Told]] = {}
    for event in case.judged(case.of("venue", "position")):
        key = event.data["symbol"], event.data.get("position_side", "BOTH")
        venue.setdefault(key, []).append(Told(event.ts, event, Decimal(event.data["amount"])))
    node = _believed(case)
    for (symbol, side), told in venue.items():
        instrument_id = instrument_of(symbol)
        name = instrument_id if side == "BOTH" else f"{instrument_id} {side}"
        believed = node.get((symbol, side), [])
        yield from _differences(first_ns, "position", name, instrument_id, told, believed)


def _believed(case: Case) -> dict[tuple[str, str], list[Told]]:
    """Return what the node told of each position, net, as it told it."""
    held: dict[tuple[str, str], dict[str, Decimal]] = {}
    told: dict[tuple[str, str], list[Told]] = {}

    def note(event: Event, key: tuple[str, str]) -> None:
        net = sum(held[key].values(), ZERO)
        told.setdefault(key, []).append(Told(event.ts, event, net))

    for event in case.judged(case.of("node", "position_event", "snapshot")):
        if event.kind == "position_event":
            key = _key(event.data["instrument_id"], event.data["position_id"])
            quantity = Decimal(event.data["signed_qty"])
            held.setdefault(key, {})[event.data["position_id"]] = quantity
            note(event, key)
        elif event.data["reason"] == "reconciled":
            for positions in held.values():
                positions.clear()
            for position in event.data["positions"]:
                key = _key(position["instrument_id"], position["position_id"])
                quantity = Decimal(position["signed_quantity"])
                held.setdefault(key, {})[position["position_id"]] = quantity
            for key in held:
                note(event, key)
    return told


def _key(instrument_id: str, position_id: str) -> tuple[str, str]:
    return symbol_of(instrument_id), position_side_of(position_id)


def _differences(
    first_ns: int, kind: str, name: str, instrument_id: str, venue: list[Told], node: list[Told]
) -> Iterator[Discrepancy]:
    """Yield the times in which two sides differ. A position is zero until it is told."""
    at_venue: State = ZERO if kind == "position" else None
    in_node: State = at_venue
    began: Told | None = None
    both = sorted([*((one, True) for one in venue), *((one, False) for one in node)], key=_ts)
    for _, together in groupby(both, key=_ts):
        for one, of_venue in together:
            if of_venue:
                at_venue = one.state
            else:
                in_node = one.state
        differs = at_venue is not None and at_venue != in_node
        if differs and began is None:
            began = one
        elif not differs and began is not None:
            since_ns = max(began.ts, first_ns)
            if one.ts > since_ns:
                yield Discrepancy(kind, name, instrument_id, node, began, one, since_ns)
            began = None
    if began is not None:
        yield Discrepancy(kind, name, instrument_id, node, began, None, max(began.ts, first_ns))


def _ts(one: tuple[Told, bool]) -> int:
    return one[0].ts


def _noticed_secs(case: Case, one: Discrepancy) -> float | None:
    """Return after how long the node said anything about it."""
    about = one.name if one.kind == "order" else one.instrument_id
    logged = (event.ts for event in case.of("node", "log") if about in event.data["message"])
    times = (ts for ts in (*(told.ts for told in one.told), *logged) if ts > one.since_ns)
    first_ns = min(times, default=None)
    return None if first_ns is None else (first_ns - one.since_ns) / SECOND_NS


def _listed(one: Discrepancy, noticed_secs: float | None) -> Evidence:
    noticed = "never" if noticed_secs is None else f"after {noticed_secs:.3f} s"
    return Evidence(
        kind="repaired",
        message=f"{one.kind} {one.name} differed for {one.secs:.3f} s, noticed {noticed}",
        seqs=_seqs(one),
        instrument_id=one.instrument_id,
    )


def _too_slow(case: Case, one: Discrepancy) -> Iterator[Evidence]:
    limit_secs = _limit_secs(case, one.kind)
    if limit_secs is None or one.ended is None:
        return
    reconciled = (
        run.reconciliation_finished.ts
        for run in case.runs
        if run.reconciliation_finished and run.reconciliation_finished.ts <= one.ended.ts
    )
    healed_ns = case.healed.ts if case.healed else 0
    since_ns = max(one.since_ns, healed_ns, *reconciled)
    took_secs = (one.ended.ts - since_ns) / SECOND_NS
    if took_secs > limit_secs:
        yield Evidence(
            kind="slow_repair",
            message=f"{one.kind} {one.name} differed for {took_secs:.1f} s in which the node could "
            f"have repaired it: the limit of the configured check is {limit_secs:.1f} s",
            seqs=_seqs(one),
            instrument_id=one.instrument_id,
        )


def _limit_secs(case: Case, kind: str) -> float | None:
    """Return what the configured check needs at most; None where none is configured."""
    values = case.scenario["preset_values"]
    check = "open_check" if kind == "order" else "position_check"
    interval_secs = values.get(f"{check}_interval_secs")
    if not interval_secs:
        return None
    if kind == "order":
        retries = values.get("open_check_missing_retries", OPEN_CHECK_RETRIES_DEFAULT)
    else:
        retries = values.get("position_check_retries", POSITION_CHECK_RETRIES_DEFAULT)
    delay_secs = float(values.get("reconciliation_startup_delay_secs", DELAY_DEFAULT_SECS))
    threshold_secs = float(values.get(f"{check}_threshold_ms", THRESHOLD_DEFAULT_MS)) / 1000
    cycles_secs = (int(retries) + 2) * float(interval_secs)
    return delay_secs + threshold_secs + cycles_secs + LATE_MARGIN_SECS


def _seqs(one: Discrepancy) -> tuple[int, ...]:
    return (one.began.event.seq, *(() if one.ended is None else (one.ended.event.seq,)))
