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

_UNCHECKED = {
    "inflight_check_interval_ms": 0,
    "open_check_interval_secs": None,
    "position_check_interval_secs": None,
}


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the checkers said of a mutant, or of a clean run where there is none.

    `proven` is whether the checker that is meant for the bug saw it; of a clean run, that none did.
    """

    name: str
    meant: str | None
    failed: frozenset[str]
    unknown: frozenset[str]
    proven: bool


def prove(
    mutants: Iterable[Mutant], services: Services, told: Callable[[Seen], None]
) -> list[Seen]:
    """Play every mutant, and before it its script without a bug; `told` is called with each."""
    clean: dict[Play, list[Event]] = {}
    seen: list[Seen] = []

    def tell(one: Seen) -> None:
        seen.append(one)
        told(one)

    for mutant in mutants:
        if mutant.play not in clean:
            verdict, clean[mutant.play] = _play(mutant.play, services, None)
            tell(seen_clean(mutant.play.name, verdict))
        if mutant.alter is None:
            verdict, _ = _play(mutant.play, services, mutant.name)
        else:
            verdict = judge(mutant.alter(clean[mutant.play]), CHECKERS)
        tell(seen_of(mutant, verdict))
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


def seen_clean(play: str, verdict: Verdict) -> Seen:
    """Return what was seen of a run without a bug: it is proven by silence."""
    failed, unknown = _with(verdict, Outcome.FAIL), _with(verdict, Outcome.UNKNOWN)
    return Seen(
        name=f"clean: {play}",
        meant=None,
        failed=failed,
        unknown=unknown,
        proven=not failed and not unknown,
    )


def seen_of(mutant: Mutant, verdict: Verdict) -> Seen:
    """Return what was seen of a mutant: it is proven by the checker that is meant for it alone."""
    failed, unknown = _with(verdict, Outcome.FAIL), _with(verdict, Outcome.UNKNOWN)
    return Seen(
        name=mutant.name,
        meant=mutant.checker,
        failed=failed,
        unknown=unknown,
        proven=mutant.checker in (failed if mutant.seen else unknown),
    )


def _with(verdict: Verdict, outcome: Outcome) -> frozenset[str]:
    return frozenset(one.checker for one in verdict.checkers if one.outcome is outcome)
