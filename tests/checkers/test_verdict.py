import msgspec
import pytest

from harness.checkers.verdict import EVIDENCE_MAX, Evidence, Outcome, Verdict, conclude


@pytest.mark.parametrize(
    ("outcomes", "merged"),
    [
        ([], Outcome.PASS),
        ([Outcome.PASS, Outcome.PASS], Outcome.PASS),
        ([Outcome.PASS, Outcome.UNKNOWN], Outcome.UNKNOWN),
        ([Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS], Outcome.FAIL),
    ],
)
def test_the_worst_outcome_wins(outcomes: list[Outcome], merged: Outcome) -> None:
    assert Outcome.merge(outcomes) is merged


def test_evidence_has_a_limit_and_the_rest_is_counted() -> None:
    many = (Evidence(kind="k", message=str(n)) for n in range(EVIDENCE_MAX + 7))
    verdict = conclude("checker", many)
    assert verdict.outcome is Outcome.FAIL
    assert len(verdict.evidence) == EVIDENCE_MAX
    assert verdict.evidence_left_out == 7


def test_a_verdict_survives_json() -> None:
    verdict = Verdict(
        outcome=Outcome.FAIL,
        checkers=(
            conclude("one", [Evidence(kind="k", message="m", seqs=(3,))], measures={"a_secs": 1.5}),
        ),
    )
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict) == verdict


def test_only_failures_give_evidence() -> None:
    failed = conclude("one", [Evidence(kind="k", message="m")])
    noted = conclude("two", [], notes=[Evidence(kind="n", message="m")])
    assert Verdict(outcome=Outcome.FAIL, checkers=(failed, noted)).evidence() == failed.evidence
