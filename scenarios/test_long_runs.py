"""Hours: keys that live for 60 minutes, and what is purged from the cache."""

from functools import partial

from harness.scenario.api import HoldRequest, ReplyRule, World, buy, known_bug, scenario, sell

BTC = "BTCUSDT-PERP"
LISTEN_KEY = "/fapi/v1/listenKey"
MINUTE = 60.0
QUIET = 100.0
# At that rate a short stall of the machine is a long one: no check reads, nothing is impatient.
PATIENT = {
    "inflight_check_threshold_ms": 60_000,
    "open_check_threshold_ms": 60_000,
    "position_check_threshold_ms": 60_000,
}
long_scenario = partial(
    scenario, preset="default", rate=2.0, exec_client={"recv_window_ms": 60_000}
)


def purges(*, interval_mins: int, buffer_mins: int) -> dict[str, int]:
    """Settings by which closed orders and positions are purged, and account events."""
    return PATIENT | {
        "purge_closed_orders_interval_mins": interval_mins,
        "purge_closed_orders_buffer_mins": buffer_mins,
        "purge_closed_positions_interval_mins": interval_mins,
        "purge_closed_positions_buffer_mins": buffer_mins,
        "purge_account_events_interval_mins": interval_mins,
        "purge_account_events_lookback_mins": buffer_mins,
    }


HOURLY = purges(interval_mins=10, buffer_mins=60)
SOON = purges(interval_mins=1, buffer_mins=1)


async def trade(world: World) -> None:
    """Open a position and close it, and cancel an order."""
    opening = await world.node.submit(buy(BTC, "0.010"))
    await opening.filled()
    closing = await world.node.submit(sell(BTC, "0.010"))
    await closing.filled()
    canceled = await world.node.submit(buy(BTC, "0.010", at="45000"))
    await canceled.accepted()
    await world.node.cancel(canceled)
    await canceled.canceled()


@long_scenario(covers="T042", exec_engine=HOURLY, needs=("keepalive:30",))
async def test_hours_of_purges_and_keepalives(world: World) -> None:
    # 2.x sends one at once as well.
    await hours(world, keepalives=3, keepalives_max=4)


@long_scenario(covers="T042", exec_engine=HOURLY, needs=("keepalive:5",))
async def test_hours_of_purges_and_keepalives_each_5_minutes(world: World) -> None:
    await hours(world, keepalives=19, keepalives_max=20)


async def hours(world: World, *, keepalives: int, keepalives_max: int) -> None:
    await world.node.start()
    resting = await world.node.submit(buy(BTC, "0.010", at="40000"))
    await resting.accepted()
    await trade(world)
    await world.elapse(100 * MINUTE, rate=75.0)
    world.expect(
        "wire", "listen_key", action="kept_alive", count=keepalives, count_max=keepalives_max
    )
    world.expect("wire", "listen_key", action="expired", count=0)
    world.expect("wire", "connection", stream="user", action="opened", count=1)
    world.venue.fill(resting)
    await resting.filled()
    await world.converged()


@known_bug("N10", "K08", "U12", "V02")
@long_scenario(covers="T042", exec_engine=PATIENT, needs=("new_listen_key",))
async def test_keepalives_are_lost_and_an_order_fills_after_the_key_has_expired(
    world: World,
) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    world.venue.misbehave(ReplyRule("PUT", LISTEN_KEY, HoldRequest(), times=None))
    renewal = world.venue.misbehave(ReplyRule("POST", LISTEN_KEY, HoldRequest()))
    await world.elapse(61 * MINUTE, rate=QUIET)
    world.expect("wire", "listen_key", action="expired", count=1)
    async with renewal:
        world.venue.fill(order)
    await order.filled()
    await world.converged()


@known_bug("N08", "U12", "V02")
@long_scenario(covers="T042", exec_engine=SOON)
async def test_the_user_stream_reconnects_after_purges(world: World) -> None:
    await world.node.start()
    resting = await world.node.submit(buy(BTC, "0.010", at="40000"))
    await resting.accepted()
    await trade(world)
    await world.elapse(5 * MINUTE, rate=QUIET)
    await world.links.cut("user_stream")
    world.venue.cancel(resting)
    await world.elapse(1.0)
    await world.links.restore("user_stream")
    await resting.canceled()
    await world.converged()


@known_bug(by_chance=["N11"])
@long_scenario(covers="FR-001", exec_engine=SOON)
async def test_a_warm_restart_after_purges(world: World) -> None:
    await world.node.start()
    await trade(world)
    await world.elapse(5 * MINUTE, rate=QUIET)
    await world.node.stop()
    await world.node.start()
    await world.converged(deadline_secs=40.0)
    await world.elapse(3 * MINUTE, rate=QUIET)
    await world.converged(deadline_secs=40.0)
