"""The node's end of its socket to the harness: lines of JSON, commands in, messages out."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from harness.node.spec import Command, Message

SEND_TIMEOUT_SECS = 30.0
LINE_BYTES_MAX = 1 << 20


class Channel:
    """Sends block until the harness has room, so a node killed afterwards loses nothing said.

    `now_ns` gives the time of what is sent: the scenario's, in UNIX nanoseconds.
    """

    def __init__(self, sock: socket.socket, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._sock = sock
        self.now_ns = now_ns
        self._lock = threading.Lock()
        self._sock.settimeout(SEND_TIMEOUT_SECS)
        self._encoder = msgspec.json.Encoder(enc_hook=str)
        self._decoder = msgspec.json.Decoder[Command](Command)
        self._buffer = bytearray()

    def fileno(self) -> int:
        """Return the descriptor to watch for commands."""
        return self._sock.fileno()

    def send(self, kind: str, data: dict[str, Any] | None = None, ts: int | None = None) -> None:
        """Send a message, of now unless `ts` says when. Any thread may.

        Raises OSError when the harness is gone or does not read.
        """
        message = Message(kind, self.now_ns() if ts is None else ts, data or {})
        with self._lock:
            self._sock.sendall(self._encoder.encode(message) + b"\n")

    def receive(self) -> Iterator[Command]:
        """Yield the commands that have arrived. Raises EOFError when the harness is gone."""
        chunk = self._sock.recv(65_536)
        if not chunk:
            raise EOFError("the harness closed the channel")
        self._buffer += chunk
        if len(self._buffer) > LINE_BYTES_MAX:
            raise ValueError(f"a command is longer than {LINE_BYTES_MAX} bytes")
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            yield self._decoder.decode(line)
