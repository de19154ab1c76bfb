"""A closed order that was purged is no missing one; one that was purged too early is."""

from typing import Any

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import BTC, Story, ask, held, kinds, place

MINUTE = 60.0
PURGES = {"purge_closed_orders_interval_mins": 10, "purge_closed_orders_buffer_mins": 60}
PURGES_POSITIONS = {
    "purge_closed_positions_interval_mins": 10,
    "purge_closed_positions_buffer_mins": 60,
}
FILLED = held("O-1", "FILLED", ("1001", "0.010"))


def traded(**preset_values: Any) -> Story:
    """An order that was filled at once."""
    story = Story().begin(**preset_values).start().submitted("O-1").order("O-1")
    return story.trade("O-1", 1001).applied("O-1", "1001").node("order_closed", order=FILLED)


def outcomes(story: Story) -> dict[str, Outcome]:
    checkers = ("purged_after_buffer", "orders_equal", "fill_completeness", "no_duplicate_fills")
    return {checker: ask(checker, story).outcome for checker in checkers}


def test_a_closed_order_that_is_gone_after_the_buffer_is_no_missing_one() -> None:
    story = traded(**PURGES).wait(65 * MINUTE).snapshot([], [place("0.010")])
    assert set(outcomes(story).values()) == {Outcome.PASS}
    assert ask("purged_after_buffer", story).measures == {"purged_orders_count": 1}


def test_what_a_purged_order_had_wrong_is_still_wrong() -> None:
    story = Story().begin(**PURGES).start().submitted("O-1").order("O-1").trade("O-1", 1001)
    story.node("order_closed", order=held("O-1", "CANCELED")).wait(65 * MINUTE).snapshot()
    assert kinds(ask("orders_equal", story)) == ["order_status", "order_filled"]
    assert kinds(ask("fill_completeness", story)) == ["missing_fill"]


def test_an_order_of_which_a_snapshot_told_last_is_known_too() -> None:
    story = Story().begin(**PURGES).order("O-1").start().submitted("O-1").trade("O-1", 1001)
    story.snapshot([FILLED], reason="reconciled").wait(65 * MINUTE).snapshot()
    assert ask("orders_equal", story).outcome is Outcome.PASS


def test_a_closed_order_that_is_gone_before_the_buffer_is_missing() -> None:
    story = traded(**PURGES).wait(30 * MINUTE).snapshot([], [place("0.010")])
    answer = ask("purged_after_buffer", story)
    assert [evidence.message for evidence in answer.evidence] == [
        "order O-1 (FILLED) is gone from the node 1800 s after it was closed: "
        "the buffer is 3600 s, the interval 600 s"
    ]
    assert kinds(ask("orders_equal", story)) == ["missing_order"]


def test_an_open_order_that_is_gone_is_missing_whatever_the_buffer() -> None:
    story = Story().begin(**PURGES).start().submitted("O-1").order("O-1")
    story.snapshot([held("O-1", "ACCEPTED")], reason="convergence").wait(200 * MINUTE).snapshot()
    answer = ask("purged_after_buffer", story)
    assert [evidence.message for evidence in answer.evidence] == [
        "order O-1 (ACCEPTED) is gone from the node though it was open"
    ]
    assert kinds(ask("orders_equal", story)) == ["missing_order"]


def test_where_nothing_is_purged_no_order_may_be_gone() -> None:
    story = traded().wait(200 * MINUTE).snapshot([], [place("0.010")])
    assert kinds(ask("purged_after_buffer", story)) == ["purged_early"]
    assert kinds(ask("orders_equal", story)) == ["missing_order"]


@pytest.mark.parametrize(("minutes", "expected"), [(69, []), (72, ["not_purged"])])
def test_a_closed_order_must_be_gone_an_interval_after_the_buffer(
    minutes: int, expected: list[str]
) -> None:
    story = traded(**PURGES).wait(minutes * MINUTE).snapshot([FILLED], [place("0.010")])
    assert kinds(ask("purged_after_buffer", story)) == expected


def test_a_node_that_was_started_late_has_an_interval_to_purge() -> None:
    story = traded(**PURGES).kill().wait(200 * MINUTE).start()
    story.snapshot([FILLED], reason="reconciled").wait(5 * MINUTE).snapshot([FILLED])
    assert ask("purged_after_buffer", story).outcome is Outcome.PASS


def closed_position(**preset_values: Any) -> Story:
    story = Story().begin(**preset_values).start().believe("P-1", "0.010")
    story.node(
        "position_event",
        type="PositionClosed",
        position_id="P-1",
        instrument_id=BTC,
        signed_qty="0",
    )
    return story


@pytest.mark.parametrize(
    ("minutes", "positions", "expected"),
    [
        (30, [], ["purged_early"]),
        (30, [place("0", "P-1")], []),
        (65, [], []),
        (65, [place("0", "P-1")], []),
        (72, [place("0", "P-1")], ["not_purged"]),
    ],
)
def test_a_closed_position_is_gone_after_the_buffer_and_not_before(
    minutes: int, positions: list[dict[str, Any]], expected: list[str]
) -> None:
    story = closed_position(**PURGES_POSITIONS).wait(minutes * MINUTE).snapshot([], positions)
    assert kinds(ask("purged_after_buffer", story)) == expected


def test_an_open_position_may_not_be_gone() -> None:
    story = Story().begin(**PURGES_POSITIONS).start().believe("P-1", "0.010")
    assert kinds(ask("purged_after_buffer", story.wait(200 * MINUTE).snapshot())) == [
        "purged_early"
    ]
