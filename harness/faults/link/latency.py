"""A link that is slow to answer."""

from typing import ClassVar

from harness.faults.link.toxic import ToxicFault


class Latency(ToxicFault, frozen=True, kw_only=True):
    """Everything comes later, by a fixed time and a random one."""

    toxic: ClassVar[str] = "latency"

    latency_ms: int
    jitter_ms: int = 0

    def attributes(self) -> dict[str, int]:
        """Return the toxic's attributes."""
        return {"latency": self.latency_ms, "jitter": self.jitter_ms}
