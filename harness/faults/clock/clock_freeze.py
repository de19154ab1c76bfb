"""A clock that stands still."""

from harness.clock import WallClock
from harness.faults.clock.clock_fault import ClockFault


class ClockFreeze(ClockFault, frozen=True, kw_only=True):
    """The clock stands still."""

    def disturb(self, wall: WallClock) -> None:
        """Set the clock."""
        wall.freeze()
