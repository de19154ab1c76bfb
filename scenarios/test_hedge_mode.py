"""Hedge mode: a LONG and a SHORT position in one instrument, side by side."""

from harness.faults import StreamsClosed
from harness.scenario.api import StrategySpec, World, buy, known_bug, scenario, sell

BTC = "BTCUSDT-PERP"
STRATEGIES = (StrategySpec(hedging=True),)


@scenario(covers="FR-003", strategies=STRATEGIES)
async def test_both_sides_are_opened_and_closed(world: World) -> None:
    world.venue.set_position_mode(hedging=True)
    await world.node.start()
    long = await world.node.submit(buy(BTC, "0.010", position_side="LONG"))
    short = await world.node.submit(sell(BTC, "0.010", position_side="SHORT"))
    await long.filled()
    await short.filled()
    less_long = await world.node.submit(sell(BTC, "0.004", position_side="LONG"))
    no_short = await world.node.submit(buy(BTC, "0.010", position_side="SHORT"))
    await less_long.filled()
    await no_short.filled()
    await world.converged()


@known_bug("N50")
@scenario(covers="FR-001", strategies=STRATEGIES)
async def test_a_cold_start_with_both_sides_open(world: World) -> None:
    world.venue.set_position_mode(hedging=True)
    world.venue.external_order(buy(BTC, "0.010", position_side="LONG"))
    world.venue.external_order(sell(BTC, "0.004", position_side="SHORT"))
    await world.node.start()
    await world.converged()


@scenario(covers="T042", strategies=STRATEGIES)
async def test_the_user_stream_reconnects_with_both_sides_open(world: World) -> None:
    world.venue.set_position_mode(hedging=True)
    await world.node.start()
    long = await world.node.submit(buy(BTC, "0.010", position_side="LONG"))
    short = await world.node.submit(sell(BTC, "0.004", position_side="SHORT"))
    await long.filled()
    await short.filled()
    await world.begin(StreamsClosed())
    await world.event("wire", "connection", action="opened", stream="user", fresh=True)
    await world.converged()
