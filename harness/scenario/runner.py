"""Playing a scenario: a world, its steps, the verdict, and the run directory that tells of it."""

import asyncio
import errno
import time
import traceback
import warnings
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from harness.checkers import CHECKERS
from harness.checkers.expectations import DEADLINE_PASSED
from harness.checkers.judge import judge
from harness.checkers.money import Money
from harness.checkers.verdict import Outcome, Verdict, unknown
from harness.clock import RATE_MIN, StallWatch, no_collections
from harness.history import History
from harness.node.spec import Description
from harness.report.failure import RunFacts
from harness.scenario.recording import make_run_directory, write_recording
from harness.scenario.steps import AnyStep, Converge, DeadlinePassed
from harness.scenario.world import World
from harness.world.applicable import NotApplicable, require_applicable, require_as_it_is
from harness.world.parts import Parts
from harness.world.services import Services
from harness.world.setup import InvalidSetup, Setup, shortest_timeout_secs

SCENARIO_DEADLINE_SECS = 180.0
# A run that stalled is played again at a third of the rate, at last at a tenth, if it is over then.
SLOWER = (3.0, 10 / 3)
AGAIN_DEADLINE_SECS = 300.0
_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO}

Script = Callable[[World], Awaitable[None]]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that was played, and what came of it."""

    setup: Setup
    release: str
    directory: Path
    verdict: Verdict
    money: Money
    seconds: float
    rate_of_stall: float
    """How fast its clock went during the machine's worst stall."""

    @property
    def stalled(self) -> bool:
        """Whether the machine did not keep up with the scenario's clock."""
        return any(
            checker.checker == "kept_up" and checker.outcome is Outcome.UNKNOWN
            for checker in self.verdict.checkers
        )

    @property
    def facts(self) -> RunFacts:
        """What is told of the run beside its verdict."""
        return RunFacts(
            release=self.release,
            seed=self.setup.seed,
            run_directory=str(self.directory),
            money=self.money,
            rate=self.setup.rate,
        )


def play(
    script: Script,
    setup: Setup,
    services: Services,
    reports: Path,
    deadline_secs: float = SCENARIO_DEADLINE_SECS,
) -> Run:
    """Play a scenario on a new world in an event loop of its own, and judge it.

    Whatever the script does, the world is healed, given time to converge and closed. A script that
    fails leaves an unfinished history: its verdict can be fail or unknown, never pass; so does one
    that has not ended after `deadline_secs` of the machine's time.
    Raises ValueError for a set-up that is not valid, InvalidSetup where the run directory cannot be
    written, NodeRefused where it must not be played, ServerFailed where a server that has ended
    cannot be started again, and NotApplicable, at the latest at the step in question, where the
    node cannot play it.
    """
    setup.check()
    services.start_again()
    require_applicable(services.zygote, setup.needs_in_all())
    own = None if setup.node is None else services.describe(setup.node)
    require_as_it_is(setup)
    with _writing_to(reports):
        directory = make_run_directory(reports, setup.name, setup.seed)
        clock = services.clock(setup.rate_max)
        if clock.can_be_set:
            clock.set_rate(setup.rate)
        else:
            setup = msgspec.structs.replace(setup, rate=clock.rate)
        history = History(directory / "history.jsonl", clock)
        started = time.monotonic()
        try:
            with no_collections(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                watch = runner.run(
                    _play(script, setup, services, directory, history, own, deadline_secs)
                )
        finally:
            history.close()
            clock.close()
        if history.failure is not None:
            raise history.failure
        verdict = _served(judge(history.events, CHECKERS), services.ended())
        (directory / "verdict.json").write_bytes(
            msgspec.json.format(msgspec.json.encode(verdict), indent=1) + b"\n"
        )
    return Run(
        setup=setup,
        release=services.zygote.release,
        directory=directory,
        verdict=verdict,
        money=Money.in_verdict(verdict),
        seconds=time.monotonic() - started,
        rate_of_stall=watch.rate,
    )


def play_in_time(
    script: Script, setup: Setup, services: Services, reports: Path
) -> tuple[Run, tuple[float, ...]]:
    """Play, and where the machine does not keep up play again, slower, at last in real time.

    Returns the last run, and the rates at which it did not keep up before. Raises as `play` does.
    """
    stalled: tuple[float, ...] = ()
    run = play(script, setup, services, reports)
    for slower in SLOWER:
        if not run.stalled or run.seconds * slower > AGAIN_DEADLINE_SECS:
            break
        stalled = (*stalled, run.rate_of_stall)
        rate_max = max(RATE_MIN, run.rate_of_stall / slower)
        setup = msgspec.structs.replace(setup, rate=min(setup.rate, rate_max), rate_max=rate_max)
        run = play(script, setup, services, reports, AGAIN_DEADLINE_SECS)
    return run, stalled


def steps_script(steps: Sequence[AnyStep]) -> Script:
    """Return the script that performs recorded or generated steps in their order."""

    async def script(world: World) -> None:
        for step in steps:
            await world.perform(step)

    return script


@contextmanager
def _writing_to(reports: Path) -> Iterator[None]:
    """Raise InvalidSetup where the block cannot write there, as on a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        raise InvalidSetup(f"{reports} cannot be written: {error.strerror}") from None


@contextmanager
def _all_awaited() -> Iterator[None]:
    """Raise RuntimeError where the block forgets an `await`: what it asks for is then not done."""
    forgotten: list[str] = []
    with warnings.catch_warnings():
        warnings.filterwarnings("always", "coroutine '.*' was never awaited", RuntimeWarning)
        show = warnings.showwarning

        def note(message: Warning | str, *told: Any, **more: Any) -> None:
            if "was never awaited" in str(message):
                forgotten.append(str(message))
            show(message, *told, **more)

        warnings.showwarning = note
        yield
    if forgotten:
        raise RuntimeError(forgotten[0])


def _served(verdict: Verdict, ended: Sequence[str]) -> Verdict:
    """Return the verdict, or UNKNOWN, whatever it says, where servers ended in the run."""
    if not ended:
        return verdict
    lived = unknown("servers_alive", "server_ended", "; ".join(ended))
    return Verdict(outcome=Outcome.UNKNOWN, checkers=(lived, *verdict.checkers))


async def _play(
    script: Script,
    setup: Setup,
    services: Services,
    directory: Path,
    history: History,
    own: Description | None,
    deadline_secs: float,
) -> StallWatch:
    stalls = StallWatch(history.clock)
    parts = await Parts.start(setup, history, services, directory, own)
    world = World(parts)
    error: str | None = None
    broken: str | None = None
    try:
        write_recording(directory, services.zygote.release, setup, None)
        try:
            async with asyncio.timeout(deadline_secs):
                with _all_awaited():
                    await script(world)
        except AssertionError as expectation:
            error = str(expectation) or f"an assertion failed: {traceback.format_exc(limit=-1)}"
            evidence = DEADLINE_PASSED
            if isinstance(expectation, DeadlinePassed):
                evidence = expectation.kind
            history.record(
                "harness", "expectation_failed", {"message": error, "evidence": evidence}
            )
        except NotApplicable:
            raise
        except Exception as failure:
            broken = f"{type(failure).__name__}: {failure}"
            history.record("harness", "script_failed", {"error": traceback.format_exc()})
        if broken is None:
            broken = await _end(world, parts)
        error = broken or error
        history.record(
            "harness",
            "stall_watch",
            {
                "machine_secs": stalls.machine_secs,
                "scenario_secs": stalls.scenario_secs,
                "rate": stalls.rate,
                "shortest_timeout_secs": shortest_timeout_secs(parts.description),
            },
        )
        history.record("harness", "scenario_finished", {"completed": error is None, "error": error})
    finally:
        stalls.stop()
        await parts.close()
        write_recording(directory, services.zygote.release, setup, world.performed)
    return stalls


async def _end(world: World, parts: Parts) -> str | None:
    """Converge where the script has not done so last, and take what is judged.

    That is the final snapshot, a graceful stop, and what the store holds after it. Returns what
    went wrong with that, if anything.
    """
    try:
        if not world.performed or not isinstance(world.performed[-1], Converge):
            await world.converged()
        if parts.node.alive:
            await parts.node.snapshot("final")
            await parts.node.stop()
        parts.record_persisted()
    except Exception as failure:
        return f"{type(failure).__name__}: {failure}"
    return None
