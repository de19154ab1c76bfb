from decimal import Decimal

import pytest

from harness.checkers.money import Money
from harness.checkers.verdict import Outcome, Verdict
from harness.history.event import Event
from tests.checkers.histories import ETH, Story, ask, place


def _unseen(story: Story) -> Money:
    answer = ask("money", story)
    return Money.in_verdict(Verdict(outcome=answer.outcome, checkers=(answer,)))


def _started(at: str = "50000") -> Story:
    return Story().price(at).start()


def test_nothing_is_unseen_where_belief_and_venue_agree() -> None:
    assert _unseen(_started().wait(10).snapshot()) == Money(seconds_watched=10.1)


def test_a_fill_that_comes_late_is_blindness_at_the_mark_price() -> None:
    story = (
        _started()
        .position("0.010")
        .wait(1.9)
        .believe("P", "0.010")
        .wait(5)
        .snapshot(positions=[place("0.010", "P")])
    )
    unseen = _unseen(story)
    assert unseen.seconds_blind == pytest.approx(2.0)
    assert unseen.unseen_usdt_max == Decimal("500.00")
    assert unseen.unseen_usdt_seconds == Decimal("1000.00")
    assert unseen.phantom_usdt_max == 0


def test_the_mark_price_moves_what_is_unseen() -> None:
    story = _started().position("0.010").wait(0.9).price("60000").wait(0.9).snapshot()
    unseen = _unseen(story)
    assert unseen.unseen_usdt_max == Decimal("600.00")
    assert unseen.unseen_usdt_seconds == Decimal("1100.00")


def test_a_wrong_sign_counts_in_full() -> None:
    story = _started().believe("P", "-0.010").position("0.010").wait(1).snapshot()
    assert _unseen(story).unseen_usdt_max == Decimal("1000.00")


def test_phantoms_are_counted_in_and_told_apart() -> None:
    story = _started().position("0.010").believe("P", "0.010").believe("X", "-0.020")
    story.believe("Y", "0.020").wait(0.9).snapshot(positions=[place("0.010", "P")])
    unseen = _unseen(story)
    assert unseen.phantom_usdt_max == Decimal("2000.00")
    assert unseen.unseen_usdt_max == Decimal("2000.00")
    assert unseen.phantom_usdt_seconds == Decimal("2100.00")
    # 0.1 s each of 500 missing, and of 1000 phantom beside a difference of 1000.
    assert unseen.unseen_usdt_seconds == unseen.phantom_usdt_seconds + Decimal("150.00")


def test_before_the_first_strategy_started_nothing_counts() -> None:
    story = Story().price("50000").position("0.010").wait(60).start().believe("P", "0.010")
    unseen = _unseen(story.snapshot(positions=[place("0.010", "P")]))
    assert unseen.seconds_blind == pytest.approx(0.1)
    assert unseen.unseen_usdt_max == Decimal("500.00")


def test_while_no_node_runs_the_last_belief_holds_and_a_snapshot_replaces_it() -> None:
    story = _started().kill().position("0.010").wait(3.7).start()
    story.snapshot(positions=[place("0.010", "P")], reason="strategy_started").wait(5).snapshot(
        positions=[place("0.010", "P")]
    )
    assert _unseen(story).seconds_blind == pytest.approx(4.1)


def test_a_snapshot_ends_the_belief_in_what_it_does_not_hold() -> None:
    story = _started().believe("X", "0.010").wait(1.9).snapshot(reason="requested").wait(5)
    assert _unseen(story.snapshot()).seconds_blind == pytest.approx(2.0)


def test_symbols_add_up() -> None:
    story = _started().price("3000", "ETHUSDT").position("0.010").position("1", "ETHUSDT").wait(1)
    story.snapshot(positions=[place("1", "E", ETH)])
    assert _unseen(story).unseen_usdt_max == Decimal("3500.00")


def test_events_that_were_recorded_late_count_from_when_they_happened() -> None:
    story = _started().position("0.010")
    then = story.events[-1].ts + 1
    story.wait(1).price("60000").believe("P", "0.010")
    late = story.events.pop()
    story.events.append(Event(late.seq, then, late.source, late.kind, late.data))
    unseen = _unseen(story.snapshot(positions=[place("0.010", "P")]))
    assert unseen.seconds_blind < 0.001
    assert unseen.unseen_usdt_max == Decimal("500.00")


def test_without_a_node_nothing_was_watched() -> None:
    assert _unseen(Story().price("1").position("1")) == Money()


def test_the_sides_of_hedge_mode_are_valued_apart_and_a_hedge_is_no_phantom() -> None:
    long, short = "BTCUSDT-PERP.BINANCE-LONG", "BTCUSDT-PERP.BINANCE-SHORT"
    story = _started().position("0.010", side="LONG").position("-0.010", side="SHORT").wait(1)
    story.believe(long, "0.010").believe(short, "-0.010").wait(1)
    unseen = _unseen(story.snapshot(positions=[place("0.010", long), place("-0.010", short)]))
    assert unseen.unseen_usdt_max == Decimal("1000.00")
    assert unseen.phantom_usdt_max == Decimal("0.00")
    assert 1 < unseen.seconds_blind < 2


def test_what_is_unseen_is_a_measure_of_the_run_and_no_failure() -> None:
    answer = ask("money", _started().position("0.010").wait(1.9).snapshot())
    assert answer.outcome is Outcome.PASS
    assert answer.measures == {
        "seconds_blind": pytest.approx(2.0),
        "unseen_usdt_max": 500.0,
        "unseen_usdt_seconds": 1000.0,
        "phantom_usdt_max": 0.0,
        "phantom_usdt_seconds": 0.0,
        "seconds_watched": pytest.approx(2.1),
    }


def test_amounts_are_cents() -> None:
    assert str(_unseen(_started().position("0.010").snapshot()).unseen_usdt_max) == "500.00"


def test_a_verdict_without_the_measure_has_no_money() -> None:
    assert Money.in_verdict(Verdict(outcome=Outcome.PASS, checkers=())) == Money()
