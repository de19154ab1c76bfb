"""From the instant at which node and venue differ to the instant at which they are equal again."""

from typing import Any

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import BTC, Story, ask, kinds

# 1 s of delay, 5 s of threshold, (5 + 2) x 1 s of cycles, 2 s of margin.
ORDER_LIMIT_SECS = 15.0


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


@pytest.mark.parametrize(
    ("secs", "found"), [(ORDER_LIMIT_SECS - 0.5, []), (ORDER_LIMIT_SECS, ["slow_repair"])]
)
def test_longer_than_the_check_needs_fails(secs: float, found: list[str]) -> None:
    assert kinds(ask("repair_time", repaired(secs))) == found


def test_a_position_has_the_limit_of_its_own_check() -> None:
    # 1 s of delay, 5 s of threshold, (3 + 2) x 1 s of cycles, 2 s of margin.
    values = {"open_check_interval_secs": None, "position_check_interval_secs": 1.0}
    assert kinds(ask("repair_time", repaired(12.5, **values))) == []
    assert kinds(ask("repair_time", repaired(13.0, **values))) == ["slow_repair"]


def test_without_a_check_there_is_no_limit() -> None:
    story = repaired(100, open_check_interval_secs=None)
    assert ask("repair_time", story).outcome is Outcome.PASS


def at_rate(story: Story, rate: float) -> Story:
    story.events[0].data["rate"] = rate
    return story


def test_by_a_fast_clock_a_slow_repair_is_noted() -> None:
    answer = ask("repair_time", at_rate(repaired(30), 10.0))
    assert answer.outcome is Outcome.PASS
    assert answer.notes[0].kind == "slow_repair"


def test_the_limit_counts_from_the_heal_and_the_start() -> None:
    story = resting().trade("O-1", 1001).wait(20).event("harness", "healed")
    story.wait(5).applied("O-1", "1001").believe(f"{BTC}-BOTH", "0.010")
    assert kinds(ask("repair_time", story)) == []
    story = resting(open_check_interval_secs=None, position_check_interval_secs=1.0)
    story.kill().trade("O-1", 1001).wait(20).start().believe(f"{BTC}-BOTH", "0.010")
    answer = ask("repair_time", story)
    assert answer.evidence == ()
    assert answer.measures["position_repair_secs_max"] > 20


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
