"""A session without scenarios does not pay for the plugin."""

import subprocess
import sys

import pytest

from harness.world.services import Services
from tests.plugin.projects import PASSES, Project, said

HEAVY = ("aiohttp", "hypothesis", "nautilus_trader", "numpy", "redis", "rich", "uvloop")
OURS = ("harness.checkers", "harness.report", "harness.scenario.stage", "harness.world")
PRINT_LOADED = """
def pytest_unconfigure():
    import sys
    print("loaded:", *sorted(sys.modules))
"""


def test_importing_the_plugin_is_cheap() -> None:
    program = "import harness.plugin, sys; print(*sys.modules)"
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    loaded = set(output.split())
    assert "harness.plugin" in loaded
    assert not loaded & {*HEAVY, *OURS, "msgspec"}


def test_a_session_without_scenarios_loads_and_starts_nothing(project: Project) -> None:
    project.write("def test_it(): ...", head="")
    (project.root / "conftest.py").write_text(PRINT_LOADED)
    result = project.run("-s", "-p", "no:hypothesispytest")
    assert result.ret == 0
    (line,) = (line for line in result.outlines if line.startswith("loaded: "))
    loaded = set(line.split())
    assert "harness.plugin" in loaded
    assert not loaded & {*HEAVY, *OURS}
    assert "nautilus-chaos ===" not in said(result)
    assert not (project.root / "reports").exists()


def test_servers_are_started_by_the_first_scenario_that_is_played(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(release: str | None = None) -> Services:
        raise AssertionError("a server was started")

    monkeypatch.setattr(Services, "start", staticmethod(start))
    project.write(PASSES, "def test_it(): ...\n")
    assert project.run_here("-k", "test_it and not passes").ret == 0
    assert project.run_here("--collect-only").ret == 0
    project.run_here().stdout.fnmatch_lines(["*AssertionError: a server was started"])
