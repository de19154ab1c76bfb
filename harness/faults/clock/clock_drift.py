"""A clock that is too fast or too slow."""

from harness.clock import WallClock
from harness.faults.clock.clock_fault import ClockFault


class ClockDrift(ClockFault, frozen=True, kw_only=True):
    """The clock goes too fast, or (negative) too slow, by so many millionths."""

    ppm: float

    def disturb(self, wall: WallClock) -> None:
        """Set the clock."""
        wall.drift(self.ppm)
