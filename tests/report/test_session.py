from decimal import Decimal

import msgspec

from harness.checkers.money import Money
from harness.report.session import session_lines
from harness.report.summary import KnownBugReference, ScenarioOutcome, ScenarioSummary

K01 = KnownBugReference(id="K01", reference="upstream#4736", title="phantom fill")


def run(
    name: str,
    outcome: ScenarioOutcome,
    unseen: str = "0",
    phantom: str = "0",
    seconds: str = "0",
) -> ScenarioSummary:
    return ScenarioSummary(
        name=name,
        nodeid=f"scenarios/test_x.py::{name}",
        covers="FR-001",
        outcome=outcome,
        known_bugs=(K01,) if outcome == "finding" else (),
        seconds=1.0,
        seed=1,
        release="1.231.0",
        run_directory=f"reports/runs/{name}-{unseen}",
        evidence=("position_ids: two positions", "convergence: not converged"),
        money=Money(
            unseen_usdt_max=Decimal(unseen),
            unseen_usdt_seconds=Decimal(seconds),
            phantom_usdt_max=Decimal(phantom),
        ),
    )


def test_failures_come_last_with_all_their_evidence_and_passes_are_only_counted() -> None:
    lines = session_lines(
        [run("d", "fail", "7"), run("c", "unknown"), run("b", "finding", "500"), run("a", "pass")]
    )
    assert lines == [
        "FINDING K01 b · 500.00 USDT unseen, 0.00 USDT-seconds",
        "  phantom fill (upstream#4736)",
        "  position_ids: two positions",
        "  reports/runs/b-500",
        "UNKNOWN c",
        "  position_ids: two positions",
        "  convergence: not converged",
        "  reports/runs/c-0",
        "FAIL d · 7.00 USDT unseen, 0.00 USDT-seconds",
        "  position_ids: two positions",
        "  convergence: not converged",
        "  reports/runs/d-7",
        "4 runs: 1 pass, 1 finding, 1 fail, 1 unknown",
    ]


def test_a_run_that_was_played_slower_is_told() -> None:
    slower = msgspec.structs.replace(run("a", "pass"), rate=10 / 9, stalled=(10.0, 10 / 3))
    assert session_lines([slower])[0] == (
        "SLOWER a · played again, slower: the machine stalled at x10 and x3.33"
    )


def test_runs_that_were_played_slower_are_summed_up_by_the_worst() -> None:
    slower = [
        msgspec.structs.replace(run(name, "pass"), stalled=stalled)
        for name, stalled in (("a", (10.0,)), ("b", (9.0, 3.0)), ("c", (8.0,)))
    ]
    lines = session_lines([*slower, run("d", "pass")])
    assert lines == [
        "SLOWER 3 runs · played again, slower: the machine stalled at x9 and x3 in b, the worst; "
        "more in the summary",
        "4 runs: 4 pass, 0 finding, 0 fail, 0 unknown",
    ]


def test_what_left_nothing_behind_names_no_directory() -> None:
    nothing = msgspec.structs.replace(run("a", "unknown"), run_directory="")
    assert session_lines([nothing])[-2:] == [
        "  convergence: not converged",
        "1 run: 0 pass, 0 finding, 0 fail, 1 unknown",
    ]


def test_many_runs_of_one_scenario_are_told_once_by_the_costliest() -> None:
    lines = session_lines([run("g", "finding", cost) for cost in ("1", "300", "20")])
    assert lines[0] == "FINDING K01 g · 3 runs · 300.00 USDT unseen, 0.00 USDT-seconds"
    assert lines[-2:] == ["  reports/runs/g-300", "3 runs: 0 pass, 3 finding, 0 fail, 0 unknown"]


def test_of_several_releases_those_with_the_outcome_are_named() -> None:
    older = msgspec.structs.replace(run("a", "fail"), release="1.230.0")
    passed = msgspec.structs.replace(run("a", "pass"), release="1.229.0")
    assert session_lines([passed, older])[0] == "FAIL a · 1.230.0"
    assert session_lines([older, run("a", "fail")])[0] == "FAIL a · 2 runs · 1.230.0, 1.231.0"


def test_phantom_positions_are_told_apart() -> None:
    assert session_lines([run("p", "fail", "1500", "1000", "2250.5")])[0] == (
        "FAIL p · 1500.00 USDT unseen (1000.00 of phantom positions), 2250.50 USDT-seconds"
    )


def test_what_is_not_applicable_is_told_once_a_reason() -> None:
    runs = [
        msgspec.structs.replace(run(name, "not_applicable"), evidence=(reason,))
        for name, reason in (("a", "no x"), ("b", "no y"), ("c", "no x"), ("d", "no x"))
    ]
    assert session_lines(runs)[:2] == [
        "NOT APPLICABLE a and 2 more · no x",
        "NOT APPLICABLE b · no y",
    ]
