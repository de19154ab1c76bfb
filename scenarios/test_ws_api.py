"""A node with an Ed25519 key: it logs on to the WebSocket API and starts its user stream there."""

import pytest

from harness.faults import (
    AnyFault,
    BlackHole,
    LinkDown,
    Maintenance,
    RateLimitBan,
    Refused,
    ReplyDelayed,
    ReplyDoubled,
    ReplyLost,
    ReplyNever,
    StreamsClosed,
    StreamsReset,
)
from harness.scenario.api import World, buy, known_bug, scenario, sell

BTC = "BTCUSDT-PERP"
START = "userDataStream.start"


@scenario(covers="FR-003", key_type="ED25519")
async def test_orders_are_filled_and_cancelled(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    other = await world.node.submit(sell(BTC, "0.010", at="51000"))
    await order.accepted()
    await other.accepted()
    world.venue.fill(order, "0.004")
    await order.filled("0.004")
    await world.node.cancel(other)
    await other.canceled()
    await world.converged()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(ReplyLost(api_method=START), id="lost"),
        pytest.param(ReplyDelayed(api_method=START, delay_ms=1500), id="delayed"),
        pytest.param(ReplyNever(api_method=START), id="never"),
        pytest.param(ReplyDoubled(api_method=START), id="doubled"),
        pytest.param(Refused(api_method=START, refusal="UNKNOWN_ERROR"), id="unknown_error"),
        pytest.param(Refused(api_method=START, refusal="SERVICE_UNAVAILABLE"), id="unavailable"),
        pytest.param(Refused(api_method=START, refusal="BAD_GATEWAY_HTML"), id="html"),
    ],
)
@scenario(covers="T042", key_type="ED25519", needs=("new_listen_key_by_ws_api",))
async def test_an_order_is_cancelled_while_the_user_stream_starts_anew_and_the_reply_is(
    world: World, fault: AnyFault
) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.begin(fault)
    await world.begin(StreamsReset())
    world.venue.cancel(order)
    await order.canceled()
    await world.converged(deadline_secs=30.0)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(StreamsReset(stream="ws_api"), id="reset"),
        pytest.param(StreamsClosed(stream="ws_api"), id="closed"),
        pytest.param(LinkDown(links=("ws_api",)), id="down"),
        pytest.param(RateLimitBan(), id="banned"),
    ],
)
@scenario(covers="T042", key_type="ED25519")
async def test_an_order_is_cancelled_while_the_websocket_api_is(
    world: World, fault: AnyFault
) -> None:
    await cancel_under(fault, world)


@known_bug("U12")
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(LinkDown(links=("ws_api", "user_stream")), id="down"),
        pytest.param(Maintenance(), id="under_maintenance"),
    ],
)
@scenario(covers="T042", key_type="ED25519")
async def test_an_order_is_cancelled_while_the_websocket_api_and_the_user_stream_are(
    world: World, fault: AnyFault
) -> None:
    await cancel_under(fault, world)


async def cancel_under(fault: AnyFault, world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.begin(fault)
    world.venue.cancel(order)
    await world.elapse(2.0)
    await world.heal()
    await world.converged(deadline_secs=90.0)


# With the full open check: the default one never closes an order (N01).
@known_bug("N40")
@scenario(covers="T042", key_type="ED25519", exec_engine={"open_check_open_only": False})
async def test_an_order_is_cancelled_while_the_venue_is_a_black_hole(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(BlackHole()):
        world.venue.cancel(order)
        await world.elapse(2.0)
    # Its sockets stay half open: the node notices by its own heartbeat, once a minute.
    await world.converged(deadline_secs=90.0)
