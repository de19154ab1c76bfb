"""Misbehaviour at the WebSocket API's requests and at the opening of WebSockets."""

import asyncio
from typing import Any

import aiohttp
import msgspec
import pytest
import uvloop

from mock_venue import VenueConfig, VenueScriptError
from mock_venue.script.refusals import BAD_GATEWAY_HTML, THROTTLED, UNKNOWN_ERROR, executed
from mock_venue.script.rules import (
    ApiRule,
    Delay,
    HandshakeRule,
    Hang,
    Hold,
    HoldRequest,
    Lose,
    Misbehaviour,
    Refuse,
    ReplyAction,
    ReplyRule,
)
from mock_venue.wire import ws_api
from tests.mock_venue.helpers import DEADLINE_SECS, SYMBOL, World

ANYTHING: Any = "nothing"


def on_place(action: ReplyAction, **fields: Any) -> ApiRule:
    return ApiRule("order.place", action, **fields)


@pytest.mark.asyncio
async def test_a_lost_response_resets_the_socket_after_execution(world: World) -> None:
    api = await world.api()
    handle = world.venue.misbehave(on_place(Lose(), order="b"))
    assert (await api.place(newClientOrderId="a"))["status"] == 200

    await api.send(
        "order.place",
        api.signed(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01", newClientOrderId="b"),
    )

    assert await api.socket.closed() in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    assert handle.hits == 1
    ended = await world.log.wait("ws_api", client_order_id="b")
    assert (ended["outcome"], ended["status"], ended["executed"]) == ("lost", None, True)
    closed = await world.log.wait("connection", action="closed")
    assert closed["reason"] == "reset by a rule"
    assert world.log.of("misbehaviour")[0]["n"] == ended["n"]
    assert len(world.venue.ledger.orders()) == 2


@pytest.mark.asyncio
async def test_a_hanging_request_holds_up_nothing_else(world: World) -> None:
    api = await world.api()
    world.venue.misbehave(on_place(Hang()))
    await api.send(
        "order.place",
        api.signed(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01"),
    )

    assert (await api.call("ticker.price", symbol=SYMBOL))["status"] == 200
    await world.log.wait("order")

    await asyncio.wait_for(world.venue.close(), DEADLINE_SECS)
    ended = await world.log.wait("ws_api", method="order.place")
    assert (ended["outcome"], ended["executed"]) == ("hung", True)


@pytest.mark.asyncio
@pytest.mark.parametrize("was_executed", [True, False])
async def test_a_refusal_is_the_error(world: World, was_executed: bool) -> None:
    api = await world.api()
    refuse = executed(UNKNOWN_ERROR) if was_executed else THROTTLED
    world.venue.misbehave(on_place(refuse))

    response = await api.place(newClientOrderId="a")

    assert (response["status"], response["error"]) == (503, refuse.body)
    assert bool(world.venue.ledger.orders()) is was_executed
    ended = await world.log.wait("ws_api")
    assert (ended["status"], ended["executed"]) == (503, was_executed)


@pytest.mark.asyncio
async def test_a_text_body_is_a_frame_of_its_own(world: World) -> None:
    api = await world.api()
    world.venue.misbehave(ApiRule("*", BAD_GATEWAY_HTML))

    await api.send("ticker.book", {})

    assert (await api.socket.raw.receive()).data == BAD_GATEWAY_HTML.body


@pytest.mark.asyncio
@pytest.mark.parametrize(("action", "placed"), [(Hold(), 1), (HoldRequest(), 0)])
async def test_what_is_held_goes_on_at_release(
    world: World, action: ReplyAction, placed: int
) -> None:
    api = await world.api()
    handle = world.venue.misbehave(on_place(action))
    held = await api.send(
        "order.place", api.signed(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01")
    )
    later = await api.send("ticker.book", {})
    assert (await api.socket.next())["id"] == later
    assert len(world.venue.ledger.orders()) == placed

    assert world.venue.release(handle) == 1

    response = await api.socket.next()
    assert (response["id"], response["status"]) == (held, 200)


@pytest.mark.asyncio
async def test_a_delayed_request_is_executed_without_its_client(world: World) -> None:
    api = await world.api()
    world.venue.misbehave(on_place(Delay(20)))
    await api.send(
        "order.place", api.signed(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01")
    )
    await world.log.wait("misbehaviour")

    await api.socket.raw.close()

    ended = await world.log.wait("ws_api")
    assert (ended["outcome"], ended["executed"]) == ("client_gone", True)


@pytest.mark.asyncio
async def test_a_held_request_is_dropped_with_its_client(world: World) -> None:
    api = await world.api()
    handle = world.venue.misbehave(on_place(HoldRequest()))
    await api.send(
        "order.place", api.signed(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01")
    )
    await world.log.wait("misbehaviour")

    await api.socket.raw.close()

    ended = await world.log.wait("ws_api")
    assert (ended["outcome"], ended["executed"], handle.holds) == ("client_gone", False, 0)
    assert world.venue.ledger.orders() == []


@pytest.mark.asyncio
async def test_requests_are_executed_in_order_whatever_befalls_their_answers(world: World) -> None:
    api = await world.api()
    world.venue.misbehave(on_place(Hang(), order="a"))
    for name in "ab":
        order = {"side": "BUY", "type": "MARKET", "quantity": "0.01", "newClientOrderId": name}
        await api.send("order.place", api.signed(symbol=SYMBOL, **order))

    assert (await api.socket.next())["result"]["clientOrderId"] == "b"
    assert [order.client_order_id for order in world.venue.ledger.orders()] == ["a", "b"]


@pytest.mark.asyncio
async def test_rules_of_rest_and_websocket_api_do_not_mix(world: World) -> None:
    api = await world.api()
    rest = world.venue.misbehave(ReplyRule("*", "*", Refuse(503, {})))
    other = world.venue.misbehave(ApiRule("order.cancel", Refuse(503, {})))
    versioned = world.venue.misbehave(ApiRule("ticker.book", Refuse(503, {})))

    assert (await api.place())["status"] == 200
    assert (await api.call("v1/ticker.book"))["status"] == 503
    assert (rest.hits, other.hits, versioned.hits) == (0, 0, 1)
    assert (await world.limit())[0] == 503


@pytest.mark.asyncio
async def test_too_many_pending_requests_close_the_socket(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ws_api, "PENDING_MAX", 2)
    api = await world.api()
    world.venue.misbehave(ApiRule("*", Hang(), times=None))

    for _ in range(3):
        await api.send("ticker.book", {})

    assert await api.socket.closed() is aiohttp.WSMsgType.CLOSE
    closed = await world.log.wait("connection", action="closed")
    assert closed["reason"] == "2 requests are pending, the limit"
    assert len(world.log.of("ws_api")) == 3


def test_it_is_the_same_on_uvloop() -> None:
    async def play() -> None:
        async with World(VenueConfig(connections_max=3)) as world:
            api = await world.api()
            hang = world.venue.misbehave(on_place(Hang()))
            order = {"side": "BUY", "type": "MARKET", "quantity": "0.01"}
            await api.send("order.place", api.signed(symbol=SYMBOL, **order))
            assert (await api.place())["status"] == 200
            assert hang.hits == 1

            world.venue.misbehave(ReplyRule("POST", "/fapi/v1/order", Lose()))
            with pytest.raises(aiohttp.ClientOSError, match="reset"):
                await world.limit()
            world.venue.misbehave(HandshakeRule("*", Lose(), times=None))
            with pytest.raises(aiohttp.ClientError):
                await world.connect("/ws")
            world.venue.misbehave(on_place(Lose()))
            await api.send("order.place", api.signed(symbol=SYMBOL, **order))
            assert await api.socket.closed() in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
            assert len(world.venue.ledger.orders()) == 4

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(play())


PATHS = {"user": "/private/ws?listenKey=k", "market": "/ws", "ws_api": "/ws-fapi/v1"}


@pytest.mark.asyncio
@pytest.mark.parametrize("stream", PATHS)
async def test_a_handshake_is_refused(world: World, stream: Any) -> None:
    handle = world.venue.misbehave(HandshakeRule(stream, THROTTLED))
    for other, path in PATHS.items():
        if other != stream:
            await world.connect(path)

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await world.connect(PATHS[stream])

    assert (refused.value.status, handle.hits) == (503, 1)
    assert world.log.of("misbehaviour")[0]["stream"] == stream
    path = PATHS[stream].partition("?")[0]
    assert world.log.of("handshake") == [
        {"stream": stream, "path": path, "status": 503, "outcome": "refused"}
    ]
    await world.connect(PATHS[stream])


@pytest.mark.asyncio
async def test_a_lost_handshake_is_a_reset(world: World) -> None:
    # aiohttp tries once more.
    world.venue.misbehave(HandshakeRule("*", Lose(), times=None))

    with pytest.raises(aiohttp.ClientError):
        await world.connect("/ws")

    assert world.log.of("handshake")[0]["outcome"] == "lost"


@pytest.mark.asyncio
async def test_a_hanging_handshake_ends_with_the_venue(world: World) -> None:
    world.venue.misbehave(HandshakeRule("market", Hang()))
    opening = asyncio.create_task(world.connect("/ws"))
    await world.log.wait("misbehaviour")

    await asyncio.wait_for(world.venue.close(), DEADLINE_SECS)

    with pytest.raises(aiohttp.ClientError):
        await opening
    assert world.log.of("handshake")[0]["outcome"] == "hung"


@pytest.mark.asyncio
async def test_a_held_handshake_opens_on_release(world: World) -> None:
    handle = world.venue.misbehave(HandshakeRule("market", HoldRequest()))
    opening = asyncio.create_task(world.connect("/ws"))
    await world.log.wait("misbehaviour")
    assert (world.log.of("connection"), opening.done()) == ([], False)

    world.venue.release(handle)

    await opening
    await world.log.wait("connection", action="opened")
    assert world.log.of("handshake") == []


@pytest.mark.asyncio
async def test_a_held_handshake_is_dropped_with_its_client(world: World) -> None:
    handle = world.venue.misbehave(HandshakeRule("market", HoldRequest()))
    opening = asyncio.create_task(world.connect("/ws"))
    await world.log.wait("misbehaviour")

    opening.cancel()

    assert (await world.log.wait("handshake"))["outcome"] == "client_gone"
    assert handle.holds == 0


@pytest.mark.asyncio
async def test_a_delayed_handshake_opens(world: World) -> None:
    world.venue.misbehave(HandshakeRule("*", Delay(1)))

    await world.connect("/ws")

    assert len(world.log.of("connection", action="opened")) == 1


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: ApiRule("/fapi/v1/order", Lose()), "ApiRule: method must be"),
        (lambda: ApiRule("", Lose()), "ApiRule: method must be"),
        (lambda: ApiRule("*", ANYTHING), "ApiRule: action must be"),
        (lambda: ApiRule("*", Lose(), skip=-1), "ApiRule: skip must not be"),
        (lambda: HandshakeRule(ANYTHING, Lose()), "HandshakeRule: stream must be"),
        (lambda: HandshakeRule("*", ANYTHING), "HandshakeRule: action must be"),
        (lambda: HandshakeRule("*", executed(UNKNOWN_ERROR)), "HandshakeRule: a refused"),
        (lambda: HandshakeRule("*", Lose(), times=0), "HandshakeRule: times must be"),
    ],
)
def test_wrong_fields_are_told(make: Any, says: str) -> None:
    with pytest.raises(VenueScriptError, match=says):
        make()


@pytest.mark.parametrize(
    "rule", [ApiRule("order.place", Lose(), order="a"), HandshakeRule("user", Delay(5))]
)
def test_rules_survive_json(rule: Misbehaviour) -> None:
    assert msgspec.json.decode(msgspec.json.encode(rule), type=Misbehaviour) == rule
