"""Ordinary requests are read without aiohttp; the rest is left to it, and nobody can tell."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from mock_venue import VenueConfig
from mock_venue.script.rules import Refuse, ReplyRule
from mock_venue.wire.plain_http import PlainRequest, read_plain
from tests.mock_venue.helpers import DEADLINE_SECS, World

GET = b"GET /fapi/v1/time?a=%20 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
POST = (
    b"POST /fapi/v1/order HTTP/1.1\r\nHost: x\r\nX-MBX-APIKEY: k \r\nContent-Length: 3\r\n\r\na=1"
)


def test_an_ordinary_request_is_read() -> None:
    assert read_plain(GET) == PlainRequest("GET", "/fapi/v1/time?a=%20", None, b"")
    assert read_plain(POST) == PlainRequest("POST", "/fapi/v1/order", "k", b"a=1")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        GET[:-1],
        GET + GET,
        POST[:-1],
        POST + b"&",
        GET.replace(b"GET", b"HEAD"),
        GET.replace(b"1.1", b"1.0"),
        GET.replace(b" /", b"  /"),
        GET.replace(b" /", b" http://x/"),
        GET.replace(b"a=", b"#"),
        GET.replace(b"a=", "ä=".encode()),
        GET.replace(b"Host: 127.0.0.1\r\n", b""),
        GET.replace(b"Host", b"Ho st"),
        GET.replace(b"Host:", b"Host :"),
        GET.replace(b"127.0.0.1", b"a\r\n b"),
        GET.replace(b"127.0.0.1", b"a\0b"),
        GET.replace(b"127.0.0.1", b"a\nConnection: close"),
        GET.replace(b"127.0.0.1", b"a\r\nConnection: close"),
        GET.replace(b"127.0.0.1", b"a\r\nConnection: Upgrade\r\nUpgrade: websocket"),
        GET.replace(b"127.0.0.1", b"a\r\nhost: b"),
        GET.replace(b"127.0.0.1", b"a\r\nExpect: 100-continue"),
        GET.replace(b"127.0.0.1", b"a" * 5_000),
        GET.replace(
            b"127.0.0.1", b"a\r\n" + b"".join(b"A%d: b\r\n" % n for n in range(65)) + b"B: c"
        ),
        POST.replace(b"h: 3", b"h: +3"),
        POST.replace(b"h: 3", b"h: 3\r\nTransfer-Encoding: chunked"),
    ],
)
def test_any_other_is_not(data: bytes) -> None:
    assert read_plain(data) is None


class Client:
    """Raw bytes over one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, request: bytes) -> tuple[dict[str, str], bytes]:
        """The reply to a request, or to its last part."""
        self.send(request)
        head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), DEADLINE_SECS)
        first, *lines = head.decode().rstrip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines) | {"": first}
        body = self._reader.readexactly(int(headers["Content-Length"]))
        return headers, await asyncio.wait_for(body, DEADLINE_SECS)

    def send(self, data: bytes) -> None:
        self._writer.write(data)


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with World(VenueConfig(body_bytes_max=100)) as world:
        yield world


async def connect(world: World) -> Client:
    return Client(*await asyncio.open_connection("127.0.0.1", world.venue.port))


def place(world: World, name: str, more: bytes = b"") -> bytes:
    query = world.query(
        symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010", newClientOrderId=name
    )
    head = f"POST /fapi/v1/order?{query} HTTP/1.1\r\nHost: x\r\n"
    return head.encode() + f"X-MBX-APIKEY: {world.account.key}\r\n".encode() + more + b"\r\n"


@pytest.mark.asyncio
async def test_both_ways_answer_and_record_alike(world: World) -> None:
    plain, other = await connect(world), await connect(world)
    one, two = place(world, "a"), place(world, "b", b"TE: trailers\r\n")
    assert read_plain(one) is not None and read_plain(two) is None
    replies = await plain.ask(one), await other.ask(two)

    def differs(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], set[str]]:
        kept = {name: value for name, value in headers.items() if "order-count" not in name}
        return kept | {"Date": ""}, set(body.decode().split(","))

    first, second = differs(*replies[0]), differs(*replies[1])
    assert first[0][""] == "HTTP/1.1 200 OK"
    assert first[0] == second[0]
    assert len(first[1] ^ second[1]) == 4  # order id, client order id
    recorded = [world.log.of("http", client_order_id=name)[0] for name in ("a", "b")]
    assert [one["outcome"] for one in recorded] == ["replied", "replied"]
    assert recorded[0].keys() == recorded[1].keys()


@pytest.mark.asyncio
async def test_a_connection_that_sends_another_request_goes_on(world: World) -> None:
    client = await connect(world)
    unknown = GET.replace(b"time", b"none")

    replies = [await client.ask(one) for one in (GET, place(world, "a"), unknown, GET, POST)]

    statuses = [headers[""].split()[1] for headers, _ in replies]
    assert statuses == ["200", "200", "404", "200", "401"]


@pytest.mark.asyncio
async def test_a_body_that_looks_like_a_request_is_none(world: World) -> None:
    client, other = await connect(world), await connect(world)
    head = POST.removesuffix(b"a=1").replace(b"h: 3", b"h: %d" % len(GET))

    client.send(head)
    await other.ask(GET)  # by then the venue has read the head
    headers, body = await client.ask(GET)

    assert headers[""].split()[1] == "401"
    assert b"serverTime" not in body


@pytest.mark.asyncio
async def test_rules_strike_at_ordinary_requests(world: World) -> None:
    down = Refuse(503, {"code": -1001, "msg": "down"})
    world.venue.misbehave(ReplyRule(method="GET", path="/fapi/v1/time", action=down, skip=1))
    client = await connect(world)

    replies = [await client.ask(GET) for _ in range(3)]

    assert [headers[""].split()[1] for headers, _ in replies] == ["200", "503", "200"]
    assert len(world.log.of("misbehaviour")) == 1


@pytest.mark.asyncio
async def test_a_body_over_the_limit_is_refused(world: World) -> None:
    client = await connect(world)
    head = b"POST /fapi/v1/order HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n"

    _, body = await client.ask(head + b"a" * 101)

    assert b"-1101" in body
