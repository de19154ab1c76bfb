"""Sessions of real scenarios on real servers: exit codes, what is printed, what is left behind."""

import os

import pytest

from harness.history import read_history
from harness.scenario.recording import read_recording
from harness.world.services import Services
from tests.plugin.projects import (
    BY_CHANCE,
    CRASHES,
    FAILS,
    FINDS,
    FINDS_NO_MORE,
    HANDS,
    NO_SCENARIO,
    NOT_APPLICABLE,
    PASSES,
    TWO_WORKERS,
    UNKNOWN,
    Project,
    said,
)


def test_passes_and_findings_exit_with_0(project: Project) -> None:
    project.write(PASSES, FINDS)
    result = project.run("-v")
    output = said(result)
    assert result.ret == 0, output
    result.stdout.fnmatch_lines(
        [
            "*::test_passes PASS *",
            "*::test_finds FINDING K99 *",
            "FINDING K99 test_finds *",
            "2 runs: 1 pass, 1 finding, 0 fail, 0 unknown",
            "summary: reports/latest/summary.json",
        ]
    )
    summary = project.summary()
    totals = summary.totals
    assert (totals.scenarios, totals.passed, totals.finding) == (2, 1, 1)
    assert (totals.fail, totals.unknown) == (0, 0)
    passed, found = summary.scenarios
    assert (passed.name, passed.outcome, passed.covers) == ("test_passes", "pass", "FR-001")
    assert (found.outcome, [bug.id for bug in found.known_bugs]) == ("finding", ["K99"])
    assert found.nodeid == "scenarios/test_it.py::test_finds"
    assert summary.environment.nautilus_trader == passed.release
    assert summary.environment.store.startswith("valkey ")
    assert os.readlink(project.root / "reports" / "latest").startswith("sessions/")
    assert len(project.run_directories) == 2
    for run in summary.scenarios:
        directory = project.root / run.run_directory
        names = {file.name for file in directory.iterdir()}
        assert names == {"scenario.json", "history.jsonl", "verdict.json", "node.log"}
        assert (directory / "node.log").stat().st_size > 0
        assert read_recording(directory).setup.name == run.name


@pytest.mark.parametrize(
    ("scenarios", "code", "line"),
    [
        ([FAILS], 1, "FAILED expectations: node/never*did not happen within 0.1 s"),
        ([UNKNOWN], 6, "UNKNOWN test_unknown*"),
        ([FINDS_NO_MORE], 1, "passed, but * is said to have K01 *"),
        ([UNKNOWN, NO_SCENARIO], 1, "UNKNOWN test_unknown*"),
    ],
)
def test_what_is_not_green_has_an_exit_code_of_its_own(
    project: Project, servers: Services, scenarios: list[str], code: int, line: str
) -> None:
    project.write(*scenarios)
    result = project.run_here()
    assert result.ret == code
    result.stdout.fnmatch_lines([line])
    assert "Traceback" not in said(result)


def test_a_bug_that_shows_by_chance_need_not_show(project: Project, servers: Services) -> None:
    project.write(BY_CHANCE)
    result = project.run_here("-v")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["*::test_by_chance PASS *", "1 run: 1 pass, 0 finding, 0 fail, 0 unknown"]
    )


def test_a_scenario_that_plays_nothing_has_shown_nothing(
    project: Project, servers: Services
) -> None:
    project.write("@scenario(covers='FR-001')\ndef test_it(world): ...\n")
    result = project.run_here()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["the scenario played nothing"])


@pytest.mark.parametrize(
    ("scenarios", "code"), [([NOT_APPLICABLE], 5), ([NOT_APPLICABLE, PASSES], 0)]
)
def test_what_a_release_cannot_play_is_said_and_counted(
    project: Project, servers: Services, scenarios: list[str], code: int
) -> None:
    project.write(*scenarios)
    result = project.run_here("-v")
    assert result.ret == code
    release = servers.zygote.release
    reason = f"nautilus {release} has no field convert_quote_qty_to_base in LiveExecEngineConfig"
    result.stdout.fnmatch_lines(
        [
            "*::test_not_applicable NOT APPLICABLE *",
            f"NOT APPLICABLE test_not_applicable · {reason}",
            "*, 1 not applicable",
        ]
    )
    summary = project.summary()
    assert (summary.totals.scenarios, summary.totals.not_applicable) == (len(scenarios), 1)
    run = summary.scenarios[0]
    assert (run.outcome, run.release, run.evidence) == ("not_applicable", release, (reason,))
    assert len(project.run_directories) == len(scenarios) - 1


def test_seed_and_reports_are_options(project: Project, servers: Services) -> None:
    project.write(UNKNOWN)
    result = project.run_here("--chaos-seed=7", "--chaos-reports=elsewhere")
    assert result.ret == 6
    (run,) = project.summary("elsewhere").scenarios
    assert run.seed == 7
    assert run.run_directory.startswith("elsewhere/runs/")
    assert read_recording(project.root / run.run_directory).setup.seed == 7
    assert not (project.root / "reports").exists()


def test_workers_play_in_parallel_and_report_to_one_summary(project: Project) -> None:
    project.write(PASSES, FAILS, UNKNOWN, FINDS)
    result = project.run(*TWO_WORKERS)
    assert result.ret == 1, said(result)
    result.stdout.fnmatch_lines(["4 runs: 1 pass, 1 finding, 1 fail, 1 unknown"])
    summary = project.summary()
    totals = summary.totals
    assert (totals.passed, totals.fail, totals.unknown, totals.finding) == (1, 1, 1, 1)
    assert summary.environment.store.startswith("valkey ")
    assert {(run.name, run.outcome) for run in summary.scenarios} == {
        ("test_passes", "pass"),
        ("test_fails", "fail"),
        ("test_unknown", "unknown"),
        ("test_finds", "finding"),
    }
    assert {project.root / run.run_directory for run in summary.scenarios} == set(
        project.run_directories
    )


def test_a_scenario_whose_worker_crashes_is_unknown_with_what_it_left(project: Project) -> None:
    project.write(CRASHES, PASSES)
    result = project.run(*TWO_WORKERS)
    assert result.ret == 6, said(result)
    result.stdout.fnmatch_lines(
        [
            "UNKNOWN test_crashes",
            "  the worker crashed: its process ended before the scenario did *",
            "2 runs: 1 pass, 0 finding, 0 fail, 1 unknown",
        ]
    )
    totals = project.summary().totals
    assert (totals.scenarios, totals.passed, totals.unknown) == (2, 1, 1)
    (crashed,) = (run for run in project.summary().scenarios if run.outcome == "unknown")
    assert (crashed.name, crashed.covers) == ("test_crashes", "FR-004")
    assert crashed.nodeid == "scenarios/test_it.py::test_crashes"
    assert crashed.seconds > 0
    (evidence,) = crashed.evidence
    assert evidence.startswith("the worker crashed")
    left = project.root / crashed.run_directory
    assert left in project.run_directories
    assert read_history(left / "history.jsonl")[-1].kind == "step"


@pytest.mark.usefixtures("servers")
def test_node_and_venue_are_fixtures_too(project: Project) -> None:
    project.write(HANDS)
    assert project.run_here().ret == 0, project.summary()


def test_the_header_says_what_is_played_with(project: Project) -> None:
    project.write("def test_it(): ...", head="")
    result = project.run_here("--chaos-seed=7", "--node=my_node:build")
    result.stdout.re_match_lines(
        [
            r"nautilus-chaos \d+\.\d+\.\d+, NautilusTrader \d+\.\d+\.\d+, "
            r"toxiproxy-server 2\.\d+\.\d+, valkey-server \d+\.\d+\.\d+, "
            r"seed 7, node my_node:build"
        ]
    )
