"""WebSocket connections: one `Connection` a socket, all of them in `Connections`.

Frames are written to the transport as they are made, so a push is on its way, in order, when
`send` returns; nothing is queued in this process beyond the transport's buffer. A client that
leaves more than the limit unread is cut.
"""

import socket
import struct
from asyncio import BaseTransport, Transport
from collections.abc import Collection, Iterator
from typing import Literal, cast

import msgspec

from mock_venue.recording import Record
from mock_venue.wire.windows import WindowCounter

StreamKind = Literal["user", "market", "ws_api"]

Events = frozenset[str] | None
"""The events of a user stream that are heard; None: all of them."""
NOTHING: Events = frozenset()

OPCODE_TEXT = 0x1
OPCODE_CLOSE = 0x8
OPCODE_PING = 0x9

_HEAD_16, _HEAD_64 = struct.Struct("!BBH"), struct.Struct("!BBQ")


def frame(opcode: int, payload: bytes) -> bytes:
    """Return an unmasked, unfragmented WebSocket frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65_536:
        return _HEAD_16.pack(0x80 | opcode, 126, size) + payload
    return _HEAD_64.pack(0x80 | opcode, 127, size) + payload


class Message(msgspec.Struct, gc=False):
    """What a stream says, as frames; each is made once, however many connections get it."""

    stream: str
    data: bytes
    _plain: bytes | None = None
    _wrapped: bytes | None = None

    def framed(self, wrapped: bool) -> bytes:
        """The frame; for a combined connection `wrapped`, so that it names the stream."""
        made = self._wrapped if wrapped else self._plain
        if made is not None:
            return made
        if wrapped:
            named = b'{"stream":"' + self.stream.encode() + b'","data":' + self.data + b"}"
            self._wrapped = framed = frame(OPCODE_TEXT, named)
        else:
            self._plain = framed = frame(OPCODE_TEXT, self.data)
        return framed


def reset(transport: BaseTransport) -> None:
    """Reset a TCP connection: RST, not FIN."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # uvloop's transports are Transports but in name.
    cast(Transport, transport).abort()


class Connection:
    """One WebSocket: its number, the streams it listens to, and the way out."""

    def __init__(
        self,
        number: int,
        kind: StreamKind,
        path: str,
        wrapped: bool,
        transport: Transport,
        send_buffer_bytes_max: int,
        now_ms: int,
    ) -> None:
        self.number = number
        self.kind = kind
        self.path = path
        self.wrapped = wrapped
        self.streams: dict[str, Events] = {}
        self.opened_ms = now_ms
        self.pinged_ms = now_ms
        self.ponged_ms = now_ms
        self.heard = WindowCounter(1_000)
        """Frames of the client in the current second that are limited."""
        self.reason = "closed by the client"
        self.is_forgotten = False
        self._transport = transport
        self._send_buffer_bytes_max = send_buffer_bytes_max

    def send_text(self, data: bytes) -> bool:
        """Send text as it is, and as `send`."""
        return self.send(frame(OPCODE_TEXT, data))

    def send(self, framed: bytes) -> bool:
        """Send a frame. False if the connection is closed or was cut for not reading."""
        transport = self._transport
        if self.is_forgotten or transport.is_closing():
            return False
        transport.write(framed)
        unread = transport.get_write_buffer_size()
        if unread > self._send_buffer_bytes_max:
            self.reason = f"slow consumer: {unread} bytes unread"
            self._transport.abort()
            return False
        return True

    def forget(self, reason: str) -> None:
        """Stay open without ever sending or hearing anything again."""
        self.reason = reason
        self.is_forgotten = True

    def ping(self, now_ms: int) -> None:
        """Send a ping that carries the time."""
        self.pinged_ms = now_ms
        if not self._is_out_of_reach:
            self._transport.write(frame(OPCODE_PING, str(now_ms).encode()))

    def reset(self, reason: str) -> None:
        """Reset the socket."""
        if not self._transport.is_closing():
            self.reason = reason
            reset(self._transport)

    def close(self, reason: str, code: int = 1001) -> bool:
        """Send a close frame and close the socket; False where it was closed already."""
        if self._is_out_of_reach:
            return False
        self.reason = reason
        payload = struct.pack("!H", code) + reason.encode()[:120]
        self._transport.write(frame(OPCODE_CLOSE, payload))
        self._transport.close()
        return True

    @property
    def _is_out_of_reach(self) -> bool:
        return self.is_forgotten or self._transport.is_closing()


def is_listen_key(stream: str) -> bool:
    """Whether a stream's name is no market stream's."""
    return "@" not in stream and not stream.startswith("!")


class Connections:
    """The open WebSockets, each opening and closing recorded."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._open: dict[int, Connection] = {}
        self._listening: dict[str, dict[int, Connection]] = {}
        self._hearing: dict[tuple[str, str], list[Connection]] = {}
        self._wanted: dict[str, None] = {}
        self._opened = 0

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._open.values()))

    def next_number(self) -> int:
        """The number of the next connection, from 1."""
        self._opened += 1
        return self._opened

    def add(self, connection: Connection) -> None:
        """Count a connection as open."""
        self._open[connection.number] = connection
        self._note(connection, "opened", None)

    def remove(self, connection: Connection) -> None:
        """Count a connection as closed, unless it is already."""
        if self._open.pop(connection.number, None) is None:
            return
        for stream in list(connection.streams):
            self.unsubscribe(connection, stream)
        self._note(connection, "closed", connection.reason)

    def subscribe(self, connection: Connection, stream: str, events: Events) -> None:
        """Let a connection listen to these events of a stream."""
        self._hearing.clear()
        connection.streams[stream] = events
        self._listening.setdefault(stream, {})[connection.number] = connection
        if not is_listen_key(stream):
            self._wanted[stream] = None

    def unsubscribe(self, connection: Connection, stream: str) -> None:
        """Let a connection listen to a stream no more, if it did."""
        if stream in connection.streams:
            self._hearing.clear()
            del connection.streams[stream]
            del self._listening[stream][connection.number]
            if not self._listening[stream]:
                del self._listening[stream]
                self._wanted.pop(stream, None)

    @property
    def wanted(self) -> Collection[str]:
        """The market streams that somebody listens to."""
        return self._wanted.keys()

    def listening(self, stream: str) -> list[Connection]:
        """The connections that listen to a stream."""
        return list(self._listening.get(stream, {}).values())

    def hearing(self, stream: str, event: str) -> list[Connection]:
        """Those of them that listen to this event of it."""
        found = self._hearing.get((stream, event))
        if found is None:
            found = [
                connection
                for connection in self.listening(stream)
                if (events := connection.streams[stream]) is None or event in events
            ]
            if found:
                self._hearing[stream, event] = found
        return found

    def _note(self, connection: Connection, action: str, reason: str | None) -> None:
        self._record(
            "wire",
            "connection",
            {
                "connection": connection.number,
                "stream": connection.kind,
                "action": action,
                "path": connection.path,
                "reason": reason,
            },
        )
