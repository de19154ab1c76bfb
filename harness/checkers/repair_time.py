"""How long node and venue differ before the node notices, and before they are equal again.

A *discrepancy* begins at the instant an order (whether it is open, what it has filled) or a
position is another one at the venue than in the node, and ends when they are equal again. It is
*noticed* at the node's first event or log line about it. News needs its ordinary time to travel;
what lasts longer is listed, the longest first.

The limit is the configured check's, and counted in its cycles, which are as many on a slow machine:
one for each retry, and two more. A cycle counts where it could have repaired the difference: it
began when nothing had been told of it for the threshold, ended without an error, and the venue
answered all that was asked meanwhile, and truly. What no configured check looks for has no limit:
nor has an order that the venue has closed where the check asks for open ones alone (N01 of
docs/findings.md). What is never repaired, others tell.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple, Self

import msgspec

from harness.checkers.case import Case
from harness.checkers.ledger import (
    OPEN_STATUSES,
    ZERO,
    instrument_of,
    position_side_of,
    symbol_of,
)
from harness.checkers.node_view import SECOND_NS, Check
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude
from harness.history.event import Event

# By the machine's clock.
ORDINARY_SECS = 0.1
LISTED_MAX = 20
# NautilusTrader's own, where the scenario leaves a field out.
THRESHOLD_DEFAULT_MS = 5_000
OPEN_CHECK_RETRIES_DEFAULT = 5
POSITION_CHECK_RETRIES_DEFAULT = 3
QUERIES_A_CYCLE_DEFAULT = 10

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

    `told` is what the node told of it at any time, `at_venue` what it was there at last. Before the
    first node there was none to differ.
    """

    kind: str
    name: str
    instrument_id: str
    told: list[Told]
    began: Told
    ended: Told | None
    since_ns: int
    at_venue: State

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
    check_of = {"order": _Check.of_orders(case, len(all_)), "position": _Check.of_positions(case)}
    return conclude(
        "repair_time",
        (slow for one in long for slow in check_of[one.kind].too_slow(one)),
        notes=[_listed(*one) for one in listed],
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
                yield Discrepancy(kind, name, instrument_id, node, began, one, since_ns, at_venue)
            began = None
    if began is not None:
        since_ns = max(began.ts, first_ns)
        yield Discrepancy(kind, name, instrument_id, node, began, None, since_ns, at_venue)


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


class _Check:
    """A periodic check that repairs a kind of discrepancy, and its cycles that could."""

    def __init__(self, case: Case, name: str, threshold_ms: int, cycles_max: int) -> None:
        self.name = name
        values = case.scenario["preset_values"]
        self._open_only = bool(values.get("open_check_open_only", True))
        self._threshold_ns = threshold_ms * 1_000_000
        self._cycles_max = cycles_max
        self._cycles = list(_cycles(case, name))

    @classmethod
    def of_orders(cls, case: Case, discrepancies: int) -> Self:
        """The check of open orders, which asks for so many by themselves a cycle."""
        values = case.scenario["preset_values"]
        retries = values.get("open_check_missing_retries", OPEN_CHECK_RETRIES_DEFAULT)
        a_cycle = values.get("max_single_order_queries_per_cycle", QUERIES_A_CYCLE_DEFAULT)
        threshold_ms = values.get("open_check_threshold_ms", THRESHOLD_DEFAULT_MS)
        return cls(case, "open_orders", threshold_ms, retries + 2 + discrepancies // a_cycle)

    @classmethod
    def of_positions(cls, case: Case) -> Self:
        """The check of positions."""
        values = case.scenario["preset_values"]
        retries = values.get("position_check_retries", POSITION_CHECK_RETRIES_DEFAULT)
        threshold_ms = values.get("position_check_threshold_ms", THRESHOLD_DEFAULT_MS)
        return cls(case, "positions", threshold_ms, retries + 2)

    def too_slow(self, one: Discrepancy) -> Iterator[Evidence]:
        """Yield a discrepancy that lasted for more cycles than it may."""
        if one.ended is None or (self._open_only and _is_closed(one.at_venue)):
            return
        ended_ns = one.ended.ts
        news = (told.ts for told in one.told if told.ts < ended_ns)
        settled_ns = max(one.since_ns, *news, 0) + self._threshold_ns
        made = sum(
            settled_ns <= check.started.ts and check.finished.ts < ended_ns
            for check in self._cycles
            if check.finished is not None
        )
        if made > self._cycles_max:
            yield Evidence(
                kind="slow_repair",
                message=f"{one.kind} {one.name} differed for {one.secs:.1f} s, in which the check "
                f"{self.name} looked {made} times: it needs {self._cycles_max} at most",
                seqs=_seqs(one),
                instrument_id=one.instrument_id,
            )


def _is_closed(state: State) -> bool:
    return isinstance(state, tuple) and not state[1]


def _cycles(case: Case, name: str) -> Iterator[Check]:
    """Yield the cycles of a check whose questions the venue answered, and answered truly."""
    answered: list[int] = []
    doubtful = [event.ts for event in case.of("wire", "misbehaviour")]
    for event in case.of("wire", "http"):
        well = event.data["status"] == 200 and event.data["outcome"] == "replied"
        (answered if well else doubtful).append(event.data["received_ns"])
    answered.sort()
    doubtful.sort()
    for run in case.runs:
        for check in run.checks:
            if check.name == name and check.finished is not None and check.error is None:
                during = check.started.ts, check.finished.ts
                if _between(answered, *during) and not _between(doubtful, *during):
                    yield check


def _between(times: list[int], from_ns: int, until_ns: int) -> bool:
    """Return whether one of `times`, which are in order, lies between the two."""
    return bisect_left(times, from_ns) < bisect_right(times, until_ns)


def _seqs(one: Discrepancy) -> tuple[int, ...]:
    return (one.began.event.seq, *(() if one.ended is None else (one.ended.event.seq,)))
