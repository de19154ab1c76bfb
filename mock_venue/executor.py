"""The one way into the exchange: carry out a command, record it, tell the streams.

Clients (through the wire) and acts (through the script) both come through here, so whatever happens
in the ledger is in the history and on the streams, in the same order.
"""

from collections.abc import Callable

from mock_venue.exchange.commands import Command, PassTime
from mock_venue.exchange.events import ExchangeEvent
from mock_venue.exchange.exchange import Exchange
from mock_venue.recording import Record, record_events

Listener = Callable[[list[ExchangeEvent]], None]


class Executor:
    """Applies commands at the venue's time. Not thread safe: the event loop's thread only."""

    def __init__(self, exchange: Exchange, now_ns: Callable[[], int], record: Record) -> None:
        self.exchange = exchange
        self._now_ns = now_ns
        self._record = record
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call `listener` with the events of every later command, after they are recorded."""
        self._listeners.append(listener)

    def now_ms(self) -> int:
        """The venue's time in UNIX milliseconds."""
        return self._now_ns() // 1_000_000

    def execute(
        self, command: Command, before: Callable[[], None] | None = None
    ) -> list[ExchangeEvent]:
        """Carry out a command. Raises ExchangeError, and then nothing has happened.

        `before` is called once the command has succeeded, before its events are recorded.
        """
        events = self.exchange.apply(command, self.pass_time())
        if before is not None:
            before()
        self._tell(events)
        return events

    def pass_time(self) -> int:
        """Let happen what is due by now, the venue's time in UNIX milliseconds, and return that."""
        now_ms = self.now_ms()
        if self.exchange.agenda.due_ms <= now_ms:
            self._tell(self.exchange.apply(PassTime(), now_ms))
        return now_ms

    def _tell(self, events: list[ExchangeEvent]) -> None:
        record_events(self._record, events)
        for listener in self._listeners:
            listener(events)
