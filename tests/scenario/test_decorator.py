"""What `@scenario` and `@known_bug` make of a test function."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from harness.checkers.verdict import CheckerVerdict, Evidence, Outcome, Verdict
from harness.known_bugs import KNOWN_BUGS, KnownBug
from harness.node.spec import StrategySpec
from harness.scenario.decorator import known_bug, scenario
from harness.scenario.ending import ExpectedFailure
from harness.scenario.marks import KNOWN_BUG_ATTRIBUTE, Hand

EXPECTED = ExpectedFailure(
    (
        KnownBug(
            id="A",
            title="it breaks",
            reference="an/issue#1",
            releases="<=1.231.0",
            signs=frozenset({"sign", "second sign"}),
            kinds=frozenset({"sign", "second sign", "consequence"}),
        ),
        KnownBug(
            id="B",
            title="it bends",
            reference="an/issue#2",
            releases="<=1.230.0",
            signs=frozenset({"other sign"}),
            kinds=frozenset({"other sign"}),
        ),
    )
)


def verdict_of(*kinds: str, left_out: int = 0) -> Verdict:
    evidence = tuple(Evidence(kind=kind, message="what was seen") for kind in kinds)
    failed = CheckerVerdict(
        checker="orders_equal",
        outcome=Outcome.FAIL,
        evidence=evidence,
        evidence_left_out=left_out,
    )
    passed = CheckerVerdict(checker="node_alive", outcome=Outcome.PASS)
    return Verdict(outcome=Outcome.FAIL, checkers=(passed, failed))


class Stage:
    """Plays a script on a world that is a word."""

    def play(self, script: Callable[[Any], Any]) -> None:
        asyncio.run(script("the real world"))


def mark_of(test: Any) -> dict[str, Any]:
    (mark,) = test.pytestmark
    assert mark.name == "scenario"
    return dict(mark.kwargs)


def test_an_async_function_is_played_on_a_world_with_its_fixtures() -> None:
    seen: list[Any] = []

    @scenario(covers="FR-001")
    async def test_it(world: Any, number: int) -> None:
        """What it shows."""
        seen.append((world, number))

    test_it(world=Stage(), number=7)
    assert seen == [("the real world", 7)]
    assert (test_it.__name__, test_it.__doc__) == ("test_it", "What it shows.")
    assert mark_of(test_it) == {"covers": "FR-001", "preset": "quick"}


class HandsStage:
    """Plays a script on a world of two words."""

    def play(self, script: Callable[[Any], Any]) -> None:
        asyncio.run(script(SimpleNamespace(node="the node", venue="the venue")))


def test_node_and_venue_are_the_hands_of_the_same_world() -> None:
    seen: list[Any] = []

    @scenario(covers="FR-001")
    async def test_it(number: int, venue: Any, node: Any) -> None:
        seen.append((number, venue, node))

    stage = HandsStage()
    test_it(number=7, venue=Hand(stage, "venue"), node=Hand(stage, "node"))
    assert seen == [(7, "the venue", "the node")]


def test_a_function_that_is_not_async_gets_the_stage() -> None:
    stage = Stage()
    seen: list[Any] = []

    @scenario(covers="FR-001")
    def test_it(world: Any) -> None:
        seen.append(world)

    test_it(world=stage)
    assert seen == [stage]


def test_only_the_overrides_that_are_given_are_marked() -> None:
    strategy = StrategySpec(strategy_id="S-002")

    @scenario(
        covers="FR-001",
        preset="standard",
        exec_engine={"a": 1},
        exec_client={"b": 2},
        strategies=[strategy],
        instrument_ids=["SOLUSDT-PERP.BINANCE"],
    )
    async def test_it(world: Any) -> None: ...

    assert mark_of(test_it) == {
        "covers": "FR-001",
        "preset": "standard",
        "exec_engine": {"a": 1},
        "exec_client": {"b": 2},
        "strategies": (strategy,),
        "instrument_ids": ("SOLUSDT-PERP.BINANCE",),
    }


@pytest.mark.parametrize("over", [True, False])
def test_a_known_bug_is_told_over_and_under_a_scenario(over: bool) -> None:
    async def test_it(world: Any) -> None: ...

    bug = known_bug("K01", "N03")
    made = scenario(covers="K01")
    test = bug(made(test_it)) if over else made(bug(test_it))
    expected = getattr(test, KNOWN_BUG_ATTRIBUTE)
    assert isinstance(expected, ExpectedFailure)
    assert expected.bugs == (KNOWN_BUGS["K01"], KNOWN_BUGS["N03"])


@pytest.mark.parametrize(
    ("release", "kinds", "explained"),
    [
        ("1.231.0", ["sign"], ["A"]),
        ("1.231.0", ["second sign"], ["A"]),
        ("1.231.0", ["sign", "second sign", "consequence"], ["A"]),
        ("1.231.0", ["sign", "not_converged"], ["A"]),
        ("1.231.0", ["consequence"], []),
        ("1.231.0", ["not_converged"], []),
        ("1.231.0", ["sign", "strange"], []),
        ("1.231.0", ["sign", "other sign"], []),
        ("1.230.0", ["sign", "other sign"], ["A", "B"]),
        ("1.230.0", ["consequence", "other sign"], []),
        ("1.232.0", ["sign"], []),
        ("1.231.0", [], []),
    ],
)
def test_a_bug_explains_its_own_kinds_of_evidence_and_no_others(
    release: str, kinds: list[str], explained: list[str]
) -> None:
    assert [bug.id for bug in EXPECTED.explain(release, verdict_of(*kinds))] == explained


def test_evidence_that_is_left_out_could_be_anything() -> None:
    assert not EXPECTED.explain("1.231.0", verdict_of("sign", left_out=1))


def test_a_bug_by_chance_explains_as_any_other_and_is_not_certain() -> None:
    a, b = EXPECTED.bugs
    expected = ExpectedFailure((a,), by_chance=(b,))
    assert expected.explain("1.230.0", verdict_of("sign", "other sign")) == (a, b)
    assert expected.explain("1.230.0", verdict_of("other sign")) == (b,)
    assert expected.certain_of("1.230.0") == (a,)
    assert not expected.certain_of("1.232.0")


def test_bugs_by_chance_are_told_beside_the_others() -> None:
    async def test_it(world: Any) -> None: ...

    expected = getattr(known_bug("K01", by_chance={"N03", "K05"})(test_it), KNOWN_BUG_ATTRIBUTE)
    assert expected.bugs == (KNOWN_BUGS["K01"],)
    assert expected.by_chance == (KNOWN_BUGS["K05"], KNOWN_BUGS["N03"])


@pytest.mark.parametrize("by_chance", [True, False])
def test_an_unknown_bug_is_refused(by_chance: bool) -> None:
    with pytest.raises(ValueError, match="unknown bug 'K99': must be one of K01, "):
        known_bug("K01", by_chance=["K99"]) if by_chance else known_bug("K01", "K99")


def test_a_function_without_a_hand_of_the_world_is_refused() -> None:
    def test_it(number: int) -> None: ...

    with pytest.raises(TypeError, match="test_it must have a parameter `world`, `node` or `venue`"):
        scenario(covers="FR-001")(test_it)


def test_a_second_mark_is_refused_and_does_not_replace_the_first() -> None:
    def test_it() -> None: ...

    with pytest.raises(ValueError, match="test_it has @known_bug twice: must name all bugs in one"):
        known_bug("K02")(known_bug("K01")(test_it))
