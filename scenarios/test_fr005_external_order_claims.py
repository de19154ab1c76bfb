"""FR-005: orders placed on the web or in the app go to the strategy that claims the instrument."""

from harness.scenario.api import StrategySpec, World, buy, scenario, sell

BTC, ETH = "BTCUSDT-PERP.BINANCE", "ETHUSDT-PERP.BINANCE"
CLAIMING = (StrategySpec(claims=(BTC,)), StrategySpec(strategy_id="S-002"))


@scenario(covers="FR-005", strategies=CLAIMING)
async def test_an_external_order_on_a_claimed_instrument_goes_to_its_strategy(
    world: World,
) -> None:
    await world.node.start()
    order = world.venue.external_order(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    world.venue.fill(order)
    await order.filled()
    await world.converged()


@scenario(covers="FR-005", strategies=CLAIMING)
async def test_an_external_order_on_an_unclaimed_instrument_goes_to_no_strategy(
    world: World,
) -> None:
    await world.node.start()
    order = world.venue.external_order(buy(ETH, "1.000", at="3000"), client_order_id="ios_7f3a9c20")
    await order.accepted()
    world.venue.fill(order)
    await order.filled()
    await world.converged()


@scenario(covers="FR-005", strategies=CLAIMING)
async def test_external_orders_from_before_the_start_are_claimed(world: World) -> None:
    claimed = world.venue.external_order(buy(BTC, "0.010", at="50000"))
    world.venue.external_order(sell(ETH, "1.000", at="3100"))
    await world.node.start()
    world.venue.fill(claimed)
    await claimed.filled()
    await world.converged()
