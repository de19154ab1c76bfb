"""Raw bytes to the venue and what comes back: no client library may mend what is malformed."""

import asyncio
import struct
from typing import Any

import msgspec

from tests.mock_venue.helpers import DEADLINE_SECS

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Closed(Exception):
    """The venue ended the connection."""


class Reply(msgspec.Struct, frozen=True):
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """A TCP connection to the venue. Whatever is read comes within the deadline or fails."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "Wire":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        try:
            await self._writer.drain()
        except ConnectionError:
            raise Closed from None

    def end_writing(self) -> None:
        """Half-close: nothing more will be sent."""
        try:
            self._writer.write_eof()
        except OSError:
            return

    def close(self) -> None:
        self._writer.transport.abort()

    async def reply(self, *, to_head: bool = False) -> Reply:
        """The next HTTP response; one `to_head` has no body. Raises Closed."""
        head = (await self._read(self._reader.readuntil(b"\r\n\r\n"))).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        if to_head:
            length = 0
        body = await self._read(self._reader.readexactly(length)) if length else b""
        return Reply(int(first.split()[1]), headers, body)

    async def replies(self) -> list[Reply]:
        """Every HTTP response until the venue ends the connection."""
        found = []
        while True:
            try:
                found.append(await self.reply())
            except Closed:
                return found

    async def upgrade(self, path: str) -> None:
        """Become a WebSocket."""
        await self.write(HANDSHAKE.format(path=path).encode())
        head = await self._read(self._reader.readuntil(b"\r\n\r\n"))
        assert head.startswith(b"HTTP/1.1 101"), head

    async def frame(self) -> tuple[int, bytes]:
        """Opcode and payload of the next WebSocket frame. Raises Closed."""
        first, second = await self._read(self._reader.readexactly(2))
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self._read(self._reader.readexactly(2)))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._read(self._reader.readexactly(8)))
        return first & 0x0F, await self._read(self._reader.readexactly(size))

    async def texts_until(self, field: str, value: str) -> list[Any]:
        """The JSON texts before the one with this field. Raises Closed, at a close frame too."""
        found: list[Any] = []
        while True:
            opcode, payload = await self.frame()
            if opcode == CLOSE:
                raise Closed
            if opcode == TEXT:
                told = msgspec.json.decode(payload)
                if told.get(field) == value:
                    return found
                found.append(told)

    async def until_closed(self) -> list[Any]:
        """The JSON texts until the venue ends the connection."""
        found: list[Any] = []
        while True:
            try:
                opcode, payload = await self.frame()
            except Closed:
                return found
            if opcode == CLOSE:
                self._writer.write(frame(CLOSE, payload[:2]))
            elif opcode == TEXT:
                found.append(msgspec.json.decode(payload))

    async def _read(self, reading: Any) -> Any:
        try:
            async with asyncio.timeout(DEADLINE_SECS):
                return await reading
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Closed from None


def frame(
    opcode: int, payload: bytes, *, last: bool = True, reserved: int = 0, length: int | None = None
) -> bytes:
    """A client's frame; `length` is what it says of its payload's length."""
    size = len(payload) if length is None else length
    first = (0x80 if last else 0) | reserved << 4 | opcode
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 65_536:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    # A mask of zeros is a mask, and leaves the payload as it is.
    return head + bytes(4) + payload
