import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import VENUE_ID, Story, ask, held, kinds

ALGO_ID = 9007199254741993


def _accepted() -> Story:
    story = Story().begin().start().submitted("O-1").order("O-1")
    return story.told("OrderAccepted", venue_order_id=str(VENUE_ID))


@pytest.mark.parametrize(
    ("at_venue", "told"),
    [
        ("CANCELED", "OrderCanceled"),
        ("EXPIRED", "OrderExpired"),
        ("EXPIRED_IN_MATCH", "OrderExpired"),
        ("EXPIRED_IN_MATCH", "OrderCanceled"),
    ],
)
def test_an_end_that_the_venue_made(at_venue: str, told: str) -> None:
    story = _accepted().end_order("O-1", at_venue).told(told).snapshot()
    answer = ask("closed_by_the_venue", story)
    assert answer.outcome is Outcome.PASS
    assert answer.measures == {"closed_while_live_secs_max": 0.0}


@pytest.mark.parametrize(
    ("at_venue", "told", "kind"),
    [
        ("FILLED", "OrderRejected", "invented_rejection"),
        ("FILLED", "OrderCanceled", "invented_cancel"),
        ("EXPIRED", "OrderCanceled", "invented_cancel"),
        ("CANCELED", "OrderExpired", "invented_expiry"),
    ],
)
def test_an_end_that_the_venue_did_not_make(at_venue: str, told: str, kind: str) -> None:
    story = _accepted().end_order("O-1", at_venue).told(told).snapshot()
    answer = ask("closed_by_the_venue", story)
    assert kinds(answer) == [kind]
    assert answer.evidence[0].message == (
        f"order O-1 was told {told}, the venue had said {', '.join(sorted(('NEW', at_venue)))}"
    )


def test_an_end_that_comes_before_the_venue_made_it_is_invented_and_lives_on() -> None:
    story = _accepted().told("OrderCanceled").wait(1.9).end_order("O-1").snapshot()
    answer = ask("closed_by_the_venue", story)
    assert kinds(answer) == ["invented_cancel", "closed_in_node_while_live"]
    assert answer.evidence[1].message == (
        "order O-1 was live at the venue and closed in the node for 2.000 s"
    )
    assert answer.measures == {"closed_while_live_secs_max": 2.0}


def test_an_order_that_is_filled_in_the_node_and_live_at_the_venue() -> None:
    story = _accepted().trade("O-1", 1, "0.004").applied("O-1", "1", "0.010").wait(0.9).snapshot()
    answer = ask("closed_by_the_venue", story)
    assert kinds(answer) == ["closed_in_node_while_live"]
    assert "for 1.000 s" in answer.evidence[0].message


def test_every_time_counts_and_the_order_may_open_again() -> None:
    story = _accepted().told("OrderCanceled").snapshot([held("O-1", "ACCEPTED")], reason="asked")
    story.wait(5).told("OrderCanceled").wait(0.9).end_order("O-1").snapshot()
    (*_, lived_on) = ask("closed_by_the_venue", story).evidence
    assert "for 1.100 s" in lived_on.message


def test_an_order_that_comes_to_the_venue_after_its_rejection() -> None:
    story = Story().begin().start().submitted("O-1").told("OrderRejected").wait(5).order("O-1")
    answer = ask("closed_by_the_venue", story.wait(0.9).snapshot())
    assert kinds(answer) == ["closed_in_node_while_live"]
    assert "for 1.000 s" in answer.evidence[0].message


@pytest.mark.parametrize("told", ["OrderRejected", "OrderCanceled", "OrderExpired"])
def test_an_order_that_the_venue_never_had_may_end_in_any_way(told: str) -> None:
    story = Story().begin().start().submitted("O-1").told(told).snapshot()
    assert ask("closed_by_the_venue", story).outcome is Outcome.PASS


def test_an_order_is_found_by_the_venues_id() -> None:
    story = Story().begin().order("web_1", external=True).start()
    story.told("OrderAccepted", client_order_id="mine", venue_order_id=str(VENUE_ID))
    story.told("OrderCanceled", client_order_id="mine")
    assert "invented_cancel" in kinds(ask("closed_by_the_venue", story.snapshot()))


def _stop(story: Story, status: str, order_id: int | None = None) -> Story:
    return story.event(
        "venue",
        "algo_order",
        symbol="BTCUSDT",
        algo_id=ALGO_ID,
        client_order_id="O-1",
        order_id=order_id,
        side="SELL",
        type="STOP_MARKET",
        status=status,
        quantity="0.010",
    )


@pytest.mark.parametrize(
    ("status", "told", "found"),
    [
        ("CANCELED", "OrderCanceled", []),
        ("REJECTED", "OrderRejected", []),
        ("NEW", "OrderRejected", ["invented_rejection", "closed_in_node_while_live"]),
    ],
)
def test_a_conditional_order_ends_as_the_venue_says(
    status: str, told: str, found: list[str]
) -> None:
    story = _stop(Story().begin().start().submitted("O-1"), "NEW").told("OrderAccepted")
    story = _stop(story, status).told(told).snapshot()
    assert kinds(ask("closed_by_the_venue", story)) == found


def test_a_conditional_order_and_the_regular_one_that_it_becomes_are_one() -> None:
    story = _stop(Story().begin().start().submitted("O-1"), "NEW").told("OrderAccepted")
    story = _stop(story, "TRIGGERING").order("O-1", "SELL").trade("O-1", 1)
    story = _stop(story, "TRIGGERED", VENUE_ID).applied("O-1", "1")
    story = _stop(story, "FINISHED", VENUE_ID).wait(5).snapshot()
    assert ask("closed_by_the_venue", story).outcome is Outcome.PASS


def test_of_a_conditional_order_that_triggered_the_regular_ones_statuses_count() -> None:
    story = _stop(Story().begin().start().submitted("O-1"), "NEW").told("OrderAccepted")
    story = _stop(story.order("O-1", "SELL").trade("O-1", 1), "TRIGGERED", VENUE_ID)
    (evidence,) = ask("closed_by_the_venue", story.told("OrderRejected").snapshot()).evidence
    assert evidence.message.endswith("the venue had said FILLED, NEW")


def test_a_conditional_order_that_triggers_is_live() -> None:
    story = _stop(Story().begin().start().submitted("O-1"), "NEW").told("OrderAccepted")
    story = _stop(story, "TRIGGERING").told("OrderCanceled").wait(0.9).snapshot()
    assert "live at the venue and closed in the node for 1.000 s" in (
        ask("closed_by_the_venue", story).evidence[1].message
    )


def test_without_a_node_nothing_is_known_of_ends() -> None:
    assert ask("closed_by_the_venue", Story().begin()).outcome is Outcome.UNKNOWN
