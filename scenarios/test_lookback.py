"""FR-001: what each preset finds after an outage, and what it loses once that was too long.

A node is killed, an hour or two pass at once, and it is started again. What a preset is documented
to lose (docs/configuration.md) is a finding by its own id: the scenario fails if anything else is
lost, and if nothing is. Binance's adapter counts an order's age from when it was placed.
"""

import msgspec
import pytest

from harness.scenario.api import Stage, World, buy, known_bug, scenario, sell

BTC, ETH = "BTCUSDT-PERP", "ETHUSDT-PERP"
MINUTE_SECS = 60.0

lookbacks = pytest.mark.parametrize(
    ("preset", "lookback_mins"), [("conservative", 120), ("standard", 60), ("aggressive", 30)]
)


def with_preset(stage: Stage, preset: str) -> Stage:
    stage.setup = msgspec.structs.replace(stage.setup, preset=preset)
    return stage


@known_bug("V01")
@lookbacks
@scenario(covers="FR-001")
def test_what_ended_within_the_lookback_is_found(
    world: Stage, preset: str, lookback_mins: int
) -> None:
    async def script(world: World) -> None:
        await world.node.start()
        order = await world.node.submit(buy(BTC, "0.010", at="50000"))
        await order.accepted()
        await world.node.stored()
        await world.node.kill()
        world.venue.cancel(order)
        world.skip((lookback_mins - 1) * MINUTE_SECS)
        await world.node.start()
        await order.canceled()
        await world.converged(deadline_secs=60.0)

    with_preset(world, preset).play(script)


@lookbacks
@known_bug("L01")
@scenario(covers="FR-001")
def test_a_fill_is_lost_where_its_order_is_older_than_the_lookback(
    world: Stage, preset: str, lookback_mins: int
) -> None:
    """Its position is right by an inferred fill, and what was placed since is found."""

    async def script(world: World) -> None:
        await world.node.start()
        order = await world.node.submit(buy(BTC, "0.010", at="50000"))
        await order.accepted()
        await world.node.stored()
        await world.node.kill()
        world.venue.fill(order)
        world.skip((lookback_mins + 1) * MINUTE_SECS)
        world.venue.external_order(sell(ETH, "1.000", at="3100"))
        await world.node.start()
        await world.converged(deadline_secs=30.0)

    with_preset(world, preset).play(script)


@pytest.mark.parametrize(("preset", "lookback_mins"), [("conservative", 120), ("standard", 60)])
@known_bug("L02")
@scenario(covers="FR-001")
def test_an_open_order_from_outside_is_not_seen_where_it_is_older_than_the_lookback(
    world: Stage, preset: str, lookback_mins: int
) -> None:
    async def script(world: World) -> None:
        world.venue.external_order(buy(BTC, "0.010", at="49000"))
        world.skip((lookback_mins + 1) * MINUTE_SECS)
        world.venue.external_order(sell(ETH, "1.000", at="3100"))
        await world.node.start()
        await world.converged(deadline_secs=30.0)

    with_preset(world, preset).play(script)


@scenario(covers="FR-003", preset="aggressive")
async def test_an_open_order_that_the_start_has_missed_is_found_by_the_open_check(
    world: World,
) -> None:
    world.venue.external_order(buy(BTC, "0.010", at="49000"))
    world.skip(31 * MINUTE_SECS)
    await world.node.start()
    await world.converged(deadline_secs=60.0)


@known_bug("L03")
@scenario(covers="FR-001", preset="disabled")
async def test_disabled_takes_over_nothing(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.node.stored()
    await world.node.kill()
    world.venue.fill(order)
    await world.node.start()
    await world.converged(deadline_secs=30.0)


@pytest.mark.parametrize("since", ["0.005", "-0.004", "-0.015"], ids=["more", "less", "flipped"])
@known_bug("N31")
@scenario(covers="FR-001", preset="standard")
async def test_a_position_is_older_than_the_lookback_and_was_changed_since(
    world: World, since: str
) -> None:
    opened = world.venue.external_order(buy(BTC, "0.010", at="49900"))
    world.venue.fill(opened)
    world.skip(61 * MINUTE_SECS)
    sold = since.startswith("-")
    new = sell(BTC, since[1:], at="50100") if sold else buy(BTC, since, at="49900")
    world.venue.fill(world.venue.external_order(new))
    await world.node.start()
    await world.converged(deadline_secs=30.0)


@known_bug("N30")
@scenario(
    covers="FR-003",
    preset="standard",
    exec_engine={"open_check_open_only": False, "open_check_lookback_mins": 1},
)
async def test_a_live_order_gets_older_than_the_open_check_looks_back(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy(BTC, "0.010", at="50000"))
    await order.accepted()
    await world.elapse(MINUTE_SECS, rate=50)
    # It is missed five times, and then given up.
    for _ in range(2):
        await world.node.checked("open_orders", times=3)
    await world.converged(deadline_secs=30.0)
