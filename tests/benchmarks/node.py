"""What starting a node, a short scenario and all scenarios cost."""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
import uvloop

from harness.history import History
from harness.report.summary import decode_summary
from harness.scenario.world import World, buy
from harness.world.parts import Parts
from harness.world.services import Services
from harness.world.setup import Setup
from tests.benchmarks.row import Row

ROUNDS = 20
SCENARIOS_SECS_MAX = 900
COLD_START = "import asyncio, harness.node.driver_v1"


def rows() -> Iterator[Row]:
    """What starting a node, a short scenario and all scenarios cost."""
    services = Services.start()
    try:
        with tempfile.TemporaryDirectory() as directory:
            rounds = [_short_scenario(services, Path(directory)) for _ in range(ROUNDS)]
    finally:
        services.stop()
    cold_secs = _cold_start_secs()
    starts = [round_["start"] for round_ in rounds]
    yield Row(
        "node fork to strategy started",
        f"p50 {statistics.median(starts) * 1000:.0f} ms, max {max(starts) * 1000:.0f} ms",
        "p50 <= 200 ms",
        f"importing NautilusTrader anew: {cold_secs * 1000:.0f} ms, "
        f"{cold_secs / statistics.median(starts):.1f} times as long",
    )
    walls = [round_["wall"] for round_ in rounds]
    yield Row(
        "short scenario (start, order, fill, stop), wall",
        f"p50 {statistics.median(walls):.2f} s, max {max(walls):.2f} s",
        "p50 <= 1.0 s",
        f"of it starting: {statistics.median(starts) / statistics.median(walls):.0%}",
    )
    both = [round_["harness_cpu"] + round_["node_cpu"] for round_ in rounds]
    yield Row(
        "short scenario, CPU of harness and node",
        f"p50 {statistics.median(both):.2f} s, max {max(both):.2f} s",
        "p50 <= 0.5 s",
        f"harness {statistics.median(r['harness_cpu'] for r in rounds):.2f} s, "
        f"node {statistics.median(r['node_cpu'] for r in rounds):.2f} s",
    )
    fast, real = _AllScenarios("10"), _AllScenarios("1")
    yield Row("all scenarios at --chaos-rate 10", f"{fast.wall:.0f} s", "<= 300 s", fast.last_line)
    yield Row(
        "all scenarios in real time",
        f"{real.wall:.0f} s",
        "",
        f"{real.wall / fast.wall:.1f} times as long; {real.last_line}",
    )
    names = sorted(fast.seconds.keys() & real.seconds.keys())
    yield Row(
        f"a scenario, real seconds ({len(names)} runs)",
        f"x10: {_typical(fast.seconds[name] for name in names)}",
        "",
        f"x1: {_typical(real.seconds[name] for name in names)}",
    )


def _short_scenario(services: Services, directory: Path) -> dict[str, float]:
    harness_before, node_before = time.process_time(), _nodes_cpu_secs(services)
    started = time.monotonic()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        start_secs = runner.run(_play_short(services, directory))
    return {
        "start": start_secs,
        "wall": time.monotonic() - started,
        "harness_cpu": time.process_time() - harness_before,
        "node_cpu": _nodes_cpu_secs(services) - node_before,
    }


async def _play_short(services: Services, directory: Path) -> float:
    setup = Setup(name="bench", covers="bench")
    parts = await Parts.start(setup, History(), services, directory)
    try:
        world = World(parts)
        before = time.monotonic()
        await world.node.start()
        start_secs = time.monotonic() - before
        order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
        await order.accepted()
        world.venue.fill(order)
        await order.filled()
        await world.node.stop()
    finally:
        await parts.close()
    return start_secs


def _nodes_cpu_secs(services: Services) -> float:
    """Return the CPU time of all nodes that have ended; they are the zygote's only children."""
    times = psutil.Process(services.zygote.pid).cpu_times()
    return float(times.children_user + times.children_system)


def _cold_start_secs() -> float:
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", COLD_START], check=True, timeout=60)
    return time.monotonic() - started


class _AllScenarios:
    """A session of all scenarios at a rate: how long it took, and each run of it by its name."""

    def __init__(self, rate: str) -> None:
        started = time.monotonic()
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "scenarios", "-n", "4", "-q", "--no-header"),
                *("--chaos-rate", rate),
            ],
            capture_output=True,
            text=True,
            timeout=SCENARIOS_SECS_MAX,
            check=False,
        )
        self.wall = time.monotonic() - started
        self.last_line = (done.stdout.strip().splitlines() or ["no output"])[-1]
        summary = decode_summary(Path("reports/latest/summary.json").read_bytes())
        self.seconds = {run.name: run.seconds for run in summary.scenarios}


def _typical(seconds: Iterable[float]) -> str:
    ordered = sorted(seconds)
    if not ordered:
        return "none"
    mean, median = statistics.mean(ordered), statistics.median(ordered)
    return f"p50 {median:.1f} s, mean {mean:.1f} s, max {ordered[-1]:.1f} s"
