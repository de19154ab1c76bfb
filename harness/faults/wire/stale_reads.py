"""Reads that lag behind."""

from harness.faults.wire.rules import RuleFault
from harness.world.parts import Parts
from mock_venue.script.rules import ANY, Misbehaviour, ReplyRule, Stale


class StaleReads(RuleFault, frozen=True, kw_only=True):
    """Reads are answered from the state in which the exchange was when the fault began."""

    path: str = ANY
    times: int | None = None

    def rules(self, parts: Parts) -> tuple[Misbehaviour, ...]:
        """Return the rule."""
        return (ReplyRule("GET", self.path, Stale(), times=self.times),)
