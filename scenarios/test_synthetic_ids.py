"""What NautilusTrader makes up in reconciliation has the same ids when it makes it up again."""

from harness.faults.store.store_flushed import StoreFlushed
from harness.scenario.api import World, buy, known_bug, scenario

LOOKBACK = {"reconciliation_lookback_mins": 1}
BEYOND_THE_LOOKBACK_SECS = 65.0


async def start_twice_on_an_empty_store(world: World) -> None:
    await world.elapse(BEYOND_THE_LOOKBACK_SECS)
    await world.node.start()
    await world.node.stop()
    await world.begin(StoreFlushed())
    await world.node.start()
    await world.converged()


@known_bug("N22")
@scenario(covers="FR-001", exec_engine=LOOKBACK)
async def test_a_position_without_trades_is_given_the_same_ids_at_each_cold_start(
    world: World,
) -> None:
    world.venue.external_order(buy("BTCUSDT-PERP", "0.010"))
    await start_twice_on_an_empty_store(world)


@known_bug("N23", "N46", "U05")
@scenario(covers="FR-001", exec_engine=LOOKBACK)
async def test_a_cold_start_with_an_order_that_was_partly_filled_before_the_lookback(
    world: World,
) -> None:
    order = world.venue.external_order(buy("BTCUSDT-PERP", "0.010", at="50000"))
    world.venue.fill(order, "0.004")
    await world.elapse(BEYOND_THE_LOOKBACK_SECS)
    await world.node.start()
    await world.converged()
