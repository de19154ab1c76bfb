"""How long the harness stood still: a fast clock multiplies every stall of the machine."""

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness.clock.clock import Clock

INTERVAL_SECS = 0.01


class StallWatch:
    """Measures by how much the running event loop was late: at worst, and in all scenario time.

    `rate` is the clock's at the worst. A machine that has no time for the harness has none for the
    node. `stop` ends it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self.machine_secs = 0.0
        self.scenario_secs = 0.0
        self.scenario_secs_total = 0.0
        self.rate = clock.rate
        self._handle = self._watch()

    def stop(self) -> None:
        """Measure no more."""
        self._handle.cancel()

    def _watch(self) -> asyncio.TimerHandle:
        self._due = time.monotonic() + INTERVAL_SECS
        return self._loop.call_later(INTERVAL_SECS, self._on_time)

    def _on_time(self) -> None:
        late = max(0.0, time.monotonic() - self._due)
        self.scenario_secs_total += late * self._clock.rate
        if late * self._clock.rate > self.scenario_secs:
            self.machine_secs, self.scenario_secs = late, late * self._clock.rate
            self.rate = self._clock.rate
        self._handle = self._watch()


@contextmanager
def no_collections() -> Iterator[None]:
    """Keep the interpreter from looking for garbage among all that there is.

    With a history of 200,000 events it stands still for more than a second.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
