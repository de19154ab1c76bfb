"""An address that is banned for asking too much."""

from harness.faults.wire.rules import RuleFault
from harness.world.parts import Parts
from mock_venue.script.refusals import TOO_MANY_REQUESTS, banned
from mock_venue.script.rules import ANY, ApiRule, Misbehaviour, ReplyRule


class RateLimitBan(RuleFault, frozen=True, kw_only=True):
    """The first REST request gets 429, all later ones 418 with the time at which the ban ends."""

    ban_secs: int = 120

    def rules(self, parts: Parts) -> tuple[Misbehaviour, ...]:
        """Return the two rules."""
        now_ms = parts.venue.now_ms()
        ban = banned(now_ms + self.ban_secs * 1_000, now_ms)
        return (
            ReplyRule(ANY, ANY, TOO_MANY_REQUESTS),
            ReplyRule(ANY, ANY, ban, times=None),
            ApiRule(ANY, ban, times=None),
        )
