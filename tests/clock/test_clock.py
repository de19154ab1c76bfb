"""The harness's side: reading, waiting and timers in scenario time."""

import asyncio
import functools
import gc
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop

from harness.clock import Clock, StallWatch, no_collections

AGES = 300.0


def test_without_a_shim_it_is_the_machine_s_and_cannot_be_set() -> None:
    clock = Clock()
    assert not clock.can_be_set
    assert clock.rate == 1.0
    with pytest.raises(RuntimeError, match="the machine's: it cannot be set"):
        clock.set_rate(2.0)
    with pytest.raises(RuntimeError, match="the machine's: it cannot be set"):
        clock.wall(1)
    with pytest.raises(RuntimeError, match="the machine's: it cannot be set"):
        clock.skip(1.0)


@pytest.mark.parametrize("rate", [0.0, 0.5, 301.0, float("nan")])
def test_a_rate_that_is_out_of_bounds_is_refused(clock: Clock, rate: float) -> None:
    with pytest.raises(ValueError, match="must be from 1 to 300"):
        clock.set_rate(rate)


def test_a_clock_goes_no_faster_than_it_may(shim_path: Path) -> None:
    clock = Clock(shim_path, rate_max=30.0)
    clock.set_rate(100.0)
    assert clock.rate == 30.0
    clock.set_rate(10.0)
    assert clock.rate == 10.0
    clock.close()


def test_wall_clocks_are_numbered_from_1_to_15(clock: Clock) -> None:
    for number in (0, 16):
        with pytest.raises(ValueError, match="must be from 1 to 15"):
            clock.wall(number)
    assert clock.wall(15).where.endswith(":15")


def test_a_wall_clock_knows_whether_it_is_true(clock: Clock) -> None:
    wall = clock.wall(1)
    assert wall.is_true
    changes: list[Callable[[], None]] = [
        lambda: wall.skew(1.0),
        lambda: wall.jump(1.0),
        lambda: wall.drift(1.0),
        wall.freeze,
    ]
    for change in changes:
        change()
        assert not clock.wall(1).is_true
        wall.right()
        assert clock.wall(1).is_true
    with pytest.raises(ValueError, match="does not run backwards"):
        wall.drift(-1_000_001)


def run_in_time(machine_secs: float, waiting: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine that may take so long by the machine's clock."""

    async def limited() -> None:
        async with asyncio.timeout(machine_secs):
            await waiting

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(limited())


def test_sleeping_takes_scenario_time(clock: Clock) -> None:
    clock.set_rate(300.0)
    began = clock.now_ns()
    run_in_time(AGES / 2, clock.sleep(AGES))
    assert clock.now_ns() - began >= AGES * 1e9


def test_timers_are_called_in_the_order_of_their_times_whatever_the_rate_does(
    clock: Clock,
) -> None:
    async def play() -> list[tuple[str, bool]]:
        called: list[tuple[str, bool]] = []
        over = asyncio.Event()
        began = clock.now_ns()

        def call(name: str, seconds: float) -> None:
            called.append((name, clock.now_ns() - began >= seconds * 1e9))
            if name == "last":
                over.set()

        for name, seconds in (("last", AGES), ("second", AGES / 2), ("first", AGES / 3)):
            clock.call_later(seconds, functools.partial(call, name, seconds))
        cancelled = clock.call_later(AGES / 4, lambda: call("cancelled", AGES / 4))
        cancelled.cancel()
        cancelled.cancel()
        clock.set_rate(100.0)
        clock.call_later(AGES / 3, lambda: clock.set_rate(300.0))
        await over.wait()
        return called

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(play()) == [("first", True), ("second", True), ("last", True)]


def test_what_was_to_be_called_in_a_time_that_is_skipped_is_called_at_once_in_its_order(
    clock: Clock,
) -> None:
    async def play() -> list[str]:
        called: list[str] = []
        over = asyncio.Event()
        began = clock.now_ns()
        clock.call_later(AGES, over.set)
        clock.call_later(AGES / 3, lambda: called.append("first"))
        clock.call_later(AGES / 2, lambda: called.append("second"))
        later = clock.call_later(2 * AGES, lambda: called.append("later"))
        clock.skip(AGES)
        assert clock.now_ns() - began >= AGES * 1e9
        await over.wait()
        later.cancel()
        return called

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(play()) == ["first", "second"]


def test_wall_clocks_skip_too(clock: Clock) -> None:
    wall = clock.wall(1)
    wall.skew(-5.0)
    before = wall.now_ns
    clock.skip(AGES)
    assert wall.now_ns - before >= AGES * 1e9
    assert clock.now_ns() - wall.now_ns == pytest.approx(5e9, abs=1e9)


def test_a_clock_does_not_skip_back(clock: Clock) -> None:
    with pytest.raises(ValueError, match="skipping -1 s: must be 0 or more"):
        clock.skip(-1.0)


def test_a_wait_gives_up_after_its_scenario_time(clock: Clock) -> None:
    async def play() -> None:
        never = asyncio.Event()
        began = clock.now_ns()
        with pytest.raises(TimeoutError):
            await clock.wait_for(never.wait(), AGES)
        assert clock.now_ns() - began >= AGES * 1e9

    clock.set_rate(300.0)
    run_in_time(AGES / 2, play())


def test_a_wait_that_is_over_in_time_leaves_no_timer(clock: Clock) -> None:
    async def play() -> None:
        done = asyncio.Event()
        done.set()
        assert await clock.wait_for(done.wait(), AGES)
        assert await clock.wait_for(asyncio.sleep(0, "value"), AGES) == "value"

    run_in_time(AGES, play())
    assert not clock._timers


def test_nothing_is_left_of_a_clock(shim_path: Path) -> None:
    descriptors = Path("/proc/self/fd")
    maps = Path("/proc/self/maps")
    shared = Path("/dev/shm")
    before = len(list(descriptors.iterdir())), sorted(shared.iterdir())
    clock = Clock(shim_path)
    assert "nautilus-chaos-clock" in maps.read_text()
    clock.close()
    clock.close()
    assert (len(list(descriptors.iterdir())), sorted(shared.iterdir())) == before
    assert "nautilus-chaos-clock" not in maps.read_text()
    assert clock.now_ns() > 0


def test_the_longest_stall_is_measured_in_both_times(clock: Clock) -> None:
    async def play() -> StallWatch:
        clock.set_rate(10.0)
        watch = StallWatch(clock)
        await asyncio.sleep(0.03)
        time.sleep(0.2)
        await asyncio.sleep(0.03)
        watch.stop()
        return watch

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        watch = runner.run(play())
    assert watch.machine_secs > 0.15
    assert watch.scenario_secs == pytest.approx(10 * watch.machine_secs)
    assert watch.scenario_secs_total >= watch.scenario_secs


def test_no_garbage_is_looked_for_within_and_again_after() -> None:
    with pytest.raises(RuntimeError, match="broken"), no_collections():
        assert not gc.isenabled()
        raise RuntimeError("broken")
    assert gc.isenabled()
