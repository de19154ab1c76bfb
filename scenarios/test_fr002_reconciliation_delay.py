"""FR-002: nothing is risked before reconciliation has finished; the loop waits for its delay."""

from harness.scenario.api import (
    Delay,
    OrderSpec,
    ReplyRule,
    StrategySpec,
    World,
    buy,
    scenario,
)

EAGER = StrategySpec(
    on_start=(
        OrderSpec(
            client_order_id="O-eager",
            instrument_id="BTCUSDT-PERP.BINANCE",
            side="BUY",
            quantity="0.010",
            price="50000",
        ),
    )
)


@scenario(covers="FR-002", strategies=[EAGER])
async def test_no_order_reaches_the_venue_before_reconciliation_has_finished(world: World) -> None:
    world.venue.external_order(buy("BTCUSDT-PERP", "0.010"))
    world.venue.misbehave(ReplyRule("GET", "/fapi/v1/openOrders", Delay(2_000)))
    await world.node.start()
    await world.event("wire", "request", method="POST", client_order_id="O-eager")
    await world.converged()


@scenario(covers="FR-002", exec_engine={"reconciliation_startup_delay_secs": 3.0})
async def test_the_continuous_loop_begins_after_the_configured_delay(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    await world.node.checked("open_orders")
    await world.converged()
