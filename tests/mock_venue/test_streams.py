"""Listen keys, the user stream and the market streams."""

from typing import Any

import aiohttp
import pytest

from mock_venue import AccountSpec, VenueConfig
from mock_venue.wire import server
from tests.mock_venue.helpers import SYMBOL, World

LISTEN_KEY = "/fapi/v1/listenKey"
HOUR_MS = 3_600_000


@pytest.mark.asyncio
async def test_a_listen_key_lives_an_hour_from_its_last_keepalive(world: World) -> None:
    key = await world.listen_key()
    assert len(key) == 64
    world.clock.ms += HOUR_MS - 1
    assert await world.listen_key() == key
    world.clock.ms += HOUR_MS - 1
    status, body, _ = await world.raw("PUT", LISTEN_KEY)
    assert (status, body) == (200, b'{"listenKey":"%s"}' % key.encode())
    world.clock.ms += HOUR_MS

    status, body, _ = await world.raw("PUT", LISTEN_KEY)

    assert (status, b"-1125" in body) == (400, True)
    assert await world.listen_key() != key
    assert [event["action"] for event in world.log.of("listen_key")] == [
        "created",
        "kept_alive",
        "kept_alive",
        "expired",
        "created",
    ]


@pytest.mark.asyncio
async def test_deleting_the_listen_key_closes_its_stream(world: World) -> None:
    stream = await world.user_stream()

    status, body, _ = await world.raw("DELETE", LISTEN_KEY)

    assert (status, body) == (200, b"{}")
    assert await stream.closed() is aiohttp.WSMsgType.CLOSE
    closed = await world.log.wait("connection", action="closed")
    assert (closed["stream"], closed["reason"]) == ("user", "listen key closed")


@pytest.mark.asyncio
async def test_after_expiry_the_stream_stays_open_and_silent(world: World) -> None:
    stream = await world.user_stream()
    await world.limit()
    world.venue.expire_listen_keys()
    await world.limit()

    assert await stream.names(2) == [("ORDER_TRADE_UPDATE", "NEW"), ("listenKeyExpired", None)]
    await world.raw("POST", LISTEN_KEY)
    await world.limit()
    assert [push["outcome"] for push in world.log.of("push")] == [
        "sent",
        "sent",
        "no_subscriber",
        "no_subscriber",
    ]
    assert world.log.of("connection", action="closed") == []


@pytest.mark.asyncio
async def test_a_key_expires_by_itself(world: World) -> None:
    stream = await world.user_stream()
    world.clock.ms += HOUR_MS
    await world.raw("GET", "/fapi/v1/ping")

    assert (await stream.next())["e"] == "listenKeyExpired"


@pytest.mark.asyncio
async def test_a_market_order_pushes_in_the_recorded_order(world: World) -> None:
    stream = await world.user_stream()
    await world.market(newClientOrderId="a")

    lite, new, account, trade = [await stream.next() for _ in range(4)]

    assert [lite["e"], new["o"]["x"], account["e"], trade["o"]["x"]] == [
        "TRADE_LITE",
        "NEW",
        "ACCOUNT_UPDATE",
        "TRADE",
    ]
    assert {(frame["T"], frame["E"]) for frame in (lite, new, account, trade)} == {
        (world.clock.ms, world.clock.ms)
    }
    assert " ".join(new["o"]) == (
        "s c S o f q p ap sp x X i l z L n N T t b a m R wt ot ps cp rp pP si ss V pm gtd er"
    )
    assert list(account["a"]) == ["B", "P", "m"]
    assert " ".join(account["a"]["P"][0]) == "s pa ep cr up mt iw ps ma bep"
    assert (new["o"]["p"], new["o"]["f"], new["o"]["ap"], lite["p"]) == ("0", "GTC", "0", "0.00")
    filled = trade["o"]
    assert (filled["X"], filled["l"], filled["L"], filled["n"], filled["m"]) == (
        "FILLED",
        "0.010",
        "50000.10",
        "0.25000050",
        False,
    )
    assert account["a"]["B"] == [
        {"a": "USDT", "wb": "99999.74999950", "cw": "99999.74999950", "bc": "0"}
    ]


@pytest.mark.asyncio
async def test_a_flat_position_is_pushed_with_zeros(world: World) -> None:
    stream = await world.user_stream()
    await world.market("BUY")
    await world.market("SELL")
    for _ in range(6):
        await stream.next()

    account, trade = await stream.next(), await stream.next()

    position = account["a"]["P"][0]
    assert [position[name] for name in ("pa", "ep", "bep", "up", "cr")] == [
        "0",
        "0",
        "0",
        "0",
        "-0.00100000",
    ]
    assert trade["o"]["rp"] == "-0.00100000"


@pytest.mark.asyncio
async def test_partial_fills_amendments_cancels_and_expiries_are_pushed(world: World) -> None:
    stream = await world.user_stream()
    await world.limit(newClientOrderId="a")
    world.venue.fill("a", "0.004")
    change = {"origClientOrderId": "a", "side": "BUY", "quantity": "0.02", "price": "49000"}
    await world.call("PUT", "/fapi/v1/order", symbol=SYMBOL, **change)
    world.venue.cancel("a")
    await world.limit(newClientOrderId="b", timeInForce="IOC")

    frames = [await stream.next() for _ in range(8)]

    orders = [frame["o"] for frame in frames if frame["e"] == "ORDER_TRADE_UPDATE"]
    assert [(order["x"], order["X"], order["q"], order["z"]) for order in orders] == [
        ("NEW", "NEW", "0.010", "0"),
        ("TRADE", "PARTIALLY_FILLED", "0.010", "0.004"),
        ("AMENDMENT", "PARTIALLY_FILLED", "0.020", "0.004"),
        ("CANCELED", "CANCELED", "0.020", "0.004"),
        ("NEW", "NEW", "0.010", "0"),
        ("EXPIRED", "EXPIRED", "0.010", "0"),
    ]
    assert orders[-1]["er"] == "2"


@pytest.mark.asyncio
async def test_a_change_of_leverage_is_pushed(world: World) -> None:
    stream = await world.user_stream()
    await world.call("POST", "/fapi/v1/leverage", symbol=SYMBOL, leverage=3)

    assert (await stream.next())["ac"] == {"s": SYMBOL, "l": 3}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "wrapped"),
    [
        ("/private/ws?listenKey={}", False),
        ("/private/ws?listenKey={}&events=ORDER_TRADE_UPDATE", False),
        ("/private/ws?listenKey={}&combined=true", True),
        ("/private/ws/{}", False),
        ("/ws?listenKey={}", False),
        ("/ws/{}", False),
        ("/private/stream?listenKey={}", True),
        ("/stream?listenKey={}", True),
        ("/stream?streams={}", True),
        ("/stream?streams=btcusdt@aggTrade/{}", True),
    ],
)
async def test_ways_to_the_user_stream(world: World, path: str, wrapped: bool) -> None:
    key = await world.listen_key()
    stream = await world.connect(path.format(key))
    await world.limit()

    frame = await stream.next()

    if wrapped:
        assert frame["stream"] == key
        frame = frame["data"]
    assert frame["e"] == "ORDER_TRADE_UPDATE"
    opened = world.log.of("connection", action="opened")[0]
    assert (opened["stream"], key in opened["path"]) == ("user", False)


@pytest.mark.asyncio
async def test_every_socket_on_the_key_gets_every_push(world: World) -> None:
    first, second = await world.user_stream(), await world.user_stream()
    await world.limit(newClientOrderId="a")

    assert await first.next() == await second.next()
    pushes = world.log.of("push", client_order_id="a")
    assert [(push["connection"], push["outcome"]) for push in pushes] == [(1, "sent"), (2, "sent")]


@pytest.mark.asyncio
async def test_who_comes_between_two_pushes_hears_the_second_and_who_leaves_does_not(
    world: World,
) -> None:
    first, second = await world.user_stream(), await world.connect("/private/stream")
    key = await world.listen_key()
    await world.limit(newClientOrderId="a")
    await second.send({"method": "SUBSCRIBE", "params": [key], "id": 1})
    assert await second.next() == {"result": None, "id": 1}
    await world.limit(newClientOrderId="b")
    await second.send({"method": "UNSUBSCRIBE", "params": [key], "id": 2})
    await second.next()
    assert await second.next() == {"result": None, "id": 2}
    await world.limit(newClientOrderId="c")

    assert [(await first.next())["o"]["c"] for _ in "abc"] == ["a", "b", "c"]
    reached = [
        [push["connection"] for push in world.log.of("push", client_order_id=name)]
        for name in "abc"
    ]
    assert reached == [[1], [1, 2], [1]]


@pytest.mark.asyncio
async def test_a_key_can_be_subscribed_to(world: World) -> None:
    stream = await world.connect("/private/stream")
    key = await world.listen_key()
    await stream.send({"method": "SUBSCRIBE", "params": [key], "id": "uuid-1"})
    assert await stream.next() == {"result": None, "id": "uuid-1"}
    await world.limit()

    assert (await stream.next())["stream"] == key


@pytest.mark.asyncio
async def test_events_are_those_asked_for_with_the_key() -> None:
    other = AccountSpec(name="other", key="other-key", secret="other-secret")
    async with World(VenueConfig(accounts=(AccountSpec(), other))) as world:
        first = await world.listen_key()
        world.account = other
        second = await world.listen_key()
        stream = await world.connect(
            f"/private/stream?listenKey={first}&events=ACCOUNT_UPDATE/TRADE_LITE"
            f"&listenKey={second}&events=ORDER_TRADE_UPDATE"
        )
        await world.market()  # the other account's
        world.account = AccountSpec()
        await world.market()
        world.venue.expire_listen_keys()

        frames = [await stream.next() for _ in range(6)]

        assert [(frame["stream"], frame["data"]["e"]) for frame in frames] == [
            (second, "ORDER_TRADE_UPDATE"),
            (second, "ORDER_TRADE_UPDATE"),
            (first, "TRADE_LITE"),
            (first, "ACCOUNT_UPDATE"),
            (first, "listenKeyExpired"),
            (second, "listenKeyExpired"),
        ]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("strict", "path", "heard"),
    [
        ({"path_key_silent": True}, "/private/ws/{}", False),
        ({"path_key_silent": True}, "/ws/{}", False),
        ({"path_key_silent": True}, "/private/ws?listenKey={}", True),
        ({"events_required": True}, "/private/ws?listenKey={}", False),
        ({"events_required": True}, "/private/ws?listenKey={}&events=ORDER_TRADE_UPDATE", True),
        ({"events_required": True}, "/private/stream?listenKey={}", False),
    ],
)
async def test_strict_urls_connect_and_stay_silent(
    strict: dict[str, Any], path: str, heard: bool
) -> None:
    async with World(VenueConfig(**strict)) as world:
        key = await world.listen_key()
        stream = await world.connect(path.format(key))

        await world.limit()
        world.venue.expire_listen_keys()

        assert [push["outcome"] for push in world.log.of("push")] == 2 * [
            "sent" if heard else "no_subscriber"
        ]
        await stream.send({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        if heard:
            assert await stream.names(2) == [
                ("ORDER_TRADE_UPDATE", "NEW"),
                ("listenKeyExpired", None),
            ]
        assert (await stream.next())["result"] == [key]


@pytest.mark.asyncio
async def test_a_deleted_key_closes_sockets_that_hear_only_some_events(world: World) -> None:
    stream = await world.connect(f"/private/ws?listenKey={await world.listen_key()}&events=X")
    await world.raw("DELETE", "/fapi/v1/listenKey")

    assert await stream.closed() is aiohttp.WSMsgType.CLOSE


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/private", "/privatews/x", "/stream/btcusdt@aggTrade", "/wsx"])
async def test_other_paths_are_no_streams(world: World, path: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await world.connect(path)

    assert refused.value.status == 404


@pytest.mark.asyncio
async def test_an_unknown_key_connects_and_stays_silent(world: World) -> None:
    await world.connect("/private/ws?listenKey=nothing")
    await world.limit()

    assert world.log.of("push")[0]["outcome"] == "no_subscriber"


@pytest.mark.asyncio
async def test_streams_can_be_closed_by_the_venue(world: World) -> None:
    user, market = await world.user_stream(), await world.connect("/stream")
    world.venue.close_streams("maintenance")

    assert await user.closed() is aiohttp.WSMsgType.CLOSE
    assert (await world.log.wait("connection", action="closed"))["reason"] == "maintenance"
    await market.send({"method": "LIST_SUBSCRIPTIONS", "id": 1})
    assert await market.next() == {"result": [], "id": 1}


@pytest.mark.asyncio
async def test_prices_come_on_subscription_and_at_each_change(world: World) -> None:
    stream = await world.connect("/stream?streams=btcusdt@bookTicker/ethusdt@depth@100ms")
    first = await stream.next()
    await stream.send({"method": "SUBSCRIBE", "params": ["btcusdt@markPrice@1s"], "id": 0})
    assert await stream.next() == {"result": None, "id": 0}
    mark = await stream.next()
    world.venue.set_price(SYMBOL, "51000", "51000.10")
    changed = await stream.next()
    marked = await stream.next()

    assert first["stream"] == "btcusdt@bookTicker"
    assert (first["data"]["b"], first["data"]["a"]) == ("50000.00", "50000.10")
    assert mark["data"]["p"] == "50000.05000000"
    assert (changed["data"]["b"], marked["data"]["p"]) == ("51000.00", "51000.05000000")
    assert changed["data"]["u"] > first["data"]["u"]


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/market/ws", "/public/ws", "/ws"])
async def test_raw_market_streams_and_unsubscription(world: World, path: str) -> None:
    stream = await world.connect(f"{path}/btcusdt@aggTrade")
    await world.market("SELL")
    trade = await stream.next()
    assert (trade["e"], trade["p"], trade["m"]) == ("aggTrade", "50000.00", True)

    await stream.send({"method": "UNSUBSCRIBE", "params": ["btcusdt@aggTrade"], "id": 1})
    assert await stream.next() == {"result": None, "id": 1}
    await world.market("SELL")
    await stream.send({"method": "LIST_SUBSCRIPTIONS", "id": 2})
    assert await stream.next() == {"result": [], "id": 2}


@pytest.mark.asyncio
async def test_streams_over_the_limit_of_a_connection_are_silent() -> None:
    async with World(VenueConfig(streams_per_connection_max=2)) as world:
        stream = await world.connect("/ws")
        names = ["btcusdt@aggTrade", "btcusdt@trade", "btcusdt@bookTicker"]
        await stream.send({"method": "SUBSCRIBE", "params": names, "id": 1})
        assert await stream.next() == {"result": None, "id": 1}
        await stream.send({"method": "LIST_SUBSCRIPTIONS", "id": 2})
        assert await stream.next() == {"result": names[:2], "id": 2}


@pytest.mark.asyncio
@pytest.mark.parametrize("number", [None, -1, 1.5, True, [1]])
async def test_the_id_of_a_message_is_unsigned_or_a_text(world: World, number: Any) -> None:
    stream = await world.connect("/ws")
    await stream.send({"method": "SUBSCRIBE", "params": ["btcusdt@aggTrade"], "id": number})
    expected = "Invalid request: request ID must be an unsigned integer"
    assert await stream.next() == {"code": 2, "msg": expected}
    await stream.send({"method": "LIST_SUBSCRIPTIONS", "id": "a"})
    assert await stream.next() == {"result": [], "id": "a"}


@pytest.mark.asyncio
async def test_frames_that_make_no_sense_are_answered(world: World) -> None:
    stream = await world.connect("/ws")
    await stream.raw.send_str("{")
    assert (await stream.next())["code"] == 3
    frames: list[Any] = [[], {"id": 1}, {"method": "DANCE"}]
    for nonsense in [*frames, {"method": "SET_PROPERTY", "params": {}}]:
        await stream.send(nonsense)
        assert (await stream.next())["code"] == 2
    await stream.send({"method": "SET_PROPERTY", "params": ["combined", True], "id": 5})
    await stream.next()
    await stream.send({"method": "GET_PROPERTY", "params": ["combined"], "id": 6})
    assert await stream.next() == {"result": True, "id": 6}


@pytest.mark.asyncio
async def test_the_venue_pings_and_closes_who_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "TICK_SECS", 0.01)
    config = VenueConfig(ping_interval_ms=1_000, pong_timeout_ms=5_000)
    async with World(config) as world:
        url = f"ws://127.0.0.1:{world.venue.port}/ws"
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url, autoping=False) as socket,
        ):
            world.clock.ms += 1_000
            message = await socket.receive(5)
            assert message.type is aiohttp.WSMsgType.PING
            assert message.data == str(world.clock.ms).encode()
            await socket.pong(message.data)
            await socket.send_str('{"method":"LIST_SUBSCRIPTIONS","id":1}')
            assert (await socket.receive(5)).type is aiohttp.WSMsgType.TEXT
            world.clock.ms += 5_000
            assert (await socket.receive(5)).type is aiohttp.WSMsgType.CLOSE
        assert (await world.log.wait("connection", action="closed"))["reason"] == "no pong"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "answer", "stays"),
    [("/ws", b"", True), ("/ws-fapi/v1", b"", False), ("/ws-fapi/v1", None, True)],
)
async def test_an_unsolicited_pong_keeps_streams_open_and_the_api_not(
    monkeypatch: pytest.MonkeyPatch, path: str, answer: bytes | None, stays: bool
) -> None:
    monkeypatch.setattr(server, "TICK_SECS", 0.01)
    config = VenueConfig(ping_interval_ms=1_000, pong_timeout_ms=5_000)
    async with World(config) as world:
        url = f"ws://127.0.0.1:{world.venue.port}{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url, autoping=False) as socket,
        ):
            world.clock.ms += 4_000
            ping = await socket.receive(5)
            assert ping.type is aiohttp.WSMsgType.PING
            await socket.pong(ping.data if answer is None else answer)
            await socket.send_str("{}")
            assert (await socket.receive(5)).type is aiohttp.WSMsgType.TEXT
            world.clock.ms += 1_000
            expected = aiohttp.WSMsgType.PING if stays else aiohttp.WSMsgType.CLOSE
            assert (await socket.receive(5)).type is expected


@pytest.mark.asyncio
async def test_a_clients_ping_is_answered(world: World) -> None:
    url = f"ws://127.0.0.1:{world.venue.port}/ws"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, autoping=False) as socket,
    ):
        await socket.ping(b"there?")
        message = await socket.receive(5)

    assert (message.type, message.data) == (aiohttp.WSMsgType.PONG, b"there?")


@pytest.mark.asyncio
async def test_a_connection_has_a_life_of_24_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "TICK_SECS", 0.01)
    async with World(VenueConfig()) as world:
        stream = await world.connect("/ws")
        world.clock.ms += 24 * HOUR_MS

        await stream.closed()

        closed = await world.log.wait("connection", action="closed")
        assert closed["reason"] == "connection life is over"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/market/ws/1", "market"),
        ("/public/stream", "market"),
        ("/ws", "market"),
        ("/private/stream", "user"),
        ("/ws?listenKey=key", "user"),
    ],
)
async def test_what_a_stream_is_for_is_in_its_path(world: World, path: str, kind: str) -> None:
    await world.connect(path)
    assert (await world.log.wait("connection", action="opened"))["stream"] == kind
