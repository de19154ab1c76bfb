"""How a run ended: its verdict, in the light of the bugs that its scenario is known to find."""

from typing import Self

import msgspec

from harness.checkers.expectations import WAITED_IN_VAIN
from harness.checkers.verdict import Outcome, Verdict
from harness.exit_codes import ExitCode
from harness.known_bugs import KNOWN_BUGS, KnownBug
from harness.report.summary import KnownBugReference, ScenarioOutcome, outcome_of
from harness.world.setup import Setup

# The evidence of the checker `convergence`.
NOT_CONVERGED = "not_converged"
# The evidence of the checker `node_alive`, and of those that then have nothing to look at.
NODE_DIED = "node_died"
LEFT_BY_A_DEATH = frozenset({"unfinished", "nothing_to_judge"})
# The evidence of the scenario that ends with what it waited for.
LEFT_BY_A_WAIT = frozenset({"unfinished"})

EXIT_CODES: dict[ScenarioOutcome, ExitCode] = {
    "pass": ExitCode.PASS,
    "finding": ExitCode.PASS,
    "fail": ExitCode.FAIL,
    "unknown": ExitCode.UNKNOWN,
    "not_applicable": ExitCode.NOTHING_PLAYED,
}


class ExpectedFailure(msgspec.Struct, frozen=True):
    """The known bugs that a scenario may find; on a release that has one, it must.

    Those of `by_chance` show in some runs alone: it may find them, and need not.
    """

    bugs: tuple[KnownBug, ...] = ()
    by_chance: tuple[KnownBug, ...] = ()

    @classmethod
    def of(cls, setup: Setup) -> Self:
        """Return what a set-up names, without what is no known bug any more."""
        return cls(
            *(
                tuple(KNOWN_BUGS[bug_id] for bug_id in ids if bug_id in KNOWN_BUGS)
                for ids in (setup.known_bugs, setup.by_chance)
            )
        )

    def named_in(self, setup: Setup) -> Setup:
        """Return the set-up with these bugs in it, so that its run can be judged again."""
        return msgspec.structs.replace(
            setup,
            known_bugs=tuple(bug.id for bug in self.bugs),
            by_chance=tuple(bug.id for bug in self.by_chance),
        )

    @property
    def possible(self) -> tuple[KnownBug, ...]:
        """All of them."""
        return (*self.bugs, *self.by_chance)

    def bugs_of(self, release: str) -> tuple[KnownBug, ...]:
        """Return the bugs that the release has."""
        return tuple(bug for bug in self.possible if bug.affects(release))

    def certain_of(self, release: str) -> tuple[KnownBug, ...]:
        """Return the bugs that the release has and that leave no choice but to find one."""
        return tuple(bug for bug in self.bugs if bug.affects(release))

    def explain(self, release: str, verdict: Verdict) -> tuple[KnownBug, ...]:
        """Return the bugs that explain every piece of a verdict's evidence; none where they do not.

        A bug counts if one of its signs is there. That nothing converges follows from any of them.
        Nothing may be unknown, but for what cannot be known of a node that has died, or after a
        wait for what a bug has kept from happening.
        """
        kinds = {evidence.kind for evidence in verdict.evidence()}
        seen = tuple(bug for bug in self.bugs_of(release) if bug.signs & kinds)
        explained = frozenset({NOT_CONVERGED}).union(*(bug.kinds for bug in seen))
        left_out = any(
            checker.evidence_left_out
            for checker in verdict.checkers
            if checker.outcome is Outcome.FAIL
        )
        return seen if kinds <= explained and not left_out and not _unknown(verdict, kinds) else ()


def _unknown(verdict: Verdict, failed: set[str]) -> set[str]:
    unknown = {
        evidence.kind
        for checker in verdict.checkers
        if checker.outcome is Outcome.UNKNOWN
        for evidence in checker.evidence
    }
    if NODE_DIED in failed:
        unknown -= LEFT_BY_A_DEATH
    if failed & WAITED_IN_VAIN:
        unknown -= LEFT_BY_A_WAIT
    return unknown


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended. `known_bugs` explain a finding; `gone` should have made one of a pass."""

    outcome: ScenarioOutcome
    known_bugs: tuple[KnownBug, ...] = ()
    gone: tuple[KnownBug, ...] = ()

    @classmethod
    def of(cls, verdict: Verdict, release: str, setup: Setup, expected: ExpectedFailure) -> Self:
        """Judge a verdict. What a user's node holds is its own affair: it need not show a bug."""
        passed = verdict.outcome is Outcome.PASS
        if passed and setup.node is None and (gone := expected.certain_of(release)):
            return cls(outcome="fail", gone=gone)
        bugs = expected.explain(release, verdict)
        outcome = outcome_of(verdict, tuple(bug.summary for bug in bugs))
        return cls(outcome=outcome, known_bugs=bugs)

    @property
    def references(self) -> tuple[KnownBugReference, ...]:
        """Return the bugs that explain it, as reports name them."""
        return tuple(bug.summary for bug in self.known_bugs)


def gone_line(release: str, gone: tuple[KnownBug, ...]) -> str:
    """Return what is said where bugs that a release is said to have did not show."""
    names = ", ".join(f"{bug.id} ({bug.title})" for bug in gone)
    return (
        f"passed, but {release} is said to have {names}: "
        "if the release no longer has it, correct its entry in harness/known_bugs.py"
    )
