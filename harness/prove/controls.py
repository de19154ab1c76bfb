"""What every release gets right, drawn anew each time: a report of it is a false alarm."""

from decimal import Decimal

from harness.scenario.world import Order, World, buy, sell
from mock_venue.script.rules import PushRule

BTC = "BTCUSDT-PERP"
LOT = Decimal("0.001")


async def every_event_twice(world: World) -> None:
    """Every event of the user stream is delivered twice."""
    await world.node.start()
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "duplicate", times=None))
    order = await _resting(world)
    world.venue.fill(order, str(LOT * world.random.randint(1, 4)))
    world.venue.fill(order)
    await order.filled()
    await world.converged()


async def trade_before_new(world: World) -> None:
    """The TRADE of an order is delivered before its NEW."""
    await world.node.start()
    new = world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "hold", execution="NEW"))
    order = await world.node.submit(buy(BTC, _quantity(world)))
    await order.filled()
    new.release()
    await world.event("wire", "push", execution="NEW", outcome="released")
    await world.converged()


async def restart_flat(world: World) -> None:
    """A position is opened and closed, and then the node is restarted or killed."""
    await world.node.start()
    opening = await _resting(world)
    world.venue.fill(opening)
    await opening.filled()
    closing = await world.node.submit(sell(BTC, opening.quantity))
    await closing.filled()
    if world.random.random() < 0.5:
        await world.node.stop()
    else:
        await world.node.stored()
        await world.node.kill()
    await world.node.start()
    await world.converged()


async def cold_start(world: World) -> None:
    """The node finds a position and its history with an empty store."""
    symbol = BTC.removesuffix("-PERP")
    orders = world.random.randint(1, 6)
    world.venue.generate_history(symbol, orders=orders, net=_quantity(world))
    await world.node.start()
    await world.converged()


async def ordinary_day(world: World) -> None:
    """Orders are filled, modified, canceled, refused and expire."""
    await world.node.start()
    order = await _resting(world)
    await world.node.modify(order, price="49900")
    await order.updated()
    world.venue.fill(order, str(LOT * world.random.randint(1, 4)))
    await world.node.cancel(order)
    await order.canceled()
    refused = await world.node.submit(buy(BTC, _quantity(world), at="60000", post_only=True))
    await refused.rejected()
    unfilled = buy(BTC, _quantity(world), at="40000", time_in_force="IOC")
    await (await world.node.submit(unfilled)).expired()
    await world.converged()


CONTROLS = (every_event_twice, trade_before_new, restart_flat, cold_start, ordinary_day)


async def _resting(world: World) -> Order:
    order = await world.node.submit(buy(BTC, _quantity(world), at="50000"))
    await order.accepted()
    return order


def _quantity(world: World) -> str:
    return str(LOT * world.random.randint(5, 20))
