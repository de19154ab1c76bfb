from harness.checkers.money import Money
from harness.known_bugs import KnownBug
from harness.report.summary import ScenarioOutcome, ScenarioSummary
from harness.truth_table import Row, markdown, truth_rows

BUG = KnownBug(
    id="U01",
    title="it breaks",
    reference="",
    releases="<=1.226.0",
    signs=frozenset({"sign"}),
    kinds=frozenset({"sign"}),
)


def run(release: str, outcome: ScenarioOutcome, *, covers: str = "U01") -> ScenarioSummary:
    return ScenarioSummary(
        name="it",
        nodeid="it",
        covers=covers,
        outcome=outcome,
        known_bugs=(BUG.summary,) if outcome == "finding" else (),
        seconds=1.0,
        seed=1,
        release=release,
        run_directory="it",
        evidence=(),
        money=Money(),
    )


def row(*runs: ScenarioSummary) -> Row:
    (only,) = truth_rows(runs, [BUG])
    return only


def test_a_bug_is_found_where_it_is_and_silent_where_it_is_not() -> None:
    seen = row(run("1.231.0", "pass"), run("1.226.0", "finding"))
    assert list(seen.cells.items()) == [("1.226.0", "found"), ("1.231.0", "silent")]
    assert seen.wrong == []


def test_releases_stand_in_their_order() -> None:
    seen = row(*(run(release, "pass") for release in ("1.231.0", "1.230.0", "1.229.0")))
    assert list(seen.cells) == ["1.229.0", "1.230.0", "1.231.0"]


def test_what_is_not_as_it_is_said_is_told() -> None:
    assert row(run("1.231.0", "finding")).wrong == ["1.231.0"]
    assert row(run("1.226.0", "pass")).wrong == ["1.226.0"]


def test_a_run_that_failed_otherwise_shows_nothing() -> None:
    for outcome in ("fail", "unknown"):
        seen = row(run("1.226.0", outcome))
        assert seen.cells == {"1.226.0": "not shown"}
        assert seen.wrong == ["1.226.0"]


def test_what_cannot_be_played_is_no_contradiction() -> None:
    seen = row(run("1.221.0", "not_applicable"))
    assert (seen.cells, seen.wrong) == ({"1.221.0": "n.a."}, [])


def test_a_bug_that_no_run_covers_has_no_row() -> None:
    assert truth_rows([run("1.231.0", "pass", covers="FR-001")], [BUG]) == []


def test_a_release_on_which_nothing_was_played_shows_nothing() -> None:
    seen = row(run("1.226.0", "finding"), run("1.231.0", "pass", covers="K01"))
    assert seen.cells == {"1.226.0": "found", "1.231.0": "not shown"}


def test_the_table_has_what_differs_in_bold() -> None:
    text = markdown([row(run("1.226.0", "pass"), run("1.231.0", "pass"))])
    assert "| bug | what | affected | 1.226.0 | 1.231.0 |" in text
    assert "| U01 | it breaks | <=1.226.0 | **silent** | silent |" in text
