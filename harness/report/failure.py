"""A verdict as the lines that are printed."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from harness.checkers.money import Money
from harness.checkers.verdict import Outcome, Verdict
from harness.report.summary import KnownBugReference
from harness.report.unseen import unseen_words

EVIDENCE_SHOWN_MAX = 3

# Less than this is the ordinary time in which news reaches a node.
BLIND_SECS_SHOWN_MIN = 0.1

_REPAIRS = ("repaired", "unrepaired")
_WORDS = {Outcome.PASS: "PASSED", Outcome.UNKNOWN: "UNKNOWN", Outcome.FAIL: "FAILED"}


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a run beside its verdict. `rate` is how much faster than real time it ran."""

    release: str
    seed: int
    run_directory: str
    money: Money
    rate: float = 1.0


def failure_lines(
    verdict: Verdict, facts: RunFacts, known_bugs: Sequence[KnownBugReference] = ()
) -> list[str]:
    """Return what broke and how to see it again; for a pass, one line that says so.

        FAILED fill_completeness: trade 1007 of order O-3 (0.006 @ 50000) never reached the node
          nautilus 1.231.0 · seed 8231 · blind for 12.4 s with 300.00 USDT unseen, ...
          repair: order O-2 differed for 2.054 s, noticed after 2.019 s; 1 never repaired
          replay: nautilus-chaos replay reports/runs/...-8231

    A failure that `known_bugs` explain is a finding, which they head:

        FINDING K01: phantom fill after a warm restart (nautechsystems/nautilus_trader#4736)
          position_ids: BTCUSDT-PERP.BINANCE is 2 open positions in the node ...

    A checker that is unknown is told of only if none failed. What several checkers say in the same
    words is told once.
    """
    if verdict.outcome is Outcome.PASS:
        return [
            f"PASSED all {len(verdict.checkers)} checkers",
            f"  {_circumstances(facts)}",
            *_repair_lines(verdict),
        ]
    return [
        *(f"FINDING {bug.id}: {bug.title} ({bug.reference})" for bug in known_bugs),
        *_evidence_lines(verdict, "  " if known_bugs else f"{_WORDS[verdict.outcome]} "),
        *_unfinished_lines(verdict),
        f"  {_circumstances(facts)}",
        *_repair_lines(verdict),
        f"  replay: nautilus-chaos replay {facts.run_directory}",
    ]


def ending_words(verdict: Verdict, known_bugs: Sequence[KnownBugReference] = ()) -> str:
    """Return how a run ended in few words: "FINDING K01", "FAILED node_alive, log"."""
    if known_bugs:
        return " ".join(["FINDING", *(bug.id for bug in known_bugs)])
    if verdict.outcome is Outcome.PASS:
        return _WORDS[verdict.outcome]
    said = [one.checker for one in verdict.checkers if one.outcome is verdict.outcome]
    return f"{_WORDS[verdict.outcome]} {', '.join(said)}"


def _unfinished_lines(verdict: Verdict) -> Iterator[str]:
    """Yield why the scenario did not complete, where the verdict is about something else."""
    for checker in verdict.checkers:
        if checker.checker == "scenario_finished" and checker.outcome is not verdict.outcome:
            yield from (f"  {evidence.message}" for evidence in checker.evidence)


def _evidence_lines(verdict: Verdict, prefix: str) -> Iterator[str]:
    said_by: dict[str, list[str]] = {}
    left_out: list[str] = []
    for checker in verdict.checkers:
        if checker.outcome is not verdict.outcome:
            continue
        told = 0
        for evidence in checker.evidence:
            message = _as_said(said_by, evidence.message)
            if message not in said_by:
                told += 1
                if told > EVIDENCE_SHOWN_MAX:
                    continue
            if checker.checker not in said_by.setdefault(message, []):
                said_by[message].append(checker.checker)
        more = max(0, told - EVIDENCE_SHOWN_MAX) + checker.evidence_left_out
        if more:
            left_out.append(f"{more} of {checker.checker}")
    for message, checkers in said_by.items():
        yield f"{prefix}{', '.join(checkers)}: {message}"
    if left_out:
        yield f"  and more in verdict.json: {', '.join(left_out)}"


def _as_said(said: Iterable[str], message: str) -> str:
    """Return the message already said that `message` repeats behind words of its own, or itself."""
    return next((earlier for earlier in said if message.endswith(f": {earlier}")), message)


def _repair_lines(verdict: Verdict) -> Iterator[str]:
    """Yield how long the longest discrepancy between node and venue lasted, if any did."""
    for checker in verdict.checkers:
        if checker.checker != "repair_time":
            continue
        count = {name: round(checker.measures.get(f"{name}_count", 0)) for name in _REPAIRS}
        told = [longest.message for longest in checker.notes[:1]]
        if more := count["repaired"] - len(told):
            told.append(f"{more} more sooner")
        if count["unrepaired"]:
            told.append(f"{count['unrepaired']} never repaired")
        if told:
            yield f"  repair: {'; '.join(told)}"


def _circumstances(facts: RunFacts) -> str:
    parts = [f"nautilus {facts.release}", f"seed {facts.seed}"]
    if facts.rate != 1.0:
        parts.append(f"rate x{facts.rate:g}")
    money = facts.money
    if money.seconds_blind >= BLIND_SECS_SHOWN_MIN:
        parts.append(f"blind for {money.seconds_blind:.1f} s with {unseen_words(money)}")
    return " · ".join(parts)
