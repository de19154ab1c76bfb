"""FR-003: what the user stream did not deliver, the periodic checks find."""

from harness.scenario.api import PushRule, World, buy, known_bug, scenario

TRADE_LOST = PushRule("ORDER_TRADE_UPDATE", "drop", execution="TRADE")


@scenario(covers="FR-003", exec_engine={"position_check_interval_secs": None})
async def test_a_partial_fill_whose_push_is_lost_is_found_by_the_open_check(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    world.venue.misbehave(TRADE_LOST)
    world.venue.fill(order, "0.004")
    await order.filled("0.004")
    await world.converged()


ALL_ORDERS = {"open_check_open_only": False, "position_check_interval_secs": None}


@scenario(covers="FR-003", exec_engine=ALL_ORDERS)
async def test_a_full_fill_whose_push_is_lost_is_found_by_the_open_check(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    world.venue.misbehave(TRADE_LOST)
    world.venue.fill(order)
    await order.filled()
    await world.converged()


@scenario(
    covers="FR-003", needs=("check:positions",), exec_engine={"open_check_interval_secs": None}
)
async def test_a_fill_whose_push_is_lost_is_found_by_the_position_check(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    world.venue.misbehave(TRADE_LOST)
    world.venue.fill(order)
    await order.filled()
    await world.converged()


@known_bug("V08")
@scenario(
    covers="FR-003", needs=("check:positions",), exec_engine={"open_check_interval_secs": None}
)
async def test_a_position_discrepancy_is_reported(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    world.venue.misbehave(TRADE_LOST)
    world.venue.fill(order)
    await world.node.warned("discrepancy")
    await world.converged()


@scenario(covers="FR-003", exec_engine=ALL_ORDERS)
async def test_a_cancel_whose_push_is_lost_is_found_by_the_open_check(world: World) -> None:
    await _lose_a_cancel(world)


@known_bug("N01")
@scenario(covers="FR-003")
async def test_a_cancel_whose_push_is_lost_is_found_with_the_default_open_check(
    world: World,
) -> None:
    await _lose_a_cancel(world)


async def _lose_a_cancel(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop", execution="CANCELED"))
    world.venue.cancel(order)
    await world.converged()
