"""What is measured, each in its own process: `python -m mock_venue`, and bare aiohttp."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.benchmarks.bare import Said

STOP_SECS_MAX = 10.0


class Server(msgspec.Struct, frozen=True):
    """A running server."""

    port: int
    pid: int


@contextmanager
def venue(*arguments: str | Path) -> Iterator[Server]:
    """The venue as a user starts it, on a free port."""
    with _running("mock_venue", "--port", "0", *arguments) as server:
        yield server


@contextmanager
def bare(said: Said) -> Iterator[Server]:
    """A server that does nothing but say the same bytes."""
    with _running("tests.benchmarks.bare", msgspec.json.encode(said).decode()) as server:
        yield server


@contextmanager
def _running(module: str, *arguments: str | Path) -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        port = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
        assert port is not None, f"{module} did not start"
        yield Server(int(port[1]), process.pid)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=STOP_SECS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
