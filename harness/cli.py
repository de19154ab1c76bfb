"""The command line: `nautilus-chaos replay RUN`, `show RUN`, `prove` and the rest."""

import importlib.metadata
import sys
import traceback
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from harness.exit_codes import ExitCode

app = typer.Typer(
    help="Chaos-test NautilusTrader on a mock Binance USD-M futures venue.",
    epilog="Exit codes: 0 pass or finding, 1 fail, 3 internal error, 4 usage, 5 not applicable, "
    "6 unknown.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

RunDirectory = Annotated[
    Path, typer.Argument(metavar="RUN", help="A run directory, reports/runs/<time>-<name>-<seed>.")
]


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"nautilus-chaos {importlib.metadata.version('nautilus-chaos')}")
        raise typer.Exit


@app.command()
def setup() -> None:
    """Find the servers that scenarios need, and fetch what is missing."""
    from harness.setup import set_up_servers

    set_up_servers(typer.echo)


@app.command()
def faults() -> None:
    """List every fault: what it does, what it takes, and where it is injected."""
    from harness.faults.listing import fault_listing

    Console().print(fault_listing())


@app.command()
def releases() -> None:
    """List the releases of NautilusTrader to play on, and where each is installed."""
    from harness.releases.listing import releases_table

    Console().print(releases_table())


@app.command()
def show(run: RunDirectory) -> None:
    """Print a run's story (fault, wire, node and ledger in the order of time) and its verdict."""
    from harness.history import read_history
    from harness.report.terminal import story
    from harness.scenario.recording import RecordingUnreadable
    from harness.scenario.replay import recorded_lines

    verdict = recorded_lines(run)
    try:
        events = read_history(run / "history.jsonl")
    except (OSError, ValueError) as error:
        raise RecordingUnreadable(f"{run} has no history: {error}") from None
    console = Console()
    console.print(story(events, console.width if console.is_terminal else None), soft_wrap=True)
    for line in ("", *verdict) if verdict else ():
        typer.echo(line)


@app.command()
def replay(
    run: RunDirectory,
    reports: Annotated[Path, typer.Option(help="Where the new run directory goes.")] = Path(
        "reports"
    ),
    nautilus: Annotated[
        str | None, typer.Option(help="The release to play on, instead of the one installed.")
    ] = None,
    node: Annotated[
        str | None,
        typer.Option(help="Your own node, as my_package.my_node:build; by default the run's."),
    ] = None,
) -> None:
    """Play a run again from its scenario.json, and judge it anew."""
    from harness.scenario.replay import replay_run

    def tell(line: str) -> None:
        typer.echo(line, err=True)

    raise typer.Exit(replay_run(run, reports, nautilus, node, typer.echo, tell))


@app.command()
def prove(
    bugs: Annotated[
        list[str] | None, typer.Argument(help="Planted bugs to play; by default every one.")
    ] = None,
    silence: Annotated[
        int, typer.Option(min=0, max=10_000, help="How many benign runs must pass.")
    ] = 200,
    seed: Annotated[int, typer.Option(min=0, help="What benign runs draw from.")] = 1,
    reports: Annotated[Path, typer.Option(help="Where run directories go.")] = Path("reports"),
) -> None:
    """Prove the checkers: planted bugs are caught, clean and benign runs are not reported."""
    from harness.prove.command import prove_checkers

    proven = prove_checkers(bugs or [], silence, seed, reports, Console())
    raise typer.Exit(ExitCode.PASS if proven else ExitCode.FAIL)


@app.command()
def truth_table(
    summary: Annotated[
        Path, typer.Argument(help="A session's summary.json; by default the latest's.")
    ] = Path("reports/latest/summary.json"),
    to: Annotated[Path, typer.Option(help="Where the table goes.")] = Path(
        "reports/truth_table.md"
    ),
) -> None:
    """Write where each known bug was found, by release; `make catalogue` plays what it needs."""
    from harness.known_bugs import KNOWN_BUGS
    from harness.reports import read_summary
    from harness.truth_table import markdown, truth_rows

    rows = truth_rows(read_summary(summary).scenarios, KNOWN_BUGS.values())
    text = markdown(rows)
    try:
        to.write_text(text)
    except OSError as error:
        _refuse(f"{to} cannot be written: {error.strerror}")
    typer.echo(text)
    for row in rows:
        for release in row.wrong:
            said = "has" if row.bug.affects(release) else "does not have"
            seen = f"{row.bug.id}: {row.cells[release]} on {release}"
            typer.echo(f"{seen}, which {said} it by harness/known_bugs.py", err=True)
    raise typer.Exit(ExitCode.FAIL if any(row.wrong for row in rows) else ExitCode.PASS)


def main() -> None:
    """Run the command line. Bad input ends in one line on stderr and `ExitCode.USAGE`."""
    from harness.node.safety import NodeRefused
    from harness.prove.mutants import UnknownMutant
    from harness.releases import ReleaseMissing, UnknownRelease
    from harness.reports import SummaryUnreadable
    from harness.scenario.recording import RecordingUnreadable
    from harness.setup.missing import MissingBinary
    from harness.world.ports import NoFreePort
    from harness.world.process import ServerFailed
    from harness.world.setup import InvalidSetup

    refused = (
        RecordingUnreadable, MissingBinary, ServerFailed, NoFreePort, NodeRefused, InvalidSetup,
        UnknownMutant, UnknownRelease, ReleaseMissing, SummaryUnreadable,
    )  # fmt: skip

    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        sys.exit(130)
    except typer.TyperException as error:
        # Without any argument the help has been printed, and the message is empty.
        _refuse(error.format_message() or "no command was given")
    except importlib.metadata.PackageNotFoundError as error:
        _refuse(f"{error.name} is not installed")
    except refused as error:
        _refuse(str(error))
    except Exception:
        traceback.print_exc()
        sys.exit(ExitCode.INTERNAL)
    sys.exit(code or 0)


def _refuse(message: str) -> NoReturn:
    typer.echo(f"nautilus-chaos: {message}", err=True)
    sys.exit(ExitCode.USAGE)
