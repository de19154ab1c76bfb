"""The truth table: on which releases each known bug is found, and on which it is said to be.

A bug is shown by the scenarios that cover it (`covers="U01"`). On a release it is *found* where one
of them ends in it, *silent* where they end otherwise, *n.a.* where the release cannot play them.
A run that failed otherwise, or is unknown, shows nothing.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from packaging.version import Version

from harness.known_bugs import KnownBug
from harness.report.summary import ScenarioSummary

Cell = Literal["found", "silent", "n.a.", "not shown"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of a bug on each release."""

    bug: KnownBug
    cells: dict[str, Cell]

    @property
    def wrong(self) -> list[str]:
        """The releases on which the bug was not seen to be as it is said to be."""
        return [
            release
            for release, cell in self.cells.items()
            if cell == "not shown"
            or (cell != "n.a." and (cell == "found") is not self.bug.affects(release))
        ]


def truth_rows(runs: Sequence[ScenarioSummary], bugs: Iterable[KnownBug]) -> list[Row]:
    """Return a row for each bug that a run covers; the releases are in their order."""
    releases = sorted({run.release for run in runs}, key=Version)
    rows = []
    for bug in sorted(bugs, key=lambda bug: bug.id):
        covering = [run for run in runs if run.covers == bug.id]
        if covering:
            cells = {
                release: _cell(bug, [run for run in covering if run.release == release])
                for release in releases
            }
            rows.append(Row(bug=bug, cells=cells))
    return rows


def markdown(rows: Sequence[Row]) -> str:
    """Return the table as it is kept in `reports/truth_table.md`."""
    releases = list(rows[0].cells) if rows else []
    day = time.strftime("%Y-%m-%d", time.gmtime())
    lines = [
        "# Truth table",
        "",
        f"Where each known bug of NautilusTrader is found, as `make catalogue` saw it on {day}.",
        "In bold: what differs from the releases that are said to have the bug.",
        "",
        f"| bug | what | affected | {' | '.join(releases)} |",
        f"|---|---|---|{'---|' * len(releases)}",
    ]
    for row in rows:
        cells = (
            f"**{cell}**" if release in row.wrong else cell for release, cell in row.cells.items()
        )
        lines.append(
            f"| {row.bug.id} | {row.bug.title} | {row.bug.releases} | {' | '.join(cells)} |"
        )
    return "\n".join(lines) + "\n"


def _cell(bug: KnownBug, runs: Sequence[ScenarioSummary]) -> Cell:
    if any(bug.id == known.id for run in runs for known in run.known_bugs):
        return "found"
    outcomes = {run.outcome for run in runs}
    if outcomes and outcomes <= {"pass", "finding"}:
        return "silent"
    return "n.a." if outcomes == {"not_applicable"} else "not shown"
