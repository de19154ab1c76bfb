"""What cannot or must not be played is refused in one clear line, and the exit code is 4."""

import errno
import os
from pathlib import Path

import pytest

import harness.reports
from harness.known_bugs import KNOWN_BUGS
from harness.world.services import Services
from tests.plugin.projects import HEAD, PASSES, TWO_WORKERS, Project, assert_refused, said

SECRET = "a-secret-never-shown"
UNKNOWN_PRESET = (
    "unknown preset 'fast': must be one of "
    "conservative, standard, aggressive, disabled, default, quick"
)
NO_SITE = """
import importlib.metadata

found = importlib.metadata.version


def version(name):
    if name == "nautilus_trader":
        raise importlib.metadata.PackageNotFoundError(name)
    return found(name)


importlib.metadata.version = version
"""


def scenario(options: str) -> str:
    return f"""
@scenario(covers="FR-001", {options})
async def test_refused(world):
    await world.node.start()
"""


@pytest.fixture
def no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be started for what is refused."""

    def start(release: str | None = None) -> Services:
        raise AssertionError("a server was started")

    monkeypatch.setattr(Services, "start", staticmethod(start))


@pytest.mark.parametrize("workers", [(), TWO_WORKERS], ids=["alone", "workers"])
def test_credentials_in_the_environment_are_refused_and_never_shown(
    project: Project, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    monkeypatch.setenv("BINANCE_API_KEY", SECRET)
    project.write(PASSES)
    result = project.run(*workers, "-vv", "--showlocals")
    assert_refused(
        result,
        "the environment holds exchange credentials (BINANCE_API_KEY): "
        "unset them, the harness brings its own",
    )
    assert SECRET not in said(result)
    for file in (file for file in (project.root / "reports").rglob("*") if file.is_file()):
        assert SECRET not in file.read_text()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("preset='fast'", UNKNOWN_PRESET),
        (
            "exec_engine={'inflight_check_interval_secs': 5.0}",
            "exec_engine was given 'inflight_check_interval_secs', which is no field of "
            "NautilusTrader's LiveExecEngineConfig in any release: did you mean "
            "inflight_check_interval_ms or open_check_interval_secs or "
            "position_check_interval_secs?",
        ),
        (
            "exec_engine={'xyz': 5.0}",
            "exec_engine was given 'xyz', which is no field of NautilusTrader's "
            "LiveExecEngineConfig in any release",
        ),
        (
            "exec_client={'base_url_http': 'https://fapi.binance.com'}",
            "the URL 'https://fapi.binance.com' does not lead to a loopback address: "
            "must be in 127.0.0.0/8 or [::1]",
        ),
        (
            "exec_client={'proxy_url': 'http://localhost:3128'}",
            "the URL 'http://localhost:3128' does not lead to a loopback address: "
            "must be in 127.0.0.0/8 or [::1]",
        ),
    ],
)
@pytest.mark.usefixtures("no_servers")
def test_a_set_up_that_must_not_be_played_is_refused_before_anything_starts(
    project: Project, options: str, reason: str
) -> None:
    project.write(scenario(options))
    assert_refused(project.run_here(), reason)
    assert not project.run_directories


@pytest.mark.usefixtures("no_servers")
def test_what_is_refused_ends_the_session(project: Project) -> None:
    project.write(scenario("preset='fast'"), PASSES)
    result = project.run_here()
    assert_refused(result, UNKNOWN_PRESET)
    assert result.parseoutcomes() == {"failed": 1}


@pytest.mark.usefixtures("no_servers")
def test_reports_that_cannot_be_written_are_refused(project: Project) -> None:
    project.write(PASSES)
    (project.root / "file").touch()
    assert_refused(
        project.run_here("--chaos-reports=file/reports"),
        "file/reports cannot hold run directories: Not a directory",
    )


def test_a_summary_that_cannot_be_written_is_told_in_one_line(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(harness.reports, "write_summary", full)
    project.write(PASSES)
    assert_refused(project.run_here(), "reports cannot be written: No space left on device")


@pytest.mark.parametrize("rate", ["fast", "-1", "0.5", "301", "1e3", ""])
def test_a_rate_that_is_out_of_bounds_is_refused(project: Project, rate: str) -> None:
    project.write(PASSES)
    assert_refused(
        project.run_here(f"--chaos-rate={rate}"),
        f"--chaos-rate was {rate!r}: must be a number from 1 to 300",
    )


@pytest.mark.parametrize("node", ["my_node", "my_node.build", "my_node:", "my-node:build", ":b"])
def test_a_node_that_is_no_function_in_a_module_is_refused(project: Project, node: str) -> None:
    project.write(PASSES)
    assert_refused(
        project.run_here(f"--node={node}"),
        f"the node was {node!r}: must be a module and a function in it, "
        "as my_package.my_node:build",
    )


@pytest.mark.usefixtures("servers")
def test_a_node_that_cannot_be_imported_is_refused_before_anything_is_played(
    project: Project,
) -> None:
    project.write(PASSES)
    assert_refused(
        project.run_here("--chaos-node=no_such_module:build"),
        "the node no_such_module:build: no_such_module cannot be imported: "
        "ModuleNotFoundError: No module named 'no_such_module'",
    )
    assert not project.run_directories


@pytest.mark.parametrize("seed", ["abc", "-1", "1.5", ""])
def test_a_seed_that_is_no_number_is_refused(project: Project, seed: str) -> None:
    project.write(PASSES)
    assert_refused(
        project.run_here(f"--chaos-seed={seed}"),
        f"--chaos-seed was {seed!r}: must be a whole number from 0",
    )


def test_a_missing_toxiproxy_server_is_refused_with_how_to_get_it(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    project.write(PASSES)
    assert_refused(project.run_here(), "run `nautilus-chaos setup`")


def test_a_nautilus_trader_that_does_not_import_is_refused_with_the_reason(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "nautilus_trader"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('libfoo.so.3: no such file')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    project.write(PASSES)
    assert_refused(
        project.run(),
        "NautilusTrader could not be imported: ImportError: libfoo.so.3: no such file",
    )


def test_a_nautilus_trader_that_is_not_installed_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_SITE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    project.write(PASSES)
    assert_refused(project.run(), "No package metadata was found for nautilus_trader")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("def test_it(:", "SyntaxError: invalid syntax"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("@scenario(cover='x')\nasync def test_it(world): ...", "argument 'cover'"),
        (
            "@scenario(covers='x')\nasync def test_it(order): ...",
            "TypeError: test_it must have a parameter `world`, `node` or `venue`",
        ),
        (
            "@known_bug('K99')\n@scenario(covers='x')\nasync def test_it(world): ...",
            f"ValueError: unknown bug 'K99': must be one of {', '.join(KNOWN_BUGS)}",
        ),
    ],
)
def test_a_broken_scenario_file_is_refused(project: Project, content: str, reason: str) -> None:
    project.write(content, head=HEAD)
    result = project.run_here()
    assert_refused(result, reason)
    result.stdout.fnmatch_lines(["test_it.py is not a scenario file: *"])


@pytest.mark.parametrize(
    ("helper", "reason"),
    [
        ("x = 1\ndef f(:", "helper.py, line 2: SyntaxError: invalid syntax"),
        ("\n\nraise ValueError('no key')", "helper.py, line 3: ValueError: no key"),
    ],
)
def test_a_broken_helper_is_told_with_its_line(
    project: Project, monkeypatch: pytest.MonkeyPatch, helper: str, reason: str
) -> None:
    monkeypatch.syspath_prepend(project.root)
    (project.root / "helper.py").write_text(helper)
    project.write("import helper\n" + PASSES)
    assert_refused(project.run_here(), f"test_it.py is not a scenario file: {reason}")


def test_a_broken_scenario_file_is_refused_by_workers(project: Project) -> None:
    project.write("def test_it(:")
    result = project.run(*TWO_WORKERS)
    assert_refused(result, "SyntaxError: invalid syntax")
    result.stdout.fnmatch_lines(["test_it.py is not a scenario file: test_it.py, line *"])


@pytest.mark.usefixtures("no_servers")
def test_a_world_without_a_scenario_is_refused(project: Project) -> None:
    project.write("def test_it(world): ...")
    assert_refused(
        project.run_here(),
        "scenarios/test_it.py::test_it uses the fixture `world` without @scenario",
    )


@pytest.mark.usefixtures("no_servers")
def test_a_test_file_that_is_broken_elsewhere_is_shown_as_pytest_does(project: Project) -> None:
    project.write(PASSES)
    (project.root / "test_other.py").write_text("import no_such_module\n")
    result = project.run_here("test_other.py")
    assert result.ret == 2
    assert "is not a scenario file" not in said(result)
