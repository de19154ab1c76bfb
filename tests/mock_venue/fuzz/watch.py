"""What must hold whatever is sent: Binance's errors, an unchanged state, a quiet log, bounds."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from mock_venue import VenueConfig
from mock_venue.control.acts import Rules
from mock_venue.control.api import PREFIX, ControlApi, History
from mock_venue.control.player import Player
from mock_venue.recording import Data, made
from tests.mock_venue.fuzz.wire import Reply
from tests.mock_venue.helpers import World

RECORDED_BYTES_MAX = 32_768
"""An event of the history is never larger, however large what a client sent."""
TURNS_MAX = 10_000


class FuzzedWorld(World):
    """A running venue with its control API; what it records is checked for size and dropped."""

    def __init__(self, config: VenueConfig) -> None:
        super().__init__(config)
        self.log.record = self._checked  # type: ignore[method-assign]
        self.events = 0
        self.history = History()
        self.rules = Rules(self.venue)
        self.player = Player(self.venue, self.rules, self._checked, self._call_later)
        api = ControlApi(self.venue, self.rules, self.player, self.history)
        self.venue.mount(PREFIX, api.serve)

    def _checked(self, source: str, kind: str, late: Data) -> None:
        data = made(late)
        size = len(msgspec.json.encode(data))
        assert size <= RECORDED_BYTES_MAX, f"{source} {kind} of {size} bytes recorded"
        self.events += 1
        self.history.add(self.clock.now_ns(), source, kind, data)  # type: ignore[arg-type]

    def _call_later(self, seconds: float, function: Any) -> None:
        asyncio.get_running_loop().call_later(seconds, function)

    def state(self) -> Any:
        """What a refused request must leave as it is."""
        return self.venue.snapshot()


class _Listening(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.WARNING:
            formatted = logging.Formatter().format(record)
            self.told.append(f"{record.name} {record.levelname}: {formatted}")


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing is logged with a traceback or as a warning, and no exception goes unhandled."""
    handler = _Listening()
    root, loop = logging.getLogger(), asyncio.get_running_loop()
    root.addHandler(handler)
    loop.set_exception_handler(lambda _, context: handler.told.append(repr(context)))
    try:
        yield
    finally:
        root.removeHandler(handler)
        loop.set_exception_handler(None)
    assert not handler.told, "\n".join(handler.told[:3])


async def settled(world: FuzzedWorld, tasks: int) -> None:
    """Wait until no connection and no task is left of those that were made since."""
    for _ in range(TURNS_MAX):
        if len(asyncio.all_tasks()) <= tasks and not len(world.venue.connections):
            return
        await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() if not task.done()]
    raise AssertionError(f"{len(world.venue.connections)} connections and {left} stay")


def is_refusal(reply: Reply) -> bool:
    """Whether the reply refuses in Binance's shape; False for a success. Anything else fails."""
    if reply.status == 200:
        return False
    assert 400 <= reply.status < 500, (reply.status, reply.body[:500])
    assert reply.headers["content-type"].startswith("application/json"), reply
    told = msgspec.json.decode(reply.body)
    assert set(told) == {"code", "msg"}, told
    assert type(told["code"]) is int and told["code"] < 0 and type(told["msg"]) is str, told
    return True
