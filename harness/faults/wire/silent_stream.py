"""A user stream that is open and says nothing."""

from harness.faults.wire.rules import RuleFault
from harness.world.parts import Parts
from mock_venue.script.rules import ANY, Misbehaviour, PushRule


class SilentStream(RuleFault, frozen=True, kw_only=True):
    """The user stream is open, answers pings, and delivers no event."""

    def rules(self, parts: Parts) -> tuple[Misbehaviour, ...]:
        """Return the rule."""
        return (PushRule(ANY, "drop", times=None),)
