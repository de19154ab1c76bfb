"""Every wait a program can make takes scenario time; no wait ends early.

Nothing here depends on how fast the machine is: a wait of some seconds has to take less than half
of them by the machine's clock, where it takes a fiftieth or a twentieth of them on an idle one.
"""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from harness.clock import Clock
from tests.clock.conftest import CHILD_SECS_MAX, Probe, Start
from tests.clock.nautilus import EXPECTED
from tests.clock.waits import ASKED, WAITS

RATE = 50.0
NAUTILUS_RATE = 20.0


def measure(program: str, rate: float, shim_path: Path, start: Start) -> dict[str, Any]:
    clock = Clock(shim_path)
    clock.set_rate(rate)
    process = start(program, clock.wall(1).where)
    try:
        output, _ = process.communicate(timeout=CHILD_SECS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
    finally:
        process.kill()
        process.wait()
        clock.close()
    return {line["wait"]: line for line in map(json.loads, output.splitlines())}


@pytest.fixture(scope="module")
def waited(shim_path: Path, start: Start) -> dict[str, Any]:
    return measure("waits.py", RATE, shim_path, start)


@pytest.mark.parametrize("wait", WAITS)
def test_a_wait_takes_scenario_time(waited: dict[str, Any], wait: str) -> None:
    assert wait in waited, "it did not end"
    assert waited[wait]["seconds"] >= ASKED
    assert waited[wait]["machine_seconds"] < ASKED / 2
    assert waited[wait]["cpu_seconds"] < ASKED / RATE / 5, "it did not sleep"


def test_nautilus_trader_s_timers_take_scenario_time(shim_path: Path, start: Start) -> None:
    measured = measure("nautilus.py", NAUTILUS_RATE, shim_path, start)
    assert measured.keys() == EXPECTED.keys()
    for name, seconds in EXPECTED.items():
        assert measured[name]["seconds"] >= 0.9 * seconds, name
        assert measured[name]["machine_seconds"] < seconds / 2, name


def shows(reading: dict[str, int], offset_secs: float, earliest: int, latest: int) -> bool:
    return earliest <= reading["wall"] - round(offset_secs * 1e9) <= latest


@pytest.mark.parametrize("way", ["read", "forked", "executed"])
def test_a_process_and_its_children_show_the_scenario_s_time(
    clock: Clock, reader: Probe, way: str
) -> None:
    clock.set_rate(RATE)
    earliest = clock.now_ns()
    reading = reader.ask(way)
    assert shows(reading, 0, earliest, clock.now_ns())


def test_a_fork_takes_a_clock_that_its_parent_has_not(clock: Clock, start: Start) -> None:
    """As a zygote does: what the fork executes goes on with the clock."""
    clock.set_rate(300.0)
    clock.wall(3).skew(3_600.0)
    process = start("reader.py", None)
    zygote = Probe(process)
    earliest = clock.now_ns()
    reading = zygote.ask("forked", clock.wall(3).where)
    assert shows(reading, 3_600.0, earliest, clock.now_ns())
    earliest = time.time_ns()
    assert shows(zygote.ask("read"), 0, earliest, time.time_ns())
    zygote.end()


def test_sleepers_see_a_change_of_the_rate(clock: Clock, reader: Probe) -> None:
    asked = 300.0  # by the machine, longer than a test may take
    reader.send("asleep", str(asked))
    assert reader.receive() == "asleep"
    clock.set_rate(300.0)
    slept = reader.receive()
    assert len(slept) == 4
    assert all(seconds >= asked for seconds in slept.values())


def test_the_clock_never_goes_back_when_the_rate_changes(clock: Clock, reader: Probe) -> None:
    reader.send("went_back", "200000")
    shown = clock.now_ns()
    for rate in (1.0, 300.0, 10.0) * 500:
        clock.set_rate(rate)
        before, shown = shown, clock.now_ns()
        assert shown >= before
    assert reader.receive() == {"monotonic": 0, "wall": 0}


def test_the_wall_is_skewed_and_put_right(clock: Clock, reader: Probe) -> None:
    wall = clock.wall(1)
    for offset in (2.0, -3_600.0, 0.0):
        wall.skew(offset)
        earliest = clock.now_ns()
        assert shows(reader.ask("read"), offset, earliest, clock.now_ns())


def test_a_jump_back_moves_the_wall_and_not_the_timers(clock: Clock, reader: Probe) -> None:
    first = reader.ask("read")
    clock.wall(1).skew(5.0)
    clock.wall(1).jump(-60.0)
    earliest = clock.now_ns()
    second = reader.ask("read")
    assert shows(second, -55.0, earliest, clock.now_ns())
    assert second["before"] >= first["after"]


def test_a_frozen_wall_stands_still_while_timers_go_on(clock: Clock, reader: Probe) -> None:
    clock.set_rate(RATE)
    clock.wall(1).freeze()
    first, second = reader.ask("read"), reader.ask("read")
    assert first["wall"] == second["wall"]
    assert second["before"] > first["after"]
    clock.wall(1).right()
    earliest = clock.now_ns()
    assert shows(reader.ask("read"), 0, earliest, clock.now_ns())


def test_a_drifting_wall_goes_its_own_pace(clock: Clock, reader: Probe) -> None:
    clock.set_rate(RATE)
    clock.wall(1).drift(100_000)
    first, second = reader.ask("read"), reader.ask("read")
    shortest = second["before"] - first["after"]
    longest = second["after"] - first["before"]
    assert shortest * 1.1 - 10 <= second["wall"] - first["wall"] <= longest * 1.1 + 10


def test_each_node_has_a_wall_clock_of_its_own(clock: Clock, reader: Probe, start: Start) -> None:
    process = start("reader.py", clock.wall(2).where)
    other = Probe(process)
    clock.wall(2).skew(100.0)
    earliest = clock.now_ns()
    assert shows(reader.ask("read"), 0, earliest, clock.now_ns())
    assert shows(other.ask("read"), 100.0, earliest, clock.now_ns())
    other.end()


def test_a_program_whose_clock_is_gone_does_not_run(clock: Clock, start: Start) -> None:
    where = clock.wall(1).where
    clock.close()
    process = start("reader.py", where)
    process.communicate(timeout=CHILD_SECS_MAX)
    assert process.returncode == 127
