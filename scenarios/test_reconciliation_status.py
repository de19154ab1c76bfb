"""The status that `ReconciliationMonitor` keeps in the node is true, and comes in its order."""

from typing import Any

from harness.scenario.api import HoldRequest, PushRule, ReplyRule, World, buy, scenario

BTC = "BTCUSDT-PERP"


async def status(world: World, **where: Any) -> None:
    await world.event("node", "reconciliation_status", **where)


@scenario(covers="FR-003")
async def test_a_node_initializes_reconciles_and_monitors(world: World) -> None:
    await world.node.start()
    await status(world, state="RECONCILING", is_reconciled=False)
    await status(world, state="RECONCILED", is_reconciled=True)
    await status(world, state="MONITORING", is_reconciled=True)
    await world.converged()


@scenario(covers="FR-003", preset="disabled")
async def test_a_node_that_does_not_reconcile_monitors_at_once(world: World) -> None:
    await world.node.start()
    await status(world, state="MONITORING", is_reconciled=False)
    await world.converged()


@scenario(covers="FR-003")
async def test_a_lost_fill_is_pending_until_the_check_has_found_it(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop", execution="TRADE"))
    world.venue.fill(order, "0.004")
    await status(world, pending_discrepancies=[1, 2])
    await order.filled("0.004")
    # Once as monitoring began, and again.
    await status(world, state="MONITORING", pending_discrepancies=0, count=2)
    await world.converged()


@scenario(covers="FR-005")
async def test_external_orders_are_counted_from_before_and_after_the_start(world: World) -> None:
    world.venue.external_order(buy(BTC, "0.010", at="49000"))
    await world.node.start()
    await status(world, state="RECONCILED", external_orders_count=1)
    world.venue.external_order(buy(BTC, "0.010", at="48000"))
    await status(world, state="MONITORING", external_orders_count=2)
    await world.converged()


@scenario(covers="FR-004")
async def test_an_order_in_flight_is_counted_while_the_venue_is_asked(world: World) -> None:
    await world.node.start()
    await status(world, state="MONITORING")
    held = world.venue.misbehave(ReplyRule("POST", "/fapi/v1/order", HoldRequest()))
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    async with held:
        await status(world, inflight_orders_count=1)
    await order.accepted()
    await world.converged()
