"""A link that breaks off."""

from typing import ClassVar

from harness.faults.link.toxic import ToxicFault


class LimitData(ToxicFault, frozen=True, kw_only=True):
    """A connection is closed after so many bytes, in the middle of a frame."""

    toxic: ClassVar[str] = "limit_data"

    bytes_max: int

    def attributes(self) -> dict[str, int]:
        """Return the toxic's attributes."""
        return {"bytes": self.bytes_max}
