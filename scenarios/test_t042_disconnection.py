"""Disconnections (T042): links go down and come back, and meanwhile the venue goes on."""

from harness.faults import Bandwidth, Latency, ListenKeysExpired
from harness.scenario.api import World, buy, known_bug, scenario, sell

BTC = "BTCUSDT-PERP"


@known_bug("N10", "K08", "V12", "U12")
@scenario(covers="T042")
async def test_the_user_stream_is_cut_and_a_fill_is_lost(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.links.cut("user_stream")
    world.venue.fill(order)
    await world.elapse(1.0)
    await world.links.restore("user_stream")
    await order.filled()
    await world.converged()


@known_bug("V02", "U12")
@scenario(covers="T042")
async def test_the_user_stream_is_cut_while_orders_rest(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    other = await world.node.submit(sell(BTC, "0.010", at="51000"))
    await order.accepted()
    await other.accepted()
    await world.links.cut("user_stream")
    world.venue.cancel(other)
    await world.elapse(1.0)
    await world.links.restore("user_stream")
    await other.canceled()
    await world.converged()


@known_bug("V02", "U12")
@scenario(covers="T042")
async def test_the_listen_key_expires_while_orders_rest(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    other = await world.node.submit(sell(BTC, "0.010", at="51000"))
    await order.accepted()
    await other.accepted()
    await world.begin(ListenKeysExpired())
    world.venue.cancel(other)
    await other.canceled()
    await world.converged()


@scenario(covers="T042")
async def test_rest_is_cut_during_a_submit(world: World) -> None:
    await world.node.start()
    await world.begin(Latency(links=("rest",), latency_ms=500))
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.requested()
    await world.links.cut("rest")
    await world.elapse(1.0)
    await world.heal()
    await order.accepted()
    await world.converged()


# N06 takes the first write after the cut: a fill, or the account.
@known_bug("N06", "N10", "K08", "V12", "U12")
# Without the open check: it would infer the partial fill, and K05 would strike or not by chance.
@scenario(covers="T042", exec_engine={"open_check_interval_secs": None})
async def test_everything_is_cut_for_6_seconds_with_fills_meanwhile(world: World) -> None:
    await world.node.start()
    first = await world.node.submit(buy(BTC, "0.010", at="50000"))
    second = await world.node.submit(buy(BTC, "0.020", at="49900"))
    await first.accepted()
    await second.accepted()
    await world.links.cut("rest", "user_stream", "market_stream", "store")
    world.venue.fill(first)
    world.venue.fill(second, "0.005")
    await world.elapse(6.0)
    await world.links.restore("rest", "user_stream", "market_stream", "store")
    await first.filled()
    await world.converged(deadline_secs=30.0)


@scenario(covers="T042")
async def test_the_store_is_cut_for_3_seconds(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    # NautilusTrader loses a write that is in flight when the connection breaks.
    await world.node.stored()
    await world.links.cut("store")
    world.venue.fill(order)
    await world.elapse(3.0)
    await world.links.restore("store")
    await order.filled()
    await world.node.stored()
    await world.converged()


@scenario(covers="T042")
async def test_orders_and_fills_over_a_slow_network(world: World) -> None:
    await world.begin(Latency(links=("rest", "user_stream"), latency_ms=300, jitter_ms=100))
    await world.begin(Bandwidth(links=("rest", "user_stream"), kib_per_sec=64))
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    world.venue.fill(order, "0.004")
    world.venue.fill(order, "0.006")
    await order.filled()
    await world.heal()
    await world.converged()
