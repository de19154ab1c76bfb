"""The WebSocket API: envelope, authentication, and REST's operations under other names."""

import random
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest
import pytest_asyncio

from mock_venue import VenueConfig
from mock_venue.wire.signing import sign
from tests.mock_venue.helpers import START_MS, SYMBOL, Api, World

ORDER = "/fapi/v1/order"


@pytest_asyncio.fixture
async def api(world: World) -> AsyncIterator[Api]:
    yield await world.api()


def row(kind: str, interval: str, number: int, limit: int, count: int) -> dict[str, Any]:
    return {
        "rateLimitType": kind,
        "interval": interval,
        "intervalNum": number,
        "limit": limit,
        "count": count,
    }


@pytest.mark.asyncio
async def test_an_order_lives_on_both_apis(world: World, api: Api) -> None:
    placed = await api.place(newClientOrderId="a")
    assert (placed["status"], placed["result"]["status"]) == (200, "NEW")
    assert "error" not in placed
    order = {"symbol": SYMBOL, "orderId": placed["result"]["orderId"]}
    assert (await api.call("order.status", **order))["result"] == await world.get(ORDER, **order)

    modified = await api.call(
        "order.modify", **order, side="BUY", quantity="0.020", price="49100.00"
    )
    assert modified["result"]["origQty"] == "0.020"
    cancelled = await api.call("order.cancel", symbol=SYMBOL, origClientOrderId="a")
    assert cancelled["result"]["status"] == "CANCELED"
    gone = await api.call("order.cancel", **order)
    assert (gone["status"], gone["error"]) == (400, {"code": -2011, "msg": "Unknown order sent."})
    assert "result" not in gone


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("account.status", "/fapi/v2/account", {}),
        ("v2/account.status", "/fapi/v3/account", {}),
        ("account.balance", "/fapi/v2/balance", {}),
        ("v2/account.balance", "/fapi/v3/balance", {}),
        ("account.position", "/fapi/v2/positionRisk", {"symbol": SYMBOL}),
        ("v2/account.position", "/fapi/v3/positionRisk", {}),
        ("ticker.price", "/fapi/v2/ticker/price", {"symbol": SYMBOL}),
        ("ticker.book", "/fapi/v1/ticker/bookTicker", {}),
        ("depth", "/fapi/v1/depth", {"symbol": SYMBOL, "limit": 5}),
    ],
)
async def test_answers_are_those_of_rest(
    world: World, api: Api, method: str, path: str, params: dict[str, Any]
) -> None:
    await world.market()

    response = await api.call(method, **params)

    assert response["result"] == await world.get(path, **params)


@pytest.mark.asyncio
async def test_orders_have_all_they_have_over_rest(world: World, api: Api) -> None:
    world.venue.set_price(SYMBOL, "49900", "50100")
    date = world.clock.ms + 700_000
    await api.place(newClientOrderId="dated", timeInForce="GTD", goodTillDate=date)
    order = {"symbol": SYMBOL, "side": "SELL", "type": "LIMIT", "timeInForce": "GTC"}
    order["quantity"] = "0.010"
    await api.call(
        "order.place",
        **order,
        priceMatch="OPPONENT_5",
        newClientOrderId="matched",
    )
    await api.call("order.place", **order, price="50050", newClientOrderId="own")
    prevented = await api.place(price="50050", selfTradePreventionMode="EXPIRE_TAKER")
    modified = await api.call(
        "order.modify",
        symbol=SYMBOL,
        side="BUY",
        origClientOrderId="dated",
        quantity="0.020",
        priceMatch="QUEUE",
    )
    world.clock.ms = date
    gone = await api.call("order.status", symbol=SYMBOL, origClientOrderId="dated")
    sold = await api.call("order.status", symbol=SYMBOL, origClientOrderId="matched")
    both = await api.call("order.place", **order, price="50050", priceMatch="QUEUE")

    assert (modified["result"]["price"], modified["result"]["priceMatch"]) == ("49900.00", "QUEUE")
    assert gone["result"]["status"] == "CANCELED"
    assert (sold["result"]["price"], sold["result"]["status"]) == ("49899.60", "FILLED")
    taker = world.venue.ledger.order(prevented["result"]["orderId"])
    assert taker is not None and taker.status == "EXPIRED_IN_MATCH"
    assert both["error"]["code"] == -1106


@pytest.mark.asyncio
async def test_market_data_needs_no_key(api: Api) -> None:
    sent = await api.send("ticker.price", {"symbol": SYMBOL})

    assert await api.socket.next() == {
        "id": sent,
        "status": 200,
        "result": {"symbol": SYMBOL, "price": "50000.00", "time": START_MS},
        "rateLimits": [row("REQUEST_WEIGHT", "MINUTE", 1, 2400, 6)],
    }


@pytest.mark.asyncio
async def test_limits_are_shared_with_rest_and_shown(world: World, api: Api) -> None:
    await world.limit()
    await world.raw("GET", "/fapi/v1/time")

    assert (await api.place())["rateLimits"] == [
        row("REQUEST_WEIGHT", "MINUTE", 1, 2400, 6),
        row("ORDERS", "MINUTE", 1, 1200, 2),
        row("ORDERS", "SECOND", 10, 300, 2),
    ]


@pytest.mark.asyncio
async def test_over_the_limit_is_the_status() -> None:
    async with World(VenueConfig(rate_limits_enforced=True, request_weight_1m_max=6)) as world:
        api = await world.api()
        assert (await api.call("ticker.price", symbol=SYMBOL))["status"] == 200

        response = await api.call("ticker.price", symbol=SYMBOL)

        assert (response["status"], response["error"]["code"]) == (429, -1003)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("query", "params", "shown"),
    [
        ("", {}, True),
        ("", {"returnRateLimits": "false"}, False),
        ("?returnRateLimits=false", {}, False),
        ("?returnRateLimits=false", {"returnRateLimits": "true"}, True),
    ],
)
async def test_rate_limits_are_shown_unless_told(
    world: World, query: str, params: dict[str, Any], shown: bool
) -> None:
    api = await world.api(query)

    response = await api.call("ticker.price", symbol=SYMBOL, **params)

    assert ("rateLimits" in response) is shown


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("params", "text"),
    [
        ('"quantity":0.010', "quantity=0.010"),
        ('"quantity":1e-2', "quantity=1e-2"),
        ('"quantity":"0.01","reduceOnly":false', "quantity=0.01&reduceOnly=false"),
        ('"quantity":"0.01","reduceOnly":false', "quantity=0.01&reduceOnly=False"),
        ('"newClientOrderId":"a:1","quantity":"0.01"', "newClientOrderId=a:1&quantity=0.01"),
        ('"newClientOrderId":"a:1","quantity":"0.01"', "newClientOrderId=a%3A1&quantity=0.01"),
    ],
)
async def test_parameters_are_signed_as_clients_write_them(
    world: World, api: Api, params: str, text: str
) -> None:
    key = world.account.key
    rest = f"side=BUY&symbol=BTCUSDT&timestamp={world.clock.ms}&type=MARKET"
    signature = sign(world.account.secret, f"apiKey={key}&{text}&{rest}")

    await api.socket.raw.send_str(
        f'{{"id":"x","method":"order.place","params":{{"signature":"{signature}",'
        f'"type":"MARKET",{params},"symbol":"BTCUSDT","side":"BUY","apiKey":"{key}",'
        f'"timestamp":{world.clock.ms}}}}}'
    )

    response = await api.socket.next()
    assert (response["id"], response["status"]) == ("x", 200), response
    assert response["result"]["origQty"] == "0.010"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"apiKey": "other"}, 401, -2015),
        ({"apiKey": None}, 401, -2014),
        ({"signature": "00"}, 400, -1022),
        ({"signature": None}, 400, -1102),
        ({"timestamp": START_MS - 5_001}, 400, -1021),
        ({"timestamp": START_MS - 5_001, "recvWindow": 6_000}, 200, None),
        ({"timestamp": START_MS + 1_000}, 400, -1021),
    ],
)
async def test_who_asks_is_checked_as_over_rest(
    api: Api, changes: dict[str, Any], status: int, code: int | None
) -> None:
    unsigned = {name: value for name, value in changes.items() if name != "signature"}
    params = {**api.signed(**unsigned), **changes}
    sent = {name: value for name, value in params.items() if value is not None}

    await api.send("account.balance", sent)

    response = await api.socket.next()
    assert (response["status"], response.get("error", {}).get("code")) == (status, code)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("frame", "message_id", "status", "code"),
    [
        ("", None, 400, -1102),
        ("[]", None, 400, -1102),
        ("nonsense", None, 400, -1102),
        ('{"id":1,"method":"ticker.price"', None, 400, -1102),
        ("[" * 10_000, None, 400, -1102),
        ('{"method":"ticker.price"}', None, 400, -1102),
        ('{"id":1.5,"method":"ticker.price"}', None, 400, -1102),
        ('{"id":"a"}', "a", 400, -1102),
        ('{"id":"a","method":1}', "a", 400, -1102),
        ('{"id":"a","method":"ticker.price","params":[]}', "a", 400, -1102),
        ('{"id":"a","method":"ticker.price","params":{"symbol":{}}}', "a", 400, -1130),
        ('{"id":"a","method":"ticker.price","params":{"symbol":1e99}}', "a", 400, -1130),
        ('{"id":"a","method":"ticker.price","params":{"symbol":null}}', "a", 400, -1105),
        ('{"id":"a","method":"ticker.price","params":{"symbol":"\\ud800"}}', None, 400, -1102),
        ('{"id":null,"method":"v1/login"}', None, 404, -5000),
    ],
)
async def test_what_is_no_request_is_refused(
    api: Api, frame: str, message_id: Any, status: int, code: int
) -> None:
    await api.socket.raw.send_str(frame)

    response = await api.socket.next()
    assert (response["id"], response["status"], response["error"]["code"]) == (
        message_id,
        status,
        code,
    )
    assert (await api.place())["status"] == 200


@pytest.mark.asyncio
@pytest.mark.parametrize("message_id", [7, -7, "", "ü", None, 2**63])
async def test_the_id_comes_back_as_it_was_sent(api: Api, message_id: Any) -> None:
    await api.socket.send({"id": message_id, "method": "ticker.book"})

    assert (await api.socket.next())["id"] == message_id


@pytest.mark.asyncio
async def test_a_version_in_the_name_may_change_nothing(api: Api) -> None:
    for method in ("v1/ticker.price", "v3/ticker.price"):
        assert (await api.call(method, symbol=SYMBOL))["status"] == 200
    unknown = await api.call("login")
    assert unknown["error"] == {"code": -5000, "msg": "Method login is invalid"}


@pytest.mark.asyncio
async def test_the_user_stream_is_started_here_and_heard_elsewhere(world: World, api: Api) -> None:
    key = {"apiKey": world.account.key}
    await api.send("userDataStream.start", key)
    listen_key = (await api.socket.next())["result"]["listenKey"]
    assert listen_key == await world.listen_key()
    stream = await world.connect(f"/private/ws?listenKey={listen_key}")

    await api.place(newClientOrderId="a")
    assert (await stream.next())["o"]["c"] == "a"

    await api.send("userDataStream.ping", {**key, "listenKey": listen_key})
    assert (await api.socket.next())["result"] == {"listenKey": listen_key}
    await api.send("userDataStream.stop", key)
    assert (await api.socket.next())["result"] == {}
    assert await stream.closed() is aiohttp.WSMsgType.CLOSE
    await api.send("userDataStream.ping", key)
    assert (await api.socket.next())["error"]["code"] == -1125


@pytest.mark.asyncio
async def test_requests_are_recorded_without_secrets(world: World, api: Api) -> None:
    await api.place(newClientOrderId="a")

    assert world.log.of("connection")[0]["stream"] == "ws_api"
    assert world.log.of("request") == [
        {
            "n": 1,
            "method": "order.place",
            "path": "/ws-fapi/v1",
            "client_order_id": "a",
            "client_order_ids": ["a"],
            "connection": 1,
            "id": 1,
        }
    ]
    ended = await world.log.wait("ws_api")
    assert (ended["outcome"], ended["executed"], ended["status"]) == ("replied", True, 200)
    assert ended["reply"]["clientOrderId"] == "a"
    assert not {"apiKey", "signature"} & set(ended["params"])
    assert world.log.of("http") == []


@pytest.mark.asyncio
async def test_the_venue_closes_the_socket_when_told(world: World, api: Api) -> None:
    world.venue.close_streams("maintenance", "ws_api")

    assert await api.socket.closed() is aiohttp.WSMsgType.CLOSE
    assert (await world.log.wait("connection", action="closed"))["reason"] == "maintenance"


@pytest.mark.asyncio
async def test_over_http_the_path_is_unknown(world: World) -> None:
    status, body, _ = await world.raw("GET", "/ws-fapi/v1")

    assert (status, msgspec.json.decode(body)["code"]) == (404, -5000)


@pytest.mark.asyncio
async def test_broken_frames_are_refused_and_change_nothing(
    world: World, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(1)
    placed = 0
    order = api.signed(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01")
    frame = msgspec.json.encode({"id": "x", "method": "order.place", "params": order})
    for _ in range(1_000):
        broken = bytearray(frame)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(broken))
            match chance.randrange(3):
                case 0:
                    broken[at] = chance.randrange(256)
                case 1:
                    del broken[at : at + chance.randint(1, 20)]
                case _:
                    broken[at:at] = chance.choice(
                        (b"{", b'"', b"null", b"\\u0000", b"-", b"9" * 60)
                    )
        if broken == frame:
            continue
        await api.socket.raw.send_bytes(bytes(broken))

        response = await api.socket.next()
        if response["status"] == 200:
            assert response["id"] != "x", broken
            placed += 1  # Only the id was hit.
            continue
        assert response["status"] in (400, 401, 404), (broken, response)
        assert set(response["error"]) == {"code", "msg"}
    assert len(world.venue.ledger.orders()) == placed
    assert caplog.records == []
