"""The preload shim (harness/clock/shim): compiled at first use into the cache, by source."""

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

SOURCES = Path(__file__).with_name("shim")
COMPILE_SECS_MAX = 300.0  # a first run of zig compiles its own libraries

_FLAGS = ("-std=gnu17", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra")


class NoShim(RuntimeError):
    """No clock but the machine's can be had here; the message says why, in one line."""


def shim() -> Path:
    """Return the path of the shim, which is compiled if this machine has not done so yet.

    Two processes may do so at once: both compile, and the last one's file stays. Raises NoShim.
    """
    if sys.platform != "linux":
        raise NoShim(f"the clock can be set on Linux only, this is {sys.platform}")
    target = cached_shim()
    if target.is_file():
        return target
    if set(str(target)) & set(" :"):
        raise NoShim(f"the clock cannot be preloaded from {target.parent}: a space or colon in it")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="building-", dir=target.parent) as directory:
            built = Path(directory) / target.name
            _compile(built)
            built.replace(target)
    except OSError as error:
        raise NoShim(f"the clock could not be put in {target.parent}: {error}") from None
    return target


def cached_shim() -> Path:
    """Return where the shim is, or would be: a file by source, machine and C library."""
    made_of = hashlib.sha256(
        repr((_FLAGS, platform.machine(), platform.libc_ver())).encode()
        + b"".join(source.read_bytes() for source in sorted(SOURCES.iterdir()))
    )
    return user_cache_path("nautilus-chaos") / f"clock-{made_of.hexdigest()[:16]}.so"


def _compiler() -> list[str]:
    if cc := shutil.which("cc"):
        return [cc]
    if importlib.util.find_spec("ziglang") is not None:
        return [sys.executable, "-m", "ziglang", "cc"]
    raise NoShim("there is no C compiler for the clock: install `cc` or the wheel `ziglang`")


def _compile(target: Path) -> None:
    workspace = str(target.parent)
    zig = {"ZIG_GLOBAL_CACHE_DIR": workspace, "ZIG_LOCAL_CACHE_DIR": workspace}
    sources = [str(source) for source in sorted(SOURCES.glob("*.c"))]
    command = [*_compiler(), *_FLAGS, *sources, "-o", str(target), "-ldl", "-lpthread"]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=os.environ | zig | {"LC_ALL": "C"},
            timeout=COMPILE_SECS_MAX,
        )
    except subprocess.TimeoutExpired:
        raise NoShim(f"compiling the clock took more than {COMPILE_SECS_MAX:.0f} s") from None
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if "error" in line]
        first = next(iter(errors or done.stderr.splitlines()), f"code {done.returncode}")
        raise NoShim(f"compiling the clock failed: {first.strip()}")
