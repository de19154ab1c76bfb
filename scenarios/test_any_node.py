"""Scenarios for any node, the harness's or your own (`--node my_package.my_node:build`).

They act by the venue and by faults alone, on whatever the node holds while prices walk. The
harness's node trades on command, so it is told to; your own trades by itself.
"""

from harness.scenario.api import PushRule, World, buy, known_bug, scenario, sell

OUTAGE_SECS = 3.0


async def trading(world: World) -> None:
    """Start the node in a market that moves, and return once it has had a fill."""
    await world.node.start()
    world.venue.move_market()
    if not world.node.trades_by_itself:
        await world.node.submit(buy(world.node.instruments[0], "0.010"))
        await world.node.submit(buy(world.node.instruments[1], "0.100", at="2999"))
        await world.node.submit(sell(world.node.instruments[1], "0.100", at="3001"))
    await world.node.traded()


# N10 by chance: an order fills after the start has asked for the account and before the user stream
# is open, or while that is cut, and no other fill tells the balance. N11: one is in flight then.
@known_bug("K01", by_chance=["N10", "N11", "V12"])
@scenario(covers="FR-001", matching="auto")
async def test_restart_with_whatever_it_holds(world: World) -> None:
    await trading(world)
    await world.node.stop()
    await world.elapse(OUTAGE_SECS)
    await world.node.start()
    await world.converged()


@known_bug("K01", by_chance=["N10", "V12"])
@scenario(covers="FR-001", matching="auto")
async def test_kill_while_the_market_moves(world: World) -> None:
    await trading(world)
    await world.node.stored()
    await world.node.kill()
    await world.elapse(OUTAGE_SECS)
    await world.node.start()
    await world.converged()


@known_bug("K08", by_chance=["N10", "V12"])
@scenario(covers="T042", matching="auto")
async def test_user_stream_cut_while_the_market_moves(world: World) -> None:
    await trading(world)
    await world.links.cut("user_stream")
    await world.elapse(OUTAGE_SECS)
    await world.links.restore("user_stream")
    await world.node.connected()
    await world.converged()


@scenario(covers="FR-003", matching="auto")
async def test_market_stream_cut_while_it_trades(world: World) -> None:
    await trading(world)
    await world.links.cut("market_stream")
    await world.elapse(OUTAGE_SECS)
    await world.links.restore("market_stream")
    await world.elapse(OUTAGE_SECS)
    await world.converged()


@scenario(covers="FR-003", needs=("check:positions",), matching="auto")
async def test_fills_whose_pushes_are_lost(world: World) -> None:
    await trading(world)
    lost = world.venue.misbehave(
        PushRule("ORDER_TRADE_UPDATE", "drop", execution="TRADE", times=None)
    )
    if not world.node.trades_by_itself:
        await world.node.submit(sell(world.node.instruments[0], "0.010"))
    await world.elapse(OUTAGE_SECS)
    lost.end()
    await world.converged()


@scenario(covers="NFR-001", matching="auto")
async def test_rest_cut_while_the_market_moves(world: World) -> None:
    await trading(world)
    await world.links.cut("rest")
    await world.elapse(OUTAGE_SECS)
    await world.links.restore("rest")
    await world.converged()


@scenario(covers="NFR-001", matching="auto")
async def test_store_cut_while_the_market_moves(world: World) -> None:
    await trading(world)
    await world.node.stored()
    await world.links.cut("store")
    await world.elapse(OUTAGE_SECS)
    await world.links.restore("store")
    await world.converged()


@known_bug("V06")
@scenario(covers="FR-005", matching="auto")
async def test_position_moved_from_outside(world: World) -> None:
    await trading(world)
    world.venue.still_market()
    moved = world.venue.external_order(buy(world.node.instruments[0], "0.020"))
    await moved.filled()
    await world.converged()
