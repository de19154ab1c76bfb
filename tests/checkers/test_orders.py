"""Orders equal, open orders equal, in flight resolved."""

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import VENUE_ID, Story, ask, held, kinds, place

ALL = ("orders_equal", "open_orders_equal", "in_flight_resolved")


def _told(status: str) -> Story:
    """An order of 0.010 with 0.004 filled where the status has fills, in that status."""
    story = Story().begin().start().submitted("O-1").order("O-1")
    if status == "FILLED":
        return story.trade("O-1", 1)
    if status == "PARTIALLY_FILLED":
        return story.trade("O-1", 1, "0.004")
    return story if status == "NEW" else story.end_order("O-1", status)


def _held(status: str) -> dict[str, object]:
    fills = {"FILLED": [("1", "0.010")], "PARTIALLY_FILLED": [("1", "0.004")]}.get(status, [])
    return held("O-1", status, *fills)


@pytest.mark.parametrize(
    ("at_venue", "in_node"),
    [
        ("NEW", "ACCEPTED"),
        ("PARTIALLY_FILLED", "PARTIALLY_FILLED"),
        ("FILLED", "FILLED"),
        ("CANCELED", "CANCELED"),
        ("EXPIRED", "EXPIRED"),
        ("EXPIRED_IN_MATCH", "CANCELED"),
        ("EXPIRED_IN_MATCH", "EXPIRED"),
    ],
)
def test_each_status_has_its_counterpart(at_venue: str, in_node: str) -> None:
    story = _told(at_venue).snapshot([_held(in_node)])
    assert [ask(checker, story).outcome for checker in ALL] == ["pass"] * 3


@pytest.mark.parametrize("checker", ALL)
def test_without_a_final_snapshot_nothing_is_known(checker: str) -> None:
    assert ask(checker, _told("NEW")).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("in_node", ["REJECTED", "CANCELED", "EXPIRED"])
def test_live_at_the_venue_and_closed_in_the_node_is_told_by_its_name(in_node: str) -> None:
    story = _told("NEW").snapshot([_held(in_node)])
    assert kinds(ask("orders_equal", story)) == ["live_at_venue_closed_in_node"]
    assert kinds(ask("open_orders_equal", story)) == ["live_at_venue_closed_in_node"]


def test_a_rejection_that_the_venue_did_not_give() -> None:
    story = _told("FILLED").snapshot([_held("REJECTED")])
    answer = ask("orders_equal", story)
    assert kinds(answer) == ["false_rejection", "order_filled"]
    assert answer.evidence[0].message == "order O-1 is REJECTED in the node, FILLED at the venue"


def test_closed_at_the_venue_and_open_in_the_node() -> None:
    story = _told("CANCELED").snapshot([_held("ACCEPTED")])
    assert kinds(ask("orders_equal", story)) == ["order_status"]
    assert kinds(ask("open_orders_equal", story)) == ["closed_at_venue_open_in_node"]


def test_an_old_order_that_is_open_in_the_node_only() -> None:
    story = (
        Story().begin().order("old").end_order("old").start().snapshot([held("old", "ACCEPTED")])
    )
    assert ask("orders_equal", story).outcome is Outcome.PASS
    assert kinds(ask("open_orders_equal", story)) == ["closed_at_venue_open_in_node"]


def test_an_order_that_the_node_does_not_know() -> None:
    story = Story().begin().order("web_1", external=True).start().snapshot()
    answer = ask("orders_equal", story)
    assert kinds(answer) == ["missing_order"]
    assert answer.evidence[0].message == (
        "order web_1 (BUY 0.010, NEW, filled 0) is not in the node"
    )
    assert kinds(ask("open_orders_equal", story)) == ["missing_open_order"]


def test_an_order_is_known_by_the_venues_id_under_another_client_order_id() -> None:
    story = Story().begin().order("web_1", external=True).start()
    story.snapshot([held("renamed", "ACCEPTED", venue_order_id=VENUE_ID)])
    assert ask("orders_equal", story).outcome is Outcome.PASS


def test_one_order_of_the_venue_that_is_two_in_the_node() -> None:
    story = _told("NEW").snapshot(
        [held("O-1", "ACCEPTED"), held("other", "ACCEPTED", venue_order_id=VENUE_ID)]
    )
    assert kinds(ask("orders_equal", story)) == ["duplicate_order"]


def test_an_order_that_reached_the_venue_twice() -> None:
    story = Story().begin().start().submitted("O-1").order("O-1", order_id=1).trade("O-1", 1)
    story.order("O-1", order_id=2).trade("O-1", 2)
    story.snapshot([held("O-1", "FILLED", ("2", "0.010"), venue_order_id=2)], [place("0.010")])
    answer = ask("orders_equal", story)
    assert kinds(answer) == ["double_order"]
    assert "1 (FILLED, filled 0.010) beside 2" in answer.evidence[0].message


def test_of_orders_with_one_client_order_id_the_latest_is_the_nodes() -> None:
    story = Story().begin().start().submitted("O-1").order("O-1", order_id=1).trade("O-1", 1)
    story.order("O-1", order_id=2).snapshot([held("O-1", "ACCEPTED")])
    (evidence,) = ask("orders_equal", story).evidence
    assert "1 (FILLED, filled 0.010) beside 2" in evidence.message


def test_the_price_of_an_open_order_is_compared() -> None:
    story = Story().begin().start().submitted("O-1").order("O-1", at="49900")
    story.snapshot([held("O-1", "ACCEPTED")])
    (evidence,) = ask("orders_equal", story).evidence
    assert evidence.kind == "order_price"
    assert evidence.message == "order O-1 has price 50000 in the node, 49900 at the venue"


def test_quantity_and_filled_are_compared() -> None:
    story = _told("PARTIALLY_FILLED")
    story.snapshot([held("O-1", "PARTIALLY_FILLED", ("1", "0.003"), quantity="0.011")])
    assert kinds(ask("orders_equal", story)) == ["order_quantity", "order_filled"]


@pytest.mark.parametrize(
    ("average_price", "outcome"),
    [("50005", "pass"), ("49995.0", "pass"), ("50005.1", "fail"), (None, "fail")],
)
def test_the_average_price_may_be_off_by_a_hundredth_of_a_percent(
    average_price: str | None, outcome: str
) -> None:
    story = _told("FILLED")
    story.snapshot([held("O-1", "FILLED", ("1", "0.010"), average_price=average_price)])
    assert ask("orders_equal", story).outcome == outcome


# Orders that never reached the venue


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("REJECTED", "pass"), ("DENIED", "pass"), ("CANCELED", "fail"), ("ACCEPTED", "fail")],
)
def test_an_order_that_never_reached_the_venue(status: str, outcome: str) -> None:
    story = Story().begin().start().submitted("O-1").snapshot([held("O-1", status)])
    assert ask("orders_equal", story).outcome == outcome


def test_an_order_that_never_reached_the_venue_may_be_cancelled_on_request() -> None:
    story = Story().begin().start().submitted("O-1").pending_cancel("O-1")
    story.snapshot([held("O-1", "CANCELED")])
    assert ask("orders_equal", story).outcome is Outcome.PASS


def test_an_open_order_that_never_reached_the_venue_is_a_phantom() -> None:
    story = Story().begin().start().snapshot([held("O-1", "ACCEPTED")])
    assert kinds(ask("open_orders_equal", story)) == ["phantom_order"]


# In flight


@pytest.mark.parametrize("status", ["SUBMITTED", "PENDING_CANCEL", "PENDING_UPDATE"])
def test_an_order_that_still_waits_is_in_flight_and_nothing_else(status: str) -> None:
    story = _told("NEW").snapshot([held("O-1", status)])
    assert [ask(checker, story).outcome for checker in ALL] == ["pass", "pass", "fail"]
    assert ask("in_flight_resolved", story).evidence[0].message == f"order O-1 is still {status}"


@pytest.mark.parametrize("status", ["SUBMITTED", "PENDING_CANCEL"])
def test_an_order_submitted_into_nothing_is_in_flight_and_nothing_else(status: str) -> None:
    story = Story().begin().start().submitted("O-1").snapshot([held("O-1", status)])
    assert [ask(checker, story).outcome for checker in ALL] == ["pass", "pass", "fail"]


@pytest.mark.parametrize("price", ["49900", None])
def test_the_price_of_an_open_order_is_the_venues(price: str | None) -> None:
    story = Story().begin().start().submitted("O-1").order("O-1")
    order = held("O-1", "ACCEPTED", venue_order_id=VENUE_ID)
    assert ask("orders_equal", story.snapshot([order])).outcome is Outcome.PASS
    answer = ask("orders_equal", story.snapshot([order | {"price": price}]))
    assert kinds(answer) == ["order_price"]
    assert f"has price {price} in the node, 50000 at the venue" in answer.evidence[0].message
