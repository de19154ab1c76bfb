"""A verdict as the lines that are printed."""

from collections.abc import Iterator

import msgspec

from harness.checkers.money import Money
from harness.checkers.verdict import CheckerVerdict, Outcome, Verdict

EVIDENCE_SHOWN_MAX = 3

_WORDS = {Outcome.PASS: "PASSED", Outcome.UNKNOWN: "UNKNOWN", Outcome.FAIL: "FAILED"}


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a run beside its verdict. `rate` is how much faster than real time it ran."""

    release: str
    seed: int
    run_directory: str
    money: Money
    rate: float = 1.0


def failure_lines(verdict: Verdict, facts: RunFacts) -> list[str]:
    """Return what broke and how to see it again; for a pass, one line that says so.

        FAILED fill_completeness: trade 1007 of order O-3 (0.006 @ 50000) never reached the node
          nautilus 1.231.0 · seed 8231 · blind for 12.4 s with 300.00 USDT unseen
          replay: nautilus-chaos replay reports/runs/...-8231

    A checker that is unknown is told of only if none failed.
    """
    if verdict.outcome is Outcome.PASS:
        return [f"PASSED all {len(verdict.checkers)} checkers", f"  {_circumstances(facts)}"]
    told = [checker for checker in verdict.checkers if checker.outcome is verdict.outcome]
    return [
        *(line for checker in told for line in _evidence_lines(checker)),
        f"  {_circumstances(facts)}",
        f"  replay: nautilus-chaos replay {facts.run_directory}",
    ]


def _evidence_lines(checker: CheckerVerdict) -> Iterator[str]:
    for evidence in checker.evidence[:EVIDENCE_SHOWN_MAX]:
        yield f"{_WORDS[checker.outcome]} {checker.checker}: {evidence.message}"
    more = len(checker.evidence) - EVIDENCE_SHOWN_MAX + checker.evidence_left_out
    if more > 0:
        yield f"  and {more} more of {checker.checker} in verdict.json"


def _circumstances(facts: RunFacts) -> str:
    parts = [f"nautilus {facts.release}", f"seed {facts.seed}"]
    if facts.rate != 1.0:
        parts.append(f"rate x{facts.rate:g}")
    money = facts.money
    if money.unseen_usdt_max:
        blind = (
            f"blind for {money.seconds_blind:.1f} s with {money.unseen_usdt_max:.2f} USDT unseen"
        )
        if money.phantom_usdt_max:
            blind += f" ({money.phantom_usdt_max:.2f} of phantom positions)"
        parts.append(blind)
    return " · ".join(parts)
