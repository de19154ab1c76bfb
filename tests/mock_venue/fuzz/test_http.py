"""What is hardly HTTP: request lines, headers, bodies and pipelines that are malformed."""

import asyncio
import gzip
from random import Random

import pytest

from mock_venue import VenueConfig
from mock_venue.wire.signing import sign
from tests.mock_venue.fuzz import values
from tests.mock_venue.fuzz.watch import FuzzedWorld, is_refusal, quiet, settled
from tests.mock_venue.fuzz.wire import Closed, Reply, Wire

SENT = 1_000
SEEDS = 3

ORDER = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=49000.0"
LINES = (
    b"",
    b" ",
    b"\x00",
    b"GET",
    b"GET /",
    b"GET / HTTP/9.9",
    b"GET / HTTP/1.1 extra",
    b"GET  /fapi/v1/time HTTP/1.1",
    b"get /fapi/v1/time HTTP/1.1",
    b"G\x00T / HTTP/1.1",
    b"GET /\x7f\x01 HTTP/1.1",
    b"GET /fapi/v1/time HTTP/x.1",
    b"GET fapi/v1/time HTTP/1.1",
    b"GET http://[::1/fapi/v1/time HTTP/1.1",
    b"GET http://a:99999/fapi HTTP/1.1",
    b"GET //[/x HTTP/1.1",
    b"GET * HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"CONNECT 127.0.0.1:1 HTTP/1.1",
    b"CONNECT [ HTTP/1.1",
    b"PRI * HTTP/2.0",
    b"POST /fapi/v1/\xff\xfe HTTP/1.1",
    b"POST /fapi/v1/order?\xed\xa0\x80=1 HTTP/1.1",
    b"GET /" + b"a" * 9_000 + b" HTTP/1.1",
    b"GET /?" + b"a=1&" * 2_030 + b" HTTP/1.1",
    b"A" * 70_000,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"SSH-2.0-OpenSSH_9.6",
    b"\x00\x00\x00\x00",
)
HEADERS = (
    b"no colon",
    b": no name",
    b"Name : space before the colon",
    b" folded",
    b"N\x00ul: 1",
    b"Nul: a\x00b",
    b"Cr: a\rb",
    b"Bare\n: 1",
    b"\xff\xfe: 1",
    b"X-MBX-APIKEY: \xff\xfe",
    b"X-MBX-APIKEY: " + b"k" * 9_000,
    b"Long: " + b"a" * 9_000,
    b"a" * 9_000 + b": 1",
    b"\r\n".join(b"H%d: 1" % number for number in range(300)),
    b"Host: a\r\nHost: b",
    b"Host: [",
    b"Content-Length: -1",
    b"Content-Length: +5",
    b"Content-Length: 0x5",
    b"Content-Length: 5, 6",
    b"Content-Length: 5\r\nContent-Length: 6",
    b"Content-Length: " + b"9" * 30,
    b"Content-Length: 1000000000",
    b"Content-Length:",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: gzip",
    b"Transfer-Encoding: chunked, gzip",
    b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding: \x0bchunked",
    b"Content-Encoding: gzip",
    b"Content-Encoding: deflate",
    b"Content-Encoding: br",
    b"Content-Encoding: zstd",
    b"Content-Type: \xff",
    b"Expect: 100-continue",
    b"Expect: something",
    b"Upgrade: websocket",
    b"Upgrade: h2c\r\nConnection: Upgrade",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 99",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: short",
    b"Upgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Version: x",
    b"Cookie: " + b"a=b;" * 1_500,
)
CHUNKS = (
    b"zz\r\n",
    b"-1\r\n",
    b"0x5\r\nhello\r\n0\r\n\r\n",
    b"5\r\nhel",
    b"5\r\nhello",
    b"5\r\nhelloX\r\n",
    b"5 ;\x00\r\nhello\r\n0\r\n\r\n",
    b"FFFFFFFFFFFFFFFFF\r\n",
    b"7FFFFFFFFFFFFFFF\r\nhello",
    b"5;" + b"a" * 9_000 + b"\r\nhello\r\n0\r\n\r\n",
    b"5\nhello\n0\n\n",
    b"0\r\nbad trailer\r\n\r\n",
    b"0\r\n" + b"T: 1\r\n" * 400 + b"\r\n",
    b"\r\n\r\n\r\n",
    (b"8000\r\n" + b"a" * 0x8000 + b"\r\n") * 40 + b"0\r\n\r\n",
)
PATHS = (b"/fapi/v1/order", b"/fapi/v1/batchOrders", b"/ws", b"/stream", b"/ws-fapi/v1", b"/no")
GOOD_GET = b"GET /fapi/v1/time HTTP/1.1\r\nHost: venue\r\n\r\n"


class Fuzz:
    """Makes one malformed piece of HTTP after the other."""

    def __init__(self, world: FuzzedWorld, seed: int) -> None:
        self.random = Random(seed)
        order = f"{ORDER}&timestamp={world.clock.ms}"
        self._order = f"{order}&signature={sign(world.account.secret, order)}".encode()
        self._forged = f"{order}&signature={'0' * 64}".encode()
        self._head = b"Host: venue\r\nX-MBX-APIKEY: " + world.account.key.encode() + b"\r\n"

    def message(self) -> tuple[bytes, bool]:
        """Bytes that ask for nothing that the venue could carry out, but GETs of the time.

        And whether it can tell without waiting for more.
        """
        if self.random.random() < 0.15:
            return self.random.choice(LINES) + b"\r\n" + self._head + b"\r\n", True
        return self._open_ended(), False

    def _open_ended(self) -> bytes:
        random = self.random
        match random.randrange(1, 7):
            case 1:
                return self._post(self._forged, random.choice(HEADERS) + b"\r\n")
            case 2:
                # Signed for what is sent of it; more was announced and never comes.
                announced = len(self._order) + random.randrange(1, 100_000)
                return self._post(self._order, b"Content-Length: %d\r\n" % announced)
            case 3:
                chunked = b"Transfer-Encoding: chunked\r\n"
                return self._post(random.choice(CHUNKS), chunked)
            case 4:
                encoding = random.choice([b"gzip", b"deflate"])
                whole = gzip.compress(random.choice([b"a=1&" * 100, b"\x00" * 3_000_000]))
                body = values.damaged(random, whole) if random.random() < 0.7 else whole
                head = b"Content-Encoding: %s\r\nContent-Length: %d\r\n" % (encoding, len(body))
                return self._post(body, head)
            case 5:
                pipelined = GOOD_GET * random.randrange(0, 40)
                return pipelined + random.choice([*LINES, random.randbytes(200)]) + b"\r\n\r\n"
            case _:
                length = b"Content-Length: %d\r\n" % len(self._forged)
                return values.damaged(random, self._post(self._forged, length))

    def _post(self, body: bytes, headers: bytes) -> bytes:
        path = PATHS[0] if self.random.random() < 0.5 else self.random.choice(PATHS)
        method = self.random.choice([b"POST", b"PUT", b"DELETE", b"GET"])
        return b"%s %s HTTP/1.1\r\n%s%s\r\n%s" % (method, path, self._head, headers, body)


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.asyncio
async def test_malformed_http_is_refused_or_closed_and_changes_nothing(seed: int) -> None:
    async with FuzzedWorld(VenueConfig()) as world:
        fuzz = Fuzz(world, seed)
        tasks = len(asyncio.all_tasks())
        before, refused = world.state(), 0
        with quiet():
            for number in range(SENT):
                message, is_whole = fuzz.message()
                told = f"seed {seed}, message {number}: {message[:600]!r}"
                answered = await _exchange(world.venue.port, message, is_whole, fuzz.random)
                try:
                    for reply in answered:
                        refusal = is_refusal(reply)
                        assert refusal or b"serverTime" in reply.body, reply
                        refused += refusal
                except AssertionError as error:
                    raise AssertionError(f"{told}: {error}") from error
                assert world.state() == before, f"{told} changed the state"
            assert refused > SENT / 3
            await settled(world, tasks)


async def _exchange(port: int, message: bytes, is_whole: bool, random: Random) -> list[Reply]:
    """Send it, in pieces or not; what came back until the venue closed."""
    wire = await Wire.open(port)
    try:
        cut = random.randrange(len(message)) if random.random() < 0.3 else 0
        for part in (message[:cut], message[cut:]):
            await wire.write(part)
            await asyncio.sleep(0)
        if is_whole:
            return [await wire.reply()]
        wire.end_writing()
        return await wire.replies()
    except Closed:
        return []
    finally:
        wire.close()
