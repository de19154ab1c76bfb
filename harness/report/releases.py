"""Releases side by side: where scenarios end differently on them."""

from collections.abc import Iterator, Sequence

from harness.report.summary import ScenarioOutcome, ScenarioSummary

_WORST_FIRST: tuple[ScenarioOutcome, ...] = (
    "fail", "unknown", "finding", "not_applicable", "pass",
)  # fmt: skip
_NOT_PLAYED = "-"
_GAP = "  "


def compare_releases(runs: Sequence[ScenarioSummary], width: int) -> list[str]:
    """Return a table of the scenarios that end differently, with a column for each release.

    Where it would be wider than `width`, a list: how each of them ends, and where. A generated
    scenario's many runs count as the worst of them.
    """
    releases = list(dict.fromkeys(run.release for run in runs))
    names = list(dict.fromkeys(run.name for run in runs))
    rows = [
        [name, *(_cell([run for run in runs if (run.name, run.release) == (name, release)])
                 for release in releases)]
        for name in names
    ]  # fmt: skip
    differing = [row for row in rows if len(set(row[1:])) > 1]
    if not differing:
        return [f"{_scenarios(len(names))} the same on {', '.join(releases)}"]
    table = list(_aligned([["", *releases], *differing]))
    if max(map(len, table)) > width:
        table = [line for row in differing for line in _listed(releases, row)]
    same = _scenarios(len(names) - len(differing))
    return [*table, f"{same} the same on all {len(releases)} releases"]


def _scenarios(count: int) -> str:
    return "1 scenario ends" if count == 1 else f"{count} scenarios end"


def _listed(releases: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    name, *cells = row
    yield name
    for cell in dict.fromkeys(cells):
        where = (on for on, other in zip(releases, cells, strict=True) if other == cell)
        yield f"  {'not played' if cell == _NOT_PLAYED else cell}: {', '.join(where)}"


def _cell(runs: Sequence[ScenarioSummary]) -> str:
    for outcome in _WORST_FIRST:
        worst = [run for run in runs if run.outcome == outcome]
        if worst:
            bugs = sorted({bug.id for run in worst for bug in run.known_bugs})
            word = "N.A." if outcome == "not_applicable" else outcome.upper()
            return " ".join([word, *bugs])
    return _NOT_PLAYED


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield _GAP.join(cells).rstrip()
