"""Positions: net, and one by one."""

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import BTC, ETH, Story, ask, held, kinds, place


def _story(*positions: tuple[str, str]) -> Story:
    story = Story().begin().start().position("0.010")
    return story.snapshot(positions=[place(quantity, name) for name, quantity in positions])


def test_one_position_of_the_venues_size_passes() -> None:
    story = _story(("P", "0.010"), ("closed", "0"))
    assert ask("positions_equal", story).outcome is Outcome.PASS
    assert ask("position_ids", story).outcome is Outcome.PASS


@pytest.mark.parametrize("checker", ["positions_equal", "position_ids"])
def test_without_a_final_snapshot_nothing_is_known(checker: str) -> None:
    assert ask(checker, Story().begin().start().position("0.010")).outcome is Outcome.UNKNOWN


def test_two_opposite_phantom_positions_net_out_and_fail() -> None:
    story = _story(("P", "0.010"), ("X", "-0.010"), ("Y", "0.010"))
    assert ask("positions_equal", story).outcome is Outcome.PASS
    answer = ask("position_ids", story)
    assert kinds(answer) == ["phantom_position"]
    assert "P +0.010, X -0.010, Y +0.010" in answer.evidence[0].message


def test_the_right_size_split_in_two_fails_by_another_name() -> None:
    story = _story(("P", "0.006"), ("X", "0.004"))
    assert ask("positions_equal", story).outcome is Outcome.PASS
    assert kinds(ask("position_ids", story)) == ["split_position"]


def test_a_wrong_size_fails_both() -> None:
    story = _story(("P", "0.004"))
    answer = ask("positions_equal", story)
    assert answer.evidence[0].message == (
        "BTCUSDT-PERP.BINANCE is net +0.004 in the node, +0.010 at the venue"
    )
    assert kinds(ask("position_ids", story)) == ["position_difference"]


def test_a_position_that_is_not_there_fails_both() -> None:
    story = _story()
    assert kinds(ask("positions_equal", story)) == ["position_difference"]
    assert kinds(ask("position_ids", story)) == ["missing_position"]


def test_a_position_that_the_venue_never_had_fails_both() -> None:
    story = Story().begin().start().snapshot(positions=[place("1", "P", ETH)])
    assert kinds(ask("positions_equal", story)) == ["position_difference"]
    assert kinds(ask("position_ids", story)) == ["phantom_position"]


def test_what_the_venue_does_after_the_final_snapshot_is_not_held_against_the_node() -> None:
    story = _story(("P", "0.010")).position("0")
    assert ask("positions_equal", story).outcome is Outcome.PASS


# Hedge mode

LONG, SHORT = "BTCUSDT-PERP.BINANCE-LONG", "BTCUSDT-PERP.BINANCE-SHORT"


def _hedged(*positions: tuple[str, str]) -> Story:
    story = Story().begin().start().position("0.010", side="LONG").position("-0.004", side="SHORT")
    return story.snapshot(positions=[place(quantity, name) for name, quantity in positions])


def test_a_long_and_a_short_of_the_venues_sizes_pass() -> None:
    story = _hedged((LONG, "0.010"), (SHORT, "-0.004"))
    assert ask("positions_equal", story).outcome is Outcome.PASS
    assert ask("position_ids", story).outcome is Outcome.PASS


def test_the_right_net_on_the_wrong_sides_fails() -> None:
    answer = ask("positions_equal", _hedged((LONG, "0.006")))
    assert [evidence.message for evidence in answer.evidence] == [
        "BTCUSDT-PERP.BINANCE LONG is net +0.006 in the node, +0.010 at the venue",
        "BTCUSDT-PERP.BINANCE SHORT is net 0 in the node, -0.004 at the venue",
    ]


def test_a_position_of_no_side_beside_the_two_fails() -> None:
    story = _hedged((LONG, "0.010"), (SHORT, "-0.004"), ("BTCUSDT-PERP.BINANCE-EXTERNAL", "1"))
    assert kinds(ask("positions_equal", story)) == ["position_difference"]
    assert kinds(ask("position_ids", story)) == ["phantom_position"]


def test_a_position_is_as_it_was_told_last() -> None:
    order = held("O-1", "FILLED", ("1001", "0.010"))
    story = Story().begin().start().believe(f"{BTC}-BOTH", "0.004")
    answer = ask("position_fills", story.snapshot([order], [place("0.010")]))
    assert kinds(answer) == ["untold_position"]
    assert "-BOTH is +0.010, and was told as +0.004 last" in answer.evidence[0].message
    story.believe(f"{BTC}-BOTH", "0.010")
    answer = ask("position_fills", story.snapshot([order], [place("0.010")]))
    assert answer.outcome is Outcome.PASS
