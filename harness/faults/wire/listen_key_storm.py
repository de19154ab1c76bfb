"""Listen keys that expire as soon as they are used."""

import asyncio

from harness.faults.wire.rules import WireFault
from harness.history import Event
from harness.world.faults import Ending
from harness.world.parts import Parts


class ListenKeyStorm(WireFault, frozen=True, kw_only=True):
    """Every listen key expires as soon as a user stream is opened with it, `times` times."""

    times: int = 5

    async def begin(self, parts: Parts) -> Ending:
        """Expire the keys now, and at every opening."""
        left = self.times
        loop = asyncio.get_running_loop()

        def expire() -> None:
            nonlocal left
            if left > 0:
                left -= 1
                parts.venue.expire_listen_keys()

        def follow(event: Event) -> None:
            opened = (event.source, event.kind) == ("wire", "connection") and (
                event.data["stream"],
                event.data["action"],
            ) == ("user", "opened")
            if opened:
                loop.call_soon(expire)

        unlisten = parts.history.listen(follow)

        async def calm() -> None:
            nonlocal left
            left = 0
            unlisten()

        expire()
        return calm
