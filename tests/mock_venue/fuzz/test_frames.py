"""WebSocket frames that are malformed, on stream connections and on the WebSocket API.

A text that is no request is answered with an error or the connection is closed; bytes that are no
WebSocket frame close it. After each a good request is answered, unless the connection is closed.
"""

import asyncio
import struct
from random import Random
from typing import Any

import msgspec
import pytest

from mock_venue import VenueConfig
from mock_venue.wire.signing import sign, signed_parameters
from mock_venue.wire.ws_api import METHODS
from tests.mock_venue.fuzz import values
from tests.mock_venue.fuzz.test_rest import GOOD, ORDER
from tests.mock_venue.fuzz.watch import FuzzedWorld, quiet, settled
from tests.mock_venue.fuzz.wire import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    Closed,
    Wire,
    frame,
)

SENT = 1_200
BROKEN = 600
SEEDS = 2
METHOD_NAMES = sorted(METHODS)
NO_IDS = (b"null", b"true", b"-1", b"1.5", b"{}", b"[1]")
NO_VALUES: tuple[str | msgspec.Raw, ...] = (
    *("", " ", "NaN", "-Infinity", "9" * 5_000, "1e5", "\x00", "\u0663", "²", "é" * 40, "💣"),
    *(msgspec.Raw(raw) for raw in (b"1e400", b"9" * 5_000, b'{"e":1}', b"[1e5]", b"true")),
)
"""What no parameter of an order can be."""
STREAM_PATHS = ("/ws", "/stream", "/private/ws", "/market/stream?streams=btcusdt@trade")


def stream_message(random: Random, number: int) -> bytes:
    """A message to a stream connection that is no good request."""
    match random.randrange(7):
        case 6:
            name = random.choice([b"SUBSCRIBE", b"LIST_SUBSCRIPTIONS", b"UNSUBSCRIBE"])
            return b'{"id":%s,"method":"%s","params":["btcusdt@depth"]}' % (
                random.choice(NO_IDS),
                name,
            )
        case 0:
            return values.json(random)
        case 1:
            return b'{"id":%d,"method":%s}' % (number, values.json(random))
        case 2:
            params = random.choice([b"null", b"1", b'"a"', b"{}", b"[1]", b"[[]]", b"[null]"])
            method = random.choice([b"SUBSCRIBE", b"UNSUBSCRIBE"])
            return b'{"id":%d,"method":"%s","params":%s}' % (number, method, params)
        case 3:
            method = random.choice([b"SET_PROPERTY", b"GET_PROPERTY"])
            params = random.choice(
                [b"[]", b'["combined",1]', b'["wrong",true]', b"[null]", b"null", b"[[]]"]
            )
            return b'{"id":%d,"method":"%s","params":%s}' % (number, method, params)
        case 4:
            name = msgspec.json.encode(values.text(random))
            return b'{"id":%d,"method":%s,"params":[]}' % (number, name)
        case _:
            good = b'{"method":"SUBSCRIBE","params":["btcusdt@depth"],"id":%d}' % number
            return _unfinished(random, good)


class ApiMessages:
    """Makes requests to the WebSocket API that must be refused."""

    def __init__(self, world: FuzzedWorld, random: Random) -> None:
        self._random = random
        self._account = world.account
        self._now_ms = world.clock.ms

    def message(self, number: int) -> bytes:
        random = self._random
        match random.randrange(9):
            case 8:
                # Good and signed but for one value.
                order: dict[str, Any] = {name: GOOD[name] for name in ORDER}
                order[random.choice(ORDER)] = random.choice(NO_VALUES)
                return self._signed(number, "order.place", order)
            case 0:
                return values.json(random)
            case 1:
                return b'{"id":%d,"method":%s,"params":{}}' % (number, values.json(random))
            case 2:
                params = values.json(random)
                return b'{"id":%d,"method":"order.place","params":%s}' % (number, params)
            case 3:
                name = random.choice([*GOOD, "timestamp", "apiKey", "signature"])
                request = msgspec.json.encode({"id": number, "method": self._method()})
                body = b'{"%s":%s}' % (name.encode(), values.json(random))
                return request[:-1] + b',"params":' + body + b"}"
            case 4:
                ident = random.choice([b"{}", b"[]", b"1.5", b"true", b'"' + b"i" * 9_000 + b'"'])
                return b'{"id":%s,"method":"order.status","params":{}}' % ident
            case 5:
                text = values.text(random)
                return msgspec.json.encode({"id": number, "method": text, "params": {}})
            case 6:
                good = self._signed(number, self._method(), values.pick(random, GOOD, 8))
                return _unfinished(random, good)
            case _:
                pairs = values.pick(random, GOOD, 8)
                return self._signed(number, self._method(), pairs, secret="wrong")

    def _method(self) -> str:
        signed = [name for name in METHOD_NAMES if METHODS[name].security == "SIGNED"]
        return self._random.choice(signed)

    def _signed(
        self, number: int, method: str, given: dict[str, Any], secret: str | None = None
    ) -> bytes:
        params = given | {"apiKey": self._account.key, "timestamp": self._now_ms}
        text = signed_parameters({name: _written(value) for name, value in params.items()})
        params["signature"] = sign(secret or self._account.secret, text)
        return msgspec.json.encode({"id": number, "method": method, "params": params})


def _unfinished(random: Random, good: bytes) -> bytes:
    """Damaged, and no JSON whatever the damage is: nothing closes the object."""
    return values.damaged(random, good).replace(b"}", b"")


def _written(value: Any) -> str:
    return bytes(value).decode() if isinstance(value, msgspec.Raw) else str(value)


def broken(random: Random) -> bytes:
    """Bytes that are no WebSocket frame, or one that nobody may send."""
    payload = random.choice([b"", b"a", b"{}", b"\xff\xfe", b"a" * 126, random.randbytes(50)])
    match random.randrange(10):
        case 0:
            return frame(random.choice([0x3, 0x4, 0x7, 0xB, 0xF]), payload)
        case 1:
            return frame(TEXT, payload, reserved=random.randrange(1, 8))
        case 2:
            return frame(random.choice([PING, CLOSE, PONG]), b"a" * 126)
        case 3:
            return frame(random.choice([PING, CLOSE]), b"ab", last=False)
        case 4:
            return frame(0x0, payload)
        case 5:
            return frame(TEXT, b"{", last=False) + frame(TEXT, b"}")
        case 6:
            return frame(TEXT, random.choice([b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"{\xf0\x28"]))
        case 7:
            codes = (0, 999, 1004, 1005, 1006, 1015, 2000, 65_535)
            return frame(CLOSE, struct.pack("!H", random.choice(codes)) + random.randbytes(3))
        case 8:
            return frame(TEXT, b"", length=random.choice([65_537, 2**31, 2**62]))
        case _:
            return frame(CLOSE, random.choice([b"\x03", b"\x03\xe8\xff\xfe"]))


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.asyncio
async def test_malformed_stream_messages_are_answered_with_an_error(seed: int) -> None:
    async with FuzzedWorld(VenueConfig()) as world:
        random = Random(seed)

        def make(number: int) -> bytes:
            return stream_message(random, number)

        await _refused(world, random, seed, STREAM_PATHS, make, b"LIST_SUBSCRIPTIONS", _is_told)


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.asyncio
async def test_malformed_api_requests_are_answered_with_an_error(seed: int) -> None:
    async with FuzzedWorld(VenueConfig()) as world:
        random = Random(seed)
        make = ApiMessages(world, random).message
        await _refused(world, random, seed, ("/ws-fapi/v1",), make, b"depth", _is_refused)


async def _refused(
    world: FuzzedWorld,
    random: Random,
    seed: int,
    paths: tuple[str, ...],
    make: Any,
    good: bytes,
    is_error: Any,
) -> None:
    """Send what `make` makes; each is answered by one error, or the connection is closed."""
    tasks = len(asyncio.all_tasks())
    before, wire, answered = world.state(), None, 0
    with quiet():
        for number in range(SENT):
            message = make(number)
            told = f"seed {seed}, message {number}: {message[:600]!r}"
            try:
                if wire is None:
                    wire = await Wire.open(world.venue.port)
                    await wire.upgrade(random.choice(paths))
                await wire.write(_framed(random, message))
                await wire.write(frame(TEXT, b'{"id":"good-%d","method":"%s"}' % (number, good)))
                errors = await wire.texts_until("id", f"good-{number}")
                errors = [one for one in errors if "stream" not in one and "e" not in one]
                assert len(errors) == 1, f"{told} was answered by {errors}"
                assert is_error(errors[0]), f"{told} was answered by {errors[0]}"
                answered += 1
            except Closed:
                wire = None
            assert world.state() == before, f"{told} changed the state"
        assert answered > SENT * 0.8
        if wire is not None:
            wire.close()
        await settled(world, tasks)


@pytest.mark.parametrize("path", ["/stream", "/ws-fapi/v1"])
@pytest.mark.asyncio
async def test_what_is_no_frame_closes_the_connection(path: str) -> None:
    async with FuzzedWorld(VenueConfig()) as world:
        random = Random(path)
        tasks = len(asyncio.all_tasks())
        before = world.state()
        with quiet():
            for number in range(BROKEN):
                data = broken(random)
                wire = await Wire.open(world.venue.port)
                await wire.upgrade(path)
                await wire.write(data)
                assert await wire.until_closed() == [], f"{path} {number}: {data[:200]!r}"
                wire.close()
                assert world.state() == before
            await settled(world, tasks)


@pytest.mark.asyncio
async def test_connections_that_break_off_leave_nothing() -> None:
    async with FuzzedWorld(VenueConfig()) as world:
        random = Random(1)
        tasks = len(asyncio.all_tasks())
        with quiet():
            for _ in range(BROKEN):
                wire = await Wire.open(world.venue.port)
                await wire.upgrade(random.choice([*STREAM_PATHS, "/ws-fapi/v1"]))
                whole = frame(TEXT, b'{"id":1,"method":"LIST_SUBSCRIPTIONS","params":[]}')
                await wire.write(whole[: random.randrange(len(whole))])
                if random.random() < 0.5:
                    wire.end_writing()
                    assert await wire.until_closed() == []
                wire.close()
            await settled(world, tasks)


def _framed(random: Random, message: bytes) -> bytes:
    """As one frame, or in fragments with a pong between; as text, or as binary data."""
    opcode = TEXT if random.random() < 0.9 else BINARY
    try:
        message.decode()
    except UnicodeDecodeError:
        opcode = BINARY
    if random.random() < 0.8 or len(message) < 2:
        return frame(opcode, message)
    cut = random.randrange(1, len(message))
    first = frame(opcode, message[:cut], last=False)
    return first + frame(PONG, b"between") + frame(0x0, message[cut:])


def _is_told(answer: dict[str, Any]) -> bool:
    """Whether it is an error as the streams tell it."""
    return answer.keys() - {"id"} == {"code", "msg"} and answer["code"] in (0, 1, 2, 3)


def _is_refused(answer: dict[str, Any]) -> bool:
    """Whether it is an error of the WebSocket API."""
    error = answer.get("error")
    return (
        400 <= answer["status"] < 500
        and isinstance(error, dict)
        and error.keys() == {"code", "msg"}
        and error["code"] < 0
    )
