"""What is due happens when it is due, though nobody asks the venue for anything."""

import asyncio

from mock_venue.exchange.events import ExchangeEvent
from mock_venue.executor import Executor

SHORTEST_SECS = 0.01
"""Binance too checks "approximately every 10 milliseconds" (Auto-Cancel All Open Orders)."""
LONGEST_SECS = 1.0
"""The venue's clock may be set, or run faster than the event loop's."""


class Punctuality:
    """Calls `Executor.pass_time` in time. Needs a running event loop; `close` ends it."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        executor.listen(self._on_events)
        self._wait()

    def close(self) -> None:
        """Watch the time no more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _on_events(self, _: list[ExchangeEvent]) -> None:
        self._wait()

    def _wait(self) -> None:
        due_ms = self._executor.exchange.agenda.due_ms
        if due_ms is None or self._closed:
            return
        left_secs = (due_ms - self._executor.now_ms()) / 1000
        when = self._loop.time() + min(max(left_secs, SHORTEST_SECS), LONGEST_SECS)
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        self._executor.pass_time()
        self._wait()
