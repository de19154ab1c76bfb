"""A toxic of Toxiproxy at work on links; what the faults of the network have in common."""

from typing import ClassVar

from harness.faults.fault import Family, Fault
from harness.world.faults import Ending
from harness.world.links import Direction, Link
from harness.world.parts import Parts


class LinkFault(Fault, frozen=True, kw_only=True):
    """A fault on one link or several at once."""

    family: ClassVar[Family] = "link"
    injected: ClassVar[str] = "Toxiproxy"

    links: tuple[Link, ...]


class ToxicFault(LinkFault, frozen=True, kw_only=True):
    """A fault that is a toxic, in one direction: towards the node, or from it."""

    toxic: ClassVar[str]

    direction: Direction = "downstream"

    def attributes(self) -> dict[str, int]:
        """Return the toxic's attributes, as Toxiproxy names them."""
        raise NotImplementedError

    async def begin(self, parts: Parts) -> Ending:
        """Add the toxic to every link."""
        added: list[tuple[Link, str]] = []

        async def remove() -> None:
            for link, name in added:
                await parts.links.remove_toxic(link, name)

        for link in self.links:
            name = await parts.links.add_toxic(link, self.toxic, self.attributes(), self.direction)
            added.append((link, name))
        return remove
