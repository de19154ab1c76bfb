"""Releases side by side: where scenarios end differently on them."""

from collections.abc import Iterator, Sequence

from harness.report.summary import ScenarioOutcome, ScenarioSummary

_WORST_FIRST: tuple[ScenarioOutcome, ...] = (
    "fail", "unknown", "finding", "not_applicable", "pass",
)  # fmt: skip
_GAP = "  "


def compare_releases(runs: Sequence[ScenarioSummary]) -> list[str]:
    """Return a table of the scenarios that end differently, with a column for each release.

    A generated scenario's many runs count as the worst of them.
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
        return [f"all {len(names)} scenarios end the same on {', '.join(releases)}"]
    same = f"{len(names) - len(differing)} scenarios end the same on all {len(releases)} releases"
    return [*_aligned([["", *releases], *differing]), same]


def _cell(runs: Sequence[ScenarioSummary]) -> str:
    for outcome in _WORST_FIRST:
        worst = [run for run in runs if run.outcome == outcome]
        if worst:
            bugs = sorted({bug.id for run in worst for bug in run.known_bugs})
            word = "N.A." if outcome == "not_applicable" else outcome.upper()
            return " ".join([word, *bugs])
    return "-"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield _GAP.join(cells).rstrip()
