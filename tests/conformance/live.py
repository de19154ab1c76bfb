"""A venue on a loopback port, in real time, with a key of each type: what every client meets."""

import asyncio
import time
from types import TracebackType
from typing import Any, Self

from mock_venue import AccountSpec, Venue, VenueConfig
from mock_venue.control.clients import instructions
from tests.mock_venue.helpers import DEADLINE_SECS, Log


class LiveVenue:
    """A running venue in the test's event loop: `venue` for acts, `log` for what it recorded.

    A client that blocks must run in a thread: `await asyncio.to_thread(client.call)`.
    """

    def __init__(self, config: VenueConfig) -> None:
        self.log = Log()
        self.venue = Venue(config, time.time_ns, self.log.record)

    async def __aenter__(self) -> Self:
        await self.venue.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.wait_for(self.venue.close(), DEADLINE_SECS)

    def follow(self, client: str, account: AccountSpec) -> dict[str, Any]:
        """What a client's printed instructions define."""
        defined: dict[str, Any] = {}
        exec(instructions(self.host, account)[client], defined)
        return defined

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.venue.port}"

    @property
    def http(self) -> str:
        return f"http://{self.host}"

    @property
    def ws(self) -> str:
        return f"ws://{self.host}"
