"""What is due happens when it is due, though nobody asks the venue for anything."""

from mock_venue.exchange.events import ExchangeEvent
from mock_venue.executor import Executor
from mock_venue.timers import CallLater, Timer

SHORTEST_SECS = 0.01
"""Binance too checks "approximately every 10 milliseconds" (Auto-Cancel All Open Orders)."""
LONGEST_SECS = 1.0
"""The venue's clock may be set."""


class Punctuality:
    """Calls `Executor.pass_time` in time. Needs a running event loop; `close` ends it."""

    def __init__(self, executor: Executor, call_later: CallLater) -> None:
        self._executor = executor
        self._call_later = call_later
        self._timer: Timer | None = None
        self._wake_ms = 0.0
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
        if self._closed or (self._timer is not None and self._wake_ms <= due_ms):
            return
        now_ms = self._executor.now_ms()
        wait_secs = min(max((due_ms - now_ms) / 1000, SHORTEST_SECS), LONGEST_SECS)
        wake_ms = now_ms + wait_secs * 1000
        if self._timer is not None:
            if self._wake_ms <= wake_ms:
                return
            self._timer.cancel()
        self._wake_ms = wake_ms
        self._timer = self._call_later(wait_secs, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        self._executor.pass_time()
        self._wait()
