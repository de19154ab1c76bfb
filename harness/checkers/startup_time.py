"""Startup reconciliation finishes within 30 s of the node's fork (NFR-002)."""

from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.node_view import SECOND_NS, Run
from harness.checkers.verdict import CheckerVerdict, Evidence, NothingToJudge, conclude

STARTUP_SECS_MAX = 30.0


def startup_time(case: Case) -> CheckerVerdict:
    """FAIL for each run that took longer; measures the seconds of each that finished.

    Where the clock is faster than the machine, which does the work, that is only noted. A node that
    is not to reconcile has no such time.
    """
    if not case.reconciles:
        return conclude("startup_time", ())
    seconds = {run.number: _seconds(run) for run in case.runs}
    evidence = [evidence for run in case.runs for evidence in _too_slow(case, run)]
    if not evidence and not any(value is not None for value in seconds.values()):
        raise NothingToJudge("no run finished its startup reconciliation")
    return conclude(
        "startup_time",
        evidence if case.rate == 1.0 else (),
        notes=evidence,
        measures={
            f"run_{number}_secs": value for number, value in seconds.items() if value is not None
        },
    )


def _seconds(run: Run) -> float | None:
    if run.forked is None or run.reconciliation_finished is None:
        return None
    return (run.reconciliation_finished.ts - run.forked.ts) / SECOND_NS


def _too_slow(case: Case, run: Run) -> Iterator[Evidence]:
    if run.forked is None:
        return
    finished = run.reconciliation_finished
    end = finished or run.ending
    took = ((end.ts if end else case.end_ns) - run.forked.ts) / SECOND_NS
    if took > STARTUP_SECS_MAX:
        did = "finished" if finished else "had not finished"
        yield Evidence(
            kind="slow_startup",
            message=f"run {run.number} {did} its startup reconciliation {took:.1f} s after the "
            f"fork: the limit is {STARTUP_SECS_MAX:.0f} s",
            seqs=(run.forked.seq, end.seq) if end else (run.forked.seq,),
        )
