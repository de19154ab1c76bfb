"""A link that is narrow."""

from typing import ClassVar

from harness.faults.link.toxic import ToxicFault


class Bandwidth(ToxicFault, frozen=True, kw_only=True):
    """Bytes pass at a limited rate."""

    toxic: ClassVar[str] = "bandwidth"

    kib_per_sec: int

    def attributes(self) -> dict[str, int]:
        """Return the toxic's attributes."""
        return {"rate": self.kib_per_sec}
