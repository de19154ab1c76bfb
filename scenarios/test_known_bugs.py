"""NautilusTrader's bugs K01-K07 and those found since, each by the shortest way to it."""

from harness.faults import StreamsClosed
from harness.scenario.api import (
    Hang,
    Hold,
    HoldRequest,
    PushRule,
    Refuse,
    ReplyRule,
    World,
    buy,
    known_bug,
    scenario,
    sell,
)

BTC = "BTCUSDT-PERP"
UNKNOWN_1007 = Refuse(
    503,
    {
        "code": -1007,
        "msg": "Timeout waiting for response from backend server. "
        "Send status unknown; execution status unknown.",
    },
    executed=True,
)
UNAVAILABLE = Refuse(503, {"code": -1001, "msg": "Internal error; unable to process your request."})


@known_bug("K01", by_chance=["N11"])
@scenario(covers="K01")
async def test_k01_warm_restart_with_an_open_position(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010"))
    await order.filled()
    await world.node.stop()
    await world.node.start()
    await world.converged()


@known_bug("K08")
@scenario(covers="K08")
async def test_k08_reconnect_of_the_user_stream_with_an_open_position(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010"))
    await order.filled()
    await world.begin(StreamsClosed())
    await world.event("wire", "connection", action="opened", stream="user", fresh=True)
    await world.converged()


@known_bug("K02")
@scenario(covers="K02", exec_engine={"open_check_interval_secs": None})
async def test_k02_one_failed_position_query(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010"))
    await order.filled()
    await world.node.checked("positions")
    rule = world.venue.misbehave(ReplyRule("GET", "/fapi/v3/positionRisk", UNAVAILABLE))
    await rule.struck()
    await world.converged()


@known_bug("K03")
@scenario(covers="K03")
async def test_k03_503_for_a_submit_that_the_venue_executed(world: World) -> None:
    await world.node.start()
    world.venue.misbehave(ReplyRule("POST", "/fapi/v1/order", UNKNOWN_1007))
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.requested()
    await world.node.checked("open_orders", times=2)
    world.venue.fill(order)
    await world.converged()


@known_bug("K04")
@scenario(covers="K04", exec_client={"max_retries": 3, "retry_delay_initial_ms": 100})
async def test_k04_retry_of_a_submit_that_was_filled(world: World) -> None:
    await world.node.start()
    world.venue.misbehave(ReplyRule("POST", "/fapi/v1/order", UNKNOWN_1007))
    order = await world.node.submit(buy(BTC, "0.010"))
    await order.requested()
    await world.converged()


@known_bug("K05", "V10")
@scenario(covers="K05")
async def test_k05_push_that_comes_after_its_fill_was_inferred(world: World) -> None:
    await world.node.start()
    world.venue.misbehave(ReplyRule("POST", "/fapi/v1/order", Hang()))
    late = world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "hold", times=None))
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.requested()
    world.venue.fill(order, "0.004")
    await order.filled("0.004")
    late.release()
    late.end()
    await world.converged()


@known_bug("K06", "N10")
@scenario(
    covers="K06",
    needs=("new_listen_key",),
    exec_engine={"open_check_interval_secs": None, "position_check_interval_secs": None},
)
async def test_k06_one_failed_listen_key_on_reconnect(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    rule = world.venue.misbehave(ReplyRule("POST", "/fapi/v1/listenKey", UNAVAILABLE))
    await world.begin(StreamsClosed())
    await rule.struck()
    world.venue.fill(order)
    await world.converged(deadline_secs=30.0)


@known_bug("K06")
@scenario(covers="K06", needs=("new_listen_key",))
async def test_k06_user_stream_is_cut_again_while_it_recovers(world: World) -> None:
    await world.node.start()
    recovery = world.venue.misbehave(ReplyRule("POST", "/fapi/v1/listenKey", Hold()))
    await world.begin(StreamsClosed())
    await recovery.struck()
    await world.links.cut("user_stream")
    recovery.release()
    await world.elapse(2.0)
    await world.links.restore("user_stream")
    await world.node.connected()
    await world.converged()


@known_bug("K07")
@scenario(
    covers="K07",
    exec_engine={"open_check_interval_secs": None},
    needs=["start_query:/fapi/v1/allOrders"],
)
async def test_k07_one_failed_query_at_the_start(world: World) -> None:
    world.venue.external_order(sell(BTC, "0.020", at="51000"))
    world.venue.misbehave(ReplyRule("GET", "/fapi/v1/allOrders", UNAVAILABLE))
    await world.node.start()
    await world.converged()


@known_bug("N03", "N10", "K08", "N43", "V12")
@scenario(covers="N03")
async def test_n03_reconnect_after_a_position_has_flipped(world: World) -> None:
    await world.node.start()
    short = await world.node.submit(sell(BTC, "0.010"))
    await short.filled()
    flip = await world.node.submit(buy(BTC, "0.014"))
    await flip.filled()
    order = await world.node.submit(buy(BTC, "0.020", at="49900"))
    await order.accepted()
    await world.links.cut("user_stream")
    world.venue.fill(order, "0.006")
    await world.links.restore("user_stream")
    await world.converged()


@known_bug("N10", "V02", "V12", "U12")
@scenario(covers="N10", exec_engine={"open_check_interval_secs": None})
async def test_n10_balance_that_changed_while_the_user_stream_was_cut(world: World) -> None:
    await world.node.start()
    opening = await world.node.submit(buy(BTC, "0.010", at="50000"))
    closing = await world.node.submit(sell(BTC, "0.010", at="50100"))
    await opening.accepted()
    await closing.accepted()
    await world.links.cut("user_stream")
    world.venue.fill(opening)
    world.venue.fill(closing)
    await world.links.restore("user_stream")
    await opening.filled()
    await closing.filled()
    await world.converged()


# The node gives a submit up after nearly the 5 s for which the venue takes it by default.
@known_bug("N60")
@scenario(covers="N60", exec_client={"recv_window_ms": 60_000})
async def test_n60_submit_that_comes_to_the_venue_after_the_node_gave_it_up(world: World) -> None:
    await world.node.start()
    slow = world.venue.misbehave(ReplyRule("POST", "/fapi/v1/order", HoldRequest()))
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.rejected()
    slow.release()
    await world.event("venue", "order", client_order_id=order.client_order_id)
    await world.converged()


@known_bug("N45")
@scenario(covers="N45")
async def test_n45_cold_start_with_a_position_of_many_orders(world: World) -> None:
    for number in range(12):
        # Bought lower each time, and every fourth order sells: the sequence makes the price.
        price = str(49_900 - 10 * number)
        order = sell(BTC, "0.010", at="50100") if number % 4 == 3 else buy(BTC, "0.010", at=price)
        world.venue.fill(world.venue.external_order(order))
        world.skip(1.0)
    await world.node.start()
    await world.converged()


@known_bug("K01", "N47", by_chance=["N11"])
@scenario(covers="N47", exec_engine={"position_check_interval_secs": None})
async def test_n47_restart_after_a_fill_was_inferred(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.links.cut("user_stream")
    world.venue.fill(order, "0.004")
    await order.filled("0.004")
    await world.node.stop()
    await world.links.restore("user_stream")
    await world.node.start()
    await world.converged()
