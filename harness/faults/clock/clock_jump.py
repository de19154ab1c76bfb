"""A clock that jumps."""

from harness.clock import WallClock
from harness.faults.clock.clock_fault import ClockFault


class ClockJump(ClockFault, frozen=True, kw_only=True):
    """The clock jumps so many seconds forward, or (negative) back, from what it shows."""

    seconds: float

    def disturb(self, wall: WallClock) -> None:
        """Set the clock."""
        wall.jump(self.seconds)
