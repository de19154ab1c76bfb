"""Faults of the exchange's sockets and replies, each by the venue."""

import pytest

from harness.faults import (
    AnyFault,
    BlackHole,
    EventsDoubled,
    EventsDropped,
    EventsHeld,
    EventsReordered,
    HalfOpen,
    ListenKeysExpired,
    ListenKeyStorm,
    Maintenance,
    RateLimitBan,
    Refused,
    ReplyAltered,
    ReplyDelayed,
    ReplyDoubled,
    ReplyLost,
    ReplyNever,
    SilentStream,
    StaleReads,
    StreamsClosed,
    StreamsReset,
)
from harness.scenario.api import World, buy, known_bug, scenario, sell

BTC = "BTCUSDT-PERP"


@known_bug("V02", "U12")
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(StreamsClosed(), id="closed"),
        pytest.param(StreamsReset(), id="reset"),
        pytest.param(StreamsReset(stream=None), id="all_reset"),
        pytest.param(ListenKeyStorm(times=3), id="listen_key_storm"),
        pytest.param(ListenKeysExpired(), id="listen_keys_expired"),
    ],
)
@scenario(covers="T042")
async def test_an_order_at_rest_is_cancelled_when_streams_are(
    world: World, fault: AnyFault
) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.begin(fault)
    world.venue.cancel(order)
    await order.canceled()
    await world.converged()


@known_bug("K08")
@scenario(covers="T042")
async def test_a_position_is_open_when_streams_are_reset(world: World) -> None:
    await reopen_with_a_position(StreamsReset(), world)


@known_bug("K08")
@scenario(covers="T042", needs=("new_listen_key",))
async def test_a_position_is_open_when_listen_keys_expire_again_and_again(world: World) -> None:
    await reopen_with_a_position(ListenKeyStorm(times=3), world)


async def reopen_with_a_position(fault: AnyFault, world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010"))
    await order.filled()
    await world.begin(fault)
    await world.event("wire", "connection", action="opened", stream="user", fresh=True)
    await world.converged()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(ReplyLost(), id="lost"),
        pytest.param(ReplyDelayed(delay_ms=1500), id="delayed"),
        pytest.param(ReplyDelayed(delay_ms=1500, before=True), id="request_delayed"),
        pytest.param(ReplyNever(), id="never"),
        pytest.param(ReplyDoubled(), id="doubled"),
        pytest.param(ReplyAltered(fields={"status": "FILLED"}), id="altered"),
        pytest.param(Refused(refusal="SERVICE_UNAVAILABLE"), id="service_unavailable"),
        pytest.param(Refused(refusal="THROTTLED"), id="throttled"),
        pytest.param(Refused(refusal="FORBIDDEN_HTML"), id="forbidden_html"),
    ],
)
@scenario(covers="FR-004")
async def test_the_reply_to_a_submit_is(world: World, fault: AnyFault) -> None:
    await world.node.start()
    async with world.broken(fault):
        order = await world.node.submit(buy(BTC, "0.010", at="50000"))
        await order.requested()
        await world.elapse(0.5)
    await world.converged()


@known_bug("K03")
@pytest.mark.parametrize("refusal", ["UNKNOWN_ERROR", "TIMEOUT", "BAD_GATEWAY_HTML"])
@scenario(covers="FR-004")
async def test_a_submit_is_refused_though_it_was_executed(world: World, refusal: str) -> None:
    await world.node.start()
    async with world.broken(Refused(refusal=refusal, executed=True)):
        await world.node.submit(buy(BTC, "0.010", at="50000"))
        await world.event("wire", "http", method="POST", path="/fapi/v1/order")
    await world.converged()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(EventsReordered(), id="reordered"),
        pytest.param(EventsHeld(), id="held"),
    ],
)
@scenario(covers="NFR-001", exec_engine={"open_check_interval_secs": None})
async def test_events_of_fills_are(world: World, fault: AnyFault) -> None:
    await fill_twice_under(fault, world)


@known_bug("N41")
@scenario(covers="NFR-001", exec_engine={"open_check_interval_secs": None})
async def test_events_of_fills_are_doubled(world: World) -> None:
    await fill_twice_under(EventsDoubled(), world)


async def fill_twice_under(fault: AnyFault, world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(fault):
        world.venue.fill(order, "0.004")
        world.venue.fill(order, "0.006")
    await order.filled()
    await world.converged()


@known_bug("N01")
@scenario(covers="FR-003")
async def test_events_of_a_cancel_are_dropped(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    other = await world.node.submit(sell(BTC, "0.010", at="51000"))
    await order.accepted()
    await other.accepted()
    async with world.broken(EventsDropped(execution="CANCELED")):
        world.venue.cancel(order)
    await world.converged()


@known_bug("N10", "V12")
@scenario(covers="FR-003", needs=("check:positions",))
async def test_the_user_stream_is_silent_when_an_order_fills(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(SilentStream()):
        world.venue.fill(order)
        await world.elapse(1.0)
    await world.converged()


@known_bug("V02", "N40")
@scenario(covers="FR-003")
async def test_the_user_stream_is_half_open_when_an_order_is_cancelled(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.begin(HalfOpen())
    world.venue.cancel(order)
    # The node notices by its own heartbeat, once a minute.
    await world.converged(deadline_secs=90.0)


@known_bug("N40")
@scenario(covers="T042")
async def test_the_venue_is_a_black_hole_during_a_submit(world: World) -> None:
    await world.node.start()
    async with world.broken(BlackHole()):
        order = await world.node.submit(buy(BTC, "0.010", at="50000"))
        await order.requested()
        await world.elapse(2.0)
    await world.converged(deadline_secs=60.0)


@scenario(covers="T042")
async def test_the_address_is_banned_while_an_order_rests(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(RateLimitBan()):
        world.venue.cancel(order)
        await world.elapse(2.0)
    await order.canceled()
    # A client may wait for as long as it was told.
    await world.converged(deadline_secs=90.0)


@known_bug("V02", "U12")
@scenario(covers="T042")
async def test_the_venue_is_under_maintenance_while_an_order_rests(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(Maintenance()):
        world.venue.cancel(order)
        await world.elapse(2.0)
    await world.converged(deadline_secs=30.0)


@scenario(covers="FR-003")
async def test_reads_are_stale_while_orders_come_and_go(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(StaleReads()):
        other = await world.node.submit(sell(BTC, "0.010", at="51000"))
        await other.accepted()
        world.venue.cancel(order)
        await order.canceled()
        await world.node.checked("open_orders", times=2)
    await world.converged()


@known_bug("N04", "V05")
@scenario(covers="FR-003")
async def test_position_reads_are_stale_after_a_fill(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(StaleReads(path="/fapi/v3/positionRisk")):
        world.venue.fill(order)
        await order.filled()
        await world.node.checked("positions", times=2)
    await world.converged()
