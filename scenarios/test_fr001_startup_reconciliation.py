"""FR-001: at its start the node takes over the venue's orders, fills and positions."""

from harness.faults import StoreFlushed
from harness.scenario.api import (
    Delay,
    HoldRequest,
    ReplyRule,
    World,
    buy,
    known_bug,
    scenario,
    sell,
)

ETH = "ETHUSDT-PERP"
BTC = "BTCUSDT-PERP"


@known_bug("N42", by_chance=["N45"])
@scenario(covers="FR-001")
async def test_cold_start_with_position_open_orders_and_history(world: World) -> None:
    world.venue.generate_history("BTCUSDT", orders=40, net="0.250")
    own = world.venue.external_order(buy(BTC, "0.010", at="49000"), client_order_id="O-past-1")
    external = world.venue.external_order(sell(BTC, "0.020", at="51000"))
    world.venue.fill(external, "0.005")
    await world.node.start()
    world.venue.fill(own)
    await own.filled()
    await world.converged()


@scenario(covers="FR-001")
async def test_fill_while_the_node_is_down_is_recovered_at_a_cold_start(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.node.stored()
    await world.node.kill()
    world.venue.fill(order)
    await world.begin(StoreFlushed())
    await world.node.start()
    await world.converged()


@known_bug("K01", by_chance=["N11"])
@scenario(covers="FR-001")
async def test_warm_restart_with_an_open_position(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    world.venue.fill(order)
    await order.filled()
    await world.node.stop()
    await world.node.start()
    await world.converged()


@known_bug("K01")
@scenario(covers="FR-001")
async def test_rest_is_filled_while_the_node_is_down_after_kill_9(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    world.venue.fill(order, "0.004")
    await order.filled("0.004")
    await world.node.stored()
    await world.node.kill()
    world.venue.fill(order, "0.006")
    await world.node.start()
    await world.converged()


@known_bug("V01")
@scenario(covers="FR-001")
async def test_order_is_canceled_while_the_node_is_down(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    kept = await world.node.submit(buy(BTC, "0.020", at="49000"))
    await order.accepted()
    await kept.accepted()
    await world.node.stored()
    await world.node.kill()
    world.venue.cancel(order)
    await world.node.start()
    await order.canceled()
    await world.converged()


@scenario(covers="FR-001")
async def test_kill_while_a_submit_is_in_flight(world: World) -> None:
    await world.node.start()
    # Arrived, and executed after the node is gone.
    world.venue.misbehave(ReplyRule("POST", "/fapi/v1/order", Delay(1_500)))
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.submitted()
    await order.requested()
    await world.node.stored()
    await world.node.kill()
    await world.event("venue", "order", client_order_id=str(order), status="NEW")
    await world.node.start()
    await world.converged()


@known_bug("V03")
@scenario(covers="FR-001")
async def test_kill_while_a_submit_is_in_flight_that_is_never_executed(world: World) -> None:
    await world.node.start()
    world.venue.misbehave(ReplyRule("POST", "/fapi/v1/order", HoldRequest()))
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.submitted()
    await order.requested()
    await world.node.stored()
    await world.node.kill()
    await world.event("wire", "http", client_order_id=str(order), outcome="client_gone")
    await world.node.start()
    await world.converged()


@known_bug("N02")
@scenario(covers="FR-001")
async def test_kill_while_the_store_has_not_yet_written_an_order(world: World) -> None:
    await world.node.start()
    await world.links.cut("store")
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.node.kill()
    await world.links.restore("store")
    await world.node.start()
    await world.converged()


@known_bug("V06")
@scenario(covers="FR-001")
async def test_position_is_closed_while_the_node_is_down(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    world.venue.fill(order)
    await order.filled()
    await world.node.stored()
    await world.node.kill()
    world.venue.external_order(sell(BTC, "0.010"))
    await world.node.start()
    await world.converged()


# The stop may come before the node has read the reply to a submit that was pushed as accepted.
@known_bug(by_chance=["N11"])
@scenario(covers="FR-001")
async def test_warm_restart_flat_with_open_orders(world: World) -> None:
    await world.node.start()
    first = await world.node.submit(buy(BTC, "0.010", at="50000"))
    second = await world.node.submit(sell(ETH, "1.000", at="3100"))
    await first.accepted()
    await second.accepted()
    await world.node.stop()
    await world.node.start()
    await world.node.cancel(first)
    await first.canceled()
    await world.converged()
