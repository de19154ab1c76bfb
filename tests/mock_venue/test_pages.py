"""Pages of past orders and trades: of all symbols, by id and time, and how far they go back."""

from typing import Any

import pytest

from mock_venue import VenueConfig
from mock_venue.exchange.ledger import DAY_MS
from tests.mock_venue.helpers import START_MS, SYMBOL, Core, World, refusal

ALL = "/fapi/v1/allOrders"
TRADES = "/fapi/v1/userTrades"


async def taken(world: World, symbol: str) -> int:
    status, reply = await world.call(
        "POST", "/fapi/v1/order", symbol=symbol, side="BUY", type="MARKET", quantity="1"
    )
    assert status == 200, reply
    return int(reply["orderId"])


@pytest.mark.asyncio
async def test_without_a_symbol_the_orders_of_all_are_one_list(world: World) -> None:
    ids = []
    for symbol in (SYMBOL, "ETHUSDT", SYMBOL, "SOLUSDT"):
        ids.append(await taken(world, symbol))
        world.clock.ms += 1_000

    async def page(**params: Any) -> list[int]:
        return [order["orderId"] for order in await world.get(ALL, **params)]

    assert await page() == ids
    assert await page(limit=3) == ids[1:]
    assert await page(orderId=ids[1], limit=2) == ids[1:3]
    assert await page(startTime=START_MS + 1_000, endTime=START_MS + 2_000) == ids[1:3]
    assert await page(symbol=SYMBOL) == [ids[0], ids[2]]
    unknown = await world.call("GET", ALL, symbol="NONE")
    assert refusal(unknown) == (400, -1121)


@pytest.mark.asyncio
async def test_an_id_and_a_time_both_bound_a_page_of_orders(world: World) -> None:
    ids = []
    for _ in range(4):
        ids.append(await taken(world, SYMBOL))
        world.clock.ms += 1_000

    params = {"symbol": SYMBOL, "orderId": ids[1], "endTime": START_MS + 2_000}
    found = await world.get(ALL, **params)

    assert [order["orderId"] for order in found] == ids[1:3]


@pytest.mark.asyncio
async def test_trades_are_told_for_90_days_however_they_are_asked_for(world: World) -> None:
    old = await taken(world, SYMBOL)
    world.clock.ms += 1_000
    kept = await taken(world, SYMBOL)
    world.clock.ms = START_MS + 90 * DAY_MS + 1_000

    async def orders(**params: Any) -> list[int]:
        found = await world.get(TRADES, symbol=SYMBOL, **params)
        return [trade["orderId"] for trade in found]

    assert await orders(fromId=1) == [kept]
    assert await orders(orderId=old) == []
    assert await orders(orderId=kept) == [kept]
    assert await orders(startTime=START_MS) == [kept]
    assert await orders() == []


@pytest.mark.asyncio
async def test_trades_need_a_symbol(world: World) -> None:
    assert refusal(await world.call("GET", TRADES, orderId=1)) == (400, -1102)


def test_an_account_has_so_many_open_orders_on_a_symbol_and_no_more(core: Core) -> None:
    spec = VenueConfig().symbols[0]
    for _ in range(spec.max_open_orders):
        core.place(quantity="0.002")

    with pytest.raises(Exception, match="-2025 Reach max open order limit"):
        core.place(quantity="0.002")
