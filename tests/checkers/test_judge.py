import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.checkers import CHECKERS
from harness.checkers.case import Case
from harness.checkers.judge import judge
from harness.checkers.verdict import CheckerVerdict, Outcome, conclude
from tests.checkers.histories import VENUE_ID, Story, clean, held, kinds, place, synthetic


def _eventful() -> Story:
    story = Story().begin({"strategy_id": "S-001", "claims": ["ETHUSDT-PERP.BINANCE"]})
    story.price("50000").order("web_1", external=True).trade("web_1", 900).start()
    story.submitted("O-1").post_order("O-1").order("O-1").trade("O-1", 1001, "0.004")
    story.applied("O-1", "1001", "0.004").believe("P", "0.004").wait(1).check(error="E")
    story.kill().trade("O-1", 1002).event("store", "killed", kept=False).event("store", "flushed")
    story.start().applied("R-1", "R-1-fill", reconciling=True).believe("P", "0.010")
    story.node("check_started", check="positions").event("harness", "healed").wait(6)
    story.exit(signal=6).converged("something differs")
    return story.snapshot(
        [
            held("O-1", "PENDING_CANCEL", ("1001", "0.004"), venue_order_id=VENUE_ID + 1),
            held("O-9", "ACCEPTED"),
            synthetic("R-1", "BUY", "0.010"),
        ],
        [place("0.010"), place("-0.004", "X")],
    ).finish("gone")


def test_a_clean_run_passes_every_checker() -> None:
    verdict = judge(clean().events, CHECKERS)
    assert [answer for answer in verdict.checkers if answer.outcome is not Outcome.PASS] == []
    assert verdict.outcome is Outcome.PASS
    assert len(verdict.checkers) == len(CHECKERS) + 2


@pytest.mark.parametrize(
    ("rate", "outcome"), [(10.0, Outcome.UNKNOWN), (5.0, Outcome.PASS), (1.0, Outcome.PASS)]
)
def test_a_machine_that_does_not_keep_up_makes_everything_unknown(
    rate: float, outcome: Outcome
) -> None:
    story = clean()
    watched = next(event for event in story.events if event.kind == "stall_watch")
    secs = 0.08 * rate if rate > 1.0 else 5.0
    watched.data.update(machine_secs=secs / rate, scenario_secs=secs, rate=rate)
    verdict = judge(story.events, CHECKERS)
    assert verdict.outcome is outcome
    if outcome is Outcome.UNKNOWN:
        assert [evidence.message for evidence in verdict.checkers[-1].evidence] == [
            "the machine stood still for 0.080 s, which is 0.80 s at x10 and longer than the "
            "shortest timeout in play, 0.5 s"
        ]
        failed = Story().begin().start().wait(1).exit(signal=6).watched(0.8, rate).finish()
        assert judge(failed.events, CHECKERS).outcome is Outcome.UNKNOWN


def test_an_unfinished_scenario_is_unknown() -> None:
    story = clean()
    unfinished = [event for event in story.events if event.kind != "scenario_finished"]
    assert judge(unfinished, CHECKERS).outcome is Outcome.UNKNOWN


def test_a_scenario_that_did_not_complete_is_unknown_and_tells_why() -> None:
    verdict = judge(Story().begin().finish("O-1 was never accepted").events, [])
    assert verdict.outcome is Outcome.UNKNOWN
    assert "O-1 was never accepted" in verdict.checkers[0].evidence[0].message


def test_an_unfinished_scenario_fails_where_a_checker_does() -> None:
    story = Story().begin().start().exit(signal=6).finish("no node")
    assert judge(story.events, CHECKERS).outcome is Outcome.FAIL


def test_a_crashed_checker_is_unknown_and_the_others_are_heard() -> None:
    def crashes(case: Case) -> CheckerVerdict:
        raise KeyError("symbol")

    def passes(case: Case) -> CheckerVerdict:
        return conclude("passes", [])

    verdict = judge(Story().finish().events, [crashes, passes])
    assert verdict.outcome is Outcome.UNKNOWN
    assert [answer.outcome for answer in verdict.checkers] == ["pass", "unknown", "pass", "pass"]
    assert kinds(verdict.checkers[1]) == ["checker_crashed"]
    assert "KeyError: 'symbol'" in verdict.checkers[1].evidence[0].message


def test_an_event_that_cannot_be_read_is_unknown() -> None:
    story = clean()
    story.events[2] = story.events[2].__class__(2, 0, "venue", "order", {"order_id": "seven"})
    assert judge(story.events, CHECKERS).outcome is Outcome.UNKNOWN


@given(st.sampled_from([clean(), _eventful()]), st.integers(min_value=0))
def test_no_prefix_of_a_history_crashes_a_checker(story: Story, length: int) -> None:
    prefix = story.events[: length % (len(story.events) + 1)]
    verdict = judge(prefix, CHECKERS)
    assert [kind for answer in verdict.checkers for kind in kinds(answer)].count(
        "checker_crashed"
    ) == 0
    if not any(event.kind == "scenario_finished" for event in prefix):
        assert verdict.outcome is not Outcome.PASS
