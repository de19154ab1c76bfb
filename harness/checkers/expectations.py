"""What the scenario itself expected to happen on the way, happened in time."""

from harness.checkers.case import Case
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude

DEADLINE_PASSED = "deadline_passed"
NO_USER_STREAM = "no_user_stream"
WAITED_IN_VAIN = frozenset({DEADLINE_PASSED, NO_USER_STREAM})


def expectations(case: Case) -> CheckerVerdict:
    """FAIL where a step waited for something that did not happen within its deadline."""
    return conclude(
        "expectations",
        (
            Evidence(kind=event.data["evidence"], message=event.data["message"], seqs=(event.seq,))
            for event in case.of("harness", "expectation_failed")
        ),
    )
