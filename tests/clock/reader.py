"""Reads its clock, and waits on it, as told on its standard input; see `Probe`."""

import asyncio
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from harness.node.clock import attach_clock


def read() -> dict[str, int]:
    """What the clocks show: the monotonic one is read before and after the wall."""
    before = time.monotonic_ns()
    wall = time.time_ns()
    return {"before": before, "wall": wall, "after": time.monotonic_ns()}


def forked(where: str | None = None) -> Any:
    """What a fork reads, or a program that a fork executes once it has attached to a clock."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        if where is not None:
            attach_clock(where)
        os.write(into, json.dumps(read() if where is None else executed()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return json.loads(os.read(out, 4096))


def executed() -> Any:
    program = [sys.executable, __file__]
    done = subprocess.run(program, input="read\n", capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def asleep(seconds: str) -> dict[str, float]:
    """Sleep in four ways at once, and say so once they have begun."""
    waits: dict[str, Callable[[float], object]] = {
        "nanosleep": time.sleep,
        "semaphore": lambda limit: threading.Event().wait(limit),
        "epoll": lambda limit: asyncio.run(asyncio.sleep(limit)),
        "poll": lambda limit: select.poll().poll(limit * 1000),
    }
    slept = {}

    def sleep(name: str, wait: Callable[[float], object]) -> None:
        began = time.monotonic()
        wait(float(seconds))
        slept[name] = time.monotonic() - began

    threads = [threading.Thread(target=sleep, args=item) for item in waits.items()]
    for thread in threads:
        thread.start()
    print(json.dumps("asleep"), flush=True)
    for thread in threads:
        thread.join()
    return slept


def went_back(reads: str) -> dict[str, int]:
    """How often a clock went back, over so many reads."""
    back = {"monotonic": 0, "wall": 0}
    monotonic, wall = time.monotonic_ns(), time.time_ns()
    for _ in range(int(reads)):
        now = time.monotonic_ns()
        back["monotonic"] += now < monotonic
        monotonic = now
        now = time.time_ns()
        back["wall"] += now < wall
        wall = now
    return back


if __name__ == "__main__":
    commands = (read, forked, executed, asleep, went_back)
    named: dict[str, Callable[..., Any]] = {command.__name__: command for command in commands}
    for line in sys.stdin:
        name, *arguments = line.split()
        print(json.dumps(named[name](*arguments)), flush=True)
