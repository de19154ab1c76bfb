"""Each periodic check of the node ends within 5 s (NFR-002), and without an error once healed."""

from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.node_view import SECOND_NS, Check, Run
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude

CHECK_SECS_MAX = 5.0


def periodic_check_time(case: Case) -> CheckerVerdict:
    """FAIL for each check that took longer, or ended with an error after the last heal.

    An error while faults are in force is noted, and so is a check that took longer by a clock that
    is faster than the machine, which does the work. Measures the longest of each kind of check.
    """
    evidence: list[Evidence] = []
    notes: list[Evidence] = []
    longest: dict[str, float] = {}
    for run in case.runs:
        for check in run.checks:
            seconds = _seconds(case, run, check)
            if check.finished is not None:
                name = f"{check.name}_secs_max"
                longest[name] = max(seconds, longest.get(name, 0.0))
            (evidence if case.rate == 1.0 else notes).extend(_too_slow(run, check, seconds))
            (evidence if _counts(case, check) else notes).extend(_error(run, check))
    return conclude("periodic_check_time", evidence, notes=notes, measures=longest)


def _seconds(case: Case, run: Run, check: Check) -> float:
    end_ns = check.finished.ts if check.finished else case.lived_until(run)
    return (end_ns - check.started.ts) / SECOND_NS


def _too_slow(run: Run, check: Check, seconds: float) -> Iterator[Evidence]:
    if seconds > CHECK_SECS_MAX:
        did = "took" if check.finished else "had not ended after"
        yield Evidence(
            kind="slow_check",
            message=f"the {check.name} check of run {run.number} {did} {seconds:.1f} s: the limit "
            f"is {CHECK_SECS_MAX:.0f} s",
            seqs=_seqs(check),
        )


def _counts(case: Case, check: Check) -> bool:
    """Return whether an error of `check` is the node's fault: no fault was in force any more."""
    return case.healed is not None and check.started.ts >= case.healed.ts


def _error(run: Run, check: Check) -> Iterator[Evidence]:
    if check.error is not None:
        yield Evidence(
            kind="check_error",
            message=f"the {check.name} check of run {run.number} ended with {check.error}",
            seqs=_seqs(check),
        )


def _seqs(check: Check) -> tuple[int, ...]:
    return (check.started.seq,) + ((check.finished.seq,) if check.finished else ())
