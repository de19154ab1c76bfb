"""Converged: the node's state equals the ledger and stays equal for two cycles of every check.

The user stream must be open meanwhile: equality before the node has come back is not convergence.
"""

import asyncio
import time
from collections import Counter

from harness.checkers.compare import differences
from harness.checkers.snapshot import Snapshot
from harness.history import Event
from harness.world.node import NodeNotRunning
from harness.world.parts import Parts

CYCLES = 2
_CHECK_FIELDS = {
    "in_flight": "inflight_check_interval_ms",
    "open_orders": "open_check_interval_secs",
    "positions": "position_check_interval_secs",
}
# NautilusTrader's default for the only check that is on unless it is turned off.
_INFLIGHT_INTERVAL_DEFAULT_MS = 2_000
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
    """Wait for convergence; record `converged` with what differs at the end, and return whether."""
    history = parts.history
    configured = _configured_checks(parts)
    started = time.monotonic()
    changed = asyncio.Event()
    cycles: Counter[str] = Counter()

    def on_event(event: Event) -> None:
        if (event.source, event.kind) in _CHANGES:
            if event.kind == "check_finished" and event.data["error"] is None:
                cycles[event.data["check"]] += 1
            changed.set()

    unlisten = history.listen(on_event)
    was_equal = False
    found = ["no snapshot of the node was taken"]
    try:
        async with asyncio.timeout(deadline_secs):
            while True:
                changed.clear()
                found = await _differences(parts)
                if found or not was_equal:
                    cycles.clear()
                was_equal = not found
                if was_equal and all(cycles[check] >= CYCLES for check in configured):
                    break
                if not parts.node.alive:
                    break
                await changed.wait()
    except TimeoutError:
        if not found:
            lacking = sorted(check for check in configured if cycles[check] < CYCLES)
            found = [f"fewer than {CYCLES} cycles of the check {check}" for check in lacking]
    finally:
        unlisten()
    history.record(
        "harness",
        "converged",
        {
            "converged": not found,
            "seconds": round(time.monotonic() - started, 3),
            "differences": found,
        },
    )
    return not found


async def _differences(parts: Parts) -> list[str]:
    try:
        snapshot = await parts.node.snapshot("convergence")
    except NodeNotRunning as error:
        return [str(error)]
    except TimeoutError:
        return ["the node did not answer in time"]
    found = differences(parts.ledger, Snapshot(snapshot))
    if not parts.user_stream_open:
        found.append("the node has no user stream open at the venue")
    return found


def _configured_checks(parts: Parts) -> set[str]:
    values = {"inflight_check_interval_ms": _INFLIGHT_INTERVAL_DEFAULT_MS}
    values |= parts.setup.engine_values()
    return {check for check, field in _CHECK_FIELDS.items() if values.get(field)}
