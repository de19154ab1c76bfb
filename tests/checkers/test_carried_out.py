from typing import Any

import pytest

from harness.checkers.carried_out import carried_out
from harness.checkers.judge import judge
from harness.checkers.verdict import Outcome
from harness.history.event import Event, Source


def outcome_of(source: Source, kind: str, **data: Any) -> Outcome:
    return judge([Event(0, 0, source, kind, data)], [carried_out]).checkers[1].outcome


@pytest.mark.parametrize(
    ("source", "kind", "data"),
    [
        ("node", "command_failed", {"run": 1, "command": "Cancel(O-9)", "error": "unknown"}),
        ("harness", "fault_never_struck", {"name": "rule-1", "rule": {"type": "push"}}),
        ("harness", "channel_failed", {"run": 1, "error": "DecodeError: torn"}),
    ],
)
def test_what_was_not_done_is_unknown(source: Source, kind: str, data: dict[str, Any]) -> None:
    assert outcome_of(source, kind, **data) is Outcome.UNKNOWN


def test_everything_else_passes() -> None:
    assert outcome_of("node", "check_finished", run=1) is Outcome.PASS
