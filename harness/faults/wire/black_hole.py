"""An exchange that takes everything in and answers nothing."""

from harness.faults.wire.rules import WireFault, arm
from harness.world.faults import Ending
from harness.world.parts import Parts
from mock_venue.script.rules import ANY, ApiRule, HandshakeRule, Hang, HoldRequest, ReplyRule


class BlackHole(WireFault, frozen=True, kw_only=True):
    """Requests and handshakes are taken in and never answered, live streams are silent for good."""

    async def begin(self, parts: Parts) -> Ending:
        """Swallow everything; at the end, what was swallowed is dropped."""
        end = arm(
            parts,
            self,
            (
                ReplyRule(ANY, ANY, HoldRequest(), times=None),
                ApiRule(ANY, HoldRequest(), times=None),
                HandshakeRule(ANY, Hang(), times=None),
            ),
            let_go=False,
        )
        parts.venue.forget_streams("swallowed by the scenario", None)
        return end
