"""Make .venv from requirements.lock, with the interpreter that runs this.

`scripts/bootstrap` calls it as `environment.py WANTED`. WANTED names what .venv is made of; it is
written to `.venv/complete` last, so an environment without it is a half-made one and is made anew.
Uses uv where uv runs, else venv and pip. Exit codes: 0 ready, 4 not ready, and a line says why.
"""

import fcntl
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

STEP_SECS_MAX = 900.0
LOCK_SECS_MAX = 1200.0
EXIT_MISSING = 4

# Not that of an environment, which may be the one to be removed.
INTERPRETER = os.path.realpath(sys.executable)
VENV = Path(".venv")
PYTHON = VENV / "bin" / "python"
COMPLETE = VENV / "complete"
LOCK = "requirements.lock"


def say(line: str) -> None:
    """Print one line for one step."""
    print(f"setup: {line}", flush=True)


def fail(line: str) -> NoReturn:
    """Print what is wrong and end this program."""
    print(f"setup: {line}", file=sys.stderr)
    sys.exit(EXIT_MISSING)


def run(*command: str | Path) -> None:
    """Run one step; its errors are shown as they come. Ends this program if the step fails."""
    words = [str(word) for word in command]
    environment = os.environ | {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    try:
        subprocess.run(
            words,
            check=True,
            timeout=STEP_SECS_MAX,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        fail(f"'{' '.join(words)}' did not end within {STEP_SECS_MAX:.0f} s")
    except subprocess.CalledProcessError as error:
        fail(f"'{' '.join(words)}' failed with code {error.returncode}, see above")


def uv_version() -> str | None:
    """Return the version of the uv on PATH, or None where none runs (a pyenv shim may not)."""
    try:
        reply = subprocess.run(
            ["uv", "--version"], capture_output=True, text=True, check=True, timeout=30.0
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return reply.stdout.split()[1]


def make_with_uv() -> None:
    """Make .venv with uv."""
    run("uv", "venv", "--quiet", "--no-project", "--python", INTERPRETER, VENV)
    install = ("uv", "pip", "install", "--quiet", "--python", PYTHON)
    say(f"installing the packages of {LOCK}")
    run(*install, "--require-hashes", "--no-deps", "--compile-bytecode", "-r", LOCK)
    say("installing nautilus-chaos, editable")
    run(*install, "--no-deps", "--no-build-isolation", "-e", ".")


def make_with_pip() -> None:
    """Make .venv with the standard library's venv and the pip in it."""
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        fail(
            f"{INTERPRETER} has no ensurepip, which 'python -m venv' needs; "
            f"install it (Debian: apt install python{version}-venv) or install uv"
        )
    run(INTERPRETER, "-m", "venv", VENV)
    install = (PYTHON, "-m", "pip", "install", "--quiet")
    say(f"installing the packages of {LOCK} (a minute or two)")
    run(*install, "--require-hashes", "--no-deps", "-r", LOCK)
    say("installing nautilus-chaos, editable")
    run(*install, "--no-deps", "--no-build-isolation", "-e", ".")


def wait_for_turn(lock_file: int) -> None:
    """Return once this is the only set-up at work on this clone."""
    end = time.monotonic() + LOCK_SECS_MAX
    waiting = False
    while True:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not waiting:
                say("waiting for another set-up of this clone")
                waiting = True
            if time.monotonic() > end:
                fail(f"another set-up did not end within {LOCK_SECS_MAX:.0f} s")
            time.sleep(0.2)


def is_complete(wanted: str) -> bool:
    """Tell whether .venv is the wanted one, whole, with a Python that runs."""
    try:
        return (
            COMPLETE.read_text().strip() == wanted
            and subprocess.run([PYTHON, "-c", ""], timeout=30.0).returncode == 0
        )
    except (OSError, subprocess.SubprocessError):
        return False


def main(wanted: str) -> None:
    """Make the wanted .venv, unless another process has just done so."""
    with open(".venv.lock", "w") as lock_file:
        wait_for_turn(lock_file.fileno())
        if is_complete(wanted):
            return
        if VENV.is_symlink() or VENV.exists():
            say("removing .venv: " + ("outdated" if COMPLETE.exists() else "half-made"))
            VENV.unlink() if VENV.is_symlink() else shutil.rmtree(VENV)
        uv = uv_version()
        say(
            f"making .venv with Python {platform.python_version()} ({INTERPRETER}) and "
            + (f"uv {uv}" if uv else "pip")
        )
        if uv:
            make_with_uv()
        else:
            make_with_pip()
        COMPLETE.write_text(wanted + "\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        fail("interrupted; the next run begins anew")
