"""Faults of the links: each with orders at rest and in flight; those that cut, with a position."""

import pytest

from harness.faults import (
    AnyFault,
    Bandwidth,
    Flapping,
    Latency,
    LimitData,
    LinkDown,
    ResetPeer,
    Slicer,
    SlowClose,
    StreamsClosed,
    Timeout,
)
from harness.scenario.api import World, buy, known_bug, scenario, sell

BTC = "BTCUSDT-PERP"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(
            Latency(links=("rest", "user_stream"), latency_ms=250, jitter_ms=100), id="latency"
        ),
        pytest.param(
            Latency(links=("rest", "user_stream"), latency_ms=250, direction="upstream"),
            id="latency_upstream",
        ),
        pytest.param(Bandwidth(links=("rest", "user_stream"), kib_per_sec=8), id="bandwidth"),
        pytest.param(Slicer(links=("rest", "user_stream", "store")), id="slicer"),
        pytest.param(SlowClose(links=("rest",), delay_ms=500), id="slow_close"),
        pytest.param(LinkDown(links=("market_stream",)), id="market_stream_down"),
        pytest.param(
            Flapping(links=("market_stream", "store"), down_secs=0.3, up_secs=0.3), id="flapping"
        ),
        pytest.param(Timeout(links=("market_stream",)), id="market_stream_timeout"),
        pytest.param(Latency(links=("store",), latency_ms=300), id="store_slow"),
    ],
)
@scenario(covers="T042")
async def test_orders_fill_and_cancel_under(world: World, fault: AnyFault) -> None:
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


@known_bug("V02", "U12")
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(LinkDown(links=("user_stream",)), id="down"),
        pytest.param(Timeout(links=("user_stream",)), id="timeout"),
        pytest.param(LimitData(links=("user_stream",), bytes_max=64), id="limit_data"),
        pytest.param(Flapping(links=("user_stream",), down_secs=0.5, up_secs=0.5), id="flapping"),
    ],
)
@scenario(covers="T042")
async def test_an_order_at_rest_is_cancelled_by_the_venue_while_the_user_stream_has(
    world: World, fault: AnyFault
) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(fault):
        world.venue.cancel(order)
        await world.elapse(1.0)
    await order.canceled()
    await world.converged()


@known_bug("K08")
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(LimitData(links=("user_stream",), bytes_max=64), id="limit_data"),
        pytest.param(Flapping(links=("user_stream",), down_secs=0.5, up_secs=0.5), id="flapping"),
    ],
)
@scenario(covers="T042")
async def test_a_position_is_open_while_the_user_stream_has(world: World, fault: AnyFault) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010"))
    await order.filled()
    async with world.broken(fault):
        other = await world.node.submit(sell(BTC, "0.010", at="51000"))
        await other.submitted()
        await world.elapse(1.0)
    await world.converged()


@scenario(covers="T042")
async def test_new_connections_are_reset_during_a_submit(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(ResetPeer(links=("rest",))):
        other = await world.node.submit(sell(BTC, "0.010", at="51000"))
        await other.submitted()
        await world.elapse(1.0)
    await world.converged()


@scenario(covers="T042")
async def test_replies_break_off_during_a_submit(world: World) -> None:
    await world.node.start()
    async with world.broken(LimitData(links=("rest",), bytes_max=40)):
        order = await world.node.submit(buy(BTC, "0.010", at="50000"))
        await order.requested()
        await world.elapse(1.0)
    await world.converged()


@known_bug("V02", "U12")
@scenario(covers="T042")
async def test_faults_that_overlap(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    slow = await world.begin(Latency(links=("rest",), latency_ms=200))
    down = await world.begin(LinkDown(links=("user_stream", "store")))
    world.venue.cancel(order)
    await slow.end()
    await world.begin(Flapping(links=("user_stream",), down_secs=0.3, up_secs=0.2))
    await world.elapse(0.5)
    await down.end()
    await world.begin(StreamsClosed(stream=None))
    await world.heal()
    await order.canceled()
    await world.converged()
