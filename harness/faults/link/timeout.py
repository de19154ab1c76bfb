"""A link that swallows everything."""

from typing import ClassVar

from harness.faults.link.toxic import ToxicFault


class Timeout(ToxicFault, frozen=True, kw_only=True):
    """Bytes are swallowed; with a timeout, a connection that is idle for so long is closed.

    At the end connections are closed, and what was swallowed is lost.
    """

    toxic: ClassVar[str] = "timeout"

    timeout_ms: int = 0

    def attributes(self) -> dict[str, int]:
        """Return the toxic's attributes."""
        return {"timeout": self.timeout_ms}
