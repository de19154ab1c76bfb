"""What a checker says: an outcome and the evidence it rests on.

Three values, and no fourth. PASS: looked, and found nothing wrong. FAIL: found something wrong.
UNKNOWN: could not look (a crashed checker, an unfinished scenario, a snapshot that is missing);
unknown is not green. All structs here are written to `verdict.json`.
"""

from collections.abc import Iterable
from enum import StrEnum
from itertools import islice

import msgspec

EVIDENCE_MAX = 100


class Outcome(StrEnum):
    """The value of a verdict. Merged, the worst wins: PASS, then UNKNOWN, then FAIL."""

    PASS = "pass"
    UNKNOWN = "unknown"
    FAIL = "fail"

    @staticmethod
    def merge(outcomes: Iterable["Outcome"]) -> "Outcome":
        """Return the worst of `outcomes`; PASS when there is none."""
        return max(outcomes, key=_SEVERITY.__getitem__, default=Outcome.PASS)


_SEVERITY = {Outcome.PASS: 0, Outcome.UNKNOWN: 1, Outcome.FAIL: 2}


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing a checker saw.

    `kind` is a short slug, stable across releases, by which a known bug is recognised. `message` is
    one line that names the order, trade or position with its numbers. `seqs` are the events of the
    history it rests on.
    """

    kind: str
    message: str
    seqs: tuple[int, ...] = ()
    client_order_id: str | None = None
    trade_id: str | None = None
    instrument_id: str | None = None


class CheckerVerdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one checker says.

    `evidence` holds at most `EVIDENCE_MAX` entries, `evidence_left_out` counts the rest. `notes`
    are observations that do not change the outcome, `measures` figures by name, the unit last.
    """

    checker: str
    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()
    evidence_left_out: int = 0
    notes: tuple[Evidence, ...] = ()
    measures: dict[str, float] = {}


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What all checkers say together."""

    outcome: Outcome
    checkers: tuple[CheckerVerdict, ...]

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the evidence of every checker that failed, in the checkers' order."""
        return tuple(
            evidence
            for checker in self.checkers
            if checker.outcome is Outcome.FAIL
            for evidence in checker.evidence
        )


def conclude(
    checker: str,
    evidence: Iterable[Evidence],
    *,
    notes: Iterable[Evidence] = (),
    measures: dict[str, float] | None = None,
) -> CheckerVerdict:
    """Return the verdict of a checker that could look: FAIL if there is any evidence, else PASS."""
    found = iter(evidence)
    kept = tuple(islice(found, EVIDENCE_MAX))
    return CheckerVerdict(
        checker=checker,
        outcome=Outcome.FAIL if kept else Outcome.PASS,
        evidence=kept,
        evidence_left_out=sum(1 for _ in found),
        notes=tuple(islice(notes, EVIDENCE_MAX)),
        measures=measures or {},
    )


class NothingToJudge(Exception):
    """What a checker needs is not in the history. Raised by a view, it makes UNKNOWN."""


def unknown(checker: str, kind: str, reason: str) -> CheckerVerdict:
    """Return the verdict of a checker that could not look, for `reason`."""
    return CheckerVerdict(
        checker=checker,
        outcome=Outcome.UNKNOWN,
        evidence=(Evidence(kind=kind, message=reason),),
    )
