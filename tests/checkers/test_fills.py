"""Fill completeness and duplicates: what is missing, inferred, counted twice, or never happened."""

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import BTC, VENUE_ID, Story, ask, held, kinds, place, synthetic

COMPLETE = "fill_completeness"
DUPLICATE = "no_duplicate_fills"


def _cold_start_with_a_position() -> Story:
    """The venue holds 0.5 from orders that closed before the node was ever started."""
    story = Story().begin().order("old-1", quantity="0.7").trade("old-1", 901)
    return story.order("old-2", "SELL", quantity="0.2").trade("old-2", 902)


def test_every_trade_by_id_passes() -> None:
    story = Story().begin().start().order("O-1").trade("O-1", 1, "0.004").trade("O-1", 2)
    story.snapshot([held("O-1", "FILLED", ("1", "0.004"), ("2", "0.006"))], [place("0.010")])
    answer = ask(COMPLETE, story)
    assert answer.outcome is Outcome.PASS
    assert answer.notes == ()
    assert answer.measures == {"trades_by_id_count": 2, "fills_inferred_count": 0}


def test_a_missing_trade_is_named_with_its_numbers() -> None:
    story = Story().begin().start().order("O-3").trade("O-3", 1006, "0.004").trade("O-3", 1007)
    story.snapshot([held("O-3", "PARTIALLY_FILLED", ("1006", "0.004"))], [place("0.004")])
    answer = ask(COMPLETE, story)
    assert answer.outcome is Outcome.FAIL
    (evidence,) = answer.evidence
    assert evidence.message == "trade 1007 of order O-3 (0.006 @ 50000) never reached the node"
    assert (evidence.kind, evidence.trade_id) == ("missing_fill", "1007")
    assert (evidence.client_order_id, evidence.instrument_id) == ("O-3", BTC)
    assert story.events[evidence.seqs[0]].data["trade_id"] == 1007


def test_without_a_final_snapshot_nothing_is_known() -> None:
    story = Story().begin().start().order("O-1").snapshot(reason="requested")
    assert ask(COMPLETE, story).outcome is Outcome.UNKNOWN
    assert ask(DUPLICATE, story).outcome is Outcome.UNKNOWN


def test_the_final_snapshot_of_an_earlier_run_does_not_count() -> None:
    story = Story().begin().start().snapshot().start()
    assert ask(COMPLETE, story).outcome is Outcome.UNKNOWN


def test_an_inferred_quantity_stands_for_its_orders_missing_trades_and_is_noted() -> None:
    story = Story().begin().start().order("O-1").trade("O-1", 1, "0.004").trade("O-1", 2)
    story.applied("O-1", "inferred")
    story.snapshot([held("O-1", "FILLED", ("inferred", "0.010"))], [place("0.010")])
    answer = ask(COMPLETE, story)
    assert answer.outcome is Outcome.PASS
    assert [note.message for note in answer.notes] == ["order O-1: 0.010 inferred for trades 1, 2"]
    assert answer.measures["fills_inferred_count"] == 1
    assert ask(DUPLICATE, story).outcome is Outcome.PASS


def test_an_inferred_quantity_that_is_too_small_leaves_a_rest_missing() -> None:
    story = Story().begin().start().order("O-1").trade("O-1", 1, "0.004").trade("O-1", 2)
    story.snapshot([held("O-1", "FILLED", ("inferred", "0.007"))], [place("0.007")])
    (evidence,) = ask(COMPLETE, story).evidence
    assert evidence.message == "order O-1 lacks 0.003 of trades 1, 2: the node inferred 0.007"


def test_a_trade_in_the_wrong_quantity_or_order_fails() -> None:
    story = Story().begin().start().order("O-1").order("O-2").trade("O-1", 1).trade("O-2", 2)
    story.snapshot(
        [held("O-1", "FILLED", ("1", "0.009")), held("O-9", "FILLED", ("2", "0.010"))],
        [place("0.019")],
    )
    assert kinds(ask(COMPLETE, story)) == ["fill_quantity", "misattributed_fill"]


def test_fills_of_an_order_older_than_the_first_start_need_not_be_there() -> None:
    story = Story().begin().order("old").trade("old", 901).order("back", "SELL").trade("back", 902)
    story.start().snapshot()
    assert ask(COMPLETE, story).outcome is Outcome.PASS


def test_all_fills_of_an_order_open_at_the_first_start_must_be_there() -> None:
    story = Story().begin().order("open").trade("open", 901, "0.004").start().trade("open", 902)
    story.snapshot([held("open", "FILLED", ("902", "0.006"))], [place("0.006")])
    (evidence,) = ask(COMPLETE, story).evidence
    assert evidence.trade_id == "901"


# Synthetic orders


def test_cold_start_with_one_synthetic_order_for_the_position_passes() -> None:
    story = _cold_start_with_a_position().fork()
    story.applied("R-1", "R-1-fill", "0.5", reconciling=True).reconciled()
    story.snapshot([synthetic("R-1", "BUY", "0.5")], [place("0.5")])
    assert ask(COMPLETE, story).outcome is Outcome.PASS
    assert ask(DUPLICATE, story).outcome is Outcome.PASS


def test_cold_start_with_part_of_the_history_and_a_synthetic_opening_passes() -> None:
    story = _cold_start_with_a_position().fork()
    story.applied("R-1", "R-1-fill", "0.7", reconciling=True)
    story.applied("old-2", "902", "0.2", reconciling=True).reconciled()
    story.snapshot(
        [
            synthetic("R-1", "BUY", "0.7"),
            held("old-2", "FILLED", ("902", "0.2"), quantity="0.2", side="SELL"),
        ],
        [place("0.5")],
    )
    assert ask(COMPLETE, story).outcome is Outcome.PASS


def test_cold_start_with_two_synthetic_fills_that_add_up_passes() -> None:
    story = _cold_start_with_a_position().fork()
    story.applied("R-1", "R-1-fill", "0.7", reconciling=True)
    story.applied("R-2", "R-2-fill", "0.2", reconciling=True).reconciled()
    story.snapshot([synthetic("R-1", "BUY", "0.7"), synthetic("R-2", "SELL", "0.2")])
    assert ask(COMPLETE, story).outcome is Outcome.PASS


def test_cold_start_that_replaces_an_old_orders_fill_by_the_position_passes() -> None:
    story = _cold_start_with_a_position().fork()
    story.applied("old-1", "made-up", "0.5", reconciling=True).reconciled()
    story.snapshot([held("old-1", "FILLED", ("made-up", "0.5"), quantity="0.5")], [place("0.5")])
    assert ask(COMPLETE, story).outcome is Outcome.PASS


def test_cold_start_that_hangs_the_position_on_an_old_order_of_the_other_side_passes() -> None:
    story = _cold_start_with_a_position().fork()
    story.applied("old-2", "made-up", "0.5", reconciling=True).reconciled()
    story.snapshot([held("old-2", "FILLED", ("made-up", "0.5"), quantity="0.5")], [place("0.5")])
    assert ask(COMPLETE, story).outcome is Outcome.PASS


def test_cold_start_with_a_synthetic_order_of_the_wrong_size_fails() -> None:
    story = _cold_start_with_a_position().fork()
    story.applied("R-1", "R-1-fill", "0.7", reconciling=True).reconciled()
    story.snapshot([synthetic("R-1", "BUY", "0.7")], [place("0.7")])
    (evidence,) = [e for e in ask(COMPLETE, story).evidence if e.kind == "phantom_fill"]
    assert "(+0.7" in evidence.message
    assert "+0.5 was missing" in evidence.message


def test_what_a_cold_start_left_out_may_come_in_later() -> None:
    story = _cold_start_with_a_position().fork()
    story.applied("R-1", "R-1-fill", "0.3", reconciling=True).reconciled()
    story.applied("R-2", "R-2-fill", "0.2")
    story.snapshot([synthetic("R-1", "BUY", "0.3"), synthetic("R-2", "BUY", "0.2")], [place("0.5")])
    assert ask(COMPLETE, story).outcome is Outcome.PASS


def test_a_position_that_a_cold_start_does_not_bring_in_is_missing() -> None:
    story = _cold_start_with_a_position().start().snapshot()
    answer = ask(COMPLETE, story)
    assert kinds(answer) == ["missing_quantity"]
    assert "lacks +0.5" in answer.evidence[0].message


def test_cold_start_after_a_flush_may_hold_one_synthetic_order_again() -> None:
    story = Story().begin().start().order("O-1").trade("O-1", 1).applied("O-1", "1").kill()
    story.event("store", "flushed").fork()
    story.applied("R-1", "R-1-fill", reconciling=True).reconciled()
    story.snapshot([synthetic("R-1", "BUY", "0.010")], [place("0.010")])
    assert ask(COMPLETE, story).outcome is Outcome.PASS


def test_warm_restart_with_a_synthetic_fill_fails() -> None:
    story = Story().begin().start().order("O-1").trade("O-1", 1).applied("O-1", "1").kill().fork()
    story.applied("R-1", "R-1-fill", reconciling=True).reconciled()
    story.snapshot([held("O-1", "FILLED", ("1", "0.010")), synthetic("R-1", "SELL", "0.010")], [])
    answer = ask(COMPLETE, story)
    assert kinds(answer) == ["phantom_fill"]
    assert "nothing was missing" in answer.evidence[0].message


@pytest.mark.parametrize("reconciling", [True, False])
def test_two_synthetic_fills_that_cancel_out_after_a_warm_restart_fail(reconciling: bool) -> None:
    story = Story().begin().start().order("O-1").trade("O-1", 1).applied("O-1", "1").kill().fork()
    if not reconciling:
        story.reconciled()
    story.applied("R-1", "R-1-fill", reconciling=reconciling)
    story.applied("R-2", "R-2-fill", reconciling=reconciling)
    if reconciling:
        story.reconciled()
    story.snapshot(
        [
            held("O-1", "FILLED", ("1", "0.010")),
            synthetic("R-1", "SELL", "0.010"),
            synthetic("R-2", "BUY", "0.010"),
        ],
        [place("0.010"), place("-0.010", "X"), place("0.010", "Y")],
    )
    assert kinds(ask(COMPLETE, story)) == ["phantom_fill", "phantom_fill"]


def test_the_pair_is_phantom_too_after_a_cold_start_that_had_nothing_to_bring_in() -> None:
    story = Story().begin().order("old").trade("old", 901).order("back", "SELL").trade("back", 902)
    story.start().kill().fork()
    story.applied("R-1", "R-1-fill", reconciling=True)
    story.applied("R-2", "R-2-fill", reconciling=True).reconciled()
    story.snapshot([synthetic("R-1", "SELL", "0.010"), synthetic("R-2", "BUY", "0.010")])
    assert kinds(ask(COMPLETE, story)) == ["phantom_fill", "phantom_fill"]


def test_the_synthetic_order_of_a_cold_start_explains_none_of_a_later_restart() -> None:
    story = _cold_start_with_a_position().fork()
    story.applied("R-1", "R-1-fill", "0.5", reconciling=True).reconciled().kill().fork()
    story.applied("R-2", "R-2-fill", "0.5", reconciling=True).reconciled()
    story.snapshot([synthetic("R-1", "BUY", "0.5"), synthetic("R-2", "BUY", "0.5")])
    answer = ask(COMPLETE, story)
    assert [evidence.trade_id for evidence in answer.evidence] == ["R-2-fill"]


def test_a_trade_taken_into_the_position_but_not_into_its_order_is_missing_only() -> None:
    story = Story().begin().start().submitted("O-1").order("O-1").trade("O-1", 1)
    story.applied("R-1", "R-1-fill")
    story.snapshot([held("O-1", "REJECTED"), synthetic("R-1", "BUY", "0.010")], [place("0.010")])
    assert kinds(ask(COMPLETE, story)) == ["missing_fill"]


# Counted twice


def test_an_inferred_fill_beside_the_real_one_fails() -> None:
    story = Story().begin().start().order("O-1", quantity="0.008").trade("O-1", 1, "0.004")
    story.applied("O-1", "inferred", "0.004").applied("O-1", "1", "0.004")
    story.snapshot(
        [held("O-1", "FILLED", ("inferred", "0.004"), ("1", "0.004"), quantity="0.008")],
        [place("0.008")],
    )
    complete, duplicate = ask(COMPLETE, story), ask(DUPLICATE, story)
    assert kinds(complete) == ["duplicate_fill"]
    assert complete.evidence[0].trade_id == "inferred"
    assert kinds(duplicate) == ["duplicate_fill"]
    assert duplicate.evidence[0].message == (
        "order O-1 counts 0.008 filled in the node, 0.004 at the venue "
        "(fills: inferred 0.004, 1 0.004)"
    )


def test_only_the_part_of_an_inferred_fill_that_is_too_much_never_happened() -> None:
    story = Story().begin().start().order("O-1").trade("O-1", 1, "0.004").trade("O-1", 2)
    story.applied("O-1", "inferred").applied("O-1", "1", "0.004")
    story.snapshot([held("O-1", "FILLED", ("inferred", "0.010"), ("1", "0.004"))], [place("0.014")])
    answer = ask(COMPLETE, story)
    (evidence,) = answer.evidence
    assert "inferred fill inferred of order O-1 (+0.004 " in evidence.message
    assert [note.message for note in answer.notes] == ["order O-1: 0.006 inferred for trades 2"]


def test_one_trade_in_two_orders_of_the_node_fails() -> None:
    story = Story().begin().start().order("O-1").trade("O-1", 1)
    story.snapshot(
        [
            held("O-1", "FILLED", ("1", "0.010"), venue_order_id=VENUE_ID),
            held("other", "FILLED", ("1", "0.010"), venue_order_id=VENUE_ID),
        ],
        [place("0.020")],
    )
    assert "duplicate_fill" in kinds(ask(DUPLICATE, story))
    assert "trade 1 (0.010 @ 50000) is 2 fills" in ask(DUPLICATE, story).evidence[0].message


def test_a_trade_applied_twice_in_one_run_fails() -> None:
    story = Story().begin().start().order("O-1").trade("O-1", 1).applied("O-1", "1")
    story.applied("O-1", "1").kill().start()
    story.snapshot([held("O-1", "FILLED", ("1", "0.010"))], [place("0.010")])
    answer = ask(DUPLICATE, story)
    assert "applied in run 1 and again in run 1" in answer.evidence[0].message


def _applied_in_two_runs(story: Story) -> Story:
    story.start().applied("O-1", "1", reconciling=True)
    return story.snapshot([held("O-1", "FILLED", ("1", "0.010"))], [place("0.010")])


def _applied_once() -> Story:
    return Story().begin().start().order("O-1").trade("O-1", 1).applied("O-1", "1")


def test_a_trade_applied_again_by_the_next_run_fails() -> None:
    assert kinds(ask(DUPLICATE, _applied_in_two_runs(_applied_once().stop()))) == ["duplicate_fill"]
    killed_late = _applied_once().wait(2).kill()
    assert kinds(ask(DUPLICATE, _applied_in_two_runs(killed_late))) == ["duplicate_fill"]


def test_a_fill_that_died_with_its_run_may_be_applied_again() -> None:
    killed_at_once = _applied_once().kill()
    assert ask(DUPLICATE, _applied_in_two_runs(killed_at_once)).outcome is Outcome.PASS
    by_a_fast_clock = _applied_once().wait(2).kill()
    by_a_fast_clock.events[0].data["rate"] = 10.0
    assert ask(DUPLICATE, _applied_in_two_runs(by_a_fast_clock)).outcome is Outcome.PASS
    store_cut = _applied_once().event("link", "cut", link="store").wait(2).kill()
    assert ask(DUPLICATE, _applied_in_two_runs(store_cut)).outcome is Outcome.PASS


def test_a_fill_may_be_applied_again_once_the_store_was_emptied() -> None:
    story = _applied_once().wait(2).kill().event("store", "flushed")
    assert ask(DUPLICATE, _applied_in_two_runs(story)).outcome is Outcome.PASS
