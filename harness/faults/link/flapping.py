"""A link that comes and goes."""

import asyncio

from harness.faults.link.toxic import LinkFault
from harness.world.faults import Ending
from harness.world.parts import Parts


class Flapping(LinkFault, frozen=True, kw_only=True):
    """The link goes down and comes back, again and again."""

    down_secs: float
    up_secs: float

    async def begin(self, parts: Parts) -> Ending:
        """Go down at once, and flap until the end; then the link is up."""
        over = asyncio.Event()

        async def passes(seconds: float) -> bool:
            try:
                await parts.history.clock.wait_for(over.wait(), seconds)
            except TimeoutError:
                return True
            return False

        async def flap() -> None:
            while True:
                go_on = await passes(self.down_secs)
                await parts.links.restore(*self.links)
                if not go_on or not await passes(self.up_secs):
                    return
                await parts.links.cut(*self.links)

        async def settle() -> None:
            over.set()
            await flapping

        await parts.links.cut(*self.links)
        flapping = asyncio.create_task(flap())
        return settle
