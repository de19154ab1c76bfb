"""The periodic checks begin after the configured delay, counted from startup reconciliation."""

from collections.abc import Iterator
from typing import Any

from harness.checkers.case import Case
from harness.checkers.node_view import SECOND_NS, Run
from harness.checkers.periodic_checks import intervals_secs
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude

# NautilusTrader's own, where the scenario leaves a field out.
DELAY_DEFAULT_SECS = 10.0

EARLY_TOLERANCE_SECS = 0.05
LATE_MARGIN_SECS = 2.0


def continuous_loop_delay(case: Case) -> CheckerVerdict:
    """FAIL for each run whose first check came too early, or not though the run lived on.

    The loop waits one interval after the delay and looks at the clock once an interval, so the
    first check comes within two intervals of the shortest; a margin for a busy machine is added.
    """
    values = case.scenario["preset_values"]
    measures = {
        f"run_{run.number}_secs": seconds
        for run in case.runs
        if (seconds := _first_check_secs(run)) is not None
    }
    evidence = [evidence for run in case.runs for evidence in _judge_run(case, run, values)]
    return conclude("continuous_loop_delay", evidence, measures=measures)


def _first_check_secs(run: Run) -> float | None:
    if not run.checks or run.reconciliation_finished is None:
        return None
    return (run.checks[0].started.ts - run.reconciliation_finished.ts) / SECOND_NS


def _judge_run(case: Case, run: Run, values: dict[str, Any]) -> Iterator[Evidence]:
    finished = run.reconciliation_finished
    if finished is None or not run.reconciled:
        return
    delay = float(values.get("reconciliation_startup_delay_secs", DELAY_DEFAULT_SECS))
    first = _first_check_secs(run)
    if first is not None:
        if first < delay - EARLY_TOLERANCE_SECS:
            yield Evidence(
                kind="early_check",
                message=f"the first check of run {run.number} began {first:.2f} s after startup "
                f"reconciliation: the delay is {delay:g} s",
                seqs=(finished.seq, run.checks[0].started.seq),
            )
        return
    told = case.scenario["checks_told"]
    intervals = (secs for check, secs in intervals_secs(values).items() if check in told)
    interval = min(intervals, default=None)
    if interval is None:
        return
    end_ns = case.lived_until(run)
    lived = (end_ns - finished.ts) / SECOND_NS
    if lived > delay + 2 * interval + LATE_MARGIN_SECS * case.rate:
        yield Evidence(
            kind="no_check",
            message=f"run {run.number} made no check in the {lived:.1f} s after startup "
            f"reconciliation: the delay is {delay:g} s, the shortest interval {interval:g} s",
            seqs=(finished.seq,),
        )
