"""A request that is refused, executed or not."""

from harness.faults.wire.rules import ReplyFault
from mock_venue.script import refusals
from mock_venue.script.rules import Refuse

REFUSALS: dict[str, Refuse] = {
    name: value for name, value in vars(refusals).items() if isinstance(value, Refuse)
}


class Refused(ReplyFault, frozen=True, kw_only=True):
    """The answer is an error: a 4xx, a 5xx or HTML; the request was executed, or was not.

    `refusal` is a name in `mock_venue.script.refusals`: "UNKNOWN_ERROR", "TIMEOUT",
    "BAD_GATEWAY_HTML"...
    """

    refusal: str
    executed: bool = False

    def action(self) -> Refuse:
        """Return the answer. Raises ValueError for a name that is none."""
        if self.refusal not in REFUSALS:
            raise ValueError(
                f"Refused: refusal must be one of {', '.join(REFUSALS)}, was {self.refusal!r}"
            )
        answer = REFUSALS[self.refusal]
        return refusals.executed(answer) if self.executed else answer
