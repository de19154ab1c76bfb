"""A reply that does not say what is true."""

from typing import Any

from harness.faults.wire.rules import ReplyFault
from mock_venue.script.rules import Alter


class ReplyAltered(ReplyFault, frozen=True, kw_only=True):
    """The reply has other values in some fields than it should have."""

    fields: dict[str, Any]

    def action(self) -> Alter:
        """Return what happens to the reply."""
        return Alter(self.fields)
