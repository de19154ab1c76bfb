"""A reply that is lost."""

from harness.faults.wire.rules import ReplyFault
from mock_venue.script.rules import Lose


class ReplyLost(ReplyFault, frozen=True, kw_only=True):
    """The request is executed, and the connection reset instead of a reply."""

    def action(self) -> Lose:
        """Return what happens to the reply."""
        return Lose()
