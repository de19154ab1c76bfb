"""Conditional orders on the wire: replies, pushes, history, misbehaviour."""

from typing import Any

import pytest

from mock_venue import VenueScriptError
from mock_venue.exchange.ledger import DAY_MS
from mock_venue.script.rules import PushRule, Refuse, ReplyRule
from tests.mock_venue.helpers import START_MS, SYMBOL, World, refusal

PATH = "/fapi/v1/algoOrder"
STOP: dict[str, Any] = {
    "algoType": "CONDITIONAL",
    "symbol": SYMBOL,
    "side": "SELL",
    "type": "STOP_MARKET",
    "quantity": "0.010",
    "triggerPrice": "49000",
    "clientAlgoId": "stop",
}
FIRST_ID = 9_007_199_254_741_993


async def place(world: World, **params: Any) -> Any:
    """POST a SELL STOP_MARKET that must succeed; a None leaves a parameter out."""
    merged = {**STOP, **params}
    sent = {name: value for name, value in merged.items() if value is not None}
    status, reply = await world.call("POST", PATH, **sent)
    assert status == 200, reply
    return reply


def fall(world: World) -> None:
    """Bring the last price to 49000."""
    world.venue.set_price(SYMBOL, "48999.9", "49000.0")


@pytest.mark.asyncio
async def test_place_reply(world: World) -> None:
    reply = await place(world, workingType="MARK_PRICE", timeInForce="GTC", reduceOnly="False")

    assert reply == {
        "algoId": FIRST_ID,
        "clientAlgoId": "stop",
        "algoType": "CONDITIONAL",
        "orderType": "STOP_MARKET",
        "symbol": SYMBOL,
        "side": "SELL",
        "positionSide": "BOTH",
        "timeInForce": "GTC",
        "quantity": "0.010",
        "algoStatus": "NEW",
        "triggerPrice": "49000.00",
        "price": "0.00",
        "icebergQuantity": None,
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "workingType": "MARK_PRICE",
        "priceMatch": "NONE",
        "closePosition": False,
        "priceProtect": False,
        "reduceOnly": False,
        "activatePrice": "",
        "callbackRate": "",
        "createTime": START_MS,
        "updateTime": START_MS,
        "triggerTime": 0,
        "goodTillDate": 0,
    }


@pytest.mark.asyncio
async def test_queries_before_and_after_the_trigger(world: World) -> None:
    await place(world)
    before = await world.get(PATH, algoId=FIRST_ID)
    assert (before["algoStatus"], before["actualOrderId"]) == ("NEW", "")
    assert (before["actualPrice"], "actualType" in before) == ("0.00000", False)
    assert (await world.get("/fapi/v1/openAlgoOrders"))[0] == {
        **{name: value for name, value in before.items()},
        **dict.fromkeys(("tpTriggerPrice", "tpPrice", "slTriggerPrice", "slPrice"), "0.00"),
    }
    assert await world.get("/fapi/v1/openOrders") == []

    world.clock.ms += 5
    fall(world)

    after = await world.get(PATH, clientAlgoId="stop")
    (order,) = await world.get("/fapi/v1/allOrders", symbol=SYMBOL)
    assert order["clientOrderId"] == "stop"
    assert after["algoStatus"] == "FINISHED"
    assert after["actualOrderId"] == str(order["orderId"])
    assert (after["actualType"], after["actualQty"]) == ("MARKET", "0.010")
    assert after["actualPrice"] == "48999.90000"
    assert after["triggerTime"] == START_MS + 5
    assert await world.get("/fapi/v1/openAlgoOrders", symbol=SYMBOL) == []
    assert (await world.get("/fapi/v1/allAlgoOrders", symbol=SYMBOL))[0]["algoId"] == FIRST_ID


@pytest.mark.asyncio
async def test_pushes_of_a_trigger(world: World) -> None:
    stream = await world.user_stream()
    await place(world)
    new = await stream.next()
    world.clock.ms += 5
    fall(world)
    frames = [await stream.next() for _ in range(7)]

    assert new == {
        "e": "ALGO_UPDATE",
        "T": START_MS,
        "E": START_MS,
        "o": {
            "caid": "stop",
            "aid": FIRST_ID,
            "at": "CONDITIONAL",
            "o": "STOP_MARKET",
            "s": SYMBOL,
            "S": "SELL",
            "ps": "BOTH",
            "f": "GTC",
            "q": "0.010",
            "X": "NEW",
            "ai": "",
            "tp": "49000",
            "p": "0",
            "V": "EXPIRE_MAKER",
            "wt": "CONTRACT_PRICE",
            "pm": "NONE",
            "cp": False,
            "pP": False,
            "R": False,
            "tt": 0,
            "gtd": 0,
            "ia": False,
        },
    }
    told = [(frame["e"], frame.get("o", {}).get("X")) for frame in frames]
    assert told == [
        ("ALGO_UPDATE", "TRIGGERING"),
        ("TRADE_LITE", None),
        ("ORDER_TRADE_UPDATE", "NEW"),
        ("ACCOUNT_UPDATE", None),
        ("ORDER_TRADE_UPDATE", "FILLED"),
        ("ALGO_UPDATE", "TRIGGERED"),
        ("ALGO_UPDATE", "FINISHED"),
    ]
    order_id = str(frames[2]["o"]["i"])
    triggered, finished = frames[5]["o"], frames[6]["o"]
    assert (frames[0]["o"]["ai"], frames[0]["o"]["tt"]) == ("", START_MS + 5)
    for frame, price, quantity in ((triggered, "0", "0"), (finished, "48999.9", "0.01")):
        assert (frame["ai"], frame["act"]) == (order_id, "MARKET")
        assert (frame["ap"], frame["aq"]) == (price, quantity)


@pytest.mark.asyncio
async def test_pushes_of_a_rejection(world: World) -> None:
    stream = await world.user_stream()
    await place(world, reduceOnly="true")
    fall(world)

    frames = [await stream.next() for _ in range(3)]

    assert [frame["o"]["X"] for frame in frames] == ["NEW", "TRIGGERING", "REJECTED"]
    assert frames[-1]["o"]["rm"] == "Reduce Only reject"
    assert "ap" not in frames[-1]["o"]


@pytest.mark.asyncio
async def test_a_trailing_stop_on_the_wire(world: World) -> None:
    stream = await world.user_stream()
    trailing = {"type": "TRAILING_STOP_MARKET", "triggerPrice": None, "callbackRate": "0.5"}
    reply = await place(world, activatePrice="51000", **trailing)

    assert (reply["activatePrice"], reply["callbackRate"]) == ("51000.00", "0.5")
    queried = await world.get(PATH, algoId=FIRST_ID)
    assert (queried["activatePrice"], queried["callbackRate"]) == ("51000.00", "0.5")
    order = (await stream.next())["o"]
    assert (order["AP"], order["cr"], order["tp"]) == ("51000", "0.5", "0")


@pytest.mark.asyncio
async def test_close_position_on_the_wire(world: World) -> None:
    stream = await world.user_stream()
    await world.market("BUY", "0.010")
    await stream.names(4)
    reply = await place(world, quantity=None, closePosition="true", priceProtect="TRUE")

    order = (await stream.next())["o"]

    assert (order["q"], order["cp"], order["R"], order["f"]) == ("0", True, True, "GTE_GTC")
    assert (reply["closePosition"], reply["priceProtect"]) == (True, True)


@pytest.mark.asyncio
async def test_cancel(world: World) -> None:
    await place(world)
    stream = await world.user_stream()

    reply = await world.call("DELETE", PATH, clientAlgoId="stop")

    assert reply == (
        200,
        {"algoId": FIRST_ID, "clientAlgoId": "stop", "code": "200", "msg": "success"},
    )
    assert (await stream.next())["o"]["X"] == "CANCELED"
    assert refusal(await world.call("DELETE", PATH, algoId=FIRST_ID)) == (400, -2011)
    assert (await world.get(PATH, algoId=FIRST_ID))["algoStatus"] == "CANCELED"


@pytest.mark.asyncio
async def test_cancel_all_leaves_regular_orders_alone(world: World) -> None:
    await world.limit()
    await place(world)

    reply = await world.call("DELETE", "/fapi/v1/algoOpenOrders", symbol=SYMBOL)

    assert reply[1] == {"code": 200, "msg": "The operation of cancel all open order is done."}
    assert await world.get("/fapi/v1/openAlgoOrders") == []
    assert len(await world.get("/fapi/v1/openOrders")) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"algoType": None}, -1102),
        ({"algoType": "TWAP"}, -1130),
        ({"symbol": None}, -1102),
        ({"symbol": "NONE"}, -1121),
        ({"side": "HOLD"}, -1117),
        ({"type": "LIMIT"}, -1116),
        ({"quantity": None}, -1102),
        ({"triggerPrice": None}, -1102),
        ({"triggerPrice": "low"}, -1102),
        ({"type": "STOP"}, -1102),
        ({"price": "49000"}, -1106),
        ({"callbackRate": "1"}, -1106),
        ({"type": "TRAILING_STOP_MARKET"}, -1102),
        ({"timeInForce": "NOW"}, -1115),
        ({"workingType": "INDEX_PRICE"}, -1130),
        ({"newOrderRespType": "FULL"}, -1136),
        ({"positionSide": "UP"}, -4060),
        ({"closePosition": "true"}, -4137),
        ({"closePosition": "true", "quantity": None, "reduceOnly": "true"}, -4138),
        ({"triggerPrice": "50000"}, -2021),
    ],
)
async def test_bad_parameters(world: World, params: dict[str, Any], code: int) -> None:
    merged = {**STOP, **params}
    sent = {name: value for name, value in merged.items() if value is not None}
    assert refusal(await world.call("POST", PATH, **sent)) == (400, code)
    assert await world.get("/fapi/v1/openAlgoOrders") == []


@pytest.mark.asyncio
async def test_unknown_orders(world: World) -> None:
    assert refusal(await world.call("GET", PATH, algoId=1)) == (400, -2013)
    assert refusal(await world.call("GET", PATH)) == (400, -1102)
    assert refusal(await world.call("DELETE", PATH, algoId=1)) == (400, -2011)
    assert refusal(await world.call("DELETE", "/fapi/v1/algoOpenOrders")) == (400, -1102)


@pytest.mark.asyncio
async def test_the_order_endpoint_refuses_conditional_types(world: World) -> None:
    sent = {name: value for name, value in STOP.items() if name != "algoType"}
    assert refusal(await world.call("POST", "/fapi/v1/order", **sent)) == (400, -4120)


@pytest.mark.asyncio
async def test_history_pages(world: World) -> None:
    ids = []
    for number in range(5):
        ids.append((await place(world, clientAlgoId=f"a{number}"))["algoId"])
        world.clock.ms += 1_000

    async def found(**params: Any) -> list[int]:
        listed = await world.get("/fapi/v1/allAlgoOrders", symbol=SYMBOL, **params)
        return [order["algoId"] for order in listed]

    assert await found() == ids
    assert await found(limit=2) == ids[3:]
    assert await found(limit=2, page=2) == ids[1:3]
    assert await found(limit=2, page=3) == ids[:1]
    assert await found(limit=2, page=4) == []
    assert await found(limit=2, startTime=START_MS) == ids[:2]
    assert await found(startTime=START_MS + 1_000, endTime=START_MS + 3_000) == ids[1:4]
    assert await found(algoId=ids[2]) == ids[2:]
    assert await found(algoId=ids[2], endTime=START_MS + 3_000) == ids[2:4]
    too_long = {"startTime": START_MS - 8 * DAY_MS, "endTime": START_MS}
    reply = await world.call("GET", "/fapi/v1/allAlgoOrders", symbol=SYMBOL, **too_long)
    assert refusal(reply) == (400, -4165)


@pytest.mark.asyncio
async def test_open_orders_weigh_more_without_a_symbol(world: World) -> None:
    async def weight(**params: Any) -> int:
        query = world.query(**params)
        _, _, headers = await world.raw("GET", "/fapi/v1/openAlgoOrders", query)
        return int(headers["x-mbx-used-weight-1m"])

    first = await weight(symbol=SYMBOL)
    assert await weight() - first == 40


@pytest.mark.asyncio
async def test_the_websocket_api(world: World) -> None:
    api = await world.api()

    placed = await api.call("algoOrder.place", **STOP)
    cancelled = await api.call("algoOrder.cancel", algoId=FIRST_ID)

    assert placed["result"]["algoStatus"] == "NEW"
    assert cancelled["result"]["code"] == "200"


@pytest.mark.asyncio
async def test_what_happens_is_recorded(world: World) -> None:
    await place(world)
    fall(world)

    recorded = world.log.of("algo_order", client_order_id="stop")

    assert [one["status"] for one in recorded] == ["NEW", "TRIGGERING", "TRIGGERED", "FINISHED"]
    (order,) = world.log.of("order", status="NEW")
    assert recorded[-1]["order_id"] == order["order_id"]
    (request,) = world.log.of("http", path=PATH, method="POST")
    assert (request["client_order_id"], request["executed"]) == ("stop", True)


@pytest.mark.asyncio
async def test_rules_address_conditional_orders(world: World) -> None:
    stream = await world.user_stream()
    world.venue.misbehave(PushRule("ALGO_UPDATE", "drop", execution="NEW", order="stop"))
    refused, hidden = Refuse(503, {}), Refuse(503, {}, executed=True)
    handle = world.venue.misbehave(ReplyRule("DELETE", PATH, refused, order="stop"))
    world.venue.misbehave(ReplyRule("DELETE", PATH, hidden, order="stop"))
    await place(world, clientAlgoId="other", triggerPrice="48000")
    await place(world)

    await world.call("DELETE", PATH, clientAlgoId="other")
    assert handle.hits == 0
    assert (await world.call("DELETE", PATH, clientAlgoId="stop"))[0] == 503
    assert (await world.call("DELETE", PATH, algoId=FIRST_ID + 1))[0] == 503

    told = [(await stream.next())["o"] for _ in range(3)]
    assert [(one["caid"], one["X"]) for one in told] == [
        ("other", "NEW"),
        ("other", "CANCELED"),
        ("stop", "CANCELED"),
    ]


@pytest.mark.asyncio
async def test_a_snapshot_holds_what_waits(world: World) -> None:
    await place(
        world,
        clientAlgoId="trailing",
        **{
            "type": "TRAILING_STOP_MARKET",
            "triggerPrice": None,
            "callbackRate": "1",
        },
    )
    await place(world)
    taken = world.venue.snapshot()
    await world.call("DELETE", "/fapi/v1/algoOpenOrders", symbol=SYMBOL)

    world.venue.restore(taken)

    assert len(await world.get("/fapi/v1/openAlgoOrders")) == 2
    fall(world)
    assert await world.get("/fapi/v1/openAlgoOrders") == []
    assert (await place(world, clientAlgoId="next", triggerPrice="48000"))["algoId"] == FIRST_ID + 2


@pytest.mark.asyncio
async def test_acts_cancel_and_expire_what_waits(world: World) -> None:
    stream = await world.user_stream()
    first = await place(world)
    await place(world, clientAlgoId="other")

    assert world.venue.cancel_algo_order(first["algoId"]).status == "CANCELED"
    assert world.venue.expire_algo_order("other").status == "EXPIRED"

    frames = [(await stream.next())["o"] for _ in range(4)]
    assert [(one["caid"], one["X"]) for one in frames[2:]] == [
        ("stop", "CANCELED"),
        ("other", "EXPIRED"),
    ]
    assert [act["act"] for act in world.log.of("act")] == [
        "cancel_algo_order",
        "expire_algo_order",
    ]
    with pytest.raises(VenueScriptError, match="is CANCELED, it does not wait"):
        world.venue.cancel_algo_order("stop")
    with pytest.raises(VenueScriptError, match="there is no conditional order 7"):
        world.venue.expire_algo_order(7)


@pytest.mark.asyncio
async def test_a_held_trigger_cannot_be_cancelled(world: World) -> None:
    await place(world)
    await place(world, clientAlgoId="other", triggerPrice="49500")
    world.venue.hold_triggers()
    fall(world)

    assert [one["algoStatus"] for one in await world.get("/fapi/v1/openAlgoOrders")] == [
        "TRIGGERING",
        "TRIGGERING",
    ]
    assert refusal(await world.call("DELETE", PATH, clientAlgoId="stop")) == (400, -4117)
    await world.call("DELETE", "/fapi/v1/algoOpenOrders", symbol=SYMBOL)
    assert await world.get("/fapi/v1/allOrders", symbol=SYMBOL) == []

    world.venue.release_triggers()

    placed = await world.get("/fapi/v1/allOrders", symbol=SYMBOL)
    assert [order["clientOrderId"] for order in placed] == ["stop", "other"]
    assert await world.get("/fapi/v1/openAlgoOrders") == []
