import json
from decimal import Decimal

import msgspec
import pytest

from harness.checkers.money import Money
from harness.checkers.verdict import Evidence, Outcome, Verdict, conclude, unknown
from harness.report import summary
from harness.report.summary import (
    EVIDENCE_LINES_MAX,
    Environment,
    KnownBugReference,
    ScenarioOutcome,
    ScenarioSummary,
    decode_summary,
    encode_summary,
    evidence_lines,
    from_builtins,
    outcome_of,
    summarize_session,
)

BUG = KnownBugReference(id="K01", reference="#4736", title="phantom fill")
ENVIRONMENT = Environment(
    python="3.12.8",
    platform="Linux",
    nautilus_trader="1.231.0",
    toxiproxy="2.12.0",
    store="Valkey 9.1.0",
    hypothesis="6.170.0",
    cpu_count=2,
)


def _run(outcome: ScenarioOutcome, seconds: float = 1.25) -> ScenarioSummary:
    return ScenarioSummary(
        name="test_one",
        nodeid="scenarios/test_one.py::test_one",
        covers="FR-001",
        outcome=outcome,
        known_bugs=(BUG,) if outcome == "finding" else (),
        seconds=seconds,
        seed=1,
        release="1.231.0",
        run_directory="reports/runs/one",
        evidence=("position_ids: two",),
        money=Money(seconds_blind=0.5, unseen_usdt_max=Decimal("300.00")),
    )


def test_totals_count_each_outcome() -> None:
    runs = [_run("pass"), _run("pass"), _run("finding"), _run("unknown"), _run("not_applicable")]
    data = json.loads(encode_summary(summarize_session(runs, ENVIRONMENT)))
    assert data["schema_version"] == 1
    assert data["totals"] == {
        "scenarios": 5,
        "pass": 2,
        "finding": 1,
        "fail": 0,
        "unknown": 1,
        "not_applicable": 1,
        "seconds": 6.25,
    }
    assert data["scenarios"][2]["known_bugs"] == [
        {"id": "K01", "reference": "#4736", "title": "phantom fill"}
    ]
    assert data["scenarios"][0]["known_bugs"] == []
    assert data["scenarios"][0]["money"]["unseen_usdt_max"] == "300.00"
    assert data["environment"]["store"] == "Valkey 9.1.0"


def test_a_summary_is_read_as_it_was_written() -> None:
    written = summarize_session([_run("fail")], ENVIRONMENT)
    assert decode_summary(encode_summary(written)) == written


def test_another_schema_version_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match="has schema_version 2: must be 1"):
        decode_summary(b'{"schema_version": 2}')
    with pytest.raises(ValueError, match="schema_version"):
        decode_summary(b"{}")


def test_a_run_passes_through_builtins_as_workers_send_it() -> None:
    run = _run("finding")
    assert from_builtins(json.loads(json.dumps(msgspec.to_builtins(run)))) == run


def test_every_field_is_described() -> None:
    text = summary.__doc__ or ""
    fields = [
        field.encode_name
        for struct in (summary.Summary, summary.Totals, Environment, ScenarioSummary, Money)
        for field in msgspec.structs.fields(struct)
    ]
    assert [field for field in fields if f"`{field}`" not in text] == []


@pytest.mark.parametrize(
    ("outcome", "bugs", "expected"),
    [
        (Outcome.PASS, (), "pass"),
        (Outcome.FAIL, (), "fail"),
        (Outcome.FAIL, (BUG,), "finding"),
        (Outcome.UNKNOWN, (BUG,), "unknown"),
    ],
)
def test_only_a_failure_can_be_a_finding(
    outcome: Outcome, bugs: tuple[KnownBugReference, ...], expected: str
) -> None:
    assert outcome_of(Verdict(outcome=outcome, checkers=()), bugs) == expected


def test_evidence_is_that_of_the_outcome_and_limited() -> None:
    many = conclude("one", [Evidence(kind="k", message=f"m{n}") for n in range(90)])
    silent = unknown("two", "k", "no snapshot")
    lines = evidence_lines(Verdict(outcome=Outcome.FAIL, checkers=(silent, many)))
    assert lines[0] == "one: m0"
    assert len(lines) == EVIDENCE_LINES_MAX
    assert evidence_lines(Verdict(outcome=Outcome.UNKNOWN, checkers=(silent,))) == (
        "two: no snapshot",
    )
    assert evidence_lines(Verdict(outcome=Outcome.PASS, checkers=(conclude("one", []),))) == ()
