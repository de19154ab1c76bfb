"""Startup time, periodic check time, and the delay of the periodic checks."""

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import Story, ask, kinds

# Startup


def test_startup_is_measured_for_each_run() -> None:
    story = Story().begin().fork().wait(4.9).reconciled().kill().start()
    answer = ask("startup_time", story)
    assert answer.outcome is Outcome.PASS
    assert answer.measures == {"run_1_secs": 5.0, "run_2_secs": 0.1}


def test_a_slow_startup_fails() -> None:
    answer = ask("startup_time", Story().begin().fork().wait(30).reconciled())
    assert kinds(answer) == ["slow_startup"]
    assert "30.1 s after the fork" in answer.evidence[0].message


def at_rate(story: Story, rate: float) -> Story:
    story.events[0].data["rate"] = rate
    return story


def test_by_a_fast_clock_a_slow_startup_is_noted() -> None:
    story = Story().begin().fork().wait(30).reconciled()
    assert ask("startup_time", at_rate(story, 1.0)).outcome is Outcome.FAIL
    answer = ask("startup_time", at_rate(story, 10.0))
    assert answer.outcome is Outcome.PASS
    assert [note.kind for note in answer.notes] == ["slow_startup"]


def test_a_startup_that_never_ends_fails_once_it_took_too_long() -> None:
    assert kinds(ask("startup_time", Story().begin().fork().wait(31).finish())) == ["slow_startup"]


def test_a_startup_that_was_killed_is_counted_to_its_end() -> None:
    story = Story().begin().fork().wait(5).kill().wait(60).start()
    assert ask("startup_time", story).outcome is Outcome.PASS


def test_startup_is_unknown_where_no_run_finished_it() -> None:
    assert ask("startup_time", Story().begin()).outcome is Outcome.UNKNOWN
    assert ask("startup_time", Story().begin().fork().kill()).outcome is Outcome.UNKNOWN


def test_a_node_that_is_not_to_reconcile_has_no_startup_time() -> None:
    story = Story().begin(reconciliation=False).fork().wait(31).finish()
    assert ask("startup_time", story).outcome is Outcome.PASS


# Periodic checks


def test_checks_are_measured_by_kind() -> None:
    story = Story().begin().start().check("in_flight").check("open_orders", secs=4.9)
    answer = ask("periodic_check_time", story)
    assert answer.outcome is Outcome.PASS
    assert answer.measures == {"in_flight_secs_max": 0.1, "open_orders_secs_max": 4.9}


def test_a_slow_check_fails() -> None:
    answer = ask("periodic_check_time", Story().begin().start().check("positions", secs=5.1))
    assert kinds(answer) == ["slow_check"]
    assert "the positions check of run 1 took 5.1 s" in answer.evidence[0].message


def test_by_a_fast_clock_a_slow_check_is_noted() -> None:
    story = Story().begin().start().check("positions", secs=5.1)
    answer = ask("periodic_check_time", at_rate(story, 10.0))
    assert answer.outcome is Outcome.PASS
    assert [note.kind for note in answer.notes] == ["slow_check"]


@pytest.mark.parametrize(("secs", "found"), [(4.0, []), (6.0, ["slow_check"])])
def test_a_check_that_never_ends(secs: float, found: list[str]) -> None:
    story = Story().begin().start().node("check_started", check="positions").wait(secs).finish()
    assert kinds(ask("periodic_check_time", story)) == found


def test_a_check_that_died_with_its_run_is_counted_to_its_end() -> None:
    story = Story().begin().start().node("check_started", check="positions").kill()
    assert ask("periodic_check_time", story.wait(10).start()).outcome is Outcome.PASS


def test_an_error_counts_once_the_faults_are_over() -> None:
    story = Story().begin().start().check(error="OSError()")
    during = ask("periodic_check_time", story)
    assert during.outcome is Outcome.PASS
    assert [note.message for note in during.notes] == [
        "the in_flight check of run 1 ended with OSError()"
    ]
    after = ask("periodic_check_time", story.event("harness", "healed").check(error="KeyError()"))
    assert kinds(after) == ["check_error"]
    assert "KeyError()" in after.evidence[0].message


def test_checks_are_unknown_without_a_node() -> None:
    assert ask("periodic_check_time", Story().begin()).outcome is Outcome.UNKNOWN


# The delay before them: 1 s configured, the shortest interval 0.5 s


def test_the_first_check_comes_after_the_delay() -> None:
    answer = ask("continuous_loop_delay", Story().begin().start().wait(1).check())
    assert answer.outcome is Outcome.PASS
    assert answer.measures == {"run_1_secs": 1.2}


def test_a_check_before_the_delay_has_passed_fails() -> None:
    story = Story().begin().start().check().kill().start().wait(2).check()
    answer = ask("continuous_loop_delay", story)
    assert kinds(answer) == ["early_check"]
    assert "run 1 began 0.20 s after" in answer.evidence[0].message


def test_a_check_during_startup_reconciliation_fails() -> None:
    story = Story().begin().fork().check().reconciled()
    assert kinds(ask("continuous_loop_delay", story)) == ["early_check"]


@pytest.mark.parametrize(("secs", "found"), [(3.0, []), (4.5, ["no_check"])])
def test_a_run_that_lives_on_without_a_check_fails(secs: float, found: list[str]) -> None:
    story = Story().begin().start().wait(secs).finish()
    assert kinds(ask("continuous_loop_delay", story)) == found


@pytest.mark.parametrize(("secs", "found"), [(21.0, []), (23.0, ["no_check"])])
def test_by_a_fast_clock_the_machine_has_the_same_margin(secs: float, found: list[str]) -> None:
    story = at_rate(Story().begin().start().wait(secs).finish(), 10.0)
    assert kinds(ask("continuous_loop_delay", story)) == found


def test_no_check_is_expected_where_none_is_configured() -> None:
    story = Story().begin(inflight_check_interval_ms=0, open_check_interval_secs=None)
    assert ask("continuous_loop_delay", story.start().wait(60).finish()).outcome is Outcome.PASS


def test_no_check_is_expected_of_a_run_that_failed_to_reconcile() -> None:
    story = Story().begin().start(success=False).wait(60).finish()
    assert ask("continuous_loop_delay", story).outcome is Outcome.PASS


def test_the_delay_is_unknown_without_a_node_or_a_scenario() -> None:
    assert ask("continuous_loop_delay", Story().begin()).outcome is Outcome.UNKNOWN
    assert ask("continuous_loop_delay", Story().start()).outcome is Outcome.UNKNOWN
