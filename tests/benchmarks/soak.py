"""A day of scenario time with a node that has nothing to do but its periodic checks."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import uvloop

from harness.clock import Clock
from harness.clock.stalls import StallWatch
from harness.history import Event, History
from harness.scenario.world import World
from harness.world.parts import Parts
from harness.world.services import Services
from harness.world.setup import Setup
from tests.benchmarks.row import Row

HOURS = 24
RATE = 100.0
# The standard preset's.
INTERVAL_SECS = {"in_flight": 2.0, "open_orders": 5.0, "positions": 10.0}
SECOND_NS = 1_000_000_000


class _Soak(msgspec.Struct):
    wall_secs: float
    stall_secs: float
    finished_ns: dict[str, list[int]]
    failed: int


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
        f"the machine's longest stall was {soak.stall_secs:.1f} s of scenario time",
    )
    for check, interval_secs in INTERVAL_SECS.items():
        times = soak.finished_ns[check]
        gaps = [(later - earlier) / SECOND_NS for earlier, later in itertools.pairwise(times)]
        skipped = sum(int(gap // interval_secs) - 1 for gap in gaps if gap >= 2 * interval_secs)
        yield Row(
            f"soak: {check} checks, every {interval_secs:g} s",
            f"{len(times):,}, {skipped} missing",
            "0 missing",
            f"longest gap {max(gaps, default=0.0):.1f} s; {soak.failed} checks of all kinds failed",
        )


async def _soak(services: Services, directory: Path, clock: Clock) -> _Soak:
    history = History(clock=clock)
    stalls = StallWatch(clock)
    setup = Setup(name="soak", covers="bench", preset="standard", rate=RATE)
    parts = await Parts.start(setup, history, services, directory)
    finished_ns: dict[str, list[int]] = {check: [] for check in INTERVAL_SECS}
    failed = 0

    def follow(event: Event) -> None:
        nonlocal failed
        if (event.source, event.kind) == ("node", "check_finished"):
            finished_ns[event.data["check"]].append(event.ts)
            failed += event.data["error"] is not None

    try:
        world = World(parts)
        await world.node.start()
        history.listen(follow)
        clock.set_rate(RATE)
        began = time.monotonic()
        await clock.sleep(HOURS * 3600)
        wall_secs = time.monotonic() - began
        clock.set_rate(1.0)
        await world.node.stop()
    finally:
        stalls.stop()
        await parts.close()
    return _Soak(wall_secs, stalls.scenario_secs, finished_ns, failed)
