"""An environment for each release, in the user's cache: made on its first use, then kept.

It holds the release and what else the node's side of the harness needs, for one interpreter. One
process makes it, under a lock; the others wait. The file `complete` in it is written last: without
it an environment was not finished, and is made again.
"""

import fcntl
import functools
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uv
from platformdirs import user_cache_path

from harness.releases.catalogue import installed_release

STEP_SECS_MAX = 600.0
REASON_MAX = 300
_MARKER = "complete"


class ReleaseMissing(RuntimeError):
    """A release that is not there, or cannot be installed; the message says why."""


def requirements(release: str) -> tuple[str, ...]:
    """Return what is installed into a release's environment."""
    return (f"nautilus_trader=={release}", f"msgspec=={importlib.metadata.version('msgspec')}")


def directory_of(release: str) -> Path:
    """Return where a release's environment for this interpreter is, whether or not it is there."""
    needed = hashlib.sha256("\n".join(requirements(release)).encode()).hexdigest()[:8]
    name = f"nautilus-{release}-{sys.implementation.cache_tag}-{needed}"
    return user_cache_path("nautilus-chaos") / "releases" / name


def is_beside_the_harness(release: str) -> bool:
    """Return whether this interpreter has the release itself."""
    try:
        return installed_release() == release
    except importlib.metadata.PackageNotFoundError:
        return False


def is_installed(release: str) -> bool:
    """Return whether the release can be played on at once."""
    directory = directory_of(release)
    return is_beside_the_harness(release) or (
        (directory / _MARKER).exists() and _python_in(directory).exists()
    )


def environment_of(release: str) -> Path | None:
    """Return the interpreter that has the release; None for this one. Raises ReleaseMissing."""
    if is_beside_the_harness(release):
        return None
    if not is_installed(release):
        raise ReleaseMissing(f"nautilus {release} is not installed in {directory_of(release)}")
    return _python_in(directory_of(release))


def install_release(release: str, progress: Callable[[str], None]) -> None:
    """Make the release's environment unless it is there; `progress` is told of what takes time.

    Raises ReleaseMissing, with the last line of what failed.
    """
    if is_installed(release):
        return
    directory = directory_of(release)
    started = time.monotonic()
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with _locked(directory.with_name(f"{directory.name}.lock")):
            if is_installed(release):
                return
            progress(f"installing nautilus {release} into {directory}")
            shutil.rmtree(directory, ignore_errors=True)
            _make(release, directory)
            (directory / _MARKER).touch()
    except OSError as error:
        raise ReleaseMissing(f"nautilus {release} cannot be put in {directory}: {error}") from None
    progress(f"installed nautilus {release} in {time.monotonic() - started:.0f} s")


def _python_in(directory: Path) -> Path:
    return directory / "bin" / "python"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that is gone with its process."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(release: str, directory: Path) -> None:
    run = functools.partial(_run, release)
    run("venv", "--python", sys.executable, str(directory))
    wheels_only = ("--only-binary", "nautilus_trader")
    run(
        "pip",
        "install",
        "--python",
        str(_python_in(directory)),
        *wheels_only,
        *requirements(release),
    )


def _run(release: str, *arguments: str) -> None:
    try:
        done = subprocess.run(
            [uv.find_uv_bin(), "--quiet", "--no-progress", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=STEP_SECS_MAX,
            env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        )
    except subprocess.TimeoutExpired:
        raise ReleaseMissing(
            f"nautilus {release} was not installed within {STEP_SECS_MAX:.0f} s"
        ) from None
    if done.returncode != 0:
        reason = (
            " ".join(done.stdout.split())[:REASON_MAX] or f"uv ended with code {done.returncode}"
        )
        raise ReleaseMissing(f"nautilus {release} cannot be installed: {reason}")
