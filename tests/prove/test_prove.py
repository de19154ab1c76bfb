import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from harness.checkers import CHECKERS
from harness.prove.matrix import Seen, prove
from harness.prove.mutants import MUTANTS, UnknownMutant, mutants_named
from harness.prove.table import legend, matrix_table
from harness.world.services import Services

# It measures what others tell, and is no failure by itself.
MEASURES = "money"


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    started = Services.start()
    yield started
    started.stop()


def seen(*, meant: str | None, failed: tuple[str, ...], unknown: tuple[str, ...] = ()) -> Seen:
    return Seen(name="it", meant=meant, failed=frozenset(failed), unknown=frozenset(unknown))


def test_a_bug_is_proven_by_the_checker_that_is_meant_for_it_alone() -> None:
    assert seen(meant="a", failed=("a", "b")).proven
    assert not seen(meant="a", failed=("b",)).proven
    assert not seen(meant="a", failed=(), unknown=("a",)).proven


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
    clean, altered = prove(mutants_named(["position_off_by_one_lot"]), services, lambda _: None)
    assert clean.proven
    assert altered.proven and altered.failed >= {"positions_equal"}


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
        "mutant a b  caught by",
        "it     · ·  nothing to catch",
        "it     ● ○  a_checker",
        "it     ○ ·  NOT SEEN by b_checker",
        "it     ? ○  FALSE ALARM",
    ]


def test_the_legend_names_every_letter() -> None:
    assert legend(["a_checker", "b_checker"]).startswith("a a_checker, b b_checker\n")
