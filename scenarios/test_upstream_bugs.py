"""Bugs that NautilusTrader had and fixed (U01-U25), each by the shortest way to it.

What the mass status of newer releases adds (K01) is kept out: the account is flat when they ask.
"""

from harness.faults import ListenKeysExpired
from harness.scenario.api import (
    Alter,
    PushRule,
    Refuse,
    ReplyRule,
    StrategySpec,
    World,
    buy,
    known_bug,
    scenario,
    sell,
)

BTC = "BTCUSDT-PERP"
UNCHECKED = {"open_check_interval_secs": None, "position_check_interval_secs": None}
STRATEGIES = (StrategySpec(hedging=True),)
HOUR_MS = 3_600_000
REFUSED = Refuse(400, {"code": -4028, "msg": "Leverage 20 is not valid"})
HTML = Refuse(200, "<html><body>Service temporarily unavailable</body></html>")


@known_bug("U01")
@scenario(covers="U01", exec_engine=UNCHECKED)
async def test_u01_reduce_only_order_that_the_venue_has_cut(world: World) -> None:
    await world.node.start()
    opening = await world.node.submit(buy(BTC, "0.010"))
    await opening.filled()
    closing = await world.node.submit(sell(BTC, "0.050", at="50100", reduce_only=True))
    await closing.accepted()
    world.venue.fill(closing)
    await closing.filled("0.010")
    await world.converged()


@known_bug("U02")
@scenario(
    covers="U02",
    exec_engine={"reconciliation_lookback_mins": 1},
    strategies=STRATEGIES,
)
async def test_u02_short_side_of_a_hedged_account_from_before_the_lookback(world: World) -> None:
    world.venue.set_position_mode(hedging=True)
    world.venue.external_order(sell(BTC, "0.004", position_side="SHORT"))
    await world.elapse(90.0)
    await world.node.start()
    await world.converged()


@known_bug("U03")
@scenario(
    covers="U03",
    exec_engine={"open_check_interval_secs": None, "position_check_interval_secs": 1.0},
)
async def test_u03_fill_with_a_time_ahead_of_the_clock(world: World) -> None:
    await world.node.start()
    world.venue.misbehave(
        PushRule("ORDER_TRADE_UPDATE", "alter", execution="TRADE", shift_ms=HOUR_MS)
    )
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    world.venue.fill(order, "0.004")
    await order.filled("0.004")
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop"))
    world.venue.fill(order, "0.002")
    await world.converged()


@known_bug("U05", "N51")
@scenario(
    covers="U05",
    exec_engine={
        "open_check_interval_secs": None,
        "position_check_interval_secs": 1.0,
        "position_check_lookback_mins": 1,
    },
)
async def test_u05_position_that_was_closed_before_the_lookback(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010"))
    await order.filled()
    await world.links.cut("rest")
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop", times=2))
    world.venue.external_order(sell(BTC, "0.010"))
    await world.elapse(90.0)
    await world.links.restore("rest")
    await world.converged()


@known_bug("U08")
@scenario(covers="U08")
async def test_u08_order_whose_quantity_is_below_what_was_filled(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.020", at="50000"))
    await order.accepted()
    world.venue.fill(order, "0.010")
    await order.filled("0.010")
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop"))
    world.venue.fill(order, "0.002")
    below = Alter({"origQty": "0.005"})
    rule = world.venue.misbehave(ReplyRule("GET", "/fapi/v1/openOrders", below, times=None))
    await rule.struck(4)
    rule.end()
    await world.converged()


@known_bug("U09")
@scenario(covers="U09", exec_engine=UNCHECKED)
async def test_u09_fills_that_sum_above_the_quantity(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.008", at="50000"))
    await order.accepted()
    world.venue.fill(order, "0.004")
    world.venue.misbehave(
        PushRule("ORDER_TRADE_UPDATE", "duplicate", execution="TRADE", fields={"o": {"t": 77_777}})
    )
    world.venue.fill(order, "0.004")
    await order.filled("0.008")
    await world.converged()


@known_bug("U11", "V02")
@scenario(covers="U11", exec_engine=UNCHECKED)
async def test_u11_order_that_ends_while_the_listen_key_has_expired(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.begin(ListenKeysExpired())
    world.venue.cancel(order)
    await world.converged(deadline_secs=30.0)


@known_bug("U12", "V02")
@scenario(covers="U12", exec_engine=UNCHECKED)
async def test_u12_order_that_ends_while_the_user_stream_is_down(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.links.cut("user_stream")
    world.venue.cancel(order)
    await world.links.restore("user_stream")
    await world.converged(deadline_secs=30.0)


@known_bug("U13")
@scenario(covers="U13")
async def test_u13_stop_that_is_served_on_its_own_endpoint_alone(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(sell(BTC, "0.010", trigger_price="49000"))
    await order.accepted()
    await world.converged()


@known_bug("U17")
@scenario(covers="U17", exec_client={"futures_leverages": {"BTCUSDT": 20}})
async def test_u17_leverage_that_the_venue_refuses(world: World) -> None:
    world.venue.misbehave(ReplyRule("POST", "/fapi/v1/leverage", REFUSED))
    await world.node.start()
    await world.converged()


@known_bug("U19", "V07")
@scenario(covers="U19")
async def test_u19_page_of_html_for_a_reconciliation_query(world: World) -> None:
    world.venue.external_order(buy(BTC, "0.010", at="50000"))
    world.venue.misbehave(ReplyRule("GET", "/fapi/v1/openOrders", HTML))
    await world.node.start()
    await world.converged()


@known_bug("U25", "N50", by_chance=["N11"])
@scenario(covers="U25", strategies=STRATEGIES)
async def test_u25_restart_with_both_sides_of_a_hedged_account(world: World) -> None:
    world.venue.set_position_mode(hedging=True)
    await world.node.start()
    long = await world.node.submit(buy(BTC, "0.010", at="50000", position_side="LONG"))
    short = await world.node.submit(sell(BTC, "0.004", at="50100", position_side="SHORT"))
    for order in (long, short):
        await order.accepted()
        world.venue.fill(order)
        await order.filled()
    await world.node.stop()
    await world.node.start()
    await world.converged()
