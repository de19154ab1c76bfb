"""A link that is down."""

from harness.faults.link.toxic import LinkFault
from harness.world.faults import Ending
from harness.world.parts import Parts


class LinkDown(LinkFault, frozen=True, kw_only=True):
    """Connections are closed and new ones refused, until the link is back on the same port."""

    async def begin(self, parts: Parts) -> Ending:
        """Cut the links."""

        async def restore() -> None:
            await parts.links.restore(*self.links)

        await parts.links.cut(*self.links)
        return restore
