"""From the instant at which node and venue differ to the instant at which they are equal again."""

from typing import Any

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import BTC, Story, ask, kinds


def resting(**values: Any) -> Story:
    """An order that both sides know, and no check of the position."""
    story = Story().begin(**values).start().submitted("O-1").order("O-1")
    return story.told("OrderAccepted")


def repaired(after_secs: float, **values: Any) -> Story:
    story = resting(**values).trade("O-1", 1001)
    return story.wait(after_secs).applied("O-1", "1001").believe(f"{BTC}-BOTH", "0.010")


def test_news_that_travels_is_measured_and_not_listed() -> None:
    answer = ask("repair_time", at_rate(repaired(0.1), 10.0))
    assert answer.outcome is Outcome.PASS
    assert answer.notes == ()
    assert answer.measures["order_repair_secs_max"] == pytest.approx(0.4)
    assert answer.measures["position_repair_secs_max"] == pytest.approx(0.3)


def test_what_takes_longer_is_listed_the_longest_first() -> None:
    answer = ask("repair_time", repaired(3))
    assert answer.outcome is Outcome.PASS
    assert [note.message for note in answer.notes] == [
        "order O-1 differed for 3.300 s, noticed after 3.300 s",
        f"position {BTC} differed for 3.200 s, noticed after 3.200 s",
    ]
    assert answer.measures["repaired_count"] == 2
    assert answer.measures["unrepaired_count"] == 0


def test_it_is_noticed_at_the_first_line_about_it() -> None:
    story = resting().trade("O-1", 1001).wait(1).log(f"Discrepancy for {BTC}", level="WARN")
    story.wait(2).applied("O-1", "1001").believe(f"{BTC}-BOTH", "0.010")
    answer = ask("repair_time", story)
    assert answer.notes[1].message == f"position {BTC} differed for 3.300 s, noticed after 1.100 s"
    assert answer.measures["noticed_secs_max"] == pytest.approx(3.4)


OPEN = ("open_orders", "/fapi/v1/openOrders")
POSITIONS = ("positions", "/fapi/v3/positionRisk")


def looked(
    story: Story,
    times: int,
    check: tuple[str, str] = OPEN,
    *,
    answered: bool = True,
    error: str | None = None,
) -> Story:
    """The node makes a check, once a second."""
    name, path = check
    for _ in range(times):
        story.wait(0.7).node("check_started", check=name)
        story.ask_venue("GET", path, {}, executed=answered)
        story.node("check_finished", check=name, error=error)
    return story


def partly_filled(**values: Any) -> Story:
    """A fill that the node has not heard of for longer than the threshold."""
    return resting(**values).trade("O-1", 1001, "0.004").wait(5)


def found(story: Story) -> list[str]:
    story.applied("O-1", "1001", "0.004").believe(f"{BTC}-BOTH", "0.004")
    return kinds(ask("repair_time", story))


@pytest.mark.parametrize(("times", "expected"), [(7, []), (8, ["slow_repair"])])
def test_more_cycles_than_the_open_check_needs_fail(times: int, expected: list[str]) -> None:
    assert found(looked(partly_filled(), times)) == expected
    assert found(at_rate(looked(partly_filled(), times), 10.0)) == expected


@pytest.mark.parametrize(("times", "expected"), [(5, []), (6, ["slow_repair"])])
def test_a_position_has_the_limit_of_its_own_check(times: int, expected: list[str]) -> None:
    assert found(looked(partly_filled(), times, POSITIONS)) == expected


def test_the_limit_is_of_the_retries_that_are_configured() -> None:
    assert found(looked(partly_filled(open_check_missing_retries=6), 8)) == []


def test_a_cycle_within_the_threshold_does_not_count() -> None:
    story = resting(open_check_threshold_ms=3_000).trade("O-1", 1001, "0.004")
    assert found(looked(story, 9)) == []


def test_a_cycle_counts_from_the_last_that_was_told() -> None:
    story = looked(partly_filled(), 5).told("OrderUpdated", quantity="0.010")
    assert found(looked(story, 6)) == []


def test_a_cycle_that_failed_or_was_not_answered_does_not_count() -> None:
    assert found(looked(partly_filled(), 20, error="E")) == []
    assert found(looked(partly_filled(), 20, answered=False)) == []
    unasked = partly_filled()
    for _ in range(20):
        unasked.check("open_orders")
    assert found(unasked) == []


def test_a_cycle_that_was_answered_wrongly_does_not_count() -> None:
    story = partly_filled()
    for _ in range(20):
        story.node("check_started", check="open_orders").ask_venue("GET", OPEN[1], {})
        story.event("wire", "misbehaviour", rule={}).node(
            "check_finished", check="open_orders", error=None
        )
    assert found(story) == []


def test_an_order_that_was_closed_is_not_looked_for_among_the_open() -> None:
    for open_only, expected in ((True, []), (False, ["slow_repair"])):
        story = resting(open_check_open_only=open_only).end_order("O-1").wait(5)
        looked(story, 9).told("OrderCanceled")
        assert kinds(ask("repair_time", story)) == expected


def test_without_a_check_there_is_no_limit() -> None:
    assert found(partly_filled().wait(100)) == []


def at_rate(story: Story, rate: float) -> Story:
    story.events[0].data["rate"] = rate
    return story


def test_what_is_never_repaired_is_counted() -> None:
    answer = ask("repair_time", resting().trade("O-1", 1001).wait(60).finish())
    assert answer.outcome is Outcome.PASS
    assert answer.measures["unrepaired_count"] == 2


def test_what_was_there_before_the_first_node_counts_from_its_start() -> None:
    story = Story().begin().position("0.010").wait(60).start().believe(f"{BTC}-BOTH", "0.010")
    answer = ask("repair_time", story)
    assert answer.measures["position_repair_secs_max"] == pytest.approx(0.3)


def test_it_is_unknown_without_a_node() -> None:
    assert ask("repair_time", Story().begin()).outcome is Outcome.UNKNOWN
