"""What is played to prove the checkers: short scenarios that every release gets right.

They wait for what the venue saw, not for what the node applied, so that they come to their end with
whatever bug is planted in it.
"""

from harness.faults.store.store_flushed import StoreFlushed
from harness.scenario.world import NewOrder, Order, World, buy, sell

BTC = "BTCUSDT-PERP"


async def fills(world: World) -> None:
    """Two orders, of which one is filled in two parts."""
    await world.node.start()
    filled = await _resting(world, buy(BTC, "0.010", at="50000"))
    await _resting(world, buy(BTC, "0.020", at="49900"))
    world.venue.fill(filled, "0.004")
    world.venue.fill(filled, "0.006")
    await world.converged()


async def filled_in_part(world: World) -> None:
    """An order of which a part is filled."""
    await world.node.start()
    order = await _resting(world, buy(BTC, "0.010", at="50000"))
    world.venue.fill(order, "0.004")
    await world.converged()


async def round_trip(world: World) -> None:
    """A position that is opened and closed again at a profit."""
    await world.node.start()
    opening = await _resting(world, buy(BTC, "0.010", at="50000"))
    world.venue.fill(opening)
    closing = await _resting(world, sell(BTC, "0.010", at="50100"))
    world.venue.fill(closing)
    await world.converged()


async def resting(world: World) -> None:
    """An order that rests."""
    await world.node.start()
    await _resting(world, buy(BTC, "0.010", at="50000"))
    await world.converged()


async def at_market(world: World) -> None:
    """A MARKET order, filled at once, and time for whatever else is sent."""
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010"))
    await world.event("venue", "trade", client_order_id=str(order))
    await world.elapse(2.0)
    await world.converged()


async def filled_late(world: World) -> None:
    """An order that is filled in part, and time for the node to hear of it."""
    await world.node.start()
    order = await _resting(world, buy(BTC, "0.010", at="50000"))
    world.venue.fill(order, "0.004")
    await world.converged(deadline_secs=40.0)


async def idle(world: World) -> None:
    """A minute in which nothing happens."""
    await world.node.start()
    await world.elapse(60.0)
    await world.converged()


async def cancel(world: World) -> None:
    """An order that the venue's user cancels."""
    await world.node.start()
    order = await _resting(world, buy(BTC, "0.010", at="50000"))
    world.venue.cancel(order)
    await world.converged()


async def modify(world: World) -> None:
    """An order that is modified."""
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.node.modify(order, price="49900")
    await world.event("venue", "order", client_order_id=str(order), price="49900.00")
    await world.converged()


async def external(world: World) -> None:
    """An order of the venue's user, filled while the node runs."""
    await world.node.start()
    order = world.venue.external_order(buy(BTC, "0.010", at="50000"))
    world.venue.fill(order)
    await world.converged()


async def placed_while_down(world: World) -> None:
    """An order of the venue's user, placed between a stop and the next start."""
    await world.node.start()
    await world.node.stop()
    world.venue.external_order(buy(BTC, "0.010", at="50000"))
    await world.node.start()
    await world.converged()


async def cold_starts(world: World) -> None:
    """A position from before the node's time, found by two starts with an empty store."""
    world.venue.generate_history(BTC.removesuffix("-PERP"), orders=4, net="0.010")
    await world.node.start()
    await world.converged()
    await world.node.stop()
    await world.begin(StoreFlushed())
    await world.node.start()
    await world.converged()


async def _resting(world: World, new: NewOrder) -> Order:
    """Submit an order and wait until it rests at the venue."""
    order = await world.node.submit(new)
    await world.event("venue", "order", client_order_id=str(order), status="NEW")
    return order
