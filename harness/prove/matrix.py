"""Playing the mutants: which checker sees which bug, and that none sees one where there is none."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from harness.checkers import CHECKERS
from harness.checkers.judge import judge
from harness.checkers.verdict import Outcome, Verdict
from harness.history import Event, read_history
from harness.prove.mutants import Mutant, Play
from harness.scenario.runner import play_in_time
from harness.world.services import Services
from harness.world.setup import Setup

# These never fail: what they see is a run that says nothing.
LEFT_UNKNOWN = frozenset({"carried_out"})
_UNCHECKED = {
    "inflight_check_interval_ms": 0,
    "open_check_interval_secs": None,
    "position_check_interval_secs": None,
}


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the checkers said of a mutant, or of a clean run where there is none."""

    name: str
    meant: str | None
    failed: frozenset[str]
    unknown: frozenset[str]

    @property
    def proven(self) -> bool:
        """Whether the checker that is meant for the bug saw it; of a clean run, that none did."""
        if self.meant is None:
            return not self.failed and not self.unknown
        return self.meant in (self.unknown if self.meant in LEFT_UNKNOWN else self.failed)


def prove(
    mutants: Iterable[Mutant], services: Services, told: Callable[[Seen], None]
) -> list[Seen]:
    """Play every mutant, and before it its script without a bug; `told` is called with each."""
    clean: dict[Play, list[Event]] = {}
    seen: list[Seen] = []

    def tell(name: str, meant: str | None, verdict: Verdict) -> None:
        seen.append(_seen(name, meant, verdict))
        told(seen[-1])

    for mutant in mutants:
        if mutant.play not in clean:
            verdict, clean[mutant.play] = _play(mutant.play, services, None)
            tell(f"clean: {mutant.play.name}", None, verdict)
        if mutant.alter is None:
            verdict, _ = _play(mutant.play, services, mutant.name)
        else:
            verdict = judge(mutant.alter(clean[mutant.play]), CHECKERS)
        tell(mutant.name, mutant.checker, verdict)
    return seen


def _play(played: Play, services: Services, planted: str | None) -> tuple[Verdict, list[Event]]:
    """Play with a bug, or without; the events are those of a clean run, to be altered."""
    setup = Setup(
        name=planted or played.name,
        covers="proof",
        exec_engine=_UNCHECKED if played.unchecked else {},
        rate=played.rate,
        planted=planted,
    )
    with tempfile.TemporaryDirectory(prefix="nautilus-chaos-") as reports:
        run, _ = play_in_time(played.script, setup, services, Path(reports))
        events = read_history(run.directory / "history.jsonl") if planted is None else []
        return run.verdict, events


def _seen(name: str, meant: str | None, verdict: Verdict) -> Seen:
    def of(outcome: Outcome) -> frozenset[str]:
        return frozenset(one.checker for one in verdict.checkers if one.outcome is outcome)

    return Seen(name=name, meant=meant, failed=of(Outcome.FAIL), unknown=of(Outcome.UNKNOWN))
