"""The command line: `replay` and `show` of real runs, and bad input in one line."""

import importlib.metadata
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from harness import cli
from harness.checkers.verdict import Outcome, Verdict
from harness.known_bugs import KNOWN_BUGS
from harness.node import driver
from harness.node.spec import OrderSpec
from harness.reports import write_summary
from harness.scenario import ending, recording, replay, steps
from harness.scenario.runner import Run, play
from harness.scenario.steps import AnyStep
from harness.scenario.world import World, buy
from harness.world.services import Services
from harness.world.setup import Setup
from mock_venue.script.rules import PushRule
from tests.node.own_nodes import GOOD

SETUP = Setup(
    name="test_it",
    covers="FR-001",
    exec_engine={
        "reconciliation_startup_delay_secs": 0.0,
        "open_check_interval_secs": None,
        "position_check_interval_secs": None,
    },
    seed=8231,
)
BTC = "BTCUSDT-PERP.BINANCE"
COMMAND = Path(sys.executable).with_name("nautilus-chaos")


class Said(NamedTuple):
    code: int | str | None
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    """Run the command line in this process, in an empty directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["nautilus-chaos", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Said(ended.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be started for what is refused."""

    def start(release: str | None = None) -> Services:
        raise AssertionError("a server was started")

    monkeypatch.setattr(Services, "start", staticmethod(start))


@pytest.fixture(scope="module")
def shared_servers() -> Iterator[Services]:
    servers = Services.start()
    yield servers
    servers.stop()


@pytest.fixture
def servers(shared_servers: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setattr(Services, "start", staticmethod(lambda release=None: shared_servers))
    monkeypatch.setattr(shared_servers, "stop", lambda: None)
    return shared_servers


def record(directory: Path, *performed: AnyStep, setup: Setup = SETUP) -> Path:
    """A run directory without a history."""
    directory.mkdir(exist_ok=True)
    recording.write_recording(directory, driver.nautilus_version(), setup, list(performed))
    return directory


def assert_refused(said: Said, reason: str) -> None:
    assert (said.code, said.out) == (4, "")
    assert said.err == f"nautilus-chaos: {reason}\n"


async def trade(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010"))
    await order.filled()
    await world.converged()


@pytest.fixture(scope="module")
def passed(shared_servers: Services, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return play(trade, SETUP, shared_servers, tmp_path_factory.mktemp("reports"))


def test_a_run_that_passed_is_shown_and_passes_again(
    command: Command, servers: Services, passed: Run, tmp_path: Path
) -> None:
    shown = command("show", passed.directory)
    assert (shown.code, shown.err) == (0, "")
    assert "test_it, nautilus 1." in shown.out
    assert "seed 8231" in shown.out
    assert "S-001 started" in shown.out
    assert "\nPASSED all " in shown.out

    replayed = command("replay", passed.directory)
    assert (replayed.code, replayed.err) == (0, "")
    assert replayed.out.startswith("PASSED all ")
    (directory,) = (tmp_path / "reports" / "runs").iterdir()
    again = recording.read_recording(directory)
    assert again == recording.read_recording(passed.directory)
    assert {type(step) for step in again.steps or ()} == {
        steps.StartNode, steps.Submit, steps.AwaitFilled, steps.Converge,
    }  # fmt: skip


def test_a_run_that_failed_fails_again(command: Command, servers: Services, tmp_path: Path) -> None:
    never = steps.AwaitEvent(source="node", kind="never", deadline_secs=0.1)
    run = record(tmp_path / "run", steps.StartNode(), never)
    said = command("replay", run, "--reports", tmp_path / "elsewhere")
    assert said.code == 1
    first, *_, last = said.out.splitlines()
    assert first == "FAILED expectations: node/never  x1 did not happen within 0.1 s"
    (directory,) = (tmp_path / "elsewhere" / "runs").iterdir()
    assert last == f"  replay: nautilus-chaos replay {directory}"
    assert command("show", directory).code == 0


@pytest.fixture
def blindness(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug that every release has: what nothing looks for is never found."""
    bug = msgspec.structs.replace(KNOWN_BUGS["K06"], id="K99", title="blind", releases=">=1")
    monkeypatch.setattr(ending, "KNOWN_BUGS", {"K99": bug})


async def lose_a_fill(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    lost = world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop"))
    world.venue.fill(order)
    await lost.struck()
    await world.converged(deadline_secs=0.2)


@pytest.mark.usefixtures("blindness")
def test_a_finding_is_shown_and_replayed_as_one(
    command: Command, servers: Services, tmp_path: Path
) -> None:
    known = msgspec.structs.replace(SETUP, known_bugs=("K99",))
    found = play(lose_a_fill, known, servers, tmp_path / "recorded").directory
    heading = f"FINDING K99: blind ({KNOWN_BUGS['K06'].reference})"
    shown = command("show", found).out.splitlines()
    assert heading in shown
    assert shown[-1] == f"  replay: nautilus-chaos replay {found}"

    replayed = command("replay", found)
    assert (replayed.code, replayed.err) == (0, "")
    assert replayed.out.startswith(f"{heading}\n  fill_completeness: ")
    assert "DIFFERS" not in replayed.out

    passed = Verdict(outcome=Outcome.PASS, checkers=())
    (found / "verdict.json").write_bytes(msgspec.json.encode(passed))
    replayed = command("replay", found)
    assert replayed.code == 0
    assert replayed.out.endswith("\nDIFFERS from the recorded run, which ended PASSED\n")


@pytest.mark.usefixtures("blindness", "servers")
def test_a_replay_that_does_not_show_its_bug_fails(command: Command, tmp_path: Path) -> None:
    known = msgspec.structs.replace(SETUP, known_bugs=("K99",))
    said = command("replay", record(tmp_path / "run", steps.StartNode(), setup=known))
    release = driver.nautilus_version()
    assert said.code == 1
    assert said.out.startswith(f"FAILED known_bug: passed, but {release} is said to have K99 (bli")


@pytest.mark.usefixtures("no_servers")
def test_a_run_that_was_cut_off_is_shown_and_not_replayed(
    command: Command, passed: Run, tmp_path: Path
) -> None:
    run = shutil.copytree(passed.directory, tmp_path / "run")
    (run / "verdict.json").unlink()
    recording.write_recording(run, driver.nautilus_version(), SETUP, None)
    assert_refused(command("replay", run), f"{run} was cut off before its end: it has no steps")
    assert command("show", run).out.endswith("scenario ended\n")
    (run / "verdict.json").write_text("{")
    assert_refused(
        command("show", run), f"{run}/verdict.json is not a verdict: Input data was truncated"
    )


def test_a_run_that_cannot_be_judged_is_unknown(
    command: Command, servers: Services, tmp_path: Path
) -> None:
    """The order that is to be cancelled is not there."""
    performed = (steps.StartNode(), steps.VenueCancel(order="O-9"))
    said = command("replay", record(tmp_path / "run", *performed))
    assert said.code == 6
    assert said.out.startswith("UNKNOWN scenario_finished: the scenario did not complete: ")


def test_a_replay_on_another_release_says_so(
    command: Command, servers: Services, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    recording.write_recording(run, "1.200.0", SETUP, [])
    said = command("replay", run)
    assert said.err == f"recorded on nautilus 1.200.0, played on {driver.nautilus_version()}\n"
    assert said.code == 1


@pytest.mark.parametrize("name", ["show", "replay"])
@pytest.mark.usefixtures("no_servers")
def test_what_is_no_run_directory_is_refused(command: Command, tmp_path: Path, name: str) -> None:
    missing = tmp_path / "missing"
    no_file = f"{missing} is not a run directory: scenario.json: No such file or directory"
    assert_refused(command(name, missing), no_file)
    run = tmp_path / "run"
    run.mkdir()
    file = run / "scenario.json"
    file.write_text('{"format": 99, "from": "the future"}')
    assert_refused(
        command(name, run),
        f"{file} has the format 99: must be 2, "
        "play it with the version of nautilus-chaos that recorded it",
    )
    file.write_text("{")
    assert_refused(command(name, run), f"{file} is not a recording: Input data was truncated")
    assert_refused(
        command(name, file), f"{file} is not a run directory: scenario.json: Not a directory"
    )


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        (None, "No such file or directory"),
        (b'{"seq": 0, "ts"\n', "history.jsonl:1 is not a history event: Input data was truncated"),
        (b"\xff\xfe\n", "history.jsonl:1 is not a history event: "),
        (b'{"seq": 0}\n', "history.jsonl:1 is not a history event: "),
    ],
)
def test_a_history_that_is_broken_is_refused(
    command: Command, tmp_path: Path, history: bytes | None, reason: str
) -> None:
    run = record(tmp_path / "run")
    if history is not None:
        (run / "history.jsonl").write_bytes(history)
    said = command("show", run)
    assert (said.code, said.out) == (4, "")
    assert said.err.startswith(f"nautilus-chaos: {run} has no history: ")
    assert reason in said.err
    assert said.err.count("\n") == 1


def test_the_history_of_a_run_that_was_killed_is_shown_as_far_as_it_goes(
    command: Command, passed: Run, tmp_path: Path
) -> None:
    run = shutil.copytree(passed.directory, tmp_path / "run")
    history = run / "history.jsonl"
    history.write_bytes(history.read_bytes()[:-9])
    shown = command("show", run)
    assert (shown.code, shown.err) == (0, "")
    assert "S-001 started" in shown.out


@pytest.mark.parametrize(
    ("setup", "reason"),
    [
        (
            Setup(name="a", covers="b", exec_client={"base_url_ws": "wss://fstream.binance.com"}),
            "the URL 'wss://fstream.binance.com' does not lead to a loopback address: "
            "must be in 127.0.0.0/8 or [::1]",
        ),
        (
            Setup(name="a", covers="b", preset="fast"),
            "unknown preset 'fast': must be one of conservative, standard, aggressive, disabled, "
            "default, quick",
        ),
    ],
)
@pytest.mark.usefixtures("no_servers")
def test_a_run_that_must_not_be_played_is_refused(
    command: Command, tmp_path: Path, setup: Setup, reason: str
) -> None:
    assert_refused(command("replay", record(tmp_path / "run", setup=setup)), reason)
    assert not (tmp_path / "reports").exists()


@pytest.mark.usefixtures("no_servers")
def test_credentials_in_the_environment_are_refused_and_never_shown(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BINANCE_API_SECRET", "a-secret-never-shown")
    assert_refused(
        command("replay", record(tmp_path / "run")),
        "the environment holds exchange credentials (BINANCE_API_SECRET): "
        "unset them, the harness brings its own",
    )


def test_a_missing_toxiproxy_server_is_refused(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said = command("replay", record(tmp_path / "run"))
    assert (said.code, said.out) == (4, "")
    assert said.err.startswith("nautilus-chaos: toxiproxy-server 2.x was not found on PATH or in ")
    assert said.err.count("\n") == 1


@pytest.mark.usefixtures("no_servers")
def test_a_nautilus_trader_that_is_not_installed_is_refused(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = record(tmp_path / "run")

    def version(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert_refused(command("replay", run), "nautilus_trader is not installed")


@pytest.mark.usefixtures("no_servers")
def test_reports_that_cannot_be_written_are_refused(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert_refused(
        command("replay", record(tmp_path / "run"), "--reports", "file/reports"),
        "file/reports cannot hold run directories: Not a directory",
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["gremlin"], "No such command 'gremlin'."),
        (["replay"], "Missing argument 'RUN'."),
        (["show", "--gremlin", "a"], "No such option: --gremlin"),
        (["show", "a", "b"], "Got unexpected extra argument(s) (b)"),
    ],
)
def test_a_command_line_that_is_wrong_is_refused(
    command: Command, arguments: list[str], reason: str
) -> None:
    assert_refused(command(*arguments), reason)


def test_a_truth_table_that_cannot_be_written_is_refused(command: Command, tmp_path: Path) -> None:
    summary = write_summary(tmp_path / "reports", [], {})
    said = command("truth-table", summary, "--to", "nowhere/table.md")
    assert_refused(said, "nowhere/table.md cannot be written: No such file or directory")


def test_a_set_up_says_what_is_there(command: Command) -> None:
    said = command("setup")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("ready; toxiproxy-server is ")


def test_without_a_command_the_commands_are_told(command: Command) -> None:
    said = command()
    assert said.code == 4
    for name in ("setup", "show", "replay", "Exit codes: 0 pass or finding, 1 fail, "):
        assert name in said.out
    assert said.err == "nautilus-chaos: no command was given\n"


def test_a_defect_of_our_own_is_an_internal_error(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's own exit code for it is 1, which says that a scenario failed."""

    def stumble(directory: Path) -> None:
        raise KeyError("a defect")

    monkeypatch.setattr(replay, "read_recording", stumble)
    said = command("show", tmp_path)
    assert (said.code, said.out) == (3, "")
    assert said.err.endswith("KeyError: 'a defect'\n")


def test_the_version_is_that_of_the_package() -> None:
    said = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, check=False)
    version = importlib.metadata.version("nautilus-chaos")
    assert (said.returncode, said.stdout, said.stderr) == (0, f"nautilus-chaos {version}\n", "")


def test_the_installed_command_refuses_in_one_line() -> None:
    said = subprocess.run([COMMAND, "gremlin"], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (4, "")
    assert said.stderr == "nautilus-chaos: No such command 'gremlin'.\n"


def test_releases_are_listed(command: Command) -> None:
    said = command("releases")
    assert (said.code, said.err) == (0, "")
    assert "beside this harness" in said.out
    assert "1.221.0" in said.out


def test_a_run_is_not_replayed_on_a_release_that_is_not_supported(
    command: Command, no_servers: None, tmp_path: Path
) -> None:
    run = record(tmp_path / "run")
    said = command("replay", run, "--nautilus", "1.0.0")
    assert (said.code, said.out) == (4, "")
    (line,) = said.err.splitlines()
    assert line.startswith(
        "nautilus-chaos: the release of NautilusTrader was '1.0.0': must be one of 1.220.0, "
    )


def test_a_run_is_replayed_on_the_release_that_is_named(
    command: Command, servers: Services, passed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []

    def start(release: str | None = None) -> Services:
        asked.append(release)
        return servers

    monkeypatch.setattr(Services, "start", staticmethod(start))
    replayed = command("replay", passed.directory, "--nautilus", driver.nautilus_version())
    assert (replayed.code, asked) == (0, [driver.nautilus_version()])


def test_a_run_that_the_release_cannot_play_says_so(
    command: Command, servers: Services, tmp_path: Path
) -> None:
    removed = SETUP.exec_engine | {"convert_quote_qty_to_base": True}
    setup = msgspec.structs.replace(SETUP, exec_engine=removed)
    said = command("replay", record(tmp_path / "run", setup=setup))
    release = driver.nautilus_version()
    assert (said.code, said.err) == (5, "")
    assert said.out == (
        f"NOT APPLICABLE nautilus {release} has no field convert_quote_qty_to_base "
        "in LiveExecEngineConfig\n"
    )


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (
            "my_node",
            "the node was 'my_node': must be a module and a function in it, "
            "as my_package.my_node:build",
        ),
        (
            "no_such_module:build",
            "the node no_such_module:build: no_such_module cannot be imported: "
            "ModuleNotFoundError: No module named 'no_such_module'",
        ),
    ],
)
def test_a_replay_on_a_node_that_cannot_be_used_is_refused(
    command: Command, tmp_path: Path, node: str, reason: str
) -> None:
    run = record(tmp_path / "run", steps.StartNode())
    assert_refused(command("replay", run, "--node", node), reason)


@pytest.mark.usefixtures("servers")
def test_a_replay_of_orders_on_a_users_node_is_not_applicable(
    command: Command, tmp_path: Path
) -> None:
    order = OrderSpec(client_order_id="O-1", instrument_id=BTC, side="BUY", quantity="0.010")
    plain = Setup(name="test_it", covers="FR-001")
    run = record(tmp_path / "run", steps.Submit(order=order), setup=plain)
    (tmp_path / "own_cli.py").write_text(GOOD)
    said = command("replay", run, "--node", "own_cli:build")
    assert said.code == 5
    assert said.out.startswith("NOT APPLICABLE the node own_cli:build has no command Submit")
