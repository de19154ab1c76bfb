"""scripts/bootstrap, with a stand-in for uv: what it makes, when it makes it anew, what it says."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
TOOLS = ("sh", "cat", "sed", "cksum", "dirname", "mkdir", "ln", "sleep")
UV = """#!/bin/sh
echo "$1 $2" >> {calls}
case "$1 $2" in
"--version ") echo "uv 9.9.9" ;;
venv*) mkdir -p .venv/bin && ln -s {python} .venv/bin/python ;;
"pip install") [ ! -e {broken} ] || exit 1 ;;
esac
"""


class Clone:
    """A clone with an empty lock, on a machine where little is on PATH."""

    def __init__(self, root: Path) -> None:
        self.root = root / "clone"
        self.programs = root / "programs"
        self.calls = root / "calls"
        self.broken = root / "broken"
        self.programs.mkdir()
        for tool in TOOLS:
            (self.programs / tool).symlink_to(str(shutil.which(tool)))
        shutil.copytree(PROJECT / "scripts", self.root / "scripts")
        shutil.copy(PROJECT / "pyproject.toml", self.root)
        (self.root / "requirements.lock").touch()
        (self.root / "harness" / "setup").mkdir(parents=True)
        (self.root / "harness" / "setup" / "__main__.py").write_text("print('servers are there')\n")

    def add(self, name: str, text: str) -> None:
        program = self.programs / name
        program.write_text(text)
        program.chmod(0o755)

    def add_python(self) -> None:
        (self.programs / "python3.12").symlink_to(sys.executable)

    def add_uv(self) -> None:
        self.add("uv", UV.format(calls=self.calls, python=sys.executable, broken=self.broken))

    def bootstrap(self, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.root / "scripts" / "bootstrap"],
            env={"PATH": str(self.programs), "HOME": str(self.root)} | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def venvs_made(self) -> int:
        return self.calls.read_text().count("venv") if self.calls.exists() else 0


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


@pytest.fixture
def ready(clone: Clone) -> Clone:
    clone.add_python()
    clone.add_uv()
    assert clone.bootstrap().returncode == 0
    assert clone.venvs_made() == 1
    return clone


def test_without_a_supported_python_one_line_says_how_to_get_one(clone: Clone) -> None:
    clone.add("python3", "#!/bin/sh\nexit 1\n")
    outcome = clone.bootstrap()
    assert outcome.returncode == 4
    assert outcome.stdout == ""
    assert outcome.stderr.count("\n") == 1
    assert "Python 3.12, 3.13 or 3.14 was not found" in outcome.stderr
    assert "pyenv install 3.12" in outcome.stderr


def test_a_python_that_does_not_run_is_passed_over(clone: Clone) -> None:
    clone.add(
        "python3.14", "#!/bin/sh\necho 'pyenv: python3.14: command not found' >&2\nexit 127\n"
    )
    clone.add_python()
    clone.add_uv()
    outcome = clone.bootstrap()
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stderr == ""


def test_a_python_of_pyenv_is_found(clone: Clone, tmp_path: Path) -> None:
    programs = tmp_path / "pyenv" / "versions" / "3.12.1" / "bin"
    programs.mkdir(parents=True)
    (programs / "python3.12").symlink_to(sys.executable)
    clone.add_uv()
    assert clone.bootstrap(PYENV_ROOT=str(tmp_path / "pyenv")).returncode == 0


def test_a_second_run_makes_nothing(ready: Clone) -> None:
    outcome = ready.bootstrap()
    assert outcome.returncode == 0
    assert outcome.stdout == "servers are there\n"
    assert ready.venvs_made() == 1


def test_another_lock_makes_the_environment_anew(ready: Clone) -> None:
    (ready.root / "requirements.lock").write_text("# other\n")
    assert "removing .venv: outdated" in ready.bootstrap().stdout
    assert ready.venvs_made() == 2


def test_a_tool_s_settings_do_not_make_the_environment_anew(ready: Clone) -> None:
    with (ready.root / "pyproject.toml").open("a") as settings:
        settings.write("\n[tool.other]\nx = 1\n")
    assert ready.bootstrap().returncode == 0
    assert ready.venvs_made() == 1


def test_a_clone_that_was_moved_gets_a_new_environment(ready: Clone) -> None:
    ready.root = ready.root.rename(ready.root.with_name("moved"))
    assert ready.bootstrap().returncode == 0
    assert ready.venvs_made() == 2


def test_a_half_made_environment_is_made_anew(ready: Clone) -> None:
    (ready.root / ".venv" / "complete").unlink()
    (ready.root / ".venv" / "leftover").touch()
    assert "removing .venv: half-made" in ready.bootstrap().stdout
    assert ready.venvs_made() == 2
    assert not (ready.root / ".venv" / "leftover").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(ready: Clone) -> None:
    (ready.root / ".venv" / "bin" / "python").unlink()
    assert ready.bootstrap().returncode == 0
    assert ready.venvs_made() == 2


def test_an_activated_half_made_environment_is_made_anew(ready: Clone) -> None:
    programs = ready.root / ".venv" / "bin"
    (programs / "python3.14").symlink_to("python")
    (ready.root / ".venv" / "complete").unlink()
    outcome = ready.bootstrap(PATH=f"{programs}{os.pathsep}{ready.programs}")
    assert outcome.returncode == 0, outcome.stderr
    assert f"({os.path.realpath(sys.executable)})" in outcome.stdout


def test_a_step_that_fails_leaves_an_environment_that_is_not_taken_for_whole(ready: Clone) -> None:
    (ready.root / ".venv" / "complete").unlink()
    ready.broken.touch()
    outcome = ready.bootstrap()
    assert outcome.returncode == 4
    assert "setup: 'uv pip install" in outcome.stderr
    assert "failed with code 1" in outcome.stderr
    ready.broken.unlink()
    assert ready.bootstrap().returncode == 0


def test_what_another_set_up_has_just_made_is_not_made_again(ready: Clone) -> None:
    venv, aside = ready.root / ".venv", ready.root / "aside"
    venv.rename(aside)
    with (ready.root / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen(
            [ready.root / "scripts" / "bootstrap"],
            env={"PATH": str(ready.programs), "HOME": str(ready.root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "setup: waiting for another set-up of this clone\n"
        aside.rename(venv)
    with process:
        assert process.stdout.read() == "servers are there\n"
    assert process.returncode == 0
    assert ready.venvs_made() == 1
