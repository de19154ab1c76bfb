"""REST endpoints: what they answer and how they refuse."""

from decimal import Decimal
from typing import Any

import pytest

from mock_venue import AccountSpec, VenueConfig
from mock_venue.exchange.ledger import DAY_MS
from tests.mock_venue.helpers import START_MS, SYMBOL, World, refusal

ORDER = "/fapi/v1/order"


@pytest.mark.asyncio
async def test_an_order_is_placed_queried_amended_and_cancelled(world: World) -> None:
    status, placed = await world.limit(newClientOrderId="a")
    assert (status, placed["status"], placed["origQty"], placed["avgPrice"]) == (
        200,
        "NEW",
        "0.010",
        "0.00000",
    )
    assert "time" not in placed
    by_id = await world.get(ORDER, symbol=SYMBOL, orderId=placed["orderId"])
    by_name = await world.get(ORDER, symbol=SYMBOL, origClientOrderId="a")
    assert by_id == by_name == (await world.get("/fapi/v1/openOrders"))[0]
    assert by_id["time"] == START_MS

    status, amended = await world.call(
        "PUT", ORDER, symbol=SYMBOL, orderId=placed["orderId"], side="BUY", quantity="0.020",
        price="49100.00",
    )  # fmt: skip
    assert (status, amended["origQty"], amended["price"], amended["pair"]) == (
        200,
        "0.020",
        "49100.00",
        SYMBOL,
    )

    both = {"orderId": placed["orderId"], "origClientOrderId": "a"}
    status, cancelled = await world.call("DELETE", ORDER, symbol=SYMBOL, **both)
    assert (status, cancelled["status"]) == (200, "CANCELED")
    assert await world.get("/fapi/v1/openOrders", symbol=SYMBOL) == []


@pytest.mark.asyncio
async def test_ack_says_new_and_result_says_what_became_of_it(world: World) -> None:
    ack = await world.market()
    result = await world.market(newOrderRespType="RESULT")

    assert (ack["status"], ack["executedQty"]) == ("NEW", "0.000")
    assert (result["status"], result["executedQty"], result["avgPrice"]) == (
        "FILLED",
        "0.010",
        "50000.10000",
    )


@pytest.mark.asyncio
async def test_an_order_without_a_client_order_id_gets_one(world: World) -> None:
    first, second = await world.market(), await world.market()

    assert len(first["clientOrderId"]) == 22
    assert first["clientOrderId"] != second["clientOrderId"]


BASE = {
    "symbol": SYMBOL,
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.010",
    "price": "49000.00",
}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"symbol": "NONE"}, -1121),
        ({"symbol": None}, -1102),
        ({"side": "HOLD"}, -1117),
        ({"type": "ICEBERG"}, -1116),
        ({"type": "STOP_MARKET"}, -4120),
        ({"timeInForce": None}, -1102),
        ({"timeInForce": "DAY"}, -1115),
        ({"quantity": None}, -1102),
        ({"quantity": "1e2"}, -1102),
        ({"quantity": "NaN"}, -1102),
        ({"quantity": ""}, -1105),
        ({"quantity": "0.0001"}, -1111),
        ({"quantity": "0.001"}, -4164),
        ({"price": None}, -1102),
        ({"price": "49000.05"}, -4014),
        ({"price": "49000.001"}, -1111),
        ({"newClientOrderId": "a b"}, -4015),
        ({"newOrderRespType": "FULL"}, -1136),
        ({"positionSide": "LONG"}, -4061),
        ({"positionSide": "UP"}, -4060),
        ({"reduceOnly": "maybe"}, -1130),
        ({"reduceOnly": "true"}, -2022),
        ({"closePosition": "True"}, -1106),
        ({"priceMatch": "QUEUE"}, -1106),
        ({"selfTradePreventionMode": "LATER"}, -5039),
        ({"type": "MARKET"}, -1106),
        ({"timeInForce": "FOK"}, -5021),
        ({"timeInForce": "GTX", "price": "50100"}, -5022),
    ],
)
async def test_orders_refused(world: World, changes: dict[str, Any], code: int) -> None:
    params = {name: value for name, value in {**BASE, **changes}.items() if value is not None}

    assert refusal(await world.call("POST", ORDER, **params)) == (400, code)
    assert world.venue.ledger.orders() == []


@pytest.mark.asyncio
async def test_booleans_have_no_case_and_trailing_zeros_do_not_matter(world: World) -> None:
    status, reply = await world.limit(quantity="0.01000", price="49000.000", reduceOnly="False")

    assert (status, reply["price"]) == (200, "49000.00")


@pytest.mark.asyncio
async def test_a_duplicate_of_an_open_client_order_id_is_refused(world: World) -> None:
    await world.limit(newClientOrderId="a")

    status, reply = await world.limit(newClientOrderId="a")

    assert (status, reply) == (400, {"code": -4116, "msg": "ClientOrderId is duplicated."})


@pytest.mark.asyncio
async def test_unknown_orders(world: World) -> None:
    unknown = {"symbol": SYMBOL, "origClientOrderId": "a"}
    filled = {"symbol": SYMBOL, "orderId": (await world.market())["orderId"]}

    assert await world.call("GET", ORDER, **unknown) == (
        400,
        {"code": -2013, "msg": "Order does not exist."},
    )
    assert await world.call("DELETE", ORDER, **unknown) == (
        400,
        {"code": -2011, "msg": "Unknown order sent."},
    )
    assert refusal(await world.call("DELETE", ORDER, **filled)) == (400, -2011)
    assert refusal(await world.call("GET", "/fapi/v1/openOrder", **filled)) == (400, -2013)
    change = {"side": "BUY", "quantity": "0.02", "price": "49000"}
    assert refusal(await world.call("PUT", ORDER, **filled, **change)) == (400, -2013)
    assert refusal(await world.call("GET", ORDER, symbol=SYMBOL)) == (400, -1102)


@pytest.mark.asyncio
async def test_a_batch_of_cancels_has_mixed_results_in_order(world: World) -> None:
    await world.limit(newClientOrderId="a")
    _, second = await world.limit(newClientOrderId="b")

    status, by_name = await world.call(
        "DELETE", "/fapi/v1/batchOrders", symbol=SYMBOL, origClientOrderIdList='["none","a"]'
    )
    _, by_id = await world.call(
        "DELETE", "/fapi/v1/batchOrders", symbol=SYMBOL, orderIdList=f"[{second['orderId']}]"
    )

    assert status == 200
    assert by_name[0] == {"code": -2011, "msg": "Unknown order sent."}
    assert (by_name[1]["clientOrderId"], by_name[1]["status"]) == ("a", "CANCELED")
    assert by_id[0]["orderId"] == second["orderId"]
    eleven = str(list(range(11))).replace(" ", "")
    too_many = await world.call("DELETE", "/fapi/v1/batchOrders", symbol=SYMBOL, orderIdList=eleven)
    assert refusal(too_many) == (400, -4032)


@pytest.mark.asyncio
async def test_cancel_all_succeeds_even_with_nothing_open(world: World) -> None:
    await world.limit()
    done = {"code": 200, "msg": "The operation of cancel all open order is done."}
    for _ in range(2):
        assert await world.call("DELETE", "/fapi/v1/allOpenOrders", symbol=SYMBOL) == (200, done)
    assert world.venue.ledger.open_orders() == []


@pytest.mark.asyncio
async def test_an_old_cancelled_order_is_no_longer_found(world: World) -> None:
    _, placed = await world.limit()
    await world.call("DELETE", ORDER, symbol=SYMBOL, orderId=placed["orderId"])
    world.clock.ms += 3 * DAY_MS + 1

    reply = await world.call("GET", ORDER, symbol=SYMBOL, orderId=placed["orderId"])

    assert refusal(reply) == (400, -2013)


@pytest.mark.asyncio
async def test_pages_of_orders(world: World) -> None:
    ids = []
    for _ in range(4):
        ids.append((await world.market())["orderId"])
        world.clock.ms += DAY_MS

    async def page(**params: Any) -> list[int]:
        found = await world.get("/fapi/v1/allOrders", symbol=SYMBOL, **params)
        return [order["orderId"] for order in found]

    assert await page() == ids
    assert await page(limit=2) == ids[2:]
    assert await page(orderId=ids[1], limit=2) == ids[1:3]
    assert await page(startTime=START_MS, limit=2) == ids[:2]
    assert await page(endTime=START_MS + DAY_MS) == ids[:2]
    world.clock.ms += 5 * DAY_MS
    assert await page() == ids[2:]
    week = {"startTime": START_MS, "endTime": START_MS + 7 * DAY_MS}
    assert await page(**week) == ids
    week["endTime"] += 1
    too_long = await world.call("GET", "/fapi/v1/allOrders", symbol=SYMBOL, **week)
    assert refusal(too_long) == (400, -4165)


@pytest.mark.asyncio
async def test_pages_of_trades(world: World) -> None:
    orders = []
    for _ in range(4):
        orders.append((await world.market())["orderId"])
        world.clock.ms += DAY_MS
    first = VenueConfig().first_trade_id

    async def page(**params: Any) -> list[int]:
        found = await world.get("/fapi/v1/userTrades", symbol=SYMBOL, **params)
        return [trade["id"] - first for trade in found]

    assert await page() == [0, 1, 2, 3]
    assert await page(limit=2) == [2, 3]
    assert await page(fromId=first + 1, limit=2) == [1, 2]
    assert await page(orderId=orders[2]) == [2]
    assert await page(startTime=START_MS, limit=3) == [0, 1, 2]
    assert await page(startTime=START_MS + 1, endTime=START_MS + DAY_MS) == [1]
    both = await world.call("GET", "/fapi/v1/userTrades", symbol=SYMBOL, fromId=1, startTime=1)
    assert refusal(both) == (400, -1128)
    world.clock.ms += 4 * DAY_MS
    assert await page() == [1, 2, 3]


@pytest.mark.asyncio
async def test_a_page_of_trades_has_500_unless_told(world: World) -> None:
    world.venue.generate_history(SYMBOL, 600, 1, world.clock.ms, DAY_MS)

    assert len(await world.get("/fapi/v1/userTrades", symbol=SYMBOL)) == 500
    assert len(await world.get("/fapi/v1/allOrders", symbol=SYMBOL)) == 500
    assert len(await world.get("/fapi/v1/allOrders", symbol=SYMBOL, limit=9999)) == 600


@pytest.mark.asyncio
async def test_positions_and_balances_follow_the_trades(world: World) -> None:
    await world.market("BUY", "0.010")
    await world.market("SELL", "0.030")
    world.venue.set_price(SYMBOL, "49000", "49000.10")

    (risk,) = await world.get("/fapi/v3/positionRisk", symbol=SYMBOL)
    assert (risk["positionAmt"], risk["entryPrice"], risk["markPrice"]) == (
        "-0.020",
        "50000",
        "49000.05000000",
    )
    assert risk["unRealizedProfit"] == "19.99900000"
    account = await world.get("/fapi/v2/account")
    assert account["totalWalletBalance"] == "99998.99899950"
    assert (await world.get("/fapi/v3/balance"))[0]["balance"] == "99998.99899950"
    margins = (account["totalPositionInitialMargin"], account["totalMaintMargin"])
    assert margins == ("49.00005000", "3.92000400")


@pytest.mark.asyncio
async def test_position_risk_v3_has_only_what_is_active_and_v2_all(world: World) -> None:
    assert await world.get("/fapi/v3/positionRisk") == []
    await world.limit()

    (risk,) = await world.get("/fapi/v3/positionRisk")

    assert (risk["symbol"], risk["positionAmt"], risk["entryPrice"]) == (SYMBOL, "0.000", "0.0")
    v2 = await world.get("/fapi/v2/positionRisk")
    assert [one["symbol"] for one in v2] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
    assert (v2[0]["leverage"], v2[0]["marginType"]) == ("20", "cross")
    assert [one["symbol"] for one in (await world.get("/fapi/v3/account"))["positions"]] == [SYMBOL]


@pytest.mark.asyncio
async def test_leverage_and_margin_type(world: World) -> None:
    reply = await world.call("POST", "/fapi/v1/leverage", symbol=SYMBOL, leverage=7)
    assert reply == (200, {"leverage": 7, "maxNotionalValue": "230000000", "symbol": SYMBOL})
    reply = await world.call("POST", "/fapi/v1/marginType", symbol=SYMBOL, marginType="ISOLATED")
    assert reply == (200, {"code": 200, "msg": "success"})
    again = await world.call("POST", "/fapi/v1/marginType", symbol=SYMBOL, marginType="ISOLATED")
    assert refusal(again) == (400, -4046)

    (config,) = await world.get("/fapi/v1/symbolConfig", symbol=SYMBOL)

    assert (config["leverage"], config["marginType"]) == (7, "ISOLATED")
    assert isinstance(await world.get("/fapi/v1/leverageBracket", symbol=SYMBOL), dict)
    assert len(await world.get("/fapi/v1/leverageBracket")) == 3


@pytest.mark.asyncio
async def test_market_data_needs_no_key(world: World) -> None:
    async def get(path: str, query: str = "") -> tuple[int, bytes]:
        status, body, _ = await world.raw("GET", f"/fapi/v1/{path}", query, key="")
        return status, body

    assert await get("ping") == (200, b"{}")
    assert await get("time") == (200, b'{"serverTime":%d}' % START_MS)
    assert (await get("depth", "symbol=BTCUSDT&limit=5"))[0] == 200
    assert b"-4021" in (await get("depth", "symbol=BTCUSDT&limit=7"))[1]
    assert b'"askPrice":"50000.10"' in (await get("ticker/bookTicker", "symbol=BTCUSDT"))[1]
    assert b'"markPrice":"50000.05000000"' in (await get("premiumIndex", "symbol=BTCUSDT"))[1]
    assert b"-1121" in (await get("premiumIndex", "symbol=NONE"))[1]


@pytest.mark.asyncio
async def test_an_unknown_path_is_named(world: World) -> None:
    status, body, headers = await world.raw("GET", "/fapi/v1/nothing")

    assert (status, headers["content-type"]) == (404, "application/json")
    assert body == b'{"code":-5000,"msg":"Path /fapi/v1/nothing, Method GET is invalid"}'


@pytest.mark.asyncio
async def test_a_parameter_sent_twice_is_refused(world: World) -> None:
    _, body, _ = await world.raw("GET", "/fapi/v1/depth", "symbol=BTCUSDT&symbol=ETHUSDT")

    assert b"-1101" in body


@pytest.mark.asyncio
async def test_headers_count_weight_and_orders(world: World) -> None:
    _, _, first = await world.raw("GET", "/fapi/v2/account", world.query())
    _, _, second = await world.raw("GET", "/fapi/v2/account", world.query())
    world.clock.ms += 60_000
    _, _, later = await world.raw("GET", "/fapi/v2/account", world.query())
    assert [one["x-mbx-used-weight-1m"] for one in (first, second, later)] == ["5", "10", "5"]

    _, _, ordered = await world.raw("POST", ORDER, world.query(**BASE))
    assert ordered["x-mbx-order-count-10s"] == ordered["x-mbx-order-count-1m"] == "1"


@pytest.mark.asyncio
async def test_requests_are_recorded_without_secrets(world: World) -> None:
    await world.limit(newClientOrderId="a")

    request = await world.log.wait("request")
    assert request == {
        "n": 1,
        "method": "POST",
        "path": ORDER,
        "client_order_id": "a",
        "client_order_ids": ["a"],
    }
    http = await world.log.wait("http")
    assert set(http) == {
        "n", "method", "path", "params", "weight", "orders", "status", "reply", "outcome",
        "executed",
        "received_ns", "replied_ns", "client_order_id", "client_order_ids",
    }  # fmt: skip
    assert "signature" not in http["params"]
    assert (http["status"], http["outcome"], http["executed"]) == (200, "replied", True)
    assert http["reply"]["clientOrderId"] == "a"


@pytest.mark.asyncio
async def test_a_listen_key_is_recorded_nowhere(world: World) -> None:
    path = "/fapi/v1/listenKey"
    key = (await world.call("POST", path))[1]["listenKey"]
    for target in (f"/private/ws?listenKey={key}", f"/ws/{key}", f"/private/stream?streams={key}"):
        await world.connect(target)
    await world.limit()
    await world.call("PUT", path, listenKey=key)
    await world.call("DELETE", path, listenKey=key)

    assert [http["status"] for http in world.log.of("http", path=path)] == [200, 200, 200]
    assert [kind for _, kind, data in world.log.events if key in str(data)] == []


@pytest.mark.asyncio
async def test_requests_are_recorded_with_what_they_count_for(world: World) -> None:
    await world.limit()
    await world.get("/fapi/v1/openOrders")
    await world.call("GET", "/fapi/v1/nothing")
    counted = [(http["weight"], tuple(http["orders"])) for http in world.log.of("http")]
    assert counted == [(0, (1, 1)), (40, (0, 0)), (1, (0, 0))]


@pytest.mark.asyncio
async def test_a_refused_order_was_not_executed_and_a_query_neither(world: World) -> None:
    await world.limit(price="1")
    await world.get("/fapi/v1/openOrders")

    assert (await world.log.wait("http", method="POST"))["executed"] is False
    assert (await world.log.wait("http", method="GET"))["executed"] is None


@pytest.mark.asyncio
async def test_an_order_named_by_its_id_is_recorded_by_its_client_id(world: World) -> None:
    _, placed = await world.limit(newClientOrderId="a")
    await world.get(ORDER, symbol=SYMBOL, orderId=placed["orderId"])

    assert (await world.log.wait("request", method="GET"))["client_order_id"] == "a"


@pytest.mark.asyncio
async def test_a_long_reply_is_recorded_by_its_hash(world: World) -> None:
    await world.raw("GET", "/fapi/v1/exchangeInfo")
    world.venue.generate_history(SYMBOL, 20, 1, world.clock.ms, 1_000)
    await world.get("/fapi/v1/allOrders", symbol=SYMBOL)

    info = (await world.log.wait("http", path="/fapi/v1/exchangeInfo"))["reply"]
    orders = (await world.log.wait("http", path="/fapi/v1/allOrders"))["reply"]
    assert (info["items"], orders["items"], len(orders["sha256"])) == (None, 20, 64)


@pytest.mark.asyncio
async def test_an_rpi_order_rests_and_trades_at_its_own_fee(world: World) -> None:
    status, placed = await world.limit(timeInForce="RPI", newClientOrderId="a")
    assert (status, placed["timeInForce"]) == (200, "RPI")

    world.venue.fill("a")

    rate = await world.get("/fapi/v1/commissionRate", symbol=SYMBOL)
    [trade] = await world.get("/fapi/v1/userTrades", symbol=SYMBOL)
    paid = Decimal(rate["rpiCommissionRate"]) * Decimal(trade["quoteQty"])
    assert Decimal(trade["commission"]) == paid
    [public] = await world.get("/fapi/v1/trades", symbol=SYMBOL)
    [aggregated] = await world.get("/fapi/v1/aggTrades", symbol=SYMBOL)
    assert public["isRPITrade"] is True
    assert (aggregated["q"], aggregated["nq"]) == ("0.010", "0.000")


@pytest.mark.asyncio
async def test_rpi_orders_are_in_a_book_of_their_own(world: World) -> None:
    async def best() -> tuple[list[str], list[str]]:
        told = await world.get("/fapi/v1/rpiDepth", symbol=SYMBOL)
        return told["bids"][0], told["asks"][0]

    world.venue.set_price(SYMBOL, "50000.0", "50001.0")
    before = await world.get("/fapi/v1/depth", symbol=SYMBOL, limit=5)
    for price, quantity in (("50000.5", "0.010"), ("50000.5", "0.020"), ("49999.9", "0.005")):
        await world.limit(price=price, quantity=quantity, timeInForce="RPI")
    await world.limit("SELL", price="50000.8", timeInForce="RPI")
    await world.limit("SELL", price="50000.7", timeInForce="GTX")
    assert await best() == (["50000.50", "0.030"], ["50000.80", "0.010"])
    assert await world.get("/fapi/v1/depth", symbol=SYMBOL, limit=5) == before
    told = await world.get("/fapi/v1/rpiDepth", symbol=SYMBOL)
    assert told["bids"][1:3] == [["50000.00", "1000.000"], ["49999.90", "1000.005"]]

    world.venue.set_price(SYMBOL, "50000.2", "50000.4")
    assert await best() == (["50000.20", "1000.000"], ["50000.40", "1000.000"])
    world.venue.set_price(SYMBOL, "50000.9", "50001.1")
    assert await best() == (["50000.90", "1000.000"], ["50001.10", "1000.000"])


@pytest.mark.asyncio
async def test_rpi_orders_that_cross_each_other_are_hidden() -> None:
    accounts = tuple(AccountSpec(name=name, key=name, secret=name) for name in "ab")
    async with World(VenueConfig(accounts=accounts)) as world:
        world.venue.set_price(SYMBOL, "50000.0", "50001.0")
        await world.limit(price="50000.6", timeInForce="RPI")
        await world.limit(price="50000.2", timeInForce="RPI")
        world.account = accounts[1]
        await world.limit("SELL", price="50000.4", timeInForce="RPI")
        await world.limit("SELL", price="50000.8", timeInForce="RPI")
        told = await world.get("/fapi/v1/rpiDepth", symbol=SYMBOL)
        shown = [told["bids"][0][0], told["asks"][0][0]]
        assert shown == ["50000.20", "50000.80"]


@pytest.mark.asyncio
async def test_conditional_orders_are_no_rpi(world: World) -> None:
    order = {"type": "STOP", "side": "SELL", "quantity": "0.010", "price": "48900"}
    reply = await world.call(
        "POST",
        "/fapi/v1/algoOrder",
        **{"symbol": SYMBOL, "algoType": "CONDITIONAL", "triggerPrice": "49000", **order},
        timeInForce="RPI",
    )
    assert refusal(reply) == (400, -1115)


@pytest.mark.asyncio
async def test_a_huge_body_is_refused(world: World) -> None:
    status, body, _ = await world.raw("POST", ORDER, body="x=" + "1" * 70_000)

    assert (status, b"-1101" in body) == (413, True)
