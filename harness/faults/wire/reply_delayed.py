"""A reply that is late."""

from harness.faults.wire.rules import ReplyFault
from mock_venue.script.rules import Delay


class ReplyDelayed(ReplyFault, frozen=True, kw_only=True):
    """The request is executed, and the reply comes late; or the whole request is late."""

    delay_ms: int
    before: bool = False

    def action(self) -> Delay:
        """Return what happens to the reply."""
        return Delay(self.delay_ms, before=self.before)
