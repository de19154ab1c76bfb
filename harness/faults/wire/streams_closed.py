"""Streams that the exchange closes."""

from harness.faults.wire.rules import WireFault
from harness.world.parts import Parts
from mock_venue.wire.connection import StreamKind


class StreamsClosed(WireFault, frozen=True, kw_only=True):
    """The venue closes its WebSockets of one kind, or of all, with a close frame."""

    stream: StreamKind | None = "user"

    async def begin(self, parts: Parts) -> None:
        """Close them."""
        parts.venue.close_streams("closed by the scenario", self.stream)
