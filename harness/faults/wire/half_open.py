"""Streams that are half open."""

from harness.faults.wire.rules import WireFault
from harness.world.parts import Parts
from mock_venue.wire.connection import StreamKind


class HalfOpen(WireFault, frozen=True, kw_only=True):
    """The venue forgets live WebSockets without a word: open for the node, and silent for good."""

    stream: StreamKind | None = "user"

    async def begin(self, parts: Parts) -> None:
        """Forget them."""
        parts.venue.forget_streams("forgotten by the scenario", self.stream)
