"""Moments at which a scenario can act: rules that make the venue wait there until it has.

moment = world.venue.misbehave(after_match())
order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
async with moment:
await world.node.kill()
"""

from mock_venue.script.rules import ANY, Hold, HoldRequest, PushRule, ReplyRule

_ORDER = "/fapi/v1/order"


def before_match(order: str | None = None, *, nth: int = 1) -> ReplyRule:
    """The `nth` submit, or the order's own, has arrived; the venue has not looked at it yet.

    If the node goes away meanwhile, the request was never there.
    """
    return ReplyRule("POST", _ORDER, HoldRequest(), order=order, skip=nth - 1)


def after_match(order: str | None = None, *, nth: int = 1) -> ReplyRule:
    """The `nth` submit, or the order's own, was executed; its reply has not left."""
    return ReplyRule("POST", _ORDER, Hold(), order=order, skip=nth - 1)


def after_event(nth: int) -> PushRule:
    """The user stream has delivered `nth` events; all later ones wait."""
    return PushRule(ANY, "hold", skip=nth, times=None)


def during_mass_status() -> ReplyRule:
    """The node has asked for its open orders, and has not been told its trades yet."""
    return ReplyRule("GET", "/fapi/v1/userTrades", HoldRequest())
