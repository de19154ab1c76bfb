from decimal import Decimal

from harness.checkers import CHECKERS
from harness.checkers.judge import judge
from harness.checkers.money import Money
from harness.checkers.verdict import Evidence, Outcome, Verdict, conclude, unknown
from harness.report.failure import EVIDENCE_SHOWN_MAX, RunFacts, ending_words, failure_lines
from harness.report.summary import KnownBugReference
from tests.checkers.histories import Story, held

BLIND = Money(
    seconds_blind=12.41,
    unseen_usdt_max=Decimal("300.00"),
    unseen_usdt_seconds=Decimal("3723.00"),
)
RUN = "reports/runs/20261121T085547.557-test-8231"


def _facts(money: Money = Money(), rate: float = 1.0) -> RunFacts:  # noqa: B008
    return RunFacts(release="1.231.0", seed=8231, run_directory=RUN, money=money, rate=rate)


def _verdict(*checkers: tuple[str, list[str]]) -> Verdict:
    return Verdict(
        outcome=Outcome.FAIL,
        checkers=tuple(
            conclude(name, [Evidence(kind="k", message=message) for message in messages])
            for name, messages in checkers
        ),
    )


def test_a_failure_tells_what_broke_how_much_was_unseen_and_how_to_replay_it() -> None:
    story = Story().begin().start().order("O-3").trade("O-3", 1006, "0.004").trade("O-3", 1007)
    story.snapshot([held("O-3", "PARTIALLY_FILLED", ("1006", "0.004"))]).converged().finish()
    verdict = judge(
        story.events, [checker for checker in CHECKERS if checker.__name__ == "fill_completeness"]
    )
    assert failure_lines(verdict, _facts(BLIND, rate=10)) == [
        "FAILED fill_completeness: trade 1007 of order O-3 (0.006 @ 50000) never reached the node",
        "  nautilus 1.231.0 · seed 8231 · rate x10 "
        "· blind for 12.4 s with 300.00 USDT unseen, 3723.00 USDT-seconds",
        f"  replay: nautilus-chaos replay {RUN}",
    ]


def test_phantoms_are_told_apart_and_ordinary_delays_are_not_told() -> None:
    phantom = Money(
        seconds_blind=1.0,
        unseen_usdt_max=Decimal("1500"),
        unseen_usdt_seconds=Decimal("750"),
        phantom_usdt_max=Decimal("1000"),
    )
    line = failure_lines(_verdict(("a", ["x"])), _facts(phantom))[1]
    assert line.endswith(
        "with 1500.00 USDT unseen (1000.00 of phantom positions), 750.00 USDT-seconds"
    )
    brief = Money(seconds_blind=0.002, unseen_usdt_max=Decimal("500"))
    assert failure_lines(_verdict(("a", ["x"])), _facts(brief))[1] == (
        "  nautilus 1.231.0 · seed 8231"
    )


def test_what_several_checkers_say_is_told_once() -> None:
    verdict = _verdict(
        ("one", ["O-1 is lost"]),
        ("two", ["O-1 is lost", "O-2 is lost"]),
        ("three", ["after 20 s: O-1 is lost", "after 20 s: O-3 is lost"]),
    )
    assert failure_lines(verdict, _facts())[:3] == [
        "FAILED one, two, three: O-1 is lost",
        "FAILED two: O-2 is lost",
        "FAILED three: after 20 s: O-3 is lost",
    ]


def test_only_so_much_of_each_checker_is_told_and_the_rest_is_counted() -> None:
    verdict = _verdict(("one", [f"O-{n} is lost" for n in range(150)]))
    lines = failure_lines(verdict, _facts())
    assert len(lines) == EVIDENCE_SHOWN_MAX + 3
    assert lines[EVIDENCE_SHOWN_MAX] == "  and more in verdict.json: 147 of one"


def test_a_finding_is_headed_by_its_bug() -> None:
    verdict = _verdict(("one", ["O-1 is lost"]), ("two", ["O-2 is lost"]))
    bug = KnownBugReference(id="K01", reference="an/issue#1", title="it breaks")
    assert failure_lines(verdict, _facts(), (bug,))[:3] == [
        "FINDING K01: it breaks (an/issue#1)",
        "  one: O-1 is lost",
        "  two: O-2 is lost",
    ]


def test_the_ending_is_told_in_few_words() -> None:
    failed = _verdict(("one", ["O-1 is lost"]), ("two", []), ("three", ["O-2 is lost"]))
    bug = KnownBugReference(id="K01", reference="an/issue#1", title="it breaks")
    silent = Verdict(outcome=Outcome.UNKNOWN, checkers=(unknown("four", "k", "m"),))
    passed = Verdict(outcome=Outcome.PASS, checkers=(conclude("one", []),))
    assert ending_words(failed) == "FAILED one, three"
    assert ending_words(failed, (bug, bug)) == "FINDING K01 K01"
    assert ending_words(silent) == "UNKNOWN four"
    assert ending_words(passed) == "PASSED"


def _repaired(repaired: int, unrepaired: int, *notes: str) -> list[str]:
    measured = conclude(
        "repair_time",
        [],
        notes=[Evidence(kind="repaired", message=note) for note in notes],
        measures={"repaired_count": float(repaired), "unrepaired_count": float(unrepaired)},
    )
    return failure_lines(Verdict(outcome=Outcome.PASS, checkers=(measured,)), _facts())[2:]


def test_the_longest_repair_is_told_and_the_others_are_counted() -> None:
    assert _repaired(0, 0) == []
    assert _repaired(1, 0, "O-1 differed for 2 s") == ["  repair: O-1 differed for 2 s"]
    assert _repaired(2, 1, "O-1 differed for 2 s", "O-2 differed for 1 s") == [
        "  repair: O-1 differed for 2 s; 1 more sooner; 1 never repaired"
    ]
    assert _repaired(0, 3) == ["  repair: 3 never repaired"]


def test_unknown_is_told_only_where_nothing_failed() -> None:
    silent = unknown("two", "nothing_to_judge", "no final snapshot")
    failed = conclude("one", [Evidence(kind="k", message="m")])
    fails = Verdict(outcome=Outcome.FAIL, checkers=(silent, failed))
    assert [line for line in failure_lines(fails, _facts()) if "two" in line] == []
    lines = failure_lines(Verdict(outcome=Outcome.UNKNOWN, checkers=(silent,)), _facts())
    assert lines[0] == "UNKNOWN two: no final snapshot"


def test_a_pass_is_one_line_and_its_circumstances() -> None:
    verdict = Verdict(outcome=Outcome.PASS, checkers=(conclude("one", []),))
    assert failure_lines(verdict, _facts()) == [
        "PASSED all 1 checkers",
        "  nautilus 1.231.0 · seed 8231",
    ]
