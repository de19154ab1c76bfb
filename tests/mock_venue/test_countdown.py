"""Orders that are cancelled if nobody asks in time, and orders that are only tried."""

from typing import Any

import pytest

from tests.mock_venue.helpers import SYMBOL, World, refusal

COUNTDOWN = "/fapi/v1/countdownCancelAll"
TEST = "/fapi/v1/order/test"


async def count_down(world: World, ms: int, symbol: str = SYMBOL) -> Any:
    status, reply = await world.call("POST", COUNTDOWN, symbol=symbol, countdownTime=ms)
    assert status == 200, reply
    return reply


async def statuses(world: World) -> list[str]:
    return [order["status"] for order in await world.get("/fapi/v1/allOrders", symbol=SYMBOL)]


@pytest.mark.asyncio
async def test_at_the_end_of_the_countdown_the_symbols_orders_are_cancelled(world: World) -> None:
    await world.limit(), await world.limit()
    await world.call(
        "POST",
        "/fapi/v1/order",
        symbol="ETHUSDT",
        side="BUY",
        type="LIMIT",
        quantity="1",
        price="2900",
        timeInForce="GTC",
    )
    assert await count_down(world, 5_000) == {"symbol": SYMBOL, "countdownTime": "5000"}

    world.clock.ms += 4_999
    assert await statuses(world) == ["NEW", "NEW"]
    world.clock.ms += 1

    assert await statuses(world) == ["CANCELED", "CANCELED"]
    assert len(world.venue.ledger.open_orders()) == 1
    assert world.log.of("countdown") == [{"account": "main", "symbol": SYMBOL}]


@pytest.mark.asyncio
async def test_asking_again_starts_anew_and_zero_stops(world: World) -> None:
    await world.limit()
    await count_down(world, 5_000)
    world.clock.ms += 4_000
    await count_down(world, 5_000)
    world.clock.ms += 4_000
    assert await statuses(world) == ["NEW"]
    await count_down(world, 0)
    world.clock.ms += 60_000

    assert await statuses(world) == ["NEW"]


@pytest.mark.asyncio
async def test_the_earliest_of_several_comes_first_and_nobody_need_ask(world: World) -> None:
    await world.limit(newClientOrderId="a")
    await count_down(world, 60_000, "ETHUSDT")
    await count_down(world, 5_000)
    await count_down(world, 60_000, "SOLUSDT")
    world.clock.ms += 5_000

    await world.log.wait("order", client_order_id="a", status="CANCELED")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, -1102),
        ({"countdownTime": "soon"}, -1102),
        ({"countdownTime": -1}, -1130),
        ({"countdownTime": 1, "symbol": "NONE"}, -1121),
    ],
)
@pytest.mark.asyncio
async def test_countdowns_refused(world: World, params: dict[str, Any], code: int) -> None:
    reply = await world.call("POST", COUNTDOWN, **{"symbol": SYMBOL, **params})

    assert refusal(reply) == (400, code)


@pytest.mark.asyncio
async def test_an_order_that_is_only_tried_leaves_nothing(world: World) -> None:
    params = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": "0.010"}

    status, reply = await world.call("POST", TEST, **params, newClientOrderId="a")
    refused = await world.call("POST", TEST, **{**params, "quantity": "0.0001"})

    assert (status, reply["status"], reply["clientOrderId"]) == (200, "NEW", "a")
    assert refusal(refused) == (400, -1111)
    assert world.venue.ledger.orders() == []
    assert (await world.market())["orderId"] == reply["orderId"]
