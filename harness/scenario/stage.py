"""Where pytest meets the runner: plays a test's scenario and turns its verdict into an outcome."""

from collections.abc import Callable, Sequence, Set
from pathlib import Path

import pytest

from harness.checkers.money import Money
from harness.checkers.verdict import Outcome
from harness.node.safety import NodeRefused, require_loopback_overrides, require_no_credentials
from harness.releases import ReleaseMissing, is_played_for
from harness.report.failure import failure_lines
from harness.report.summary import ScenarioOutcome, ScenarioSummary, evidence_lines
from harness.scenario.ending import Ending, ExpectedFailure, gone_line
from harness.scenario.runner import Run, Script, play_in_time, steps_script
from harness.scenario.steps import AnyStep
from harness.setup.missing import MissingBinary
from harness.world.applicable import NotApplicable
from harness.world.ports import NoFreePort
from harness.world.process import ServerFailed
from harness.world.services import Services
from harness.world.setup import InvalidSetup, Setup


class ScenarioFailed(AssertionError):
    """The verdict is fail; the message is what is printed."""


class ScenarioUnknown(AssertionError):
    """The verdict is unknown, and unknown is not green."""


class KnownBugSeen(AssertionError):
    """The verdict is fail, in the way the scenario's known bugs make it."""


class KnownBugGone(AssertionError):
    """The verdict is pass on a release that is said to have the scenario's known bug."""


WORKER_CRASHED = (
    "the worker crashed: its process ended before the scenario did "
    "(a segmentation fault, os._exit, or the kernel when memory ran out)"
)

VERDICTS = (ScenarioFailed, ScenarioUnknown, KnownBugSeen, KnownBugGone)
CANNOT_PLAY = (
    NodeRefused, MissingBinary, ServerFailed, NoFreePort, InvalidSetup, ReleaseMissing,
)  # fmt: skip


def require_playable(setup: Setup, reports: Path) -> None:
    """Refuse what must not or cannot be played before anything has started for it.

    Raises NodeRefused or InvalidSetup, with the reason in one line.
    """
    setup.check()
    require_no_credentials()
    require_loopback_overrides(setup.exec_client)
    try:
        reports.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidSetup(f"{reports} cannot hold run directories: {error.strerror}") from None


class Stage:
    """The `world` fixture of a scenario's test until it is played.

    `report` is called with the summary of each run; a test may play many.
    """

    def __init__(
        self,
        setup: Setup,
        services: Callable[[], Services],
        reports: Path,
        nodeid: str,
        expected: ExpectedFailure | None,
        report: Callable[[ScenarioSummary], None],
    ) -> None:
        self.setup = setup
        self._services = services
        self._reports = reports
        self._nodeid = nodeid
        self._expected = expected or ExpectedFailure()
        self._report = report
        self._findings: list[str] = []

    def play(self, script: Script) -> None:
        """Play a script on a new world, as the test's only one.

        Raises ScenarioFailed, ScenarioUnknown, KnownBugSeen or KnownBugGone; returns on a pass.
        """
        self._play(script, self._expected)
        self.conclude()

    def play_steps(self, steps: Sequence[AnyStep], *, possible_bugs: Set[str]) -> None:
        """Play steps on a new world, as one of the test's many; `conclude` ends them.

        A known bug, by its id, is noted as seen where it is possible; any other failure counts.
        Raises ScenarioFailed or ScenarioUnknown.
        """
        bugs = tuple(bug for bug in self._expected.possible if bug.id in possible_bugs)
        self._play(steps_script(steps), ExpectedFailure(by_chance=bugs))

    def crashed(self, release: str) -> ScenarioSummary:
        """Return the summary of its run for the case that its process does not outlive it."""
        return _unjudged(self.setup, release, self._nodeid, "unknown", WORKER_CRASHED)

    def conclude(self) -> None:
        """Raise KnownBugSeen if a known bug was seen in any run, KnownBugGone if it should be.

        What a user's node holds is its own affair: it need not show a bug of its release.
        """
        if self._findings:
            raise KnownBugSeen("\n".join(self._findings))
        release = self._services().zygote.release
        gone = self._expected.certain_of(release)
        if gone and self.setup.node is None:
            raise KnownBugGone(gone_line(release, gone))

    def _play(self, script: Script, expected: ExpectedFailure) -> None:
        require_playable(self.setup, self._reports)
        services = self._services()
        setup = expected.named_in(self.setup)
        try:
            _require_played_for(services.zygote.release, setup.covers)
            run, stalled = play_in_time(script, setup, services, self._reports)
        except NotApplicable as reason:
            release = services.zygote.release
            self._report(_unjudged(setup, release, self._nodeid, "not_applicable", str(reason)))
            pytest.skip(f"not applicable: {reason}")
        ending = Ending.of(run.verdict, run.release, setup, expected)
        self._report(_summary(run, self._nodeid, ending, stalled))
        text = "\n".join(failure_lines(run.verdict, run.facts, ending.references))
        if ending.known_bugs:
            self._findings.append(text)
        elif run.verdict.outcome is Outcome.FAIL:
            raise ScenarioFailed(text)
        elif run.verdict.outcome is Outcome.UNKNOWN:
            raise ScenarioUnknown(text)


def _require_played_for(release: str, covers: str) -> None:
    if not is_played_for(release, covers):
        raise NotApplicable(f"nautilus {release} is not played for {covers}")


def _unjudged(
    setup: Setup, release: str, nodeid: str, outcome: ScenarioOutcome, reason: str
) -> ScenarioSummary:
    return ScenarioSummary(
        name=setup.name,
        nodeid=nodeid,
        covers=setup.covers,
        outcome=outcome,
        known_bugs=(),
        seconds=0.0,
        seed=setup.seed,
        release=release,
        run_directory="",
        evidence=(reason,),
        money=Money(),
        rate=setup.rate,
    )


def _summary(run: Run, nodeid: str, ending: Ending, stalled: tuple[float, ...]) -> ScenarioSummary:
    return ScenarioSummary(
        name=run.setup.name,
        nodeid=nodeid,
        covers=run.setup.covers,
        outcome=ending.outcome,
        known_bugs=ending.references,
        seconds=round(run.seconds, 3),
        seed=run.setup.seed,
        release=run.release,
        run_directory=str(run.directory),
        evidence=(gone_line(run.release, ending.gone),)
        if ending.gone
        else evidence_lines(run.verdict),
        money=run.money,
        rate=run.setup.rate,
        stalled=stalled,
    )
