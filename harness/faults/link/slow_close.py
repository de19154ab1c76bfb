"""A link that is slow to close."""

from typing import ClassVar

from harness.faults.link.toxic import ToxicFault


class SlowClose(ToxicFault, frozen=True, kw_only=True):
    """A closed connection is told of it late."""

    toxic: ClassVar[str] = "slow_close"

    delay_ms: int

    def attributes(self) -> dict[str, int]:
        """Return the toxic's attributes."""
        return {"delay": self.delay_ms}
