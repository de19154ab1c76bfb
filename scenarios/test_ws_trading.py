"""A node of 2.x with an Ed25519 key that trades by the WebSocket API."""

import pytest

from harness.faults import (
    AnyFault,
    LinkDown,
    Refused,
    ReplyDelayed,
    ReplyDoubled,
    ReplyLost,
    ReplyNever,
    StreamsClosed,
    StreamsReset,
)
from harness.scenario.api import World, buy, scenario, sell

BTC = "BTCUSDT-PERP"
BY_WS_API = {"use_ws_trading": True}
PLACE, CANCEL = "order.place", "order.cancel"


@scenario(covers="FR-003", key_type="ED25519", exec_client=BY_WS_API)
async def test_orders_are_placed_modified_filled_and_cancelled(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    other = await world.node.submit(sell(BTC, "0.010", at="51000"))
    await order.accepted()
    await other.accepted()
    world.expect("wire", "ws_api", method=PLACE, count=2)
    world.venue.fill(order, "0.004")
    await order.filled("0.004")
    await world.node.modify(other, price="52000")
    await other.updated()
    await world.node.cancel(other)
    await other.canceled()
    await world.converged()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(ReplyLost(api_method=PLACE), id="lost"),
        pytest.param(ReplyDelayed(api_method=PLACE, delay_ms=1500), id="delayed"),
        pytest.param(ReplyNever(api_method=PLACE), id="never"),
        pytest.param(ReplyDoubled(api_method=PLACE), id="doubled"),
        pytest.param(
            Refused(api_method=PLACE, refusal="UNKNOWN_ERROR", executed=True), id="unknown"
        ),
    ],
)
@scenario(covers="FR-004", key_type="ED25519", exec_client=BY_WS_API)
async def test_an_order_is_placed_and_the_reply_is(world: World, fault: AnyFault) -> None:
    await world.node.start()
    await world.begin(fault)
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    world.venue.fill(order)
    await order.filled()
    await world.converged(deadline_secs=40.0)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(ReplyLost(api_method=CANCEL), id="lost"),
        pytest.param(ReplyDelayed(api_method=CANCEL, delay_ms=1500), id="delayed"),
        pytest.param(ReplyNever(api_method=CANCEL), id="never"),
    ],
)
@scenario(covers="FR-004", key_type="ED25519", exec_client=BY_WS_API)
async def test_an_order_is_cancelled_and_the_reply_is(world: World, fault: AnyFault) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.begin(fault)
    await world.node.cancel(order)
    await order.canceled()
    await world.converged(deadline_secs=40.0)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(StreamsReset(stream="ws_api"), id="reset"),
        pytest.param(StreamsClosed(stream="ws_api"), id="closed"),
        pytest.param(LinkDown(links=("ws_api",)), id="down"),
    ],
)
@scenario(covers="T042", key_type="ED25519", exec_client=BY_WS_API)
async def test_an_order_is_placed_after_the_websocket_api_was(
    world: World, fault: AnyFault
) -> None:
    await world.node.start()
    await world.begin(fault)
    await world.elapse(2.0)
    await world.heal()
    await world.elapse(10.0)
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    world.venue.fill(order)
    await order.filled()
    await world.converged(deadline_secs=40.0)
