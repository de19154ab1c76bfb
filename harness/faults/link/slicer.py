"""A link that cuts what passes into pieces."""

from typing import ClassVar

from harness.faults.link.toxic import ToxicFault


class Slicer(ToxicFault, frozen=True, kw_only=True):
    """Data comes in small pieces, with pauses between them."""

    toxic: ClassVar[str] = "slicer"

    average_bytes: int = 16
    variation_bytes: int = 8
    pause_us: int = 100

    def attributes(self) -> dict[str, int]:
        """Return the toxic's attributes."""
        return {
            "average_size": self.average_bytes,
            "size_variation": self.variation_bytes,
            "delay": self.pause_us,
        }
