"""Faults of the node's process and of its store."""

import pytest

from harness.faults import (
    AnyFault,
    NodePaused,
    NodeTerminated,
    SecondNode,
    StoreFlushed,
    StoreFull,
    StoreKilled,
    Timeout,
)
from harness.scenario.api import (
    Order,
    OrderSpec,
    World,
    after_match,
    buy,
    known_bug,
    scenario,
    sell,
)

BTC = "BTCUSDT-PERP"


@known_bug("V01", by_chance=["N11"])
@scenario(covers="FR-001")
async def test_the_node_is_terminated_with_an_order_at_rest(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.begin(NodeTerminated())
    world.venue.cancel(order)
    await world.node.start()
    await order.canceled()
    await world.converged()


@scenario(covers="T042")
async def test_the_node_is_paused_while_its_order_fills(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(NodePaused()):
        world.venue.fill(order)
        await world.elapse(2.0)
    await order.filled()
    await world.converged()


@scenario(covers="T042")
async def test_the_node_is_paused_with_an_order_in_flight(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    async with world.broken(NodePaused()):
        await world.elapse(2.0)
    await order.accepted()
    await world.converged()


SECOND = OrderSpec(
    client_order_id="O-second",
    instrument_id=f"{BTC}.BINANCE",
    side="BUY",
    quantity="0.020",
    price="49000",
)
SECOND_MARKET = OrderSpec(
    client_order_id="O-second",
    instrument_id=f"{BTC}.BINANCE",
    side="SELL",
    quantity="0.004",
    type="MARKET",
)


# From 1.223.0 on the second node's end closes the listen key: whether the cancel falls into the
# moment without a user stream is chance.
@known_bug("V02", "V11", by_chance=["U12"])
@scenario(covers="T042")
async def test_two_nodes_on_the_account_have_orders_at_rest(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(SecondNode(submits=(SECOND,))):
        await world.event("venue", "order", client_order_id="O-second", status="NEW")
        other = await world.node.submit(sell(BTC, "0.010", at="51000"))
        await other.accepted()
    world.venue.cancel(order)
    await order.canceled()
    await world.converged()


# The second node's end closes the account's listen key, and the first one's user stream with it.
@known_bug("K01", "N09", "V06", "V11")
@scenario(covers="T042")
async def test_two_nodes_on_the_account_have_orders_that_fill(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    async with world.broken(SecondNode(submits=(SECOND,))):
        await world.event("venue", "order", client_order_id="O-second", status="NEW")
        world.venue.fill(order)
        await order.filled()
        world.venue.fill(Order(world, "O-second", "0.020"), "0.006")
        await world.elapse(2.0)
    await world.converged()


@known_bug("K01", "N09", "V06", "V11")
@scenario(covers="T042")
async def test_two_nodes_on_the_account_trade_one_position(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010"))
    await order.filled()
    async with world.broken(SecondNode(submits=(SECOND_MARKET,))):
        await world.event("venue", "order", client_order_id="O-second", status="FILLED")
        await world.elapse(2.0)
    await world.converged()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(StoreKilled(data="kept"), id="killed_data_kept"),
        pytest.param(StoreKilled(data="lost"), id="killed_data_lost"),
        pytest.param(StoreFull(), id="full"),
    ],
)
@scenario(covers="T042")
async def test_an_order_fills_while_the_store_is(world: World, fault: AnyFault) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.node.stored()
    await world.begin(fault)
    world.venue.fill(order)
    await order.filled()
    await world.heal()
    await world.converged()


@known_bug("N07", "V09")
@pytest.mark.parametrize("fault", [StoreFlushed(), StoreKilled(data="lost")], ids=["flush", "kill"])
@scenario(covers="NFR-001")
async def test_an_order_fills_after_the_store_was_emptied_by_a(
    world: World, fault: AnyFault
) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.node.stored()
    await world.begin(fault)
    await world.heal()
    world.venue.fill(order)
    await order.filled()
    await world.converged()


@known_bug("N07", "V09", by_chance=["N11"])
@scenario(covers="FR-001")
async def test_the_node_restarts_after_the_store_was_flushed(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.node.stored()
    await world.begin(StoreFlushed())
    world.venue.fill(order, "0.004")
    await order.filled("0.004")
    await world.node.stop()
    await world.node.start()
    await world.converged()


@known_bug("N06")
@scenario(covers="NFR-001")
async def test_the_connection_to_the_store_breaks_under_the_writes_of_an_order(
    world: World,
) -> None:
    await world.node.start()
    async with world.broken(Timeout(links=("store",), direction="upstream")):
        order = await world.node.submit(buy(BTC, "0.010", at="50000"))
        await order.accepted()
        await world.elapse(0.3)
    # The store is whole again for long enough to write what was lost.
    await world.elapse(3.0)
    await world.node.kill()
    await world.node.start()
    await world.converged()


@known_bug("N06")
@scenario(covers="NFR-001")
async def test_an_order_is_the_first_write_after_the_connection_to_the_store_broke(
    world: World,
) -> None:
    await world.node.start()
    opening = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await opening.accepted()
    await world.node.stored()
    # What follows an event, in the indices, is written by then: the break meets no write.
    await world.node.checked("open_orders")
    await world.links.cut("store")
    await world.links.restore("store")
    await world.elapse(3.0)
    order = await world.node.submit(sell(BTC, "0.010", at="51000"))
    await order.accepted()
    world.venue.fill(order)
    await order.filled()
    await world.converged()


@known_bug("N11")
@scenario(covers="FR-001")
async def test_the_node_is_terminated_with_an_order_in_flight(world: World) -> None:
    await world.node.start()
    moment = world.venue.misbehave(after_match())
    await world.node.submit(buy(BTC, "0.010", at="50000"))
    async with moment:
        await world.begin(NodeTerminated())
    await world.node.start()
    await world.converged()


@known_bug("K01", by_chance=["N11"])
@scenario(covers="FR-001")
async def test_the_node_is_terminated_with_a_position_open(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010"))
    await order.filled()
    await world.begin(NodeTerminated())
    await world.node.start()
    await world.converged()


@scenario(covers="T042")
async def test_the_node_is_paused_with_a_position_open_that_is_closed_meanwhile(
    world: World,
) -> None:
    await world.node.start()
    opening = await world.node.submit(buy(BTC, "0.010"))
    await opening.filled()
    closing = await world.node.submit(sell(BTC, "0.010", at="51000"))
    await closing.accepted()
    async with world.broken(NodePaused()):
        world.venue.fill(closing)
        await world.elapse(2.0)
    await closing.filled()
    await world.converged()


@known_bug("N07", "V09")
@scenario(covers="NFR-001")
async def test_an_order_is_submitted_while_the_store_is_full(world: World) -> None:
    await world.node.start()
    async with world.broken(StoreFull()):
        order = await world.node.submit(buy(BTC, "0.010", at="50000"))
        await order.accepted()
        await world.elapse(1.0)
    world.venue.fill(order)
    await order.filled()
    await world.converged()


@pytest.mark.parametrize("position", ["flat", "open"])
@known_bug(by_chance=["N11"])
@scenario(covers="FR-001")
async def test_the_node_restarts_on_a_store_that_was_emptied_meanwhile(
    world: World, position: str
) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    if position == "open":
        world.venue.fill(order, "0.004")
        await order.filled("0.004")
    await world.node.stop()
    await world.begin(StoreFlushed())
    await world.node.start()
    await world.converged()
