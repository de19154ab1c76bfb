"""A day of scenario time with a node that has nothing to do but its periodic checks.

NautilusTrader's loop sleeps for the shortest interval, then makes the checks that are due, one
after another: what they take comes on top, and a fast clock multiplies it. A check is late where it
comes a turn of the loop after that, or more; it is missing where no stall of the machine explains
it.
"""

import asyncio
import itertools
import math
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import uvloop

from harness.clock import Clock, StallWatch, no_collections
from harness.history import Event, History
from harness.scenario.world import World
from harness.world.parts import Parts
from harness.world.services import Services
from harness.world.setup import Setup
from tests.benchmarks.cpu import Cpu, node_process
from tests.benchmarks.row import Row

HOURS = 24
RATE = 100.0
# The standard preset's.
INTERVAL_SECS = {"in_flight": 2.0, "open_orders": 5.0, "positions": 10.0}
SECOND_NS = 1_000_000_000


class Beat(msgspec.Struct, frozen=True):
    """One periodic check, in scenario seconds; `stalled_secs`: the machine's stalls until then."""

    check: str
    began: float
    ended: float
    stalled_secs: float = 0.0


class Count(msgspec.Struct):
    """How a check came: so often, so often late by a stall of the machine, so many missing."""

    counted: int = 0
    late: int = 0
    missing: int = 0
    longest_gap_secs: float = 0.0


class _Soak(msgspec.Struct):
    wall_secs: float
    cpu: str
    stalls: StallWatch
    beats: list[Beat]
    failed: int

    @property
    def worked_secs(self) -> float:
        return sum(beat.ended - beat.began for beat in self.beats)


def count(check: str, beats: list[Beat], interval_secs: float, turn_secs: float) -> Count:
    """Count a check among the beats of all, whose loop sleeps `turn_secs` between its turns."""
    own = [number for number, beat in enumerate(beats) if beat.check == check]
    due_secs = math.ceil(interval_secs / turn_secs) * turn_secs
    found = Count(counted=len(own))
    for earlier, later in itertools.pairwise(own):
        gap_secs = beats[later].began - beats[earlier].began
        work_secs = sum(beat.ended - beat.began for beat in beats[earlier:later])
        slept_secs = gap_secs - work_secs
        stalled_secs = beats[later].stalled_secs - beats[earlier].stalled_secs
        found.longest_gap_secs = max(gap_secs, found.longest_gap_secs)
        if slept_secs - stalled_secs >= due_secs + turn_secs:
            found.missing += int((slept_secs - stalled_secs - due_secs) / due_secs) or 1
        elif slept_secs >= due_secs + turn_secs:
            found.late += 1
    return found


def rows() -> Iterator[Row]:
    """Soak once."""
    services = Services.start()
    clock = services.clock()
    try:
        if not clock.can_be_set:
            yield Row(f"idle soak of {HOURS} h", "not measured", "", "the clock cannot be set here")
            return
        with (
            tempfile.TemporaryDirectory() as directory,
            no_collections(),
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            soak = runner.run(_soak(services, Path(directory), clock))
    finally:
        clock.close()
        services.stop()
    yield Row(
        f"idle soak of {HOURS} h at x{RATE:g}",
        f"{soak.wall_secs / 60:.1f} min",
        "<= 20 min",
        f"the machine's longest stall: {soak.stalls.machine_secs:.3f} s, "
        f"{soak.stalls.scenario_secs:.1f} s of scenario time",
    )
    yield Row("soak: CPU, of one core", soak.cpu, "", "nothing but the checks")
    turn_secs = min(INTERVAL_SECS.values())
    for check, interval_secs in INTERVAL_SECS.items():
        found = count(check, soak.beats, interval_secs, turn_secs)
        yield Row(
            f"soak: {check} checks, every {interval_secs:g} s",
            f"{found.counted:,} of {found.counted + found.missing:,}, {found.missing} missing",
            "0 missing",
            f"{found.late} late by a stall of the machine; longest gap "
            f"{found.longest_gap_secs:.1f} s; all kinds took {soak.worked_secs / 3600:.1f} h, "
            f"{soak.failed} failed",
        )


async def _soak(services: Services, directory: Path, clock: Clock) -> _Soak:
    history = History(clock=clock)
    stalls = StallWatch(clock)
    setup = Setup(name="soak", covers="bench", preset="standard", rate=RATE)
    parts = await Parts.start(setup, history, services, directory)
    beats: list[Beat] = []
    failed = 0
    began: tuple[int, float] = 0, 0.0

    def follow(event: Event) -> None:
        nonlocal failed, began
        if (event.source, event.kind) == ("node", "check_started"):
            began = event.ts, stalls.scenario_secs_total + waited_secs(node.pid) * clock.rate
        elif (event.source, event.kind) == ("node", "check_finished"):
            times = (began[0] / SECOND_NS, event.ts / SECOND_NS)
            beats.append(Beat(event.data["check"], *times, began[1]))
            failed += event.data["error"] is not None

    try:
        world = World(parts)
        await world.node.start()
        node = node_process(history)
        history.listen(follow)
        clock.set_rate(RATE)
        before = Cpu.of(node)
        wall = time.monotonic()
        await clock.sleep(HOURS * 3600)
        wall_secs = time.monotonic() - wall
        cpu = Cpu.of(node).share(before, wall_secs)
        clock.set_rate(1.0)
        await world.node.stop()
    finally:
        stalls.stop()
        await parts.close()
    return _Soak(wall_secs, cpu, stalls, beats, failed)


def waited_secs(pid: int) -> float:
    """Return how many of the machine's seconds a process's main thread has waited for a core."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / SECOND_NS
