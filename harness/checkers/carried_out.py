"""What the scenario did, was done: a fault that never struck shows nothing, green or not."""

from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.verdict import CheckerVerdict, Evidence, Outcome
from harness.history.event import Kinds

LEFT_UNDONE: Kinds = {
    "node": ("command_failed",),
    "harness": ("fault_never_struck", "channel_failed"),
}


def carried_out(case: Case) -> CheckerVerdict:
    """UNKNOWN where a command failed in the node, or a rule of misbehaviour never struck."""
    evidence = tuple(_left_undone(case))
    return CheckerVerdict(
        checker="carried_out",
        outcome=Outcome.UNKNOWN if evidence else Outcome.PASS,
        evidence=evidence,
    )


def _left_undone(case: Case) -> Iterator[Evidence]:
    for event in case.of_all(LEFT_UNDONE):
        data = event.data
        match event.kind:
            case "command_failed":
                message = f"the node did not carry out {data['command']}: {data['error']}"
            case "fault_never_struck":
                message = f"the rule {data['name']} never struck: {data['rule']}"
            case _:
                message = f"what run {data['run']} said could not be read: {data['error']}"
        yield Evidence(kind=event.kind, message=message, seqs=(event.seq,))
