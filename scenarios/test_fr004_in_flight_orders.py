"""FR-004: an order whose answer never came is resolved by the in-flight check."""

from harness.scenario.api import Hang, Lose, PushRule, ReplyRule, World, buy, scenario

# No other check comes to the rescue.
IN_FLIGHT_ONLY = {"open_check_interval_secs": None, "position_check_interval_secs": None}


@scenario(covers="FR-004", exec_engine=IN_FLIGHT_ONLY)
async def test_a_submit_whose_reply_and_push_are_lost_is_resolved(world: World) -> None:
    await world.node.start()
    world.venue.misbehave(ReplyRule("POST", "/fapi/v1/order", Hang()))
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop", execution="NEW"))
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    world.venue.fill(order)
    await order.filled()
    await world.converged()


@scenario(covers="FR-004", exec_engine=IN_FLIGHT_ONLY)
async def test_a_submit_whose_connection_is_reset_after_the_match_is_resolved(
    world: World,
) -> None:
    await world.node.start()
    world.venue.misbehave(ReplyRule("POST", "/fapi/v1/order", Lose()))
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop", execution="NEW"))
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    await world.converged()


@scenario(covers="FR-004", exec_engine=IN_FLIGHT_ONLY)
async def test_a_cancel_whose_reply_and_push_are_lost_is_resolved(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    world.venue.misbehave(ReplyRule("DELETE", "/fapi/v1/order", Lose()))
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop", execution="CANCELED"))
    await world.node.cancel(order)
    await order.canceled()
    await world.converged()


@scenario(covers="FR-004", exec_engine=IN_FLIGHT_ONLY)
async def test_a_cancel_that_never_reached_the_venue_is_resolved(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    await world.links.cut("rest")
    await world.node.cancel(order)
    await world.node.checked("in_flight", times=2)
    await world.links.restore("rest")
    await world.converged()
