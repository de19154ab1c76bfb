"""WebSocket clients that count the frames they get, and what makes the server send them."""

import base64
import os
import selectors
import socket
import time
from collections import deque
from itertools import cycle

import msgspec

from tests.benchmarks.client import DEADLINE_SECS, READ_BYTES, ask

LAST_KEPT = 3
PAYLOAD_BYTES_SHORT = 126


class Heard(msgspec.Struct, frozen=True):
    """What was heard: `last` are the last texts, `cpu` is the client's share of a core."""

    frames: int
    seconds: float
    cpu: float
    last: list[str]

    @property
    def rate(self) -> float:
        return self.frames / self.seconds


class _Subscriber:
    """One WebSocket."""

    def __init__(self, port: int, target: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            f"GET {target} HTTP/1.1",
            "Host: 127.0.0.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
        )
        self.socket = socket.create_connection(("127.0.0.1", port), DEADLINE_SECS)
        self.socket.sendall("\r\n".join((*lines, "", "")).encode())
        head, found, self._rest = self.socket.recv(READ_BYTES).partition(b"\r\n\r\n")
        assert found and head.startswith(b"HTTP/1.1 101"), head
        self.last: deque[bytes] = deque(maxlen=LAST_KEPT)

    def read(self) -> int:
        """Take what is there; how many frames it was."""
        data = self._rest + self.socket.recv(READ_BYTES)
        at, count = 0, 0
        while (edges := _payload(data, at)) is not None:
            (start, at), count = edges, count + 1
            self.last.append(data[start:at])
        self._rest = data[at:]
        return count


def listen(
    port: int, targets: list[str], triggers: list[bytes], rounds: int, frames_per_round: int
) -> Heard:
    """Subscribe to the targets; in each round send one request and wait for all its frames."""
    subscribers = [_Subscriber(port, target) for target in targets]
    selector = selectors.SelectSelector()
    for one in subscribers:
        selector.register(one.socket, selectors.EVENT_READ, one)
    cpu, start = time.process_time(), time.perf_counter()
    frames = 0
    for number, trigger in zip(range(rounds), cycle(triggers), strict=False):
        ask(port, trigger)
        while frames < (number + 1) * frames_per_round:
            ready = selector.select(DEADLINE_SECS)
            assert ready, f"{frames} frames came, then none"
            frames += sum(key.data.read() for key, _ in ready)
    seconds = time.perf_counter() - start
    cpu = (time.process_time() - cpu) / seconds
    for one in subscribers:
        one.socket.close()
    return Heard(frames, seconds, cpu, [text.decode() for text in subscribers[0].last])


def _payload(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the payload of the frame that begins here begins and ends; None if it is not whole."""
    start = at + 2
    if len(data) < start:
        return None
    size = data[at + 1]
    if size >= PAYLOAD_BYTES_SHORT:
        assert size == PAYLOAD_BYTES_SHORT, "no frame is as long as that"
        start += 2
        size = int.from_bytes(data[at + 2 : start])
    return (start, start + size) if start + size <= len(data) else None
