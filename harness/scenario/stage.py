"""Where pytest meets the runner: plays a test's scenario and turns its verdict into an outcome."""

from collections.abc import Callable, Sequence, Set
from pathlib import Path

import msgspec
import pytest

from harness.checkers.expectations import WAITED_IN_VAIN
from harness.checkers.money import Money
from harness.checkers.verdict import Outcome
from harness.known_bugs import KnownBug
from harness.node.safety import NodeRefused, require_loopback_overrides, require_no_credentials
from harness.releases import ReleaseMissing, is_played_for
from harness.report.failure import failure_lines
from harness.report.summary import ScenarioOutcome, ScenarioSummary, evidence_lines, outcome_of
from harness.scenario.decorator import ExpectedFailure
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

# The evidence of the checker `node_alive`, and of those that then have nothing to look at.
NODE_DIED = "node_died"
LEFT_BY_A_DEATH = frozenset({"unfinished", "nothing_to_judge"})
# The evidence of the scenario that ends with what it waited for.
LEFT_BY_A_WAIT = frozenset({"unfinished"})

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
        self._expected = expected
        self._report = report
        self._findings: list[str] = []

    def play(self, script: Script) -> None:
        """Play a script on a new world, as the test's only one.

        Raises ScenarioFailed, ScenarioUnknown, KnownBugSeen or KnownBugGone; returns on a pass.
        """
        self._play(script, self._expected, known_bug_required=True)
        self.conclude()

    def play_steps(self, steps: Sequence[AnyStep], *, possible_bugs: Set[str]) -> None:
        """Play steps on a new world, as one of the test's many; `conclude` ends them.

        A known bug, by its id, is noted as seen where it is possible; any other failure counts.
        Raises ScenarioFailed or ScenarioUnknown.
        """
        expected = self._expected
        known = () if expected is None else expected.possible
        bugs = tuple(bug for bug in known if bug.id in possible_bugs)
        self._play(steps_script(steps), ExpectedFailure(bugs))

    def crashed(self, release: str) -> ScenarioSummary:
        """Return the summary of its run for the case that its process does not outlive it."""
        return _unjudged(self.setup, release, self._nodeid, "unknown", WORKER_CRASHED)

    def conclude(self) -> None:
        """Raise KnownBugSeen if a known bug was seen in any run, KnownBugGone if it should be.

        What a user's node holds is its own affair: it need not show a bug of its release.
        """
        if self._findings:
            raise KnownBugSeen("\n".join(self._findings))
        bugs = self._certain_of(self._services().zygote.release)
        if bugs and self.setup.node is None:
            names = ", ".join(f"{bug.id} ({bug.title})" for bug in bugs)
            raise KnownBugGone(
                f"passed, but {self._services().zygote.release} is said to have {names}: "
                "if the release no longer has it, correct its entry in harness/known_bugs.py"
            )

    def _certain_of(self, release: str) -> tuple[KnownBug, ...]:
        return () if self._expected is None else self._expected.certain_of(release)

    def _play(
        self,
        script: Script,
        expected: ExpectedFailure | None,
        *,
        known_bug_required: bool = False,
    ) -> None:
        require_playable(self.setup, self._reports)
        services = self._services()
        try:
            _require_played_for(services.zygote.release, self.setup.covers)
            run, stalled = play_in_time(script, self.setup, services, self._reports)
        except NotApplicable as reason:
            release = services.zygote.release
            self._report(
                _unjudged(self.setup, release, self._nodeid, "not_applicable", str(reason))
            )
            pytest.skip(f"not applicable: {reason}")
        bugs = _explain(run, expected)
        summary = _summary(run, self._nodeid, bugs, stalled)
        if (
            known_bug_required
            and self.setup.node is None
            and run.verdict.outcome is Outcome.PASS
            and self._certain_of(run.release)
        ):
            gone = "passed, on a release that is said to have its known bug"
            summary = msgspec.structs.replace(summary, outcome="fail", evidence=(gone,))
        self._report(summary)
        text = "\n".join(failure_lines(run.verdict, run.facts))
        if bugs:
            self._findings.append(text)
        elif run.verdict.outcome is Outcome.FAIL:
            raise ScenarioFailed(text)
        elif run.verdict.outcome is Outcome.UNKNOWN:
            raise ScenarioUnknown(text)


def _explain(run: Run, expected: ExpectedFailure | None) -> tuple[KnownBug, ...]:
    """Return the known bugs that explain a run which failed.

    Nothing may be unknown in it, but for what cannot be known of a node that has died, or
    after a wait for what a bug has kept from happening.
    """
    unknown = {
        evidence.kind
        for checker in run.verdict.checkers
        if checker.outcome is Outcome.UNKNOWN
        for evidence in checker.evidence
    }
    kinds = {evidence.kind for evidence in run.verdict.evidence()}
    if NODE_DIED in kinds:
        unknown -= LEFT_BY_A_DEATH
    if kinds & WAITED_IN_VAIN:
        unknown -= LEFT_BY_A_WAIT
    if expected is None or run.verdict.outcome is not Outcome.FAIL or unknown:
        return ()
    return expected.explain(run.release, run.verdict)


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


def _summary(
    run: Run, nodeid: str, bugs: tuple[KnownBug, ...], stalled: tuple[float, ...]
) -> ScenarioSummary:
    known = tuple(bug.summary for bug in bugs)
    return ScenarioSummary(
        name=run.setup.name,
        nodeid=nodeid,
        covers=run.setup.covers,
        outcome=outcome_of(run.verdict, known),
        known_bugs=known,
        seconds=round(run.seconds, 3),
        seed=run.setup.seed,
        release=run.release,
        run_directory=str(run.directory),
        evidence=evidence_lines(run.verdict),
        money=run.money,
        rate=run.setup.rate,
        stalled=stalled,
    )
