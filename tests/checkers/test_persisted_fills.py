from harness.checkers.judge import judge
from harness.checkers.persisted_fills import persisted_fills
from harness.checkers.verdict import Outcome
from harness.history.event import Event


def verdict_of(*fills: dict[str, list[str]]) -> tuple[Outcome, list[str]]:
    events = [
        Event(seq, seq, "store", "persisted", {"fills": one}) for seq, one in enumerate(fills)
    ]
    verdict = judge(events, [persisted_fills]).checkers[1]
    return verdict.outcome, [evidence.message for evidence in verdict.evidence]


def test_each_fill_once_passes() -> None:
    assert verdict_of({"O-1": ["1001", "1002"], "O-2": ["1001"]}) == (Outcome.PASS, [])


def test_a_fill_twice_fails_by_the_last_reading_of_the_store() -> None:
    outcome, messages = verdict_of({"O-1": ["1001"]}, {"O-1": ["1001", "1002", "1001"]})
    assert outcome is Outcome.FAIL
    assert messages == ["trade 1001 of order O-1 is 2 times in the store"]


def test_a_store_that_was_not_read_is_unknown() -> None:
    outcome, _ = verdict_of()
    assert outcome is Outcome.UNKNOWN
