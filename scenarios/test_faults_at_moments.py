"""Faults that strike at a moment: between two events, before or after a match, in a mass status."""

from harness.faults import LinkDown, StreamsReset
from harness.scenario.api import (
    World,
    after_event,
    after_match,
    before_match,
    buy,
    during_mass_status,
    known_bug,
    scenario,
    sell,
)

BTC = "BTCUSDT-PERP"


@known_bug("V03")
@scenario(covers="FR-004")
async def test_the_node_dies_before_the_venue_matches_its_order(world: World) -> None:
    await world.node.start()
    moment = world.venue.misbehave(before_match())
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.submitted()
    async with moment:
        await world.node.stored()
        await world.node.kill()
    await world.node.start()
    await world.converged()


@scenario(covers="FR-004")
async def test_the_node_dies_between_match_and_reply(world: World) -> None:
    await world.node.start()
    moment = world.venue.misbehave(after_match())
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with moment:
        await world.node.stored()
        await world.node.kill()
    await world.node.start()
    await world.converged()


@scenario(covers="FR-004")
async def test_rest_goes_down_between_match_and_reply(world: World) -> None:
    await world.node.start()
    moment = world.venue.misbehave(after_match())
    await world.node.submit(buy(BTC, "0.010", at="50000"))
    async with moment:
        down = await world.begin(LinkDown(links=("rest",)))
    await world.elapse(0.5)
    await down.end()
    await world.converged()


@known_bug("V02", "U12")
@scenario(covers="NFR-001", exec_engine={"open_check_interval_secs": None})
async def test_the_user_stream_is_reset_between_two_events_of_a_cancel_and_an_order(
    world: World,
) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    moment = world.venue.misbehave(after_event(1))
    other = await world.node.submit(sell(BTC, "0.010", at="51000"))
    await other.accepted()
    world.venue.cancel(order)
    async with moment:
        await world.begin(StreamsReset())
    await order.canceled()
    await world.converged()


@scenario(covers="FR-001")
async def test_an_order_is_cancelled_within_the_mass_status_of_a_start(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.node.stored()
    await world.node.kill()
    moment = world.venue.misbehave(during_mass_status())
    await world.node.start(until="forked")
    async with moment:
        world.venue.cancel(order)
    await order.canceled()
    await world.converged()


@scenario(
    covers="FR-001", needs=("trades_at_start",), exec_engine={"open_check_interval_secs": None}
)
async def test_an_order_fills_within_the_mass_status_of_a_start(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.node.stored()
    await world.node.kill()
    moment = world.venue.misbehave(during_mass_status())
    await world.node.start(until="forked")
    async with moment:
        world.venue.fill(order)
    await order.filled()
    await world.converged()
