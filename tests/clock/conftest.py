import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.clock import Clock, NoShim, shim
from harness.world.process import minimal_environment

CHILD_SECS_MAX = 60.0
HERE = Path(__file__).parent

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def shim_path() -> Path:
    try:
        return shim()
    except NoShim as reason:
        pytest.skip(str(reason))


@pytest.fixture
def clock(shim_path: Path) -> Iterator[Clock]:
    made = Clock(shim_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def start(shim_path: Path) -> Start:
    """Starts a program of this directory that shows a clock."""

    def started(program: str, where: str | None, *arguments: str) -> "subprocess.Popen[str]":
        environment = minimal_environment() | {
            "LD_PRELOAD": str(shim_path),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        if where is not None:
            environment["NAUTILUS_CHAOS_CLOCK"] = where
        return subprocess.Popen(
            [sys.executable, str(HERE / program), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            bufsize=1,
        )

    return started


class Probe:
    """A program that answers each line of its input with a line of JSON; see `reader.py`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, command: str, *arguments: str) -> Any:
        self.send(command, *arguments)
        return self.receive()

    def send(self, command: str, *arguments: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join((command, *arguments)) + "\n")

    def receive(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the program has ended"
        return json.loads(line)

    def end(self) -> None:
        self._process.communicate(timeout=CHILD_SECS_MAX)


@pytest.fixture
def reader(clock: Clock, start: Start) -> Iterator[Probe]:
    """A program that shows wall clock 1 of `clock`."""
    process = start("reader.py", clock.wall(1).where)
    try:
        probe = Probe(process)
        yield probe
        probe.end()
    finally:
        process.kill()
        process.wait()
