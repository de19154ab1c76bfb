"""What every release gets right: any report here is a false alarm."""

from harness.scenario.api import PushRule, World, buy, known_bug, scenario, sell


@known_bug("N41")
@scenario(covers="silence")
async def test_every_user_event_is_delivered_twice(world: World) -> None:
    await world.node.start()
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "duplicate", times=None))
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    world.venue.fill(order, "0.004")
    world.venue.fill(order, "0.006")
    await order.filled()
    await world.converged()


@scenario(covers="silence")
async def test_trade_is_delivered_before_new(world: World) -> None:
    await world.node.start()
    new = world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "hold", execution="NEW"))
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010"))
    await order.filled()
    new.release()
    await world.event("wire", "push", execution="NEW", outcome="released")
    await world.converged()


@known_bug(by_chance=["N11"])
@scenario(covers="silence")
async def test_restart_flat(world: World) -> None:
    await world.node.start()
    opening = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await opening.accepted()
    world.venue.fill(opening)
    await opening.filled()
    closing = await world.node.submit(sell("BTCUSDT-PERP", "0.010", at="50100"))
    await closing.accepted()
    world.venue.fill(closing)
    await closing.filled()
    await world.node.stop()
    await world.node.start()
    await world.converged()


@scenario(covers="silence")
async def test_a_day_without_faults(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    await world.node.modify(order, price="49900")
    await order.updated()
    world.venue.fill(order, "0.004")
    await order.filled("0.004")
    await world.node.cancel(order)
    await order.canceled()
    market = await world.node.submit(sell("BTCUSDT-PERP", "0.004"))
    await market.filled()
    refused = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="60000", post_only=True))
    await refused.rejected()
    unfilled = await world.node.submit(
        buy("BTCUSDT-PERP", "0.010", at="40000", time_in_force="IOC")
    )
    await unfilled.expired()
    await world.converged()
