"""An exchange under maintenance."""

from harness.faults.wire.rules import WireFault, arm
from harness.world.faults import Ending
from harness.world.parts import Parts
from mock_venue.script.refusals import SERVICE_UNAVAILABLE
from mock_venue.script.rules import ANY, ApiRule, HandshakeRule, ReplyRule


class Maintenance(WireFault, frozen=True, kw_only=True):
    """All streams are closed, no new one opens, and every request gets 503 Service Unavailable."""

    async def begin(self, parts: Parts) -> Ending:
        """Refuse everything, then close the streams."""
        end = arm(
            parts,
            self,
            (
                ReplyRule(ANY, ANY, SERVICE_UNAVAILABLE, times=None),
                ApiRule(ANY, SERVICE_UNAVAILABLE, times=None),
                HandshakeRule(ANY, SERVICE_UNAVAILABLE, times=None),
            ),
        )
        parts.venue.close_streams("maintenance", None)
        return end
