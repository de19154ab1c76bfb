"""The ids of inferred fills, when their cause comes again."""

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import BTC, VENUE_ID, Story, ask, kinds

MADE_UP = ("trade_id", "venue_order_id", "client_order_id", "position_id")


def started_again() -> Story:
    """The store was emptied between two starts, of which the first has inferred a position."""
    story = Story().begin().order("web_1", external=True).trade("web_1", 900).fork()
    synthesize(story).believe("P", "0.010").stop()
    return story.event("store", "flushed").fork()


def synthesize(story: Story, **ids: str) -> Story:
    names = {"client_order_id": "X-1", "trade_id": "T-1", "venue_order_id": "S-1"} | ids
    client_order_id, trade_id = names.pop("client_order_id"), names.pop("trade_id")
    return story.applied(client_order_id, trade_id, reconciling=True, **names)


def test_the_same_ids_pass() -> None:
    answer = ask("synthetic_ids", synthesize(started_again()).snapshot())
    assert answer.outcome is Outcome.PASS
    assert answer.measures == {
        "runs_count": 2,
        "inferred_count": 2,
        "inferred_again_count": 1,
    }


@pytest.mark.parametrize("name", MADE_UP)
def test_another_id_for_the_same_cause_fails(name: str) -> None:
    story = synthesize(started_again(), **{name: "other"}).snapshot()
    answer = ask("synthetic_ids", story)
    assert kinds(answer) == [f"unstable_{name}"]
    assert f"the {name}" in answer.evidence[0].message
    assert "in run 1 and other in run 2" in answer.evidence[0].message


def test_of_a_real_order_only_the_fill_is_made_up() -> None:
    def inferred_again(client_order_id: str, trade_id: str) -> Story:
        story = Story().begin().order("web_1", external=True).trade("web_1", 900).fork()
        story.applied("web_1", "T-1", reconciling=True).stop().event("store", "flushed").fork()
        ids = {"venue_order_id": str(VENUE_ID)}
        return story.applied(client_order_id, trade_id, reconciling=True, **ids).snapshot()

    assert kinds(ask("synthetic_ids", inferred_again("web_1", "T-2"))) == ["unstable_trade_id"]
    assert kinds(ask("synthetic_ids", inferred_again("other", "T-1"))) == []


@pytest.mark.parametrize(
    "otherwise",
    [
        lambda story: synthesize(story, trade_id="T-2", order_side="SELL"),
        lambda story: synthesize(story, trade_id="T-2", last_qty="0.009"),
        lambda story: synthesize(story.believe("P", "0.001"), trade_id="T-2"),
        lambda story: synthesize(
            story.order("web_2", external=True).trade("web_2", 901), trade_id="T-2"
        ),
        lambda story: story.applied("O-9", "900", instrument_id=BTC),
    ],
    ids=["side", "quantity", "held", "trades", "real"],
)
def test_another_cause_may_have_other_ids(otherwise: object) -> None:
    assert callable(otherwise)
    story = otherwise(started_again())
    assert ask("synthetic_ids", story.snapshot()).outcome is Outcome.PASS


def test_after_a_restart_on_the_same_store_the_node_holds_what_it_held() -> None:
    story = Story().begin().order("web_1", external=True).trade("web_1", 900).fork()
    synthesize(story).believe("P", "0.010").stop().fork()
    answer = ask("synthetic_ids", synthesize(story, trade_id="T-2").snapshot())
    assert answer.outcome is Outcome.PASS


def test_without_a_snapshot_of_the_end_all_is_looked_at_and_without_a_node_nothing() -> None:
    assert kinds(ask("synthetic_ids", synthesize(started_again(), trade_id="T-2"))) == [
        "unstable_trade_id"
    ]
    assert ask("synthetic_ids", Story().begin()).outcome is Outcome.UNKNOWN
