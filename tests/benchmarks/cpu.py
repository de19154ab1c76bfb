"""What a node and the harness take of a core while a scenario waits, in real time and faster."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import uvloop

from harness.clock import Clock
from harness.history import Event, History
from harness.scenario.world import World, buy
from harness.world.parts import Parts
from harness.world.services import Services
from harness.world.setup import Setup
from tests.benchmarks.row import Row

RATES = (1.0, 10.0)
REAL_SECS = 15.0


class Cpu(msgspec.Struct, frozen=True):
    """CPU time in seconds: of the node, and of the process that is harness and venue."""

    node: float
    harness: float

    @classmethod
    def of(cls, node: psutil.Process) -> "Cpu":
        """Return what both have taken so far."""
        times = node.cpu_times()
        return cls(float(times.user + times.system), time.process_time())

    def share(self, before: "Cpu", real_secs: float) -> str:
        """Return what both have taken of one core since `before`."""
        node, harness = self.node - before.node, self.harness - before.harness
        return f"node {node / real_secs:.1%}, harness and venue {harness / real_secs:.1%}"


def node_process(history: History) -> psutil.Process:
    """Return the process of the only run of the node."""
    (forked,) = [event for event in history if _is_fork(event)]
    return psutil.Process(forked.data["pid"])


def rows() -> Iterator[Row]:
    """Measure at each rate, one after another."""
    services = Services.start()
    clock = services.clock()
    try:
        for rate in RATES if clock.can_be_set else RATES[:1]:
            with (
                tempfile.TemporaryDirectory() as directory,
                asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
            ):
                share = runner.run(_wait(services, Path(directory), clock, rate))
            yield Row(
                f"CPU at x{rate:g}, of one core",
                share,
                "",
                f"an order at rest, the checks of the preset quick, for {REAL_SECS:g} s",
            )
    finally:
        clock.close()
        services.stop()


async def _wait(services: Services, directory: Path, clock: Clock, rate: float) -> str:
    history = History(clock=clock)
    setup = Setup(name="cpu", covers="bench", rate=rate)
    parts = await Parts.start(setup, history, services, directory)
    try:
        world = World(parts)
        await world.node.start()
        order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
        await order.accepted()
        await world.node.checked("positions")
        node = node_process(history)
        if clock.can_be_set:
            clock.set_rate(rate)
        before = Cpu.of(node)
        await asyncio.sleep(REAL_SECS)
        share = Cpu.of(node).share(before, REAL_SECS)
        if clock.can_be_set:
            clock.set_rate(1.0)
        await world.node.stop()
    finally:
        await parts.close()
    return share


def _is_fork(event: Event) -> bool:
    return (event.source, event.kind) == ("node", "forked")
