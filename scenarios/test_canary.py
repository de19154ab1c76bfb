"""The canary: a session in which this is not found would not find anything."""

from harness.scenario.api import World, buy, known_bug, scenario


@known_bug("CANARY")
@scenario(
    covers="canary",
    planted="fill_dropped",
    exec_engine={"open_check_interval_secs": None, "position_check_interval_secs": None},
)
async def test_a_fill_that_the_node_drops_is_reported(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    world.venue.fill(order)
    await world.converged(deadline_secs=6.0)
