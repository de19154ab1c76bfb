"""What amendments leave behind, and what they are refused with."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from mock_venue.exchange import exchange as limits
from mock_venue.exchange.commands import AmendOrder, OrderRef
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.ledger import DAY_MS
from tests.mock_venue.helpers import SYMBOL, Core, World, refusal

ORDER = "/fapi/v1/order"
HISTORY = "/fapi/v1/orderAmendment"


async def amend(world: World, price: str, quantity: str = "0.010") -> tuple[int, Any]:
    return await world.call(
        "PUT",
        ORDER,
        symbol=SYMBOL,
        side="BUY",
        origClientOrderId="a",
        price=price,
        quantity=quantity,
    )


def prices(reply: list[dict[str, Any]]) -> list[str]:
    return [one["amendment"]["price"]["after"] for one in reply]


@pytest.mark.asyncio
async def test_the_history_has_the_newest_first(world: World) -> None:
    _, order = await world.limit(newClientOrderId="a")
    await amend(world, "49100")
    world.clock.ms += 1_000
    await amend(world, "49200", "0.020")

    newest, oldest = await world.get(HISTORY, symbol=SYMBOL, orderId=order["orderId"])

    assert newest == {
        "amendmentId": oldest["amendmentId"] + 1,
        "symbol": SYMBOL,
        "pair": SYMBOL,
        "orderId": order["orderId"],
        "clientOrderId": "a",
        "time": world.clock.ms,
        "amendment": {
            "price": {"before": "49100.00", "after": "49200.00"},
            "origQty": {"before": "0.010", "after": "0.020"},
            "count": 2,
        },
    }
    assert oldest["amendment"]["count"] == 1


@pytest.mark.asyncio
async def test_the_history_has_windows_a_limit_and_an_end(world: World) -> None:
    await world.limit(newClientOrderId="a")
    start_ms = world.clock.ms
    for price in ("49100", "49200", "49300"):
        await amend(world, price)
        world.clock.ms += 1_000

    async def told(**params: Any) -> list[str]:
        return prices(await world.get(HISTORY, symbol=SYMBOL, origClientOrderId="a", **params))

    assert await told(limit=2) == ["49300.00", "49200.00"]
    assert await told(startTime=start_ms + 1_000, endTime=start_ms + 1_000) == ["49200.00"]
    assert refusal(await world.call("GET", HISTORY, symbol=SYMBOL)) == (400, -1102)
    unknown = await world.call("GET", HISTORY, symbol=SYMBOL, orderId=1)
    assert refusal(unknown) == (400, -2013)
    world.clock.ms = start_ms + 90 * DAY_MS + 1_000
    assert await told() == ["49300.00", "49200.00"]


@pytest.mark.asyncio
async def test_a_snapshot_keeps_the_history(world: World) -> None:
    await world.limit(newClientOrderId="a")
    await amend(world, "49100")
    world.venue.restore(msgspec.json.decode(msgspec.json.encode(world.venue.snapshot())))
    await amend(world, "49200")

    reply = await world.get(HISTORY, symbol=SYMBOL, origClientOrderId="a")
    assert prices(reply) == ["49200.00", "49100.00"]


@pytest.mark.asyncio
async def test_a_small_amendment_is_refused_with_a_code_of_its_own(world: World) -> None:
    await world.limit(newClientOrderId="a")

    status, error = await amend(world, "49000", "0.001")

    assert (status, error) == (
        400,
        {"code": -5029, "msg": "Order's notional must be no smaller than 50"},
    )


def test_an_order_is_amended_so_many_times_and_no_more(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "AMENDMENTS_MAX", 2)
    order = core.place()

    def to(price: str) -> None:
        core.do(
            AmendOrder(
                account="main",
                symbol=SYMBOL,
                ref=OrderRef(order_id=order.order_id),
                side="BUY",
                quantity=order.quantity,
                price=Decimal(price),
            )
        )

    to("49100")
    to("49200")
    with pytest.raises(ExchangeError, match="-5026"):
        to("49300")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("is_reduce_only", "sent", "quantity", "code"),
    [
        (True, None, "0.006", -5029),
        (True, "false", "0.006", -5029),
        (True, "true", "0.006", None),
        (True, None, "0.008", None),
        (False, "true", "0.008", -5047),
        (False, "false", "0.008", None),
    ],
)
async def test_who_says_reduce_only_needs_no_notional(
    world: World, is_reduce_only: bool, sent: str | None, quantity: str, code: int | None
) -> None:
    ether = {"symbol": "ETHUSDT", "price": "3100", "side": "SELL"}
    held = {"symbol": "ETHUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    new = {"type": "LIMIT", "quantity": "0.010", "timeInForce": "GTC", "newClientOrderId": "a"}
    await world.call("POST", ORDER, **held)
    await world.call("POST", ORDER, **ether, **new, reduceOnly=is_reduce_only)
    said = {} if sent is None else {"reduceOnly": sent}

    reply = await world.call(
        "PUT", ORDER, **ether, **said, origClientOrderId="a", quantity=quantity
    )

    (now,) = await world.get("/fapi/v1/openOrders")
    assert now["reduceOnly"] is is_reduce_only
    if code is None:
        assert (reply[0], now["origQty"]) == (200, quantity)
    else:
        assert (refusal(reply), now["origQty"]) == ((400, code), "0.010")


async def by_order(world: World, **fields: Any) -> Any:
    return (await world.call("PUT", ORDER, **fields))[1]


async def by_batch(world: World, **fields: Any) -> Any:
    batch = msgspec.json.encode([fields]).decode()
    return (await world.call("PUT", "/fapi/v1/batchOrders", batchOrders=batch))[1][0]


async def by_api(world: World, **fields: Any) -> Any:
    api = await world.api()
    return (await api.call("order.modify", **fields))["result"]


@pytest.mark.asyncio
@pytest.mark.parametrize("way", [by_order, by_batch, by_api])
async def test_a_modify_id_comes_back_on_the_stream_and_in_the_history(
    world: World, way: Callable[..., Awaitable[Any]]
) -> None:
    stream = await world.user_stream()
    _, placed = await world.limit(newClientOrderId="a")
    fields = {"symbol": SYMBOL, "side": "BUY", "origClientOrderId": "a", "quantity": "0.010"}

    reply = await way(world, **fields, price="49100", modifyId=7)
    other = await way(world, **fields, price="49200")
    await world.call("DELETE", ORDER, symbol=SYMBOL, origClientOrderId="a")

    assert (reply["modifyId"], "modifyId" in other) == (7, False)
    told = [(await stream.next())["o"] for _ in range(4)]
    assert [(one["x"], one.get("M")) for one in told] == [
        ("NEW", None),
        ("AMENDMENT", "7"),
        ("AMENDMENT", None),
        ("CANCELED", None),
    ]
    newest, oldest = await world.get(HISTORY, symbol=SYMBOL, orderId=placed["orderId"])
    assert oldest["amendment"]["modifyId"] == 7
    assert "modifyId" not in newest["amendment"]


@pytest.mark.asyncio
async def test_an_amendment_that_cancels_tells_no_modify_id_on_the_stream(world: World) -> None:
    await world.limit(newClientOrderId="a")
    world.venue.fill("a", "0.004")
    stream = await world.user_stream()

    reply = await by_order(
        world,
        symbol=SYMBOL,
        side="BUY",
        origClientOrderId="a",
        quantity="0.004",
        price="49100",
        modifyId=7,
    )

    assert (reply["status"], reply["modifyId"]) == ("CANCELED", 7)
    told = (await stream.next())["o"]
    assert (told["x"], "M" in told) == ("CANCELED", False)
