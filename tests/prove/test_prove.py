import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from harness.checkers import CHECKERS
from harness.checkers.case import Case
from harness.checkers.judge import ask, judge, scenario_finished
from harness.checkers.kept_up import kept_up
from harness.checkers.verdict import CheckerVerdict, Outcome, Verdict
from harness.history import Event, Source, read_history
from harness.prove import scripts
from harness.prove.altered import unrecorded
from harness.prove.matrix import Seen, prove, seen_clean, seen_of
from harness.prove.mutants import MUTANTS, Mutant, UnknownMutant, mutants_named
from harness.prove.table import legend, matrix_table
from harness.scenario.runner import play_in_time
from harness.world.services import Services
from harness.world.setup import Setup

# It measures what others tell, and is no failure by itself.
MEASURES = "money"


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    started = Services.start()
    yield started
    started.stop()


def seen(
    *,
    meant: str | None,
    failed: tuple[str, ...],
    unknown: tuple[str, ...] = (),
    of_the_harness: bool = False,
) -> Seen:
    """What is seen of a bug, or of a clean run, of which these checkers fail or are unknown."""
    verdict = Verdict(
        outcome=Outcome.PASS,
        checkers=(
            *(CheckerVerdict(checker=name, outcome=Outcome.FAIL) for name in failed),
            *(CheckerVerdict(checker=name, outcome=Outcome.UNKNOWN) for name in unknown),
        ),
    )
    if meant is None:
        return seen_clean("it", verdict)
    mutant = Mutant(name="it", checker=meant, play=MUTANTS[0].play, seen=not of_the_harness)
    return seen_of(mutant, verdict)


def test_a_bug_is_proven_by_the_checker_that_is_meant_for_it_alone() -> None:
    assert seen(meant="a", failed=("a", "b")).proven
    assert not seen(meant="a", failed=("b",)).proven
    assert not seen(meant="a", failed=(), unknown=("a",)).proven


def test_a_bug_of_the_harness_is_proven_by_a_checker_that_is_unknown() -> None:
    assert seen(meant="a", failed=("b",), unknown=("a",), of_the_harness=True).proven
    assert not seen(meant="a", failed=("a",), unknown=("b",), of_the_harness=True).proven


def test_a_clean_run_is_proven_by_silence() -> None:
    assert seen(meant=None, failed=()).proven
    assert not seen(meant=None, failed=("a",)).proven
    assert not seen(meant=None, failed=(), unknown=("a",)).proven


def test_a_planted_bug_and_its_clean_run_are_told_apart(services: Services) -> None:
    told: list[Seen] = []
    clean, dropped = prove(mutants_named(["fill_dropped"]), services, told.append)
    assert told == [clean, dropped]
    assert (clean.meant, clean.failed, clean.unknown) == (None, frozenset(), frozenset())
    assert dropped.proven and "fill_completeness" in dropped.failed


def test_a_history_that_is_altered_is_judged_beside_its_clean_one(services: Services) -> None:
    clean, altered = prove(mutants_named(["order_resurrected"]), services, lambda _: None)
    assert clean.proven
    assert altered.proven and altered.failed >= {"orders_equal", "order_life"}


def test_there_are_enough_bugs_and_each_is_named_once() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert len(names) == len(set(names)) >= 30


def test_every_bug_is_meant_for_a_checker_that_exists() -> None:
    checkers = {checker.__name__ for checker in CHECKERS}
    assert {mutant.checker for mutant in MUTANTS} <= checkers


def test_every_checker_that_can_fail_has_a_bug_to_see() -> None:
    meant = {mutant.checker for mutant in MUTANTS} | {MEASURES}
    assert {checker.__name__ for checker in CHECKERS} <= meant


def test_an_unknown_bug_is_refused_by_its_name() -> None:
    with pytest.raises(UnknownMutant, match="unknown bug 'fil': must be one of fill_dropped, "):
        mutants_named(["fil"])


def printed(*rows: Seen) -> list[str]:
    console = Console(file=io.StringIO(), width=80)
    console.print(matrix_table(rows, ["a_checker", "b_checker"]))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_the_matrix_shows_who_saw_what() -> None:
    assert printed(
        seen(meant=None, failed=()),
        seen(meant="a_checker", failed=("a_checker", "b_checker")),
        seen(meant="b_checker", failed=("a_checker",)),
        seen(meant=None, failed=("b_checker",), unknown=("a_checker",)),
    )[1:] == [
        "mutant    a b  caught by",
        "clean: it · ·  nothing to catch",
        "it        ● ○  a_checker",
        "it        ○ ·  NOT SEEN by b_checker",
        "clean: it ? ○  FALSE ALARM",
    ]


def test_the_legend_names_every_letter() -> None:
    assert legend(["a_checker", "b_checker"]).startswith("a a_checker, b b_checker\n")


# Of what has happened now and then, or is told in another way too.
MAY_BE_MISSING = {
    ("node", "order_closed"): "a snapshot has the order, unless it was purged",
    ("store", "started"): "mends a store that was broken",
    ("node", "strategy_stopped"): "of a strategy that stops with its node",
    ("wire", "connection"): "of a node that has no session on the WebSocket API",
}


def test_whatever_kind_of_event_a_checker_looks_at_is_missed(
    services: Services, tmp_path: Path
) -> None:
    setup = Setup(name="missing", covers="proof", rate=10.0)
    run, _ = play_in_time(scripts.fills, setup, services, tmp_path)
    events = read_history(run.directory / "history.jsonl")
    assert run.verdict.outcome is Outcome.PASS
    asked: set[tuple[Source, str]] = set()

    class Asked(Case):
        def of(self, source: Source, *kinds: str) -> list[Event]:
            asked.update((source, kind) for kind in kinds)
            return super().of(source, *kinds)

    for checker in (scenario_finished, *CHECKERS, kept_up):
        ask(checker, Asked(events))
    kept = asked & {(event.source, event.kind) for event in events}
    assert kept >= MAY_BE_MISSING.keys()
    passed = {
        left_out
        for left_out in kept
        if judge(unrecorded(*left_out)(events), CHECKERS).outcome is Outcome.PASS
    }
    assert passed == MAY_BE_MISSING.keys()
