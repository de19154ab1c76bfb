"""The proof as it is printed: mutants in rows, checkers in columns."""

from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase

from rich.table import Table

from harness.prove.matrix import Seen

CAUGHT, ALSO, UNKNOWN, SILENT = "●", "○", "?", "·"
_LETTERS = ascii_lowercase + ascii_uppercase


def matrix_table(seen: Sequence[Seen], checkers: Sequence[str]) -> Table:
    """Return the matrix; each checker is a letter, which its legend explains."""
    table = Table(title="mutant x checker", title_justify="left", box=None, padding=(0, 0))
    table.add_column("mutant", no_wrap=True)
    for letter, _ in _lettered(checkers):
        table.add_column(f" {letter}")
    table.add_column("  caught by", no_wrap=True)
    for one in seen:
        cells = [f" {_cell(one, checker)}" for checker in checkers]
        style = "" if one.proven else "red"
        table.add_row(one.name, *cells, f"  {_ending(one)}", style=style)
    return table


def legend(checkers: Sequence[str]) -> str:
    """Return what the letters and signs of the matrix mean."""
    letters = ", ".join(f"{letter} {name}" for letter, name in _lettered(checkers))
    return (
        f"{letters}\n{CAUGHT} the checker meant for the bug saw it, {ALSO} another one did, "
        f"{UNKNOWN} could not look, {SILENT} reported nothing"
    )


def _lettered(checkers: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(_LETTERS, checkers, strict=False))


def _cell(seen: Seen, checker: str) -> str:
    if checker in seen.failed:
        return CAUGHT if checker == seen.meant else ALSO
    return UNKNOWN if checker in seen.unknown else SILENT


def _ending(seen: Seen) -> str:
    if seen.meant is None:
        return "nothing to catch" if seen.proven else "FALSE ALARM"
    return seen.meant if seen.proven else f"NOT SEEN by {seen.meant}"
