"""What the faults of the venue have in common: rules of misbehaviour, armed while they last."""

from typing import ClassVar

from harness.faults.fault import Family, Fault
from harness.world.faults import Ending
from harness.world.parts import Parts
from mock_venue.script.rules import (
    ANY,
    ApiRule,
    Misbehaviour,
    PushAction,
    PushRule,
    ReplyAction,
    ReplyRule,
)


class WireFault(Fault, frozen=True, kw_only=True):
    """A fault that the venue injects, at its sockets or between match and reply."""

    family: ClassVar[Family] = "wire"
    injected: ClassVar[str] = "the venue"


class RuleFault(WireFault, frozen=True, kw_only=True):
    """A fault that is rules of misbehaviour. At its end, what they hold back is let go."""

    def rules(self, parts: Parts) -> tuple[Misbehaviour, ...]:
        """Return the rules."""
        raise NotImplementedError

    async def begin(self, parts: Parts) -> Ending:
        """Arm the rules."""
        return arm(parts, self, self.rules(parts))


class ReplyFault(RuleFault, frozen=True, kw_only=True):
    """A fault of the replies to some requests; `order` is a client order id they are about.

    They are REST's, or those to a method of the WebSocket API where `api_method` names one.
    """

    method: str = "POST"
    path: str = "/fapi/v1/order"
    api_method: str | None = None
    order: str | None = None
    times: int | None = 1

    def action(self) -> ReplyAction:
        """Return what happens to a reply."""
        raise NotImplementedError

    def rules(self, parts: Parts) -> tuple[Misbehaviour, ...]:
        """Return the rule."""
        action = self.action()
        if self.api_method is not None:
            return (ApiRule(self.api_method, action, order=self.order, times=self.times),)
        return (ReplyRule(self.method, self.path, action, order=self.order, times=self.times),)


class PushFault(RuleFault, frozen=True, kw_only=True):
    """A fault of some events of the user stream, named as in a `PushRule`."""

    action: ClassVar[PushAction]

    event: str = ANY
    execution: str | None = None
    order: str | None = None
    times: int | None = None

    def rules(self, parts: Parts) -> tuple[Misbehaviour, ...]:
        """Return the rule."""
        return (
            PushRule(
                self.event,
                self.action,
                execution=self.execution,
                order=self.order,
                times=self.times,
            ),
        )


def arm(
    parts: Parts, fault: Fault, rules: tuple[Misbehaviour, ...], *, let_go: bool = True
) -> Ending:
    """Arm a fault's rules; their end lets go of what they hold, or drops it."""
    handles = [parts.venue.misbehave(rule) for rule in rules]

    async def disarm() -> None:
        parts.disarm(type(fault).__name__, handles, let_go=let_go)

    return disarm
