"""`make bench`: speed and cost, each figure beside its aim. `make bench ARGS=venue`: parts of it.

All figures of a table are of one run of this program; they are printed, not asserted. Arguments are
beginnings of parts' names.
"""

import sys
from importlib import import_module

import psutil
from rich.console import Console
from rich.table import Table

PARTS = (
    "node",
    "cpu",
    "checkers",
    "clock",
    "venue_orders",
    "venue_streams",
    "venue_ledger",
    "soak",
)
UNKNOWN_PART = 4


def main(wanted: list[str]) -> int:
    """Run the parts and print one table; the exit code."""
    unknown = [name for name in wanted if not any(part.startswith(name) for part in PARTS)]
    if unknown:
        print(f"there is no {unknown[0]!r}, but: {', '.join(PARTS)}", file=sys.stderr)
        return UNKNOWN_PART
    table = Table(title=f"nautilus-chaos benchmarks ({psutil.cpu_count()} cores)")
    for column in ("figure", "measured", "aim", "beside"):
        table.add_column(column)
    try:
        for part in PARTS:
            if not wanted or part.startswith(tuple(wanted)):
                for row in import_module(f"tests.benchmarks.{part}").rows():
                    table.add_row(row.figure, row.measured, row.aim, row.beside)
    finally:
        Console(width=140).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
