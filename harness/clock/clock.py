"""The clock of a scenario, in the harness's process: what time it is there, and waiting in it."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from harness.clock.page import Page

RATE_MIN, RATE_MAX = 1.0, 300.0
_SECOND = 1_000_000_000


def check_rate(rate: float) -> None:
    """Raise ValueError for a rate at which no clock goes."""
    if not RATE_MIN <= rate <= RATE_MAX:
        raise ValueError(f"the rate was {rate:g}: must be from {RATE_MIN:g} to {RATE_MAX:g}")


class Clock:
    """Scenario time, `rate` times as fast as the machine's; the rate may change at any time.

    Without the shim it is the machine's own time, and cannot be set. It begins at the machine's
    time and never goes back. It goes no faster than `rate_max`, whatever rate is set. Times are
    UNIX nanoseconds, durations seconds.
    """

    def __init__(self, shim: Path | None = None, *, rate_max: float = RATE_MAX) -> None:
        self._page = None if shim is None else Page(shim)
        self._rate = 1.0
        self._rate_max = rate_max
        self._timers: set[Timer] = set()
        self._walls: dict[int, WallClock] = {}
        self.now_ns: Callable[[], int] = time.time_ns if self._page is None else self._page.read

    @property
    def can_be_set(self) -> bool:
        """Whether it can be anything but the machine's time."""
        return self._page is not None

    @property
    def rate(self) -> float:
        """How many seconds pass in a second of the machine's."""
        return self._rate

    def set_rate(self, rate: float) -> None:
        """Go on at another rate: here, and in the processes that show this clock.

        Who waits there learns of it within 50 ms of the machine's time. Raises ValueError for a
        rate that is not between 1 and 300, RuntimeError for a clock that cannot be set.
        """
        check_rate(rate)
        rate = min(rate, self._rate_max)
        self._settable().set_rate(rate)
        self._rate = rate
        for timer in self._timers:
            timer.set()

    def skip(self, seconds: float) -> None:
        """Go on from so many seconds later, at once; what was to be called by then is called now.

        A process that shows this clock sees a stall of that length. Raises ValueError for a time
        that is past, RuntimeError for a clock that cannot be set.
        """
        if seconds < 0:
            raise ValueError(f"skipping {seconds:g} s: must be 0 or more, a clock never goes back")
        self._settable().skip(int(seconds * _SECOND))
        for timer in sorted(self._timers, key=lambda timer: timer.due_ns):
            timer.set()

    def wall(self, number: int) -> "WallClock":
        """Return the wall clock of a node, true until it is told else; numbers count from 1."""
        if number not in self._walls:
            self._walls[number] = WallClock(self._settable(), number)
        return self._walls[number]

    def call_later(self, seconds: float, function: Callable[[], object]) -> "Timer":
        """Call `function` in the running event loop after so many seconds."""
        return Timer(self, seconds, function, self._timers)

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        over = asyncio.Event()
        timer = self.call_later(seconds, over.set)
        try:
            await over.wait()
        finally:
            timer.cancel()

    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[asyncio.Timeout]:
        """As `asyncio.timeout`: raise TimeoutError where the block takes longer."""
        async with asyncio.timeout(None) as limit:
            timer = self.call_later(seconds, lambda: limit.reschedule(0.0))
            try:
                yield limit
            finally:
                timer.cancel()

    async def wait_for[T](self, awaitable: Awaitable[T], seconds: float) -> T:
        """As `asyncio.wait_for`. Raises TimeoutError."""
        async with self.timeout(seconds):
            return await awaitable

    def close(self) -> None:
        """Stop the timers and let go of the page."""
        for timer in list(self._timers):
            timer.cancel()
        if self._page is not None:
            self.now_ns = time.time_ns
            self._page.close()
            self._page = None

    def _settable(self) -> Page:
        if self._page is None:
            raise RuntimeError("this clock is the machine's: it cannot be set")
        return self._page


class Timer:
    """A call that is to come, in scenario time."""

    def __init__(
        self,
        clock: Clock,
        seconds: float,
        function: Callable[[], object],
        pending: "set[Timer]",
    ) -> None:
        self._clock = clock
        self.due_ns = clock.now_ns() + int(seconds * _SECOND)
        self._function = function
        self._pending = pending
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        pending.add(self)
        self.set()

    def set(self) -> None:
        """Reckon anew when it is due in the loop's time, in whole milliseconds as uvloop does."""
        if self._handle is not None:
            self._handle.cancel()
        left_ns = (self.due_ns - self._clock.now_ns()) / self._clock.rate
        left_ms = max(0, math.ceil(left_ns / 1_000_000))
        self._handle = self._loop.call_later(left_ms / 1000, self._call)

    def cancel(self) -> None:
        """Do not call. Doing so twice, or after the call, is no error."""
        if self._handle is not None:
            self._handle.cancel()
        self._pending.discard(self)

    def _call(self) -> None:
        if self._clock.now_ns() < self.due_ns:
            # The loop counts from when its turn began, which a busy machine makes long ago.
            self.set()
            return
        self._pending.discard(self)
        self._function()


class WallClock:
    """What a node takes for the time of day. Its timers go on whatever is done to it.

    `is_true` says whether it shows the scenario's time.
    """

    def __init__(self, page: Page, number: int) -> None:
        if not 0 < number < page.walls:
            raise ValueError(f"wall clock {number}: must be from 1 to {page.walls - 1}")
        self._page = page
        self._number = number
        self.where = page.where(number)
        self.is_true = True

    @property
    def now_ns(self) -> int:
        """What it shows."""
        return self._page.read(self._number)

    def skew(self, seconds: float) -> None:
        """Go on so many seconds before (negative: behind) the true time."""
        self._set(seconds, pace=1.0, from_true=True)

    def jump(self, seconds: float) -> None:
        """Go on from so many seconds after (negative: before) what it shows."""
        self._set(seconds, pace=1.0, from_true=False)

    def freeze(self) -> None:
        """Stand still."""
        self._set(0.0, pace=0.0, from_true=False)

    def drift(self, ppm: float) -> None:
        """Go on from what it shows, faster (negative: slower) by millionths; -1,000,000 freezes."""
        if ppm < -1_000_000:
            raise ValueError(f"the drift was {ppm} ppm: a clock does not run backwards")
        self._set(0.0, pace=1.0 + ppm / 1_000_000, from_true=False)

    def right(self) -> None:
        """Show the true time again."""
        self.skew(0.0)
        self.is_true = True

    def _set(self, seconds: float, *, pace: float, from_true: bool) -> None:
        self.is_true = False
        offset_ns = round(seconds * _SECOND)
        self._page.set_wall(self._number, offset_ns=offset_ns, pace=pace, from_true=from_true)
