"""What a session found, as the lines that are printed at its end."""

from collections.abc import Iterator, Sequence

from harness.report.summary import ScenarioSummary
from harness.report.unseen import unseen_words

_ORDER = ("finding", "unknown", "fail")
_EVIDENCE_MAX = {"finding": 1, "unknown": 5, "fail": 5}


def session_lines(runs: Sequence[ScenarioSummary]) -> list[str]:
    """Return what did not simply pass, with its evidence, and then the totals.

    Failures stand last, next to the totals, where a reader's eye and the tail of a log begin.

        FINDING K01 test_warm_restart_with_an_open_position · 500.00 USDT unseen, ...
          phantom fill after a warm restart (nautechsystems/nautilus_trader#4736)
          position_ids: BTCUSDT-PERP.BINANCE is 2 open positions in the node ...
          reports/runs/...

    A scenario's many runs are told of once an outcome, by the one that cost the most, with their
    releases if the session has several; all runs that the machine was too slow for are told of
    once, by the one that it was slowest in.
    """
    not_applicable = [run for run in runs if run.outcome == "not_applicable"]
    lines = list(_not_applicable_lines(not_applicable))
    several = len({run.release for run in runs}) > 1
    lines += _slower_lines([run for run in runs if run.stalled])
    for outcome in _ORDER:
        for same in _grouped([run for run in runs if run.outcome == outcome]):
            lines += _run_lines(same, several)
    outcomes = ("pass", "finding", "fail", "unknown")
    count = {outcome: sum(run.outcome == outcome for run in runs) for outcome in outcomes}
    if not_applicable:
        count["not applicable"] = len(not_applicable)
    totals = ", ".join(f"{number} {outcome}" for outcome, number in count.items())
    return [*lines, f"{len(runs)} run{'s' if len(runs) > 1 else ''}: {totals}"]


def _not_applicable_lines(runs: list[ScenarioSummary]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for run in runs:
        by_reason.setdefault(run.evidence[0], []).append(run.name)
    for reason, names in by_reason.items():
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield f"NOT APPLICABLE {names[0]}{others} · {reason}"


def _grouped(runs: list[ScenarioSummary]) -> Iterator[list[ScenarioSummary]]:
    by_name: dict[str, list[ScenarioSummary]] = {}
    for run in runs:
        by_name.setdefault(run.name, []).append(run)
    yield from by_name.values()


def _run_lines(same: list[ScenarioSummary], several_releases: bool) -> Iterator[str]:
    run = max(same, key=lambda run: run.money.unseen_usdt_max)
    title = " ".join([run.outcome.upper(), *(bug.id for bug in run.known_bugs), run.name])
    times = [f"{len(same)} runs"] if len(same) > 1 else []
    if several_releases:
        times.append(", ".join(dict.fromkeys(run.release for run in same)))
    unseen = [unseen_words(run.money)] if run.money.unseen_usdt_max else []
    yield " · ".join([title, *times, *unseen])
    for bug in run.known_bugs:
        yield f"  {bug.title} ({bug.reference})"
    yield from (f"  {line}" for line in run.evidence[: _EVIDENCE_MAX[run.outcome]])
    if run.run_directory:
        yield f"  {run.run_directory}"


def _slower_lines(stalled: list[ScenarioSummary]) -> Iterator[str]:
    if not stalled:
        return
    worst = min(stalled, key=lambda run: min(run.stalled))
    rates = " and ".join(f"x{rate:.3g}" for rate in worst.stalled)
    told = f"played again, slower: the machine stalled at {rates}"
    if len(stalled) == 1:
        yield f"SLOWER {worst.name} · {told}"
    else:
        yield f"SLOWER {len(stalled)} runs · {told} in {worst.name}, the worst; more in the summary"
