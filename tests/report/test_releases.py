"""Releases side by side."""

import msgspec

from harness.report.releases import compare_releases
from harness.report.summary import ScenarioOutcome, ScenarioSummary
from tests.report.test_session import run


def on(release: str, name: str, outcome: ScenarioOutcome) -> ScenarioSummary:
    return msgspec.structs.replace(run(name, outcome), release=release)


def test_what_differs_is_a_row_with_a_column_for_each_release() -> None:
    lines = compare_releases(
        [
            on("1.221.0", "test_a", "pass"),
            on("1.221.0", "test_b", "not_applicable"),
            on("1.221.0", "test_same", "pass"),
            on("1.222.0", "test_a", "finding"),
            on("1.222.0", "test_b", "fail"),
            on("1.222.0", "test_same", "pass"),
        ],
        80,
    )
    assert lines == [
        "        1.221.0  1.222.0",
        "test_a  PASS     FINDING K01",
        "test_b  N.A.     FAIL",
        "1 scenario ends the same on all 2 releases",
    ]


def test_many_runs_of_one_scenario_count_as_the_worst() -> None:
    lines = compare_releases(
        [
            on("1.221.0", "test_a", "pass"),
            on("1.221.0", "test_a", "unknown"),
            on("1.221.0", "test_a", "finding"),
            on("1.222.0", "test_a", "pass"),
        ],
        80,
    )
    assert lines[1] == "test_a  UNKNOWN  PASS"


def test_a_scenario_that_was_not_played_on_a_release_is_seen() -> None:
    assert compare_releases(
        [on("1.221.0", "test_a", "pass"), on("1.222.0", "test_b", "pass")], 80
    ) == [
        "        1.221.0  1.222.0",
        "test_a  PASS     -",
        "test_b  -        PASS",
        "0 scenarios end the same on all 2 releases",
    ]


def test_nothing_that_differs_is_said_in_a_line() -> None:
    runs = [on("1.221.0", "test_a", "pass"), on("1.222.0", "test_a", "pass")]
    assert compare_releases(runs, 80) == ["1 scenario ends the same on 1.221.0, 1.222.0"]


def test_a_table_that_is_too_wide_becomes_a_list() -> None:
    ends: list[ScenarioOutcome] = ["pass", "finding", "pass"]
    runs = [on(f"1.22{n}.0", "test_a", end) for n, end in enumerate(ends)]
    runs.append(on("1.220.0", "test_b", "fail"))
    table = compare_releases(runs, 80)
    width = max(map(len, table[:3]))
    assert compare_releases(runs, width) == table
    assert compare_releases(runs, width - 1) == [
        "test_a",
        "  PASS: 1.220.0, 1.222.0",
        "  FINDING K01: 1.221.0",
        "test_b",
        "  FAIL: 1.220.0",
        "  not played: 1.221.0, 1.222.0",
        "0 scenarios end the same on all 3 releases",
    ]
