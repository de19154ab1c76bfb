"""The stage turns a run's verdict into what pytest sees."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from harness.checkers.money import Money
from harness.checkers.verdict import CheckerVerdict, Evidence, Outcome, Verdict
from harness.known_bugs import KnownBug
from harness.node.safety import UnsafeNode
from harness.report.summary import ScenarioSummary
from harness.scenario import runner, stage, steps
from harness.scenario.ending import ExpectedFailure
from harness.scenario.runner import SCENARIO_DEADLINE_SECS, Run, Script
from harness.scenario.stage import (
    KnownBugGone,
    KnownBugSeen,
    ScenarioFailed,
    ScenarioUnknown,
    Stage,
    require_playable,
)
from harness.scenario.world import World
from harness.world.applicable import NotApplicable
from harness.world.services import Services
from harness.world.setup import InvalidSetup, Setup

SETUP = Setup(name="test_it", covers="FR-001", seed=8231)
BUG = KnownBug(
    id="K99",
    title="it breaks",
    reference="an/issue#1",
    releases="<=1.231.0",
    signs=frozenset({"sign"}),
    kinds=frozenset({"sign"}),
)
EXPECTED = ExpectedFailure((BUG,))
POSSIBLE = frozenset({BUG.id})
AFFECTED, NOT_AFFECTED = "1.231.0", "1.232.0"

Outcomes = dict[str, tuple[Outcome, str]]
PASS: Outcomes = {"node_alive": (Outcome.PASS, "")}
FAIL: Outcomes = {"orders_equal": (Outcome.FAIL, "sign"), **PASS}
OTHER_FAIL: Outcomes = {**FAIL, "node_alive": (Outcome.FAIL, "other")}
UNKNOWN: Outcomes = {"scenario_finished": (Outcome.UNKNOWN, "unfinished"), **PASS}
CRASHED: Outcomes = {"scenario_finished": (Outcome.UNKNOWN, "unfinished"), **FAIL}
STALLED: Outcomes = {"kept_up": (Outcome.UNKNOWN, "stalled"), **PASS}
DIED: Outcomes = {
    "node_alive": (Outcome.FAIL, "node_died"),
    "scenario_finished": (Outcome.UNKNOWN, "unfinished"),
    "orders_equal": (Outcome.UNKNOWN, "nothing_to_judge"),
}
CHECKER_CRASHED: Outcomes = {**FAIL, "node_alive": (Outcome.UNKNOWN, "checker_crashed")}


def verdict(outcomes: Outcomes) -> Verdict:
    return Verdict(
        outcome=Outcome.merge(outcome for outcome, _ in outcomes.values()),
        checkers=tuple(
            CheckerVerdict(
                checker=name,
                outcome=outcome,
                evidence=()
                if outcome is Outcome.PASS
                else (Evidence(kind=kind, message=f"what {name} saw"),),
            )
            for name, (outcome, kind) in outcomes.items()
        ),
    )


async def nothing(world: World) -> None:
    raise AssertionError("nothing is played here")


class Theatre:
    """Stages whose runs end as they are told."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.release = AFFECTED
        self.outcomes = PASS
        self.ends: list[Outcomes] = []
        self.rate_of_stall: float | None = None
        self.seconds = 1.23456
        self.played: list[Setup] = []
        self.deadlines_secs: list[float] = []
        self.summaries: list[ScenarioSummary] = []

    def stage(self, expected: ExpectedFailure | None = None, setup: Setup = SETUP) -> Stage:
        services = SimpleNamespace(zygote=SimpleNamespace(release=self.release))
        return Stage(
            setup,
            lambda: cast(Services, services),
            self.directory,
            "scenarios/test_it.py::test_it",
            expected,
            self.summaries.append,
        )

    def play(
        self,
        script: Script,
        setup: Setup,
        services: Services,
        reports: Path,
        deadline_secs: float = SCENARIO_DEADLINE_SECS,
    ) -> Run:
        self.played.append(setup)
        self.deadlines_secs.append(deadline_secs)
        return Run(
            setup=setup,
            release=services.zygote.release,
            directory=reports / "runs" / "it",
            verdict=verdict(self.ends.pop() if self.ends else self.outcomes),
            money=Money(),
            seconds=self.seconds,
            rate_of_stall=min(self.rate_of_stall or setup.rate, setup.rate_max),
        )


@pytest.fixture
def theatre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Theatre:
    theatre = Theatre(tmp_path)
    monkeypatch.setattr(runner, "play", theatre.play)
    return theatre


def test_a_pass_returns(theatre: Theatre) -> None:
    theatre.stage().play(nothing)
    (summary,) = theatre.summaries
    assert (summary.outcome, summary.evidence, summary.known_bugs) == ("pass", (), ())
    assert (summary.name, summary.covers, summary.seed) == ("test_it", "FR-001", 8231)
    assert (summary.seconds, summary.release) == (1.235, AFFECTED)
    assert summary.run_directory == str(theatre.directory / "runs" / "it")


def test_a_failure_is_raised_with_what_is_printed(theatre: Theatre) -> None:
    theatre.outcomes = FAIL
    with pytest.raises(ScenarioFailed) as failed:
        theatre.stage().play(nothing)
    assert str(failed.value).splitlines() == [
        "FAILED orders_equal: what orders_equal saw",
        "  nautilus 1.231.0 · seed 8231",
        f"  replay: nautilus-chaos replay {theatre.directory / 'runs' / 'it'}",
    ]
    (summary,) = theatre.summaries
    assert summary.outcome == "fail"
    assert summary.evidence == ("orders_equal: what orders_equal saw",)


def test_what_the_release_cannot_play_is_skipped_with_the_reason(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(script: Script, setup: Setup, services: Services, reports: Path) -> Run:
        raise NotApplicable("nautilus 1.231.0 has no periodic check positions")

    monkeypatch.setattr(runner, "play", refuse)
    with pytest.raises(pytest.skip.Exception, match=r"^not applicable: nautilus 1.231.0 has no "):
        theatre.stage(EXPECTED).play(nothing)
    (summary,) = theatre.summaries
    assert (summary.outcome, summary.release) == ("not_applicable", AFFECTED)
    assert summary.evidence == ("nautilus 1.231.0 has no periodic check positions",)


def test_an_unknown_is_raised(theatre: Theatre) -> None:
    theatre.outcomes = UNKNOWN
    with pytest.raises(ScenarioUnknown, match=r"^UNKNOWN scenario_finished: what "):
        theatre.stage().play(nothing)
    assert [summary.outcome for summary in theatre.summaries] == ["unknown"]


@pytest.mark.parametrize(
    ("stalls", "rates"), [(0, (10.0,)), (1, (10.0, 10 / 3)), (2, (10.0, 10 / 3, 1.0))]
)
def test_a_run_that_stalled_is_played_again_slower_at_most_twice(
    theatre: Theatre, stalls: int, rates: tuple[float, ...]
) -> None:
    theatre.ends = [STALLED] * stalls
    theatre.stage(setup=msgspec.structs.replace(SETUP, rate=10.0)).play(nothing)
    assert [setup.rate for setup in theatre.played] == pytest.approx(rates)
    (summary,) = theatre.summaries
    assert summary.outcome == "pass"
    assert summary.rate == pytest.approx(rates[-1])
    assert summary.stalled == pytest.approx(rates[:-1])


def test_a_run_that_always_stalls_is_unknown(theatre: Theatre) -> None:
    theatre.outcomes = STALLED
    with pytest.raises(ScenarioUnknown, match=r"^UNKNOWN kept_up: what kept_up saw"):
        theatre.stage(setup=msgspec.structs.replace(SETUP, rate=2.0)).play(nothing)
    assert [setup.rate for setup in theatre.played] == [2.0, 1.0, 1.0]
    assert [summary.stalled for summary in theatre.summaries] == [(2.0, 1.0)]


def test_hours_that_went_too_fast_are_played_again_slower(theatre: Theatre) -> None:
    theatre.ends = [STALLED] * 2
    theatre.rate_of_stall = 100.0
    theatre.stage(setup=msgspec.structs.replace(SETUP, rate=20.0)).play(nothing)
    assert [setup.rate_max for setup in theatre.played] == pytest.approx([300.0, 100 / 3, 10.0])
    assert [setup.rate for setup in theatre.played] == pytest.approx([20.0, 20.0, 10.0])
    (summary,) = theatre.summaries
    assert summary.stalled == pytest.approx((100.0, 100 / 3))


def test_a_run_that_would_take_too_long_is_not_played_again(theatre: Theatre) -> None:
    theatre.outcomes = STALLED
    theatre.rate_of_stall, theatre.seconds = 75.0, 99.0
    with pytest.raises(ScenarioUnknown):
        theatre.stage(setup=msgspec.structs.replace(SETUP, rate=2.0)).play(nothing)
    assert theatre.deadlines_secs == [180.0, 300.0]
    assert [summary.stalled for summary in theatre.summaries] == [(75.0,)]


def test_a_failure_that_the_known_bug_explains_is_a_finding(theatre: Theatre) -> None:
    theatre.outcomes = FAIL
    with pytest.raises(KnownBugSeen, match=r"^FINDING K99: it breaks \(an/issue#1\)\n  orders_"):
        theatre.stage(EXPECTED).play(nothing)
    (summary,) = theatre.summaries
    assert (summary.outcome, summary.known_bugs) == ("finding", (BUG.summary,))
    assert [setup.known_bugs for setup in theatre.played] == [("K99",)]
    assert summary.evidence == ("orders_equal: what orders_equal saw",)


@pytest.mark.parametrize("outcomes", [OTHER_FAIL, CRASHED, CHECKER_CRASHED])
def test_a_known_bug_explains_no_more_than_its_own(theatre: Theatre, outcomes: Outcomes) -> None:
    theatre.outcomes = outcomes
    with pytest.raises(ScenarioFailed):
        theatre.stage(EXPECTED).play(nothing)
    assert [summary.outcome for summary in theatre.summaries] == ["fail"]


def test_a_node_that_died_of_its_known_bug_leaves_nothing_to_judge(theatre: Theatre) -> None:
    fatal = msgspec.structs.replace(
        BUG, signs=frozenset({"node_died"}), kinds=frozenset({"node_died"})
    )
    theatre.outcomes = DIED
    with pytest.raises(KnownBugSeen):
        theatre.stage(ExpectedFailure((fatal,))).play(nothing)
    theatre.outcomes = {**DIED, "orders_equal": (Outcome.UNKNOWN, "checker_crashed")}
    with pytest.raises(ScenarioFailed):
        theatre.stage(ExpectedFailure((fatal,))).play(nothing)


@pytest.mark.parametrize("waited_for", ["deadline_passed", "no_user_stream"])
def test_a_wait_for_what_a_known_bug_keeps_from_happening_leaves_a_finding(
    theatre: Theatre, waited_for: str
) -> None:
    lasting = msgspec.structs.replace(BUG, kinds=BUG.kinds | {waited_for})
    waited = {
        **FAIL,
        "expectations": (Outcome.FAIL, waited_for),
        "scenario_finished": (Outcome.UNKNOWN, "unfinished"),
    }
    theatre.outcomes = waited
    with pytest.raises(KnownBugSeen):
        theatre.stage(ExpectedFailure((lasting,))).play(nothing)
    theatre.outcomes = {name: waited[name] for name in (*FAIL, "scenario_finished")}
    with pytest.raises(ScenarioFailed):
        theatre.stage(ExpectedFailure((lasting,))).play(nothing)


def test_a_known_bug_does_not_explain_an_unknown(theatre: Theatre) -> None:
    theatre.outcomes = UNKNOWN
    with pytest.raises(ScenarioUnknown):
        theatre.stage(EXPECTED).play(nothing)


def test_a_pass_on_an_affected_release_says_that_the_bug_is_gone(theatre: Theatre) -> None:
    with pytest.raises(KnownBugGone, match=r"1\.231\.0 is said to have K99 \(it breaks\): "):
        theatre.stage(EXPECTED).play(nothing)
    (summary,) = theatre.summaries
    assert (summary.outcome, summary.known_bugs) == ("fail", ())
    (evidence,) = summary.evidence
    assert evidence.startswith("passed, but 1.231.0 is said to have K99 (it breaks): ")


def test_a_known_bug_by_chance_may_be_found_and_need_not(theatre: Theatre) -> None:
    by_chance = ExpectedFailure((), by_chance=(BUG,))
    theatre.stage(by_chance).play(nothing)
    theatre.outcomes = FAIL
    with pytest.raises(KnownBugSeen):
        theatre.stage(by_chance).play(nothing)
    theatre.outcomes = OTHER_FAIL
    with pytest.raises(ScenarioFailed):
        theatre.stage(by_chance).play(nothing)
    assert [summary.outcome for summary in theatre.summaries] == ["pass", "finding", "fail"]


def test_a_known_bug_by_chance_may_strike_in_one_of_many_runs(theatre: Theatre) -> None:
    played = theatre.stage(ExpectedFailure((), by_chance=(BUG,)))
    played.play_steps([steps.Heal()], possible_bugs=POSSIBLE)
    played.conclude()
    theatre.outcomes = FAIL
    played.play_steps([steps.Heal()], possible_bugs=POSSIBLE)
    assert [(setup.known_bugs, setup.by_chance) for setup in theatre.played] == [((), ("K99",))] * 2
    with pytest.raises(KnownBugSeen):
        played.conclude()


def test_a_release_that_is_not_affected_is_judged_as_any_other(theatre: Theatre) -> None:
    theatre.release = NOT_AFFECTED
    theatre.stage(EXPECTED).play(nothing)
    theatre.outcomes = FAIL
    with pytest.raises(ScenarioFailed):
        theatre.stage(EXPECTED).play(nothing)
    theatre.outcomes = UNKNOWN
    with pytest.raises(ScenarioUnknown):
        theatre.stage(EXPECTED).play(nothing)
    assert [summary.outcome for summary in theatre.summaries] == ["pass", "fail", "unknown"]
    assert not any(summary.known_bugs for summary in theatre.summaries)


def test_steps_that_cannot_meet_the_known_bug_are_strict(theatre: Theatre) -> None:
    played = theatre.stage(EXPECTED)
    theatre.outcomes = FAIL
    with pytest.raises(ScenarioFailed):
        played.play_steps([steps.Heal()], possible_bugs=frozenset())
    assert [summary.outcome for summary in theatre.summaries] == ["fail"]


def test_a_known_bug_seen_in_one_of_many_runs_is_told_at_the_end(theatre: Theatre) -> None:
    played = theatre.stage(EXPECTED)
    for outcomes, possible in [(PASS, False), (FAIL, True), (PASS, True), (FAIL, True)]:
        theatre.outcomes = outcomes
        played.play_steps([steps.Heal()], possible_bugs=POSSIBLE if possible else frozenset())
    with pytest.raises(KnownBugSeen) as seen:
        played.conclude()
    assert str(seen.value).count("FINDING K99") == 2
    outcomes_told = [summary.outcome for summary in theatre.summaries]
    assert outcomes_told == ["pass", "finding", "pass", "finding"]


def test_a_known_bug_seen_in_none_of_many_runs_is_gone(theatre: Theatre) -> None:
    played = theatre.stage(EXPECTED)
    played.play_steps([steps.Heal()], possible_bugs=POSSIBLE)
    with pytest.raises(KnownBugGone):
        played.conclude()


def test_many_runs_without_a_known_bug_conclude_in_silence(theatre: Theatre) -> None:
    played = theatre.stage()
    played.play_steps([steps.Heal()], possible_bugs=POSSIBLE)
    played.conclude()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"preset": "fast"}, InvalidSetup),
        ({"rate": 301.0}, InvalidSetup),
        ({"exec_client": {"base_url_http": "https://fapi.binance.com"}}, UnsafeNode),
    ],
)
def test_what_must_not_be_played_is_not(
    theatre: Theatre, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    setup = Setup(name="test_it", covers="FR-001", **changes)
    with pytest.raises(refusal):
        theatre.stage(setup=setup).play(nothing)
    assert not theatre.played
    assert not theatre.summaries


@pytest.mark.parametrize(
    "values", [{}, {"max_retries": 3}, {"base_url_http": "http://127.0.0.1:1"}]
)
def test_what_stays_on_this_machine_is_playable(values: dict[str, Any], tmp_path: Path) -> None:
    require_playable(Setup(name="a", covers="b", exec_client=values), tmp_path / "reports")
    assert (tmp_path / "reports").is_dir()


def test_scripts_of_steps_perform_them_in_their_order(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts: list[Sequence[steps.AnyStep]] = []
    monkeypatch.setattr(stage, "steps_script", scripts.append)
    listed: list[steps.AnyStep] = [steps.StartNode(), steps.Heal()]
    theatre.stage().play_steps(listed, possible_bugs=POSSIBLE)
    assert scripts == [listed]
