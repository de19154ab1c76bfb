"""A clock that is wrong."""

from harness.clock import WallClock
from harness.faults.clock.clock_fault import ClockFault


class ClockSkew(ClockFault, frozen=True, kw_only=True):
    """The clock is so many seconds before the true time, or (negative) behind it."""

    seconds: float

    def disturb(self, wall: WallClock) -> None:
        """Set the clock."""
        wall.skew(self.seconds)
