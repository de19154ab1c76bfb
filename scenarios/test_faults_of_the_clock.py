"""Faults of the node's clock: Binance refuses what is stamped too early or too late (-1021)."""

import pytest

from harness.faults import AnyFault, ClockDrift, ClockFreeze, ClockJump, ClockSkew
from harness.scenario.api import World, before_match, buy, known_bug, scenario, sell

BTC = "BTCUSDT-PERP"


@scenario(covers="T042")
async def test_a_submit_is_refused_while_the_clock_is_2_s_ahead(world: World) -> None:
    await world.node.start()
    async with world.broken(ClockSkew(seconds=2.0)):
        refused = await world.node.submit(buy(BTC, "0.010", at="50000"))
        await refused.rejected()
    # The node's clock never goes back: until the time it has shown has come, it stands still.
    await world.elapse(2.0)
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.converged()


@scenario(covers="T042")
async def test_every_check_is_refused_while_the_clock_is_2_s_ahead(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(ClockSkew(seconds=2.0)):
        await world.event("wire", "http", path="/fapi/v3/positionRisk", status=400, count=3)
        world.venue.cancel(order)
    await order.canceled()
    await world.converged()


@known_bug("K02")
@scenario(covers="T042", exec_engine={"open_check_interval_secs": None})
async def test_the_position_check_is_refused_while_the_clock_is_2_s_ahead(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010"))
    await order.filled()
    await world.node.checked("positions")
    async with world.broken(ClockSkew(seconds=2.0)):
        await world.event("wire", "http", path="/fapi/v3/positionRisk", status=400)
    await world.converged()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(ClockSkew(seconds=-2.0), id="2_s_behind"),
        pytest.param(ClockJump(seconds=-3.0), id="jumps_back"),
        pytest.param(ClockJump(seconds=0.5), id="jumps_forward"),
        pytest.param(ClockFreeze(), id="stands_still"),
        pytest.param(ClockDrift(ppm=50_000), id="drifts"),
    ],
)
@scenario(covers="T042")
async def test_orders_are_placed_filled_and_cancelled_while_the_clock(
    world: World, fault: AnyFault
) -> None:
    await world.node.start()
    async with world.broken(fault):
        order = await world.node.submit(buy(BTC, "0.010", at="50000"))
        other = await world.node.submit(sell(BTC, "0.010", at="51000"))
        await order.accepted()
        await other.accepted()
        world.venue.fill(order, "0.004")
        world.venue.fill(order, "0.006")
        await order.filled()
        await world.node.cancel(other)
        await other.canceled()
    await world.converged()


@scenario(covers="FR-001")
async def test_the_node_starts_with_a_clock_that_is_2_s_behind(world: World) -> None:
    world.venue.external_order(sell(BTC, "0.020", at="51000"))
    await world.begin(ClockSkew(seconds=-2.0))
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.converged()


@known_bug("U12", "V02")
@scenario(covers="T042")
async def test_the_rate_of_time_changes_during_an_outage(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.links.cut("user_stream")
    world.venue.cancel(order)
    world.set_rate(2.0)
    await world.elapse(1.0)
    # The node waits to connect again since before the change.
    world.set_rate(20.0)
    await world.elapse(4.0)
    world.set_rate(5.0)
    await world.links.restore("user_stream")
    await order.canceled()
    await world.converged()


@scenario(covers="FR-004")
async def test_the_rate_of_time_changes_with_an_order_in_flight(world: World) -> None:
    await world.node.start()
    moment = world.venue.misbehave(before_match())
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    async with moment:
        for rate in (1.0, 20.0, 5.0):
            world.set_rate(rate)
            await world.elapse(0.1)
    await order.accepted()
    await world.converged()
