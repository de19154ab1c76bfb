"""Stop orders: conditional at the venue, regular orders under another id once they trigger."""

from harness.scenario.api import Order, PushRule, World, buy, known_bug, scenario, sell

BTC = "BTCUSDT-PERP"


@known_bug("N20", "N44")
@scenario(covers="FR-003", needs=("algo_orders",))
async def test_a_stop_triggers_and_is_filled(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010"))
    await order.filled()
    stop = await world.node.submit(sell(BTC, "0.010", trigger_price="49000", reduce_only=True))
    await stop.accepted()
    world.venue.set_price("BTCUSDT", bid="48999.9", ask="49000.0")
    await stop.filled()
    await world.converged()


@scenario(covers="FR-003", needs=("algo_orders",))
async def test_a_stop_is_canceled(world: World) -> None:
    await world.node.start()
    stop = await world.node.submit(sell(BTC, "0.010", trigger_price="49000"))
    await stop.accepted()
    await world.node.cancel(stop)
    await stop.canceled()
    await world.converged()


@scenario(covers="FR-001", needs=("algo_orders",))
async def test_a_stop_waits_while_the_node_is_down(world: World) -> None:
    await world.node.start()
    stop = await world.node.submit(sell(BTC, "0.010", trigger_price="49000"))
    await stop.accepted()
    await world.node.stored()
    await world.node.kill()
    await world.node.start()
    await world.converged()


@known_bug("K01", "V04")
@scenario(covers="FR-001", needs=("algo_orders",))
async def test_a_stop_triggered_while_the_node_is_down_is_recovered(world: World) -> None:
    await world.node.start()
    stop = await world.node.submit(buy(BTC, "0.010", trigger_price="51000"))
    await stop.accepted()
    await world.node.stored()
    await world.node.kill()
    world.venue.set_price("BTCUSDT", bid="51000.0", ask="51000.1")
    await world.node.start()
    await stop.filled()
    await world.converged()


@known_bug("V04")
@scenario(covers="FR-001", needs=("algo_orders",))
async def test_a_stop_that_closed_the_position_while_the_node_was_down(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010"))
    await order.filled()
    stop = await world.node.submit(sell(BTC, "0.010", trigger_price="49000", reduce_only=True))
    await stop.accepted()
    await world.node.stored()
    await world.node.kill()
    world.venue.set_price("BTCUSDT", bid="48999.9", ask="49000.0")
    await world.node.start()
    await stop.filled()
    await world.converged()


@scenario(covers="FR-003", needs=("algo_orders",))
async def test_a_stop_is_rejected_at_its_trigger(world: World) -> None:
    await world.node.start()
    stop = await world.node.submit(sell(BTC, "0.010", trigger_price="49000", reduce_only=True))
    await stop.accepted()
    world.venue.set_price("BTCUSDT", bid="48999.9", ask="49000.0")
    await stop.rejected()
    await world.converged()


@known_bug("N20", "N44")
@scenario(covers="FR-003", needs=("algo_orders",))
async def test_the_trigger_is_told_before_the_order(world: World) -> None:
    await world.node.start()
    stop = await world.node.submit(buy(BTC, "0.010", trigger_price="51000"))
    await stop.accepted()
    held = world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "hold", times=2))
    world.venue.set_price("BTCUSDT", bid="51000.0", ask="51000.1")
    await held.struck(2)
    held.release()
    await stop.filled()
    await world.converged()


async def trigger_unseen(world: World) -> Order:
    """A stop is filled, and none of its seven pushes arrives."""
    await world.node.start()
    stop = await world.node.submit(buy(BTC, "0.010", trigger_price="51000"))
    await stop.accepted()
    rule = world.venue.misbehave(PushRule("*", "drop", times=7))
    world.venue.set_price("BTCUSDT", bid="51000.0", ask="51000.1")
    await rule.struck(7)
    return stop


@known_bug("N05", "N10", "V04")
@scenario(covers="FR-003", needs=("algo_orders",))
async def test_a_stop_that_triggered_unseen_is_found(world: World) -> None:
    await trigger_unseen(world)
    await world.converged()


@known_bug("N10", "V04")
@scenario(covers="FR-003", needs=("algo_orders",), exec_engine={"open_check_open_only": False})
async def test_a_stop_that_triggered_unseen_is_found_by_the_full_open_check(world: World) -> None:
    stop = await trigger_unseen(world)
    await stop.filled()
    await world.converged()
