"""What a clock that can be set costs the programs that show it, and how true its rate is."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator

from harness.clock import Clock, NoShim, shim
from harness.world.process import minimal_environment
from tests.benchmarks.row import Row

ROUNDS = 5
RATE = 50.0
SECS_MAX = 60.0
READS = 300_000

# CPU time is the machine's, whatever the clock shows.
READ = f"""
import json, time
machine = time.process_time_ns()
for _ in range({READS}):
    time.monotonic_ns()
print(json.dumps((time.process_time_ns() - machine) / {READS}))
"""

SLEEP = """
import json, time
def machine():
    return float(open("/proc/uptime").read().split()[0])
began, real = time.monotonic(), machine()
time.sleep(100.0)
print(json.dumps((time.monotonic() - began) / (machine() - real)))
"""


def rows() -> Iterator[Row]:
    """Measure in processes of their own."""
    try:
        preload = str(shim())
    except NoShim as reason:
        yield Row("reading a clock that can be set", "-", "", str(reason))
        return
    clock = Clock(shim())
    clock.set_rate(RATE)
    shown = {"LD_PRELOAD": preload, "NAUTILUS_CHAOS_CLOCK": clock.wall(1).where}
    plain = [_run(READ, {}) for _ in range(ROUNDS)]
    with_shim = [_run(READ, shown) for _ in range(ROUNDS)]
    cost, native = statistics.median(with_shim), statistics.median(plain)
    yield Row(
        "reading a clock that can be set (from Python)",
        f"{cost:.0f} ns",
        "<= 2 times the machine's",
        f"the machine's: {native:.0f} ns, {cost / native:.1f} times as long",
    )
    error = max(abs(_run(SLEEP, shown) / RATE - 1) for _ in range(ROUNDS))
    yield Row(
        f"a sleep of 100 s at x{RATE:g}: the rate seen",
        f"{error:.2%} off",
        "<= 1%",
        "/proc/uptime counts in 10 ms, 0.5% of the sleep",
    )
    clock.close()


def _run(program: str, environment: dict[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=minimal_environment() | environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
        timeout=SECS_MAX,
    )
    return float(json.loads(done.stdout))
