"""NFR-002: startup reconciliation takes under 30 s, a periodic check under 5 s, at real speed."""

import pytest

from harness.scenario.api import World, buy, known_bug, scenario

SYMBOLS = [
    f"{asset}USDT"
    for asset in ("BNB", "XRP", "ADA", "DOGE", "AVAX", "LINK", "LTC", "DOT", "ATOM", "UNI")
]
INSTRUMENTS = [f"{symbol}-PERP.BINANCE" for symbol in SYMBOLS]


# With 1,000 orders every trade is given, and N43 has nothing to infer.
@known_bug(by_chance=["N43", "N45"])
@pytest.mark.parametrize("orders", [1_000, 10_000])
@scenario(covers="NFR-002", rate=1, instrument_ids=INSTRUMENTS)
async def test_startup_with_a_long_history(world: World, orders: int) -> None:
    """Spread over ten symbols: Binance gives at most 1,000 orders of one symbol at a time."""
    for symbol in SYMBOLS:
        world.venue.generate_history(symbol, orders=orders // len(SYMBOLS), net="1")
    await world.node.start()
    await world.converged(deadline_secs=40.0)


# A hundred submits at once take a busy machine longer than the quick preset lets one be in flight.
@scenario(covers="NFR-002", rate=1, exec_engine={"inflight_check_threshold_ms": 5_000})
async def test_periodic_checks_with_100_open_orders(world: World) -> None:
    await world.node.start()
    orders = [
        await world.node.submit(buy("BTCUSDT-PERP", "0.010", at=str(49_000 + number)))
        for number in range(100)
    ]
    for order in orders:
        await order.accepted()
    await world.node.checked("open_orders", times=3)
    await world.node.checked("positions", times=2)
    await world.converged()
