"""The node lives to the end, with its strategies running, and no run ends by itself."""

from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.node_view import Run
from harness.checkers.verdict import CheckerVerdict, Evidence, NothingToJudge, conclude
from harness.history.event import Event


def node_alive(case: Case) -> CheckerVerdict:
    """FAIL for each run that ended by itself, and for a last run without its strategies."""
    last = case.runs[-1]
    evidence = [evidence for run in case.runs for evidence in _ended_by_itself(case, run)]
    if not evidence and last.ending is not None and case.final_event is None:
        raise NothingToJudge(f"the scenario ended run {last.number} before the final snapshot")
    if not last.ended_unexpectedly:
        evidence += _strategies(case, last)
    return conclude("node_alive", evidence)


def _ended_by_itself(case: Case, run: Run) -> Iterator[Evidence]:
    if run.exited is not None and run.ended_unexpectedly:
        data = run.exited.data
        how = f"signal {data['signal']}" if data["signal"] else f"exit code {data['code']}"
        yield Evidence(
            kind="node_died",
            message=f"run {run.number} of the node ended by itself with {how}{_words(case, run)}",
            seqs=(run.exited.seq,),
        )


def _words(case: Case, run: Run) -> str:
    """Return what the node said of its end, if anything."""
    for event in reversed(case.of("node", "build_failed", "ended_by_itself")):
        if event.data["run"] == run.number:
            return f": {event.data['error']}"
    return ""


def _strategies(case: Case, run: Run) -> Iterator[Evidence]:
    for strategy in case.scenario["strategies"]:
        strategy_id = strategy["strategy_id"]
        stopped = run.strategies_stopped.get(strategy_id)
        if strategy_id not in run.strategies_started:
            yield Evidence(
                kind="strategy_not_started",
                message=f"run {run.number} of the node is alive, but strategy {strategy_id} "
                f"never started ({_reconciliation(run)})",
                seqs=() if run.forked is None else (run.forked.seq,),
            )
        elif stopped is not None and _before(stopped, run.stop_requested):
            yield Evidence(
                kind="strategy_stopped",
                message=f"strategy {strategy_id} of run {run.number} stopped by itself",
                seqs=(stopped.seq,),
            )


def _before(event: Event, other: Event | None) -> bool:
    return other is None or event.ts < other.ts


def _reconciliation(run: Run) -> str:
    if run.reconciliation_finished is None:
        return "startup reconciliation never finished"
    return "startup reconciliation " + ("succeeded" if run.reconciled else "failed")
