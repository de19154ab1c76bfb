"""How much memory the node's process holds, sent now and then."""

import asyncio
import os
from collections.abc import Callable

from harness.node.channel import Channel

SECOND_NS = 1_000_000_000
INTERVAL_SECS_MIN = 0.25
INTERVAL_SECS_MAX = 60.0
# Of the life so far: a short run is looked at closely, a long one is not flooded.
INTERVAL_SHARE = 0.02

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class MemoryWatch:
    """Sends `memory` with the resident size, no more often than every `INTERVAL_SECS_MIN`.

    The intervals grow with the node's life, up to `INTERVAL_SECS_MAX`, all in the scenario's time:
    some 340 messages in the first hour, then 60 an hour.
    """

    def __init__(self, channel: Channel, now_ns: Callable[[], int]) -> None:
        self._channel = channel
        self._now_ns = now_ns
        self._first_ns = self._next_ns = now_ns()

    def look(self) -> None:
        """Send the size if it is time to."""
        now_ns = self._now_ns()
        if now_ns < self._next_ns:
            return
        self._next_ns = now_ns + int(self.interval_secs * SECOND_NS)
        self._channel.send("memory", {"resident_bytes": resident_bytes()})

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(self.interval_secs)

    @property
    def interval_secs(self) -> float:
        """How long to wait for the next look."""
        lived_secs = (self._now_ns() - self._first_ns) / SECOND_NS
        return min(max(lived_secs * INTERVAL_SHARE, INTERVAL_SECS_MIN), INTERVAL_SECS_MAX)


def resident_bytes() -> int:
    """Return the resident size of this process; 0 where the machine does not tell it."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0
