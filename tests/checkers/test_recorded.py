"""A history that lacks a kind of event is not one in which nothing happened."""

import pytest

from harness.checkers import CHECKERS
from harness.checkers.judge import judge
from harness.checkers.verdict import Outcome
from harness.history.event import Event, Source
from tests.checkers.histories import WALLET, Story, clean


def unknown(events: list[Event]) -> dict[str, str]:
    """The checkers that cannot say anything, and why."""
    return {
        answer.checker: answer.evidence[0].message
        for answer in judge(events, CHECKERS).checkers
        if answer.outcome is Outcome.UNKNOWN
    }


@pytest.mark.parametrize(
    ("source", "kind", "checkers", "why"),
    [
        ("node", "order_event", {"order_life", "fill_identity"}, "the events of the node's orders"),
        ("node", "position_event", {"money"}, "the events of the node's positions"),
        ("node", "account_event", {"balances_equal"}, "the events of the node's account"),
        ("node", "check_started", {"periodic_check_time"}, "the node's periodic checks"),
        ("node", "check_finished", {"continuous_loop_delay"}, "the node's periodic checks"),
        ("node", "memory", {"memory"}, "the node's memory"),
        ("node", "log", {"log"}, "entries of the node's log"),
        ("node", "exited", {"node_alive"}, "how a run of the node ended"),
        ("wire", "http", {"rate_budget", "submissions", "log"}, "the node's requests"),
        ("harness", "healed", {"periodic_check_time", "repair_time"}, "when all was healed"),
        ("venue", "order", {"closed_by_the_venue"}, "orders of the venue that have traded"),
        ("venue", "position", {"money"}, "positions of the venue that have traded"),
        ("venue", "price", {"money"}, "prices of what has traded"),
    ],
)
def test_what_looks_at_events_that_are_missing_is_unknown(
    source: Source, kind: str, checkers: set[str], why: str
) -> None:
    events = [one for one in clean().events if (one.source, one.kind) != (source, kind)]
    assert (
        unknown(events).items() >= {name: f"the history lacks {why}" for name in checkers}.items()
    )


def test_a_machine_that_was_not_watched_may_not_have_kept_up() -> None:
    events = [event for event in clean().events if event.kind != "stall_watch"]
    assert judge(events, CHECKERS).outcome is Outcome.UNKNOWN
    assert unknown(events) == {"kept_up": "nobody watched whether the machine kept up"}


def test_a_log_that_could_not_be_read_to_its_end_is_unknown() -> None:
    story = clean()
    (ended,) = (event for event in story.events if event.kind == "exited")
    ended.data["log_entries"] = None
    assert unknown(story.events).keys() == {"log"}


def test_what_was_found_wrong_is_wrong_whatever_else_is_missing() -> None:
    story = Story().begin().start().told_balance(WALLET).log("planted").exit(code=1).finish()
    failed = {
        one.checker for one in judge(story.events, CHECKERS).checkers if one.outcome == "fail"
    }
    assert failed >= {"log", "node_alive"}


def test_a_node_that_makes_no_checks_has_none_to_tell_of() -> None:
    story = clean()
    story.events[0].data["preset_values"] = {"inflight_check_interval_ms": 0}
    events = [event for event in story.events if not event.kind.startswith("check_")]
    assert unknown(events) == {}
