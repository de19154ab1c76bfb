"""The node converged each time the scenario asked it to."""

from harness.checkers.case import Case
from harness.checkers.verdict import CheckerVerdict, Evidence, NothingToJudge, conclude


def convergence(case: Case) -> CheckerVerdict:
    """FAIL with each difference that was left when the deadline passed."""
    answers = case.of("harness", "converged")
    if not answers:
        raise NothingToJudge("the scenario never came to ask whether the node had converged")
    evidence = [
        Evidence(
            kind="not_converged",
            message=f"not converged after {answer.data['seconds']:.1f} s: {difference}",
            seqs=(answer.seq,),
        )
        for answer in answers
        if not answer.data["converged"]
        for difference in answer.data["differences"] or ["no difference was given"]
    ]
    slowest = max(float(answer.data["seconds"]) for answer in answers)
    return conclude("convergence", evidence, measures={"convergence_secs_max": slowest})
