"""Streams that are reset."""

from harness.faults.wire.rules import WireFault
from harness.world.parts import Parts
from mock_venue.wire.connection import StreamKind


class StreamsReset(WireFault, frozen=True, kw_only=True):
    """Live WebSockets of one kind, or of all, are reset: RST, no close frame and no FIN."""

    stream: StreamKind | None = "user"

    async def begin(self, parts: Parts) -> None:
        """Reset them."""
        parts.venue.reset_streams("reset by the scenario", self.stream)
