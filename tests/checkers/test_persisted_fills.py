from typing import Any

import pytest

from harness.checkers.verdict import CheckerVerdict, Outcome
from tests.checkers.histories import Story, ask, held, kinds


def started() -> Story:
    return Story().begin().event("store", "started", port=1).start()


def stopped(story: Story, **fills: list[str]) -> Story:
    """The story to its end, where the node holds these fills."""
    orders = [
        held(order.replace("_", "-"), "FILLED", *((trade, "0.001") for trade in trades))
        for order, trades in fills.items()
    ]
    return story.snapshot(orders).stop()


def verdict_of(story: Story, *stored: dict[str, list[str]]) -> CheckerVerdict:
    for fills in stored:
        story.event("store", "persisted", fills=fills)
    return ask("persisted_fills", story)


def test_each_fill_once_passes() -> None:
    story = started().applied("O-1", "1001").applied("O-1", "1002").applied("O-2", "1001")
    stopped(story, O_1=["1001", "1002"], O_2=["1001"])
    verdict = verdict_of(story, {"O-1": ["1001", "1002"], "O-2": ["1001"]})
    assert (verdict.outcome, verdict.evidence) == (Outcome.PASS, ())


def test_a_fill_twice_fails_by_the_last_reading_of_the_store() -> None:
    story = stopped(started())
    verdict = verdict_of(story, {"O-1": ["1001"]}, {"O-1": ["1001", "1002", "1001"]})
    assert verdict.outcome is Outcome.FAIL
    assert [evidence.message for evidence in verdict.evidence] == [
        "trade 1001 of order O-1 is 2 times in the store"
    ]


def test_a_store_that_was_not_read_is_unknown() -> None:
    assert verdict_of(stopped(started())).outcome is Outcome.UNKNOWN


def test_a_fill_that_a_whole_store_does_not_hold_fails() -> None:
    story = started().applied("O-1", "1001").applied("O-2", "1002")
    verdict = verdict_of(stopped(story, O_1=["1001"], O_2=["1002"]), {"O-1": ["1001"]})
    assert verdict.outcome is Outcome.FAIL
    assert [evidence.message for evidence in verdict.evidence] == [
        "trade 1002 of order O-2 was applied, and is not in the store"
    ]


def test_a_fill_that_the_node_does_not_hold_need_not_be_in_the_store() -> None:
    story = stopped(started().applied("O-1", "1001"))
    assert verdict_of(story, {}).outcome is Outcome.PASS


FAULTS: list[tuple[Any, str, str, dict[str, Any]]] = [
    ("link", "cut", "restored", {"link": "store"}),
    ("link", "toxic_added", "toxic_removed", {"link": "store", "toxic": "timeout"}),
    ("store", "full", "room", {}),
    ("store", "killed", "started", {}),
]


@pytest.mark.parametrize(("source", "broken", "mended", "data"), FAULTS)
def test_a_fill_that_a_broken_store_has_lost_is_noted(
    source: Any, broken: str, mended: str, data: dict[str, Any]
) -> None:
    story = started().applied("O-1", "1001").event(source, broken, **data)
    story.applied("O-2", "1002").event(source, mended, **data)
    verdict = verdict_of(stopped(story, O_1=["1001"], O_2=["1002"]), {})
    assert verdict.outcome is Outcome.PASS
    assert [note.trade_id for note in verdict.notes] == ["1001", "1002"]


@pytest.mark.parametrize(("source", "broken", "mended", "data"), FAULTS)
def test_a_fill_that_is_lost_after_the_store_was_mended_fails(
    source: Any, broken: str, mended: str, data: dict[str, Any]
) -> None:
    story = started().event(source, broken, **data).event(source, mended, **data)
    stopped(story.applied("O-1", "1001"), O_1=["1001"])
    assert kinds(verdict_of(story, {})) == ["unpersisted_fill"]


@pytest.mark.parametrize(("source", "kind"), [("store", "flushed"), ("link", "toxiproxy_replaced")])
def test_what_breaks_the_store_for_a_moment_loses_what_came_before(source: Any, kind: str) -> None:
    story = started().applied("O-1", "1001").event(source, kind).applied("O-2", "1002")
    verdict = verdict_of(stopped(story, O_1=["1001"], O_2=["1002"]), {})
    assert [note.trade_id for note in verdict.notes] == ["1001"]
    assert [evidence.trade_id for evidence in verdict.evidence] == ["1002"]


@pytest.mark.parametrize(
    "data",
    [
        {"link": "store", "toxic": "latency"},
        {"link": "store", "toxic": "bandwidth"},
        {"link": "rest", "toxic": "timeout"},
    ],
)
def test_a_slow_store_is_no_reason_to_lose_a_fill(data: dict[str, str]) -> None:
    story = started().applied("O-1", "1001").event("link", "toxic_added", **data)
    stopped(story.event("link", "toxic_removed", **data), O_1=["1001"])
    assert kinds(verdict_of(story, {})) == ["unpersisted_fill"]


def test_another_link_that_is_cut_is_no_reason_to_lose_a_fill() -> None:
    story = started().applied("O-1", "1001").event("link", "cut", link="rest")
    assert kinds(verdict_of(stopped(story, O_1=["1001"]), {})) == ["unpersisted_fill"]


def test_a_run_that_did_not_stop_in_order_need_not_have_written() -> None:
    story = started().applied("O-1", "1001").snapshot([held("O-1", "FILLED", ("1001", "0.001"))])
    assert verdict_of(story.exit(code=1), {}).outcome is Outcome.PASS


def test_what_an_earlier_run_was_killed_over_need_not_be_in_the_store() -> None:
    story = started().applied("O-1", "1001").kill().start().applied("O-1", "1002")
    stopped(story, O_1=["1001", "1002"])
    assert verdict_of(story, {"O-1": ["1002"]}).outcome is Outcome.PASS


def test_a_node_without_a_store_has_nothing_to_judge() -> None:
    story = stopped(started().event("store", "absent"))
    for checker in ("persisted_fills", "store_equal"):
        assert ask(checker, story).outcome is Outcome.PASS
