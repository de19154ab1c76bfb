"""Rate limits: what is counted, and what is refused where they are enforced."""

from typing import Any

import aiohttp
import msgspec
import pytest

from mock_venue import AccountSpec, VenueConfig
from tests.mock_venue.helpers import START_MS, SYMBOL, World

PING = "/fapi/v1/ping"
MINUTE_MS = 60_000
WEIGHT = "x-mbx-used-weight-1m"


def enforced(**fields: Any) -> World:
    return World(VenueConfig(rate_limits_enforced=True, **fields))


async def get(world: World, path: str = PING) -> tuple[int, Any, dict[str, str]]:
    status, body, headers = await world.raw("GET", path)
    return status, msgspec.json.decode(body), headers


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "query", "weight"),
    [
        ("/fapi/v1/depth", "symbol=BTCUSDT", 10),
        ("/fapi/v1/depth", "symbol=BTCUSDT&limit=5", 2),
        ("/fapi/v1/depth", "symbol=BTCUSDT&limit=100", 5),
        ("/fapi/v1/depth", "symbol=BTCUSDT&limit=1000", 20),
        ("/fapi/v1/ticker/bookTicker", "", 5),
        ("/fapi/v1/ticker/bookTicker", "symbol=BTCUSDT", 2),
        ("/fapi/v2/ticker/price", "", 2),
        ("/fapi/v1/premiumIndex", "", 10),
        ("/fapi/v1/klines", "symbol=BTCUSDT&interval=1m", 5),
        ("/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&limit=99", 1),
        ("/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&limit=100", 2),
        ("/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&limit=1000", 5),
        ("/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&limit=1001", 10),
        ("/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&limit=x", 5),
        ("/fapi/v1/klines", f"symbol=BTCUSDT&interval=1m&limit={'9' * 5_000}", 5),
        ("/fapi/v1/nothing", "", 1),
    ],
)
async def test_weight_depends_on_endpoint_and_parameters(
    world: World, path: str, query: str, weight: int
) -> None:
    _, _, headers = await world.raw("GET", path, query)

    assert headers[WEIGHT] == str(weight)


@pytest.mark.asyncio
async def test_nothing_is_refused_unless_told() -> None:
    async with World(VenueConfig(request_weight_1m_max=1, orders_10s_max=1)) as world:
        for _ in range(3):
            status, _, headers = await get(world)
            assert status == 200
            assert (await world.limit())[0] == 200
        assert headers[WEIGHT] == "3"


@pytest.mark.asyncio
async def test_over_the_weight_is_429_until_the_minute_ends() -> None:
    async with enforced(request_weight_1m_max=2) as world:
        assert [(await get(world))[0] for _ in range(2)] == [200, 200]

        status, body, headers = await get(world)

        assert (status, body) == (
            429,
            {
                "code": -1003,
                "msg": "Too many requests; current limit is 2 requests per minute. Please use the"
                " websocket for live updates to avoid polling the API.",
            },
        )
        assert int(headers["retry-after"]) == 60 - START_MS // 1_000 % 60
        world.clock.ms += int(headers["retry-after"]) * 1_000
        assert (await get(world))[0] == 200


@pytest.mark.asyncio
async def test_funding_rates_count_by_themselves_and_tell_no_weight() -> None:
    async with enforced(request_weight_1m_max=1, funding_requests_5m_max=2) as world:
        path = "/fapi/v1/fundingRate"
        for _ in range(2):
            status, _, headers = await get(world, path)
            assert (status, WEIGHT in headers) == (200, False)

        status, body, headers = await get(world, path)

        assert (status, body["code"]) == (429, -1003)
        assert int(headers["retry-after"]) == 300 - START_MS // 1_000 % 300
        assert (await get(world))[0] == 200
        world.clock.ms += int(headers["retry-after"]) * 1_000
        assert (await get(world, path))[0] == 200


@pytest.mark.asyncio
async def test_who_does_not_back_off_is_banned_each_time_longer() -> None:
    config = {"request_weight_1m_max": 1, "rate_limit_refusals_max": 2}
    async with enforced(**config) as world:
        assert [(await get(world))[0] for _ in range(4)] == [200, 429, 429, 418]
        until_ms = START_MS + 2 * MINUTE_MS
        assert world.log.of("ban") == [{"until_ms": until_ms}]
        world.clock.ms += 500

        status, body, headers = await get(world)

        assert (status, body, headers["retry-after"]) == (
            418,
            {
                "code": -1003,
                "msg": f"Way too many requests; IP banned until {until_ms}. Please use the"
                " websocket for live updates to avoid bans.",
            },
            "120",
        )
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await world.api()
        assert refused.value.status == 418
        assert world.log.of("handshake") == [
            {"stream": "ws_api", "path": "/ws-fapi/v1", "status": 418, "outcome": "refused"}
        ]
        await world.connect("/ws")

        world.clock.ms = until_ms
        assert [(await get(world))[0] for _ in range(4)] == [200, 429, 429, 418]
        assert world.log.of("ban")[1] == {"until_ms": until_ms + 4 * MINUTE_MS}


@pytest.mark.asyncio
async def test_a_ban_lasts_three_days_at_most() -> None:
    day_ms = 24 * 60 * MINUTE_MS
    config = {"request_weight_1m_max": 1, "rate_limit_refusals_max": 1, "ban_ms": 2 * day_ms}
    async with enforced(**config) as world:
        for _ in range(2):
            while (await get(world))[0] != 418:
                pass
            world.clock.ms = world.log.of("ban")[-1]["until_ms"]
        first, second = (event["until_ms"] for event in world.log.of("ban"))
        assert second - first == 3 * day_ms


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("limits", "text", "wait_ms"),
    [
        ({"orders_10s_max": 2}, "2 orders per TEN_SECONDS", 10_000),
        ({"orders_1m_max": 2}, "2 orders per MINUTE", MINUTE_MS),
    ],
)
async def test_one_order_too_many_is_refused(
    limits: dict[str, int], text: str, wait_ms: int
) -> None:
    other = AccountSpec(name="other", key="other-key", secret="other-secret")
    async with enforced(accounts=(AccountSpec(), other), **limits) as world:
        assert [(await world.limit())[0] for _ in range(2)] == [200, 200]

        status, reply = await world.limit()

        msg = f"Too many new orders; current limit is {text}."
        assert (status, reply) == (429, {"code": -1015, "msg": msg})
        assert len(world.venue.ledger.orders()) == 2
        for method, path in (("GET", "/fapi/v1/openOrders"), ("DELETE", "/fapi/v1/allOpenOrders")):
            assert (await world.call(method, path, symbol=SYMBOL))[0] == 200
        world.account = other
        assert (await world.limit())[0] == 200
        world.account = AccountSpec()
        world.clock.ms += wait_ms
        assert (await world.limit())[0] == 200


@pytest.mark.asyncio
async def test_the_limits_are_told() -> None:
    async with World(VenueConfig(request_weight_1m_max=7, orders_1m_max=8)) as world:
        _, info, _ = await get(world, "/fapi/v1/exchangeInfo")
        orders = await world.get("/fapi/v1/rateLimit/order")

    assert [row["limit"] for row in info["rateLimits"]] == [7, 8, 300]
    assert orders == info["rateLimits"][1:]


@pytest.mark.asyncio
async def test_a_client_that_says_too_much_on_a_stream_is_cut() -> None:
    async with enforced(stream_messages_1s_max=2) as world:
        stream = await world.connect("/ws")
        for _ in range(2):
            for _ in range(2):
                await stream.send({"method": "LIST_SUBSCRIPTIONS", "id": 1})
                assert (await stream.next())["id"] == 1
            world.clock.ms += 1_000
        for _ in range(3):
            await stream.send({"method": "LIST_SUBSCRIPTIONS", "id": 1})

        assert await stream.closed() is aiohttp.WSMsgType.CLOSE
        closed = await world.log.wait("connection", action="closed")
        assert closed["reason"] == "Too many requests: more than 2 messages a second"


@pytest.mark.asyncio
async def test_pings_and_pongs_are_messages_on_a_stream() -> None:
    async with enforced(stream_messages_1s_max=2) as world:
        stream = await world.user_stream()
        await stream.raw.ping()
        await stream.raw.pong()
        await stream.send({"method": "LIST_SUBSCRIPTIONS", "id": 1})

        assert await stream.closed() is aiohttp.WSMsgType.CLOSE
        assert stream.raw.close_code == 1008


@pytest.mark.asyncio
async def test_on_the_websocket_api_pings_and_pongs_alone_are_limited() -> None:
    async with enforced(ws_api_pings_1s_max=2, stream_messages_1s_max=1) as world:
        api = await world.api()
        for _ in range(2):
            await api.socket.raw.ping()
            await api.socket.raw.pong()
            for _ in range(3):
                assert (await api.call("ticker.price", symbol=SYMBOL))["status"] == 200
            world.clock.ms += 1_000

        for _ in range(3):
            await api.socket.raw.ping()

        assert await api.socket.closed() is aiohttp.WSMsgType.CLOSE
        assert api.socket.raw.close_code == 1008
        closed = await world.log.wait("connection", action="closed")
        assert closed["reason"] == "Too many requests: more than 2 pings and pongs a second"


@pytest.mark.asyncio
async def test_who_is_disconnected_again_and_again_is_banned() -> None:
    async with enforced(stream_messages_1s_max=1, rate_limit_refusals_max=2) as world:
        for cut in range(3):
            assert (await get(world))[0] == 200, cut
            stream = await world.connect("/ws")
            for _ in range(5):
                await stream.raw.ping()
            await stream.closed()

        assert (await get(world))[0] == 418


@pytest.mark.asyncio
async def test_no_frame_is_too_many_unless_told() -> None:
    async with World(VenueConfig(stream_messages_1s_max=1, ws_api_pings_1s_max=1)) as world:
        stream, api = await world.connect("/ws"), await world.api()
        for _ in range(3):
            await stream.raw.ping()
            await api.socket.raw.ping()
        await stream.send({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        assert (await stream.next())["id"] == 1
        assert (await api.call("ticker.price", symbol=SYMBOL))["status"] == 200
