"""A reply that comes twice."""

from harness.faults.wire.rules import ReplyFault
from mock_venue.script.rules import Duplicate


class ReplyDoubled(ReplyFault, frozen=True, kw_only=True):
    """The request is executed once, and its reply sent twice."""

    def action(self) -> Duplicate:
        """Return what happens to the reply."""
        return Duplicate()
