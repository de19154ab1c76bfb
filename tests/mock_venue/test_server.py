"""Limits, safety and the end."""

import asyncio
import socket

import aiohttp
import pytest

from mock_venue import AccountSpec, Venue, VenueConfig
from mock_venue.script.rules import Hang, HoldRequest, PushRule, Refuse, ReplyRule
from mock_venue.wire import server
from tests.mock_venue.helpers import DEADLINE_SECS, Clock, Log, World


@pytest.mark.asyncio
async def test_it_listens_on_loopback_alone(world: World) -> None:
    port = world.venue.port
    with socket.socket() as other, pytest.raises(OSError):
        other.bind(("127.0.0.1", port))
    with socket.socket() as other:
        # Another loopback address is free: the listener is not on all of them.
        other.bind(("127.0.0.2", port))


@pytest.mark.asyncio
async def test_a_port_in_use_is_an_os_error(world: World) -> None:
    second = Venue(VenueConfig(), Clock().now_ns, Log().record)
    with pytest.raises(OSError, match="in use"):
        await second.start(world.venue.port)
    await second.close()


@pytest.mark.asyncio
async def test_closing_does_not_wait_for_connections_kept_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "CLOSE_SECS", 10 * DEADLINE_SECS)
    venue = Venue(VenueConfig(), Clock().now_ns, Log().record)
    await venue.start()
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{venue.port}/fapi/v1/time") as reply:
            await reply.read()

        await asyncio.wait_for(venue.close(), DEADLINE_SECS)


@pytest.mark.asyncio
async def test_prices_are_recorded_at_the_start(world: World) -> None:
    assert [event["symbol"] for event in world.log.of("price")] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]


@pytest.mark.asyncio
async def test_connections_over_the_limit_are_refused() -> None:
    async with World(VenueConfig(connections_max=1)) as world:
        stream = await world.connect("/ws")

        with pytest.raises(aiohttp.ClientError):
            await world.raw("GET", "/fapi/v1/ping")

        await stream.send({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        assert (await stream.next())["id"] == 1


@pytest.mark.asyncio
async def test_a_client_that_does_not_read_is_cut() -> None:
    async with World(VenueConfig(send_buffer_bytes_max=100_000)) as world:
        _, writer = await asyncio.open_connection("127.0.0.1", world.venue.port, limit=1)
        writer.write(
            b"GET /ws/btcusdt@bookTicker HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        await world.log.wait("connection", action="opened")
        (connection,) = world.venue._connections

        while connection.send_text(b"x" * 65_536):
            await asyncio.sleep(0)

        closed = await world.log.wait("connection", action="closed")
        assert closed["reason"].startswith("slow consumer: ")
        writer.close()


@pytest.mark.asyncio
async def test_closing_takes_no_time_whatever_hangs() -> None:
    async with World(VenueConfig()) as world:
        await world.user_stream()
        world.venue.misbehave(ReplyRule("GET", "/fapi/v1/time", Hang()))
        world.venue.misbehave(ReplyRule("GET", "/fapi/v1/ping", HoldRequest()))
        world.venue.misbehave(PushRule("*", "hold"))
        requests = [
            asyncio.create_task(world.raw("GET", f"/fapi/v1/{path}")) for path in ("time", "ping")
        ]
        for hit in ("time", "ping"):
            await world.log.wait("request", path=f"/fapi/v1/{hit}")
        before = asyncio.all_tasks()

        await asyncio.wait_for(world.venue.close(), DEADLINE_SECS)
        await world.venue.close()

        results = await asyncio.gather(*requests, return_exceptions=True)
        assert all(isinstance(result, aiohttp.ClientError) for result in results)
        assert asyncio.all_tasks() <= before
        assert {event["outcome"] for event in world.log.of("http")} >= {"hung"}
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", world.venue.port)


@pytest.mark.asyncio
async def test_accounts_do_not_see_each_other() -> None:
    other = AccountSpec(name="other", key="other-key", secret="other-secret")
    async with World(VenueConfig(accounts=(other, AccountSpec()))) as world:
        first = await world.user_stream()
        await world.limit(newClientOrderId="a")
        await first.next()
        world.account = AccountSpec()
        second = await world.user_stream()
        assert await world.get("/fapi/v1/openOrders") == []
        await world.limit(newClientOrderId="a")

        assert (await second.next())["o"]["c"] == "a"
        assert len(world.log.of("push", connection=1)) == 1
        assert {order.account for order in world.venue.ledger.open_orders()} == {"main", "other"}


@pytest.mark.asyncio
async def test_replies_without_a_body_leave_the_connection_to_the_next(world: World) -> None:
    world.venue.misbehave(ReplyRule("GET", "/fapi/v1/time", Refuse(status=204, body={})))
    reader, writer = await asyncio.open_connection("127.0.0.1", world.venue.port)
    writer.write(b"HEAD /fapi/v1/ping HTTP/1.1\r\nHost: venue\r\n\r\n")
    writer.write(b"GET /fapi/v1/time HTTP/1.1\r\nHost: venue\r\n\r\n")
    writer.write(b"GET /fapi/v1/ping HTTP/1.1\r\nHost: venue\r\nConnection: close\r\n\r\n")

    said = await asyncio.wait_for(reader.read(), DEADLINE_SECS)
    writer.close()
    heads = said.decode().removesuffix("{}").split("\r\n\r\n")
    assert [head.partition("\r\n")[0] for head in heads] == [
        "HTTP/1.1 404 Not Found",
        "HTTP/1.1 204 No Content",
        "HTTP/1.1 200 OK",
        "",
    ]
    assert "Content-Length" not in heads[1]
    assert "Connection: close" in heads[2]


@pytest.mark.asyncio
async def test_an_old_client_is_told_that_its_connection_is_kept(world: World) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", world.venue.port)
    for _ in range(2):
        writer.write(b"GET /fapi/v1/ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), DEADLINE_SECS)
        assert b"\r\nConnection: keep-alive\r\n" in head
        assert await reader.readexactly(2) == b"{}"
    writer.close()


def test_the_port_is_known_once_started() -> None:
    venue = Venue(VenueConfig(), Clock().now_ns, Log().record)
    with pytest.raises(RuntimeError, match="not started"):
        _ = venue.port
