"""A link that resets connections."""

from typing import ClassVar

from harness.faults.link.toxic import ToxicFault


class ResetPeer(ToxicFault, frozen=True, kw_only=True):
    """New connections are reset."""

    toxic: ClassVar[str] = "reset_peer"

    timeout_ms: int = 0

    def attributes(self) -> dict[str, int]:
        """Return the toxic's attributes."""
        return {"timeout": self.timeout_ms}
