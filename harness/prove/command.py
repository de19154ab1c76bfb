"""The proof from its begin to its end, told on a terminal as it goes."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from harness.checkers import CHECKERS
from harness.checkers.verdict import Outcome
from harness.prove.matrix import prove
from harness.prove.mutants import mutants_named
from harness.prove.silence import benign_runs
from harness.prove.table import legend, matrix_table
from harness.report.failure import failure_lines
from harness.scenario.runner import Run
from harness.world.services import Services

MATRIX_WIDTH = 200


def prove_checkers(
    bugs: Sequence[str], silence: int, seed: int, reports: Path, console: Console
) -> bool:
    """Play the bugs (all, where none is named) and `silence` benign runs; return whether it holds.

    Raises UnknownMutant, and as `Services.start` does.
    """
    mutants = mutants_named(bugs)
    services = Services.start()
    try:
        with _progress(console, "planted bugs", None) as told:
            seen = prove(mutants, services, lambda _: told())
        checkers = [checker.__name__ for checker in CHECKERS]
        # It is wider than many terminals, and useless where rich makes it fit.
        wide = Console(file=console.file, width=max(console.width, MATRIX_WIDTH))
        wide.print(matrix_table(seen, checkers))
        console.print(legend(checkers))
        reported: list[Run] = []
        with _progress(console, "benign runs", silence) as told:

            def note(run: Run) -> None:
                told()
                if run.verdict.outcome is not Outcome.PASS:
                    reported.append(run)

            benign_runs(silence, seed, services, reports, note)
    finally:
        services.stop()
    for run in reported:
        for line in failure_lines(run.verdict, run.facts):
            console.print(line, markup=False, highlight=False)
    planted = [one for one in seen if one.meant is not None]
    caught = sum(one.proven for one in planted)
    console.print(
        f"planted bugs: {caught} of {len(planted)} caught by the checker meant for them\n"
        f"clean runs: {sum(not one.proven for one in seen if one.meant is None)} reports in "
        f"{len(seen) - len(planted)}\n"
        f"benign runs: {len(reported)} reports in {silence}"
    )
    return all(one.proven for one in seen) and not reported


@contextlib.contextmanager
def _progress(console: Console, name: str, total: int | None) -> Iterator[Callable[[], None]]:
    columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(name, total=total)
        yield lambda: progress.advance(task)
