"""NFR-001: every fill is in the node exactly once, whatever the network does."""

from decimal import Decimal

from harness.scenario.api import World, buy, known_bug, scenario, sell

ORDERS = 50
LOT = Decimal("0.001")


@known_bug(
    "K01",
    "K05",
    "K06",
    fails={
        "fill_completeness",
        "orders_equal",
        "open_orders_equal",
        "no_duplicate_fills",
        "positions_equal",
        "position_ids",
        "convergence",
    },
)
@scenario(covers="NFR-001")
async def test_50_orders_with_partial_fills_under_a_flapping_user_stream(world: World) -> None:
    await world.node.start()
    for number in range(ORDERS):
        side = buy if world.random.random() < 0.5 else sell
        price = "50000" if side is buy else "50100"
        lots = world.random.randint(2, 20)
        order = await world.node.submit(side("BTCUSDT-PERP", str(lots * LOT), at=price))
        await order.accepted()
        if number % 10 == 4:
            await world.links.cut("user_stream")
        left = lots
        while left and world.random.random() < 0.8:
            part = world.random.randint(1, left)
            world.venue.fill(order, str(part * LOT))
            left -= part
        if number % 10 == 8:
            await world.links.restore("user_stream")
    await world.heal()
    await world.converged(deadline_secs=20.0)
