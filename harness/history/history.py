"""Writing, waiting for and reading a history. One line of JSON an event."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from harness.clock import Clock
from harness.history.event import Event, Source

EVENTS_MAX = 2_000_000

Predicate = Callable[[Event], bool]


class HistoryFull(RuntimeError):
    """The history reached `EVENTS_MAX`; the run cannot be judged any more."""


class History:
    """An append-only list of events, kept in memory and written to a file as it grows.

    `record` may be called from the event loop's thread only. Nothing is ever changed or removed.
    Each event is in the file at once, so that it outlives the process. What cannot be written is
    kept in memory all the same; `failure` is why the file is not whole.
    `clock` is the machine's unless another one is given.
    """

    def __init__(self, path: Path | None = None, clock: Clock | None = None) -> None:
        self._events: list[Event] = []
        self.clock = clock or Clock()
        self._encoder = msgspec.json.Encoder()
        self.failure: OSError | None = None
        self._file: IO[bytes] | None = path.open("wb") if path else None
        self._waiters: dict[asyncio.Future[Event], Predicate] = {}
        self._listeners: list[Callable[[Event], None]] = []

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    @property
    def events(self) -> list[Event]:
        """All events so far, by `seq`."""
        return self._events

    def record(
        self, source: Source, kind: str, data: dict[str, Any], ts: int | None = None
    ) -> Event:
        """Append an event; `ts` defaults to now. Raises `HistoryFull` at the limit."""
        if len(self._events) >= EVENTS_MAX:
            raise HistoryFull(f"the history holds {EVENTS_MAX} events, its limit")
        event = Event(
            seq=len(self._events),
            ts=self.clock.now_ns() if ts is None else ts,
            source=source,
            kind=kind,
            data=data,
            real_ts=time.time_ns(),
        )
        self._events.append(event)
        if self._file is not None:
            try:
                self._file.write(self._encoder.encode(event) + b"\n")
                self._file.flush()
            except OSError as failure:
                self.failure = failure
                self.close()
        for future, predicate in list(self._waiters.items()):
            if not future.done() and predicate(event):
                future.set_result(event)
        for listener in self._listeners:
            listener(event)
        return event

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every later event; returns the call that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def wait_for(
        self, predicate: Predicate, deadline_secs: float | None, *, since: int | None = None
    ) -> Event:
        """Return the first event that satisfies `predicate`, from `since` (a `seq`) on.

        Without `since` only events recorded after the call count.
        Raises TimeoutError after `deadline_secs` of the history's clock; None is no deadline.
        """
        if since is not None:
            for event in self._events[since:]:
                if predicate(event):
                    return event
        future: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._waiters[future] = predicate
        try:
            if deadline_secs is None:
                return await future
            return await self.clock.wait_for(future, deadline_secs)
        finally:
            del self._waiters[future]

    def close(self) -> None:
        """Close the file."""
        if self._file is None:
            return
        try:
            self._file.close()
        except OSError as failure:
            self.failure = failure
        self._file = None


def read_history(path: Path) -> list[Event]:
    """Read a history file. Raises ValueError naming the line that is not an event.

    A last line without its end was being written when the run was killed, and is left out.
    """
    decoder = msgspec.json.Decoder(Event)
    events = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                break
            try:
                events.append(decoder.decode(line))
            except msgspec.MsgspecError as error:
                raise ValueError(f"{path}:{number} is not a history event: {error}") from None
    return events
