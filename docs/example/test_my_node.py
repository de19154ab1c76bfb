"""What my node must survive."""

from harness.scenario.api import PushRule, known_bug, scenario


@scenario(covers="fills whose news is lost", matching="auto")
async def test_fills_whose_news_is_lost(node, venue):
    lost = venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop", execution="TRADE"))
    await node.start()
    venue.move_market()
    await lost.struck()


@known_bug("K01")
@scenario(covers="restart with a position", matching="auto")
async def test_restart_with_a_position(world):
    await world.node.start()
    world.venue.move_market(every_secs=2.0)
    await world.node.traded()
    world.venue.still_market()
    await world.node.stored()
    await world.node.kill()
    await world.elapse(5.0)
    await world.node.start()
