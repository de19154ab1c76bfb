"""What the faults of the node's clock have in common."""

from typing import ClassVar

from harness.clock import WallClock
from harness.faults.fault import Family, Fault
from harness.world.faults import Ending
from harness.world.parts import Parts


class ClockFault(Fault, frozen=True, kw_only=True):
    """A fault of what the node takes for the time of day; its timers go on, and are right.

    At the end the clock shows the true time again.
    """

    family: ClassVar[Family] = "clock"
    injected: ClassVar[str] = "the clock shim"

    def disturb(self, wall: WallClock) -> None:
        """Set the clock."""
        raise NotImplementedError

    async def begin(self, parts: Parts) -> Ending:
        """Set the clock. Raises RuntimeError where the node's clock is the machine's."""
        wall = parts.node.wall
        if wall is None:
            raise RuntimeError("the node's clock is the machine's: it cannot be set here")

        async def right() -> None:
            wall.right()

        self.disturb(wall)
        return right
