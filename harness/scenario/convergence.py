"""Converged: the node's state equals the ledger and stays equal for two cycles of every check.

It begins with a heal. The user stream must be open meanwhile: equality before the node has come
back is not convergence. A cycle counts only where the venue answered the check's query:
NautilusTrader logs what goes wrong in a check and returns as if nothing had.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Set
from typing import NamedTuple

from harness.checkers.case import Case
from harness.checkers.compare import differences
from harness.checkers.purged import Purge, node_state
from harness.checkers.snapshot import Snapshot
from harness.history import Event
from harness.world.node import NodeNotRunning
from harness.world.parts import Parts
from harness.world.setup import configured_checks

CYCLES = 2
# What a check asks the venue; the in-flight check asks only where an order is in flight.
_CHECK_PATHS: Mapping[str, Set[str]] = {
    "open_orders": frozenset({"/fapi/v1/openOrders", "/fapi/v1/allOrders"}),
    "positions": frozenset({"/fapi/v3/positionRisk", "/fapi/v2/positionRisk"}),
}
_CHANGES = {
    ("node", "order_event"),
    ("node", "position_event"),
    ("node", "check_finished"),
    ("node", "strategy_started"),
    ("node", "exited"),
    ("wire", "connection"),
    ("venue", "order"),
    ("venue", "trade"),
    ("venue", "position"),
}


async def converge(parts: Parts, deadline_secs: float) -> bool:
    """Heal, wait for convergence, record it with what differs at the end; return whether."""
    await parts.heal()
    history = parts.history
    deadline_secs = max(deadline_secs, parts.patience_secs)
    configured = _configured_checks(parts)
    asking = _asking(parts)
    started_ns = history.clock.now_ns()
    changed = asyncio.Event()
    cycles = _Cycles(asking)

    def on_event(event: Event) -> None:
        cycles.follow(event)
        if (event.source, event.kind) in _CHANGES:
            changed.set()

    unlisten = history.listen(on_event)
    was_equal = False
    found = ["no snapshot of the node was taken"]
    try:
        async with history.clock.timeout(deadline_secs):
            while True:
                changed.clear()
                found = await _differences(parts)
                if found or not was_equal:
                    cycles.finished.clear()
                was_equal = not found
                if was_equal and not cycles.lacking(configured):
                    break
                if not parts.node.alive:
                    break
                await changed.wait()
    except TimeoutError:
        if not found:
            lacking = cycles.lacking(configured)
            found = [f"fewer than {CYCLES} cycles of the check {check}" for check in lacking]
            found = found or ["the node did not answer in time"]
    finally:
        unlisten()
    history.record(
        "harness",
        "converged",
        {
            "converged": not found,
            "seconds": round((history.clock.now_ns() - started_ns) / 1e9, 3),
            "differences": found,
        },
    )
    return not found


class _Answer(NamedTuple):
    received_ns: int
    path: str
    answered: bool


class _Cycles:
    """Counts the checks that were begun and finished, and whose query the venue answered."""

    def __init__(self, asking: Mapping[str, Set[str]] = _CHECK_PATHS) -> None:
        self._asking = asking
        self.finished: Counter[str] = Counter()
        self._started: Event | None = None
        self._answers: list[_Answer] = []

    def follow(self, event: Event) -> None:
        """Take in one event; NautilusTrader runs one check at a time.

        What the node says may be read after what it then asked the venue: their times count.
        """
        started = self._started
        if event.kind == "check_started":
            self._started = event
        elif event.kind == "http":
            answered = event.data["status"] == 200 and event.data["outcome"] == "replied"
            self._answers.append(_Answer(event.data["received_ns"], event.data["path"], answered))
        elif event.kind == "check_finished" and started is not None:
            check = event.data["check"]
            during = [one for one in self._answers if started.ts <= one.received_ns <= event.ts]
            if event.data["error"] is None and _answered(self._asking.get(check), during):
                self.finished[check] += 1
            self._answers = [one for one in self._answers if one.received_ns > event.ts]
            self._started = None

    def lacking(self, checks: set[str]) -> list[str]:
        """Return the checks that have not finished `CYCLES` cycles."""
        return sorted(check for check in checks if self.finished[check] < CYCLES)


def _answered(paths: Set[str] | None, answers: list[_Answer]) -> bool:
    return paths is None or (
        all(one.answered for one in answers) and any(one.path in paths for one in answers)
    )


async def _differences(parts: Parts) -> list[str]:
    try:
        snapshot = await parts.node.snapshot("convergence")
    except NodeNotRunning as error:
        return [str(error)]
    except TimeoutError:
        return ["the node did not answer in time"]
    found = differences(parts.ledger, _state(parts, snapshot))
    if not parts.user_stream_open:
        found.append("the node has no user stream open at the venue")
    return found


def _state(parts: Parts, snapshot: Event) -> Snapshot:
    events = parts.history.events
    values = parts.description.exec_engine
    purge = Purge.of("orders", values)
    if purge is None or snapshot.ts - events[0].ts < purge.interval_ns:
        return Snapshot(snapshot)
    return node_state(Case(events).runs[-1], snapshot, parts.ledger, values)


def _asking(parts: Parts) -> dict[str, Set[str]]:
    """Return what a check asks for, whatever the node holds; some ask nothing of the kind."""
    asking = dict(_CHECK_PATHS)
    if (
        not parts.description.exec_engine.get("open_check_open_only", True)
        and not parts.lists_closed_orders
    ):
        del asking["open_orders"]
    return asking


def _configured_checks(parts: Parts) -> set[str]:
    return configured_checks(parts.description.exec_engine) & parts.checks_told
