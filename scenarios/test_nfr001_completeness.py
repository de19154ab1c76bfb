"""NFR-001: every fill is in the node exactly once, whatever the network does."""

from decimal import Decimal

from harness.scenario.api import World, buy, known_bug, scenario, sell

ORDERS = 50
LOT = Decimal("0.001")
BTC = "BTCUSDT-PERP"


@known_bug("K05", "K06", "N03", "N10", "N43", "K08", "U12", by_chance=["V12"])
@scenario(covers="NFR-001")
async def test_50_orders_with_partial_fills_under_a_flapping_user_stream(world: World) -> None:
    await world.node.start()
    for number in range(ORDERS):
        side = buy if world.random.random() < 0.5 else sell
        price = "50000" if side is buy else "50100"
        lots = world.random.randint(2, 20)
        order = await world.node.submit(side(BTC, str(lots * LOT), at=price))
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
    # The balance is told with a fill that is seen; without one it stays wrong (N10).
    await world.node.connected()
    last = await world.node.submit(buy(BTC, "0.001", at="50000"))
    await last.accepted()
    world.venue.fill(last)
    await world.converged(deadline_secs=20.0)


# Without the open check, which infers fills and then meets the real ones (K05), and flat whenever
# the node comes back (K01): nothing known stands in the way of a fill. A balance misses them (N10).
@known_bug("N10", "V02", "U12", "V12")
@scenario(covers="NFR-001", exec_engine={"open_check_interval_secs": None})
async def test_50_orders_with_partial_fills_flat_at_every_reconnect(world: World) -> None:
    await world.node.start()
    for number in range(ORDERS // 2):
        lots = world.random.randint(2, 20)
        opening = await world.node.submit(buy(BTC, str(lots * LOT), at="50000"))
        closing = await world.node.submit(sell(BTC, str(lots * LOT), at="50100"))
        await opening.accepted()
        await closing.accepted()
        is_cut = number % 5 == 4
        if is_cut:
            await world.links.cut("user_stream")
        for order in (opening, closing):
            left = lots
            while left:
                part = world.random.randint(1, left)
                world.venue.fill(order, str(part * LOT))
                left -= part
        if is_cut:
            await world.links.restore("user_stream")
            await world.node.connected()
        await opening.filled()
        await closing.filled()
    await world.converged(deadline_secs=20.0)
