import pytest

from harness.checkers.verdict import CheckerVerdict, Outcome
from tests.checkers.histories import Story, ask, kinds


def _submitted() -> Story:
    return Story().begin().start().submitted("O-1")


def _asked(story: Story) -> CheckerVerdict:
    return ask("submissions", story.snapshot())


def test_an_order_that_reached_the_venue_once() -> None:
    answer = _asked(_submitted().post_order("O-1").order("O-1").trade("O-1", 1))
    assert (answer.outcome, answer.notes) == (Outcome.PASS, ())


def test_an_order_that_is_two_at_the_venue() -> None:
    story = _submitted().order("O-1", order_id=1).trade("O-1", 1).order("O-1", order_id=2)
    (evidence,) = _asked(story).evidence
    assert evidence.kind == "double_order"
    assert evidence.message == (
        "order O-1 was submitted 1 times and is 2 orders at the venue: 1, 2"
    )


def test_two_orders_of_one_id_that_were_made_apart() -> None:
    story = _submitted().order("O-1", order_id=1).trade("O-1", 1).stop()
    story.event("store", "flushed").start().submitted("O-1").order("O-1", order_id=2)
    answer = _asked(story.post_order("O-1").post_order("O-1"))
    assert (answer.outcome, answer.notes) == (Outcome.PASS, ())


def test_an_order_that_somebody_else_placed_under_the_same_id() -> None:
    story = _submitted().order("O-1", order_id=1).trade("O-1", 1)
    assert _asked(story.order("O-1", order_id=2, external=True)).outcome is Outcome.PASS


def test_a_request_that_was_repeated_and_refused_is_noted() -> None:
    story = _submitted().post_order("O-1").order("O-1")
    answer = _asked(story.ask_venue("POST", "/fapi/v1/order", {}, "O-1", executed=False))
    assert answer.outcome is Outcome.PASS
    assert [note.message for note in answer.notes] == [
        "order O-1 was submitted 1 times, requests for it arrived 2 times"
    ]


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("OrderRejected", ["submitted_after_rejection"]),
        ("OrderDenied", ["submitted_after_rejection"]),
        ("OrderAccepted", []),
    ],
)
def test_a_request_that_comes_after_the_order_was_given_up(told: str, found: list[str]) -> None:
    story = _submitted().told(told).wait(1).post_order("O-1").order("O-1")
    assert kinds(_asked(story)) == found


@pytest.mark.parametrize(
    ("method", "executed"), [("POST", False), ("PUT", True)], ids=["refused", "amendment"]
)
def test_what_the_venue_refused_and_what_is_no_submission(method: str, executed: bool) -> None:
    story = _submitted().told("OrderRejected").wait(1)
    answer = _asked(story.ask_venue(method, "/fapi/v1/order", {}, "O-1", executed=executed))
    assert answer.outcome is Outcome.PASS


def _tried_anew(**params: str) -> Story:
    """O-1 is at the venue and was told as rejected; O-2 is submitted."""
    story = _submitted().post_order("O-1").order("O-1").told("OrderRejected").wait(1)
    return story.submitted("O-2").post_order("O-2", **params).order("O-2")


def test_what_is_submitted_for_an_order_that_was_falsely_told_as_rejected() -> None:
    (evidence,) = _asked(_tried_anew()).evidence
    assert evidence.kind == "submitted_after_false_rejection"
    assert evidence.message.endswith("then order O-2 was submitted beside it")


def test_an_order_does_not_stand_beside_itself() -> None:
    story = _submitted().order("O-1").told("OrderRejected").wait(1).post_order("O-1")
    assert kinds(_asked(story)) == ["submitted_after_rejection"]


@pytest.mark.parametrize("other", [{"symbol": "ETHUSDT"}, {"side": "SELL"}, {"reduceOnly": "true"}])
def test_what_is_submitted_elsewhere_is_not_for_it(other: dict[str, str]) -> None:
    assert _asked(_tried_anew(**other)).outcome is Outcome.PASS


def test_what_is_submitted_before_the_rejection_is_not_for_it() -> None:
    story = _submitted().order("O-1").submitted("O-2").post_order("O-2").order("O-2")
    assert _asked(story.wait(1).told("OrderRejected")).outcome is Outcome.PASS


@pytest.mark.parametrize("rejected_by_the_venue", [True, False])
def test_after_a_true_rejection_a_strategy_may_try_anew(rejected_by_the_venue: bool) -> None:
    story = _submitted()
    if rejected_by_the_venue:
        story.order("O-1").end_order("O-1", "REJECTED")
    story.told("OrderRejected").wait(1).submitted("O-2").post_order("O-2").order("O-2")
    assert _asked(story).outcome is Outcome.PASS


def test_a_second_order_that_the_venue_refused_stands_beside_nothing() -> None:
    story = _submitted().order("O-1").told("OrderRejected").wait(1)
    place = {"symbol": "BTCUSDT", "side": "BUY"}
    story.ask_venue("POST", "/fapi/v1/order", place, "O-2", executed=False)
    assert _asked(story).outcome is Outcome.PASS


def test_submissions_are_unknown_without_a_node() -> None:
    assert ask("submissions", Story().begin()).outcome is Outcome.UNKNOWN
