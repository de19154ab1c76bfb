"""Batches: mixed results, their order counts, and the names that the history gives them."""

from typing import Any

import aiohttp
import msgspec
import pytest

from mock_venue import VenueConfig
from mock_venue.script.rules import Lose, ReplyRule
from tests.mock_venue.helpers import SYMBOL, World, refusal

BATCH = "/fapi/v1/batchOrders"
NEW = {
    "symbol": SYMBOL,
    "side": "BUY",
    "type": "LIMIT",
    "quantity": "0.010",
    "price": "49000",
    "timeInForce": "GTC",
}


def as_json(items: Any) -> str:
    return msgspec.json.encode(items).decode()


async def send(world: World, method: str, *items: dict[str, Any]) -> Any:
    status, replies = await world.call(method, BATCH, batchOrders=as_json(items))
    assert status == 200, replies
    return replies


def told(replies: list[dict[str, Any]]) -> list[Any]:
    return [reply.get("clientOrderId", reply.get("code")) for reply in replies]


@pytest.mark.asyncio
async def test_each_order_has_its_own_reply_or_error(world: World) -> None:
    replies = await send(
        world,
        "POST",
        {**NEW, "newClientOrderId": "a"},
        {**NEW, "newClientOrderId": "a"},
        {**NEW, "price": "49000.05"},
        {**NEW, "newClientOrderId": "b", "quantity": 0.02, "reduceOnly": False},
        {**NEW, "symbol": "NONE"},
    )

    assert told(replies) == ["a", -4116, -4014, "b", -1121]
    assert replies[3]["origQty"] == "0.020"
    orders = world.venue.ledger.open_orders()
    assert [order.client_order_id for order in orders] == ["a", "b"]


@pytest.mark.asyncio
async def test_amendments_in_a_batch(world: World) -> None:
    await send(world, "POST", {**NEW, "newClientOrderId": "a"}, {**NEW, "newClientOrderId": "b"})
    amended = {"symbol": SYMBOL, "side": "BUY", "quantity": "0.020", "price": "48000"}

    replies = await send(
        world,
        "PUT",
        {**amended, "origClientOrderId": "b"},
        {**amended, "origClientOrderId": "gone"},
        {**amended, "origClientOrderId": "a", "price": "48000.05"},
    )

    assert told(replies) == ["b", -2013, -4014]
    assert (replies[0]["origQty"], replies[0]["pair"]) == ("0.020", SYMBOL)


@pytest.mark.parametrize(
    ("batch", "code"),
    [
        (None, -1102),
        ("", -1105),
        ("[", -1130),
        ("{}", -1130),
        ("[1]", -1130),
        ('[{"symbol": [1]}]', -1130),
        ('[{"symbol": ""}]', -1105),
        ('[{"symbol": null}]', -1105),
        ("[" * 2_000, -1130),
        ("[]", -4082),
        (as_json([NEW] * 6), -4082),
    ],
)
@pytest.mark.asyncio
async def test_batches_refused_whole(world: World, batch: str | None, code: int) -> None:
    params = {} if batch is None else {"batchOrders": batch}
    for method in ("POST", "PUT"):
        assert refusal(await world.call(method, BATCH, **params)) == (400, code)

    assert world.venue.ledger.orders() == []


@pytest.mark.asyncio
async def test_a_batch_counts_five_orders_in_ten_seconds_and_one_in_a_minute() -> None:
    async with World(VenueConfig(rate_limits_enforced=True, orders_10s_max=11)) as world:
        for _ in range(2):
            _, _, headers = await world.raw("POST", BATCH, world.query(batchOrders=as_json([NEW])))
        refused = await world.call("POST", BATCH, batchOrders=as_json([NEW]))
        single, _ = await world.limit()

    assert headers["x-mbx-order-count-10s"] == "10"
    assert headers["x-mbx-order-count-1m"] == "2"
    assert (refusal(refused), single) == ((429, -1015), 200)


@pytest.mark.asyncio
async def test_rules_and_history_know_every_order_of_a_batch(world: World) -> None:
    handle = world.venue.misbehave(
        ReplyRule(method="POST", path=BATCH, order="second", action=Lose())
    )
    await send(world, "POST", {**NEW, "newClientOrderId": "other"}, NEW)
    assert handle.hits == 0
    batch = [{**NEW, "newClientOrderId": name} for name in ("first", "second")]
    with pytest.raises(aiohttp.ClientError):
        await world.call("POST", BATCH, batchOrders=as_json(batch))
    assert handle.hits == 1
    order_id = world.venue.ledger.find("first")[0].order_id
    amended = {"symbol": SYMBOL, "side": "BUY", "quantity": "0.020", "price": "48000"}
    await send(world, "PUT", {**amended, "orderId": order_id})

    made, lost, last = world.log.of("http", path=BATCH)
    assert len(made["client_order_ids"]) == 2
    assert "other" in made["client_order_ids"]
    assert (lost["outcome"], lost["client_order_ids"]) == ("lost", ["first", "second"])
    assert last["client_order_id"] == "first"
    requests = world.log.of("request", path=BATCH)
    assert requests[1]["client_order_ids"] == ["first", "second"]
