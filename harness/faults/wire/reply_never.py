"""A reply that never comes."""

from harness.faults.wire.rules import ReplyFault
from mock_venue.script.rules import Hang


class ReplyNever(ReplyFault, frozen=True, kw_only=True):
    """The request is executed and never answered; the connection stays open."""

    def action(self) -> Hang:
        """Return what happens to the reply."""
        return Hang()
