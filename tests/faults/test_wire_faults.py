"""Faults of replies strike REST, or the WebSocket API; those of the whole exchange strike both."""

import time

import pytest

from harness.faults import BlackHole, Fault, Maintenance, RateLimitBan, Refused, ReplyLost
from harness.faults.wire.rules import ReplyFault
from harness.history import History
from harness.node.addressing import Addressing
from harness.world.addressed_venue import AddressedVenue
from harness.world.parts import Parts
from mock_venue import VenueConfig
from mock_venue.script.rules import ANY, ApiRule, Lose, Misbehaviour, ReplyRule
from mock_venue.timers import loop_call_later


class VenueAndHistory(Parts):
    """As much of a world as a fault of the venue needs; keeps what is armed."""

    def __init__(self) -> None:
        self.history = History()
        self.armed: list[Misbehaviour] = []
        self.venue = AddressedVenue(
            Addressing(), VenueConfig(), time.time_ns, self.history.record, loop_call_later
        )
        arm = self.venue.misbehave

        def misbehave(rule: Misbehaviour) -> object:
            self.armed.append(rule)
            return arm(rule)

        self.venue.misbehave = misbehave  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (ReplyLost(order="O-1"), ReplyRule("POST", "/fapi/v1/order", Lose(), order="O-1")),
        (ReplyLost(api_method="session.logon"), ApiRule("session.logon", Lose())),
        (ReplyLost(api_method=ANY, times=None), ApiRule(ANY, Lose(), times=None)),
    ],
)
def test_a_fault_of_replies_strikes_rest_unless_it_names_a_method(
    fault: ReplyFault, rule: Misbehaviour
) -> None:
    assert fault.rules(VenueAndHistory()) == (rule,)


def test_a_refusal_on_the_websocket_api_is_checked_as_one_on_rest_is() -> None:
    fault = Refused(api_method="session.logon", refusal="NONSENSE")
    with pytest.raises(ValueError, match=r"refusal must be one of .* was 'NONSENSE'"):
        fault.rules(VenueAndHistory())


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", [BlackHole(), Maintenance(), RateLimitBan()])
async def test_an_exchange_that_is_away_is_away_on_both(fault: Fault) -> None:
    parts = VenueAndHistory()
    await fault.begin(parts)
    for kind in (ReplyRule, ApiRule):
        rules = [rule for rule in parts.armed if isinstance(rule, kind)]
        assert (rules[-1].method, rules[-1].times) == (ANY, None)
