"""docs/checkers.md names every checker and its evidence kinds, and maps every claim."""

import re
from pathlib import Path

import pytest

from harness.checkers import CHECKERS
from harness.checkers.judge import judge
from harness.known_bugs import KNOWN_BUGS

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "checkers.md").read_text()
CLAIMS = range(1, 14)
NAMES = tuple(checker.checker for checker in judge([], CHECKERS).checkers)
MADE = re.compile(r'(?:kind ?= ?|_evidence\(\s*(?:(?:self\._)?case,\s*)?)"([a-z0-9_]+)"')
SLUG = re.compile(r"`([a-z0-9_]+)`")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = GUIDE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


LISTED = {SLUG.findall(row[0])[0]: row for row in rows("What each looks at")}
MAPPED = {int(row[0]): row for row in rows("What NautilusTrader claims of its reconciliation")}


def test_every_checker_is_listed_and_nothing_else() -> None:
    assert set(LISTED) == set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "money"])
def test_the_evidence_kinds_of_a_checker_are_in_its_code(name: str) -> None:
    kinds = SLUG.findall(LISTED[name][2])
    assert kinds
    code = "".join(path.read_text() for path in (ROOT / "harness" / "checkers").glob("*.py"))
    made_of_fields = {kind for kind in kinds if kind.startswith(("unstable_", "fill_"))}
    assert [kind for kind in kinds if kind not in made_of_fields and f'"{kind}"' not in code] == []


def test_every_evidence_kind_in_the_code_is_listed() -> None:
    listed = {kind for row in LISTED.values() for kind in SLUG.findall(row[2])}
    code = "".join(path.read_text() for path in (ROOT / "harness" / "checkers").glob("*.py"))
    made = set(MADE.findall(code))
    assert {"order_price", "index_set_garbled", "missing_fill"} <= made
    assert made - listed == set()


def test_every_evidence_kind_of_a_known_bug_is_listed() -> None:
    listed = {kind for row in LISTED.values() for kind in SLUG.findall(row[2])}
    known = {kind for bug in KNOWN_BUGS.values() for kind in bug.kinds | bug.signs}
    assert known - listed == set()


def test_every_claim_is_mapped() -> None:
    assert set(MAPPED) == set(CLAIMS)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_is_mapped_to_checkers_and_scenarios_that_there_are(claim: int) -> None:
    _, _, checkers, scenarios = MAPPED[claim]
    assert SLUG.findall(checkers)
    assert set(SLUG.findall(checkers)) <= set(NAMES)
    played = "".join(path.read_text() for path in (ROOT / "scenarios").glob("*.py"))
    named = SLUG.findall(scenarios)
    assert named
    assert [name for name in named if f"def {name}(" not in played] == []
