"""The example project, played from the built wheel in an environment that has nothing else."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import uv

from harness.setup.toxiproxy import toxiproxy_server

ROOT = Path(__file__).parents[2]
SECONDS_MAX = 300


def run(*command: str | Path, at: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=at,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Path]:
    """A fresh environment with the wheel, its dependencies as they are locked."""
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, at=ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    directory = tmp_path / "environment"
    python = directory / "bin" / "python"
    constraint = ROOT / "requirements.lock"
    for command in (
        ("venv", "--python", sys.executable, directory),
        ("pip", "install", "--python", python, "--constraint", constraint, wheel),
    ):
        made = run(uv.find_uv_bin(), *command, at=tmp_path)
        assert made.returncode == 0, made.stderr
    yield directory
    shutil.rmtree(directory)


@pytest.mark.timeout(2 * SECONDS_MAX)
def test_the_example_is_played_from_the_wheel(environment: Path, tmp_path: Path) -> None:
    example = tmp_path / "example"
    shutil.copytree(ROOT / "docs" / "example", example)
    path = os.pathsep.join([str(toxiproxy_server().parent), os.environ["PATH"]])

    played = run(
        environment / "bin" / "pytest", "-v", "-p", "no:cacheprovider", at=example, PATH=path
    )

    assert played.returncode == 0, played.stdout + played.stderr
    lines = played.stdout.splitlines()
    (header,) = (line for line in lines if line.startswith("nautilus-chaos 0"))
    assert header.endswith("seed 1, node my_node:build")
    assert "2 runs: 1 pass, 1 finding, 0 fail, 0 unknown" in lines
    assert len(list((example / "reports" / "runs").iterdir())) >= 2
