"""The walls between the parts: they stand, and each is seen to catch what it is there to catch."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PURE_PARTS = ("harness/checkers", "harness/report")


def lint_imports(directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of what the walls are about."""
    without_caches = shutil.ignore_patterns("__pycache__")
    for part in ("harness", "mock_venue"):
        shutil.copytree(PROJECT / part, tmp_path / part, ignore=without_caches)
    (tmp_path / "tests").mkdir()
    shutil.copy(PROJECT / "tests" / "walls.py", tmp_path / "tests")
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_walls_stand() -> None:
    outcome = lint_imports(PROJECT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("part", "line", "complaint"),
    [
        (
            "mock_venue",
            "import harness.history.event",
            "mock_venue is not allowed to import harness",
        ),
        (
            "mock_venue",
            "from harness import exit_codes",
            "mock_venue is not allowed to import harness",
        ),
        ("harness/node", "import aiohttp", "harness.node.planted:1 imports aiohttp"),
        ("harness/node", "import mock_venue", "harness.node.planted:1 imports mock_venue"),
        ("harness/node", "import harness.setup", "harness.node.planted:1 imports harness.setup"),
        ("harness/node", "import pydantic", "harness.node.planted:1 imports pydantic"),
        (
            "harness/node",
            "import harness.node.reconciliation.config",
            "harness.node.planted:1 imports harness.node.reconciliation.config",
        ),
        (
            "harness/node/reconciliation",
            "import harness.node.channel",
            "harness.node.reconciliation.planted:1 imports harness.node.channel",
        ),
        ("harness/checkers", "import os.path", "harness.checkers.planted:1 imports os"),
        ("harness/checkers", "import asyncio", "harness.checkers.planted:1 imports asyncio"),
        ("harness/checkers", "import redis", "harness.checkers.planted:1 imports redis"),
        (
            "harness/checkers",
            "from harness.history import history",
            "harness.checkers.planted:1 imports harness.history.history",
        ),
        (
            "harness/checkers",
            "from harness.world import process",
            "harness.checkers.planted:1 imports harness.world.process",
        ),
        ("harness/report", "from pathlib import Path", "harness.report.planted:1 imports pathlib"),
    ],
)
def test_a_planted_violation_is_found(copy: Path, part: str, line: str, complaint: str) -> None:
    (copy / part / "planted.py").write_text(line + "\n")
    outcome = lint_imports(copy)
    assert outcome.returncode == 1
    assert complaint in outcome.stdout


def test_events_may_be_imported_either_way(copy: Path) -> None:
    lines = "from harness.history import Event\nfrom harness.history.event import Source\n"
    (copy / "harness/checkers/planted.py").write_text(lines)
    outcome = lint_imports(copy)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def calls_to(names: set[str], source: str) -> list[str]:
    """Return the calls to builtins of these names, as `name:line`."""
    return [
        f"{node.func.id}:{node.lineno}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]


def test_what_may_not_import_files_does_not_open_them_either() -> None:
    builtins = {"open", "print", "input", "exec", "eval", "__import__"}
    found = {
        f"{path.relative_to(PROJECT)}: {call}"
        for part in PURE_PARTS
        for path in (PROJECT / part).rglob("*.py")
        for call in calls_to(builtins, path.read_text())
    }
    assert not found
    assert calls_to(builtins, "x = 1\nwith open('f') as f: pass") == ["open:2"]
