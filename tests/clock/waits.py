"""Waits `ASKED` seconds in every way there is, and prints how long it took by which clock."""

import asyncio
import ctypes
import functools
import json
import platform
import queue
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import uvloop

ASKED = 5.0

C = ctypes.CDLL(None, use_errno=True)
FUTEX = {"x86_64": 202, "aarch64": 98}[platform.machine()]
FUTEX_WAIT_PRIVATE, FUTEX_WAIT_BITSET_PRIVATE, CLOCK_REALTIME_FLAG = 128, 9 | 128, 256
REALTIME, MONOTONIC, ABSOLUTE = time.CLOCK_REALTIME, time.CLOCK_MONOTONIC, 1


class Timespec(ctypes.Structure):
    """struct timespec."""

    _fields_ = (("sec", ctypes.c_long), ("nsec", ctypes.c_long))


def timespec(seconds: float) -> "ctypes._CArgObject":
    return ctypes.byref(Timespec(int(seconds), int(seconds % 1 * 1e9)))


def after(clock: int, seconds: float) -> "ctypes._CArgObject":
    return timespec(time.clock_gettime(clock) + seconds)


def lock(seconds: float) -> None:
    held = threading.Lock()
    held.acquire()
    held.acquire(timeout=seconds)


def condition(seconds: float) -> None:
    waiting = threading.Condition()
    with waiting:
        waiting.wait(seconds)


def emptied(seconds: float) -> None:
    try:
        queue.Queue[None]().get(timeout=seconds)
    except queue.Empty:
        return


def polled(seconds: float) -> None:
    select.poll().poll(seconds * 1000)


def epolled(seconds: float) -> None:
    with select.epoll() as waiting:
        waiting.poll(seconds)


def epolled_precisely(seconds: float) -> None:
    with select.epoll() as waiting:
        events = ctypes.create_string_buffer(12)
        assert C.epoll_pwait2(waiting.fileno(), events, 1, timespec(seconds), None) == 0


def alarmed(seconds: float, set_alarm: Callable[[float], object]) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    set_alarm(seconds)
    signal.sigwait({signal.SIGALRM})


def cond(seconds: float, clock: int, call: str) -> None:
    attributes, waiting, mutex = (ctypes.create_string_buffer(64) for _ in range(3))
    C.pthread_condattr_init(attributes)
    C.pthread_condattr_setclock(attributes, clock)
    C.pthread_cond_init(waiting, attributes)
    C.pthread_mutex_lock(mutex)
    until = after(clock, seconds)
    ended = 0
    while ended == 0:  # a spurious wakeup
        if call == "timedwait":
            ended = C.pthread_cond_timedwait(waiting, mutex, until)
        else:
            ended = C.pthread_cond_clockwait(waiting, mutex, clock, until)


def semaphore(seconds: float, clock: int | None) -> None:
    waiting = ctypes.create_string_buffer(64)
    C.sem_init(waiting, 0, 0)
    if clock is None:
        assert C.sem_timedwait(waiting, after(REALTIME, seconds)) == -1
    else:
        assert C.sem_clockwait(waiting, clock, after(clock, seconds)) == -1


def futex(seconds: float, operation: int) -> None:
    word = ctypes.byref(ctypes.c_uint32(0))
    limit = timespec(seconds)
    if operation != FUTEX_WAIT_PRIVATE:
        clock = REALTIME if operation & CLOCK_REALTIME_FLAG else MONOTONIC
        limit = after(clock, seconds)
    assert C.syscall(FUTEX, word, operation, 0, limit, None, 0xFFFFFFFF) == -1


def timerfd(seconds: float, clock: int, flags: int) -> None:
    first = seconds + (time.clock_gettime(clock) if flags else 0)
    setting = (Timespec * 2)(Timespec(0, 0), Timespec(int(first), int(first % 1 * 1e9)))
    fd = C.timerfd_create(clock, 0)
    assert C.timerfd_settime(fd, flags, setting, None) == 0
    with open(fd, "rb", buffering=0) as timer:
        assert timer.read(8)


WAITS: dict[str, Callable[[float], object]] = {
    "time.sleep": time.sleep,
    "threading.Event": lambda seconds: threading.Event().wait(seconds),
    "threading.Lock": lock,
    "threading.Condition": condition,
    "queue.Queue": emptied,
    "select": lambda seconds: select.select([], [], [], seconds),
    "poll": polled,
    "epoll": epolled,
    "epoll_pwait2": epolled_precisely,
    "asyncio": lambda seconds: asyncio.run(asyncio.sleep(seconds)),
    "uvloop": lambda seconds: uvloop.run(asyncio.sleep(seconds)),
    "alarm": lambda seconds: alarmed(seconds, lambda limit: signal.alarm(int(limit))),
    "setitimer": lambda seconds: alarmed(
        seconds, lambda limit: signal.setitimer(signal.ITIMER_REAL, limit)
    ),
    "timerfd": lambda seconds: timerfd(seconds, MONOTONIC, 0),
    "timerfd until": lambda seconds: timerfd(seconds, MONOTONIC, ABSOLUTE),
    "timerfd until wall": lambda seconds: timerfd(seconds, REALTIME, ABSOLUTE),
    "sleep": lambda seconds: C.sleep(int(seconds)),
    "usleep": lambda seconds: C.usleep(int(seconds * 1e6)),
    "nanosleep": lambda seconds: C.nanosleep(timespec(seconds), None),
    "clock_nanosleep until": lambda seconds: C.clock_nanosleep(
        MONOTONIC, ABSOLUTE, after(MONOTONIC, seconds), None
    ),
    "clock_nanosleep until wall": lambda seconds: C.clock_nanosleep(
        REALTIME, ABSOLUTE, after(REALTIME, seconds), None
    ),
    "pselect": lambda seconds: C.pselect(0, None, None, None, timespec(seconds), None),
    "ppoll": lambda seconds: C.ppoll(None, 0, timespec(seconds), None),
    "sem_timedwait": functools.partial(semaphore, clock=None),
    "sem_clockwait": functools.partial(semaphore, clock=MONOTONIC),
    "cond_timedwait": functools.partial(cond, clock=REALTIME, call="timedwait"),
    "cond_timedwait monotonic": functools.partial(cond, clock=MONOTONIC, call="timedwait"),
    "cond_clockwait": functools.partial(cond, clock=MONOTONIC, call="clockwait"),
    "futex": functools.partial(futex, operation=FUTEX_WAIT_PRIVATE),
    "futex until": functools.partial(futex, operation=FUTEX_WAIT_BITSET_PRIVATE),
    "futex until wall": functools.partial(
        futex, operation=FUTEX_WAIT_BITSET_PRIVATE | CLOCK_REALTIME_FLAG
    ),
}


def machine_seconds() -> float:
    """The machine's own clock, which no shim can touch."""
    return float(Path("/proc/uptime").read_text().split()[0])


def measure(wait: Callable[[float], object]) -> dict[str, float]:
    began, machine_began, cpu_began = time.monotonic(), machine_seconds(), time.process_time()
    wait(ASKED)
    return {
        "seconds": time.monotonic() - began,
        "machine_seconds": machine_seconds() - machine_began,
        "cpu_seconds": time.process_time() - cpu_began,
    }


if __name__ == "__main__":
    for name, wait in WAITS.items():
        print(json.dumps({"wait": name} | measure(wait)), flush=True)
    sys.exit(0)
