"""A client that is no bottleneck: raw sockets, requests signed beforehand, a process of its own.

What it returns tells how much of a core it used, so that one sees whether it was one.
"""

import multiprocessing
import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import accumulate
from random import Random

import msgspec

from mock_venue.wire.signing import sign

KEY, SECRET = "mock-key", "mock-secret"
DEADLINE_SECS = 300.0
RECV_WINDOW_MS = 60_000
READ_BYTES = 1 << 20

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class Load(msgspec.Struct, frozen=True):
    """How a load went: `latencies` are seconds, `cpu` is the client's share of a core."""

    seconds: float
    latencies: list[float]
    cpu: float
    last_reply: bytes

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


def process() -> ProcessPoolExecutor:
    """A process of its own for these functions."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def http(method: str, target: str, key: str = KEY, body: bytes = b"") -> bytes:
    """A request; the body is JSON."""
    lines = (
        f"{method} {target} HTTP/1.1",
        "Host: 127.0.0.1",
        f"X-MBX-APIKEY: {key}",
        *((f"Content-Length: {len(body)}", "Content-Type: application/json") if body else ()),
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def signed(method: str, path: str, query: str, key: str = KEY) -> bytes:
    """A request signed now; the secret is that of the account that exists by default."""
    query += f"&recvWindow={RECV_WINDOW_MS}&timestamp={time.time_ns() // 1_000_000}"
    return http(method, f"{path}?{query}&signature={sign(SECRET, query)}", key)


def ask(port: int, request: bytes) -> bytes:
    """The whole reply to one request, which must succeed."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE_SECS) as connection:
        connection.sendall(request)
        return _reply(connection)


def body(reply: bytes) -> bytes:
    return reply.partition(b"\r\n\r\n")[2]


def as_fast_as_it_goes(port: int, make: Callable[[], list[bytes]], connections: int) -> Load:
    """Each connection sends its next request when it has the reply to the last one."""
    return _run(port, make(), connections, None)


def at_a_rate(port: int, make: Callable[[], list[bytes]], connections: int, rate: float) -> Load:
    """Requests arrive at random (Poisson), whether or not the server keeps up with them.

    A latency counts from when its request was due, not from when a connection was free for it.
    """
    return _run(port, make(), connections, rate)


def _run(port: int, requests: list[bytes], connections: int, rate: float | None) -> Load:
    random = Random(1)
    gaps = (random.expovariate(rate) if rate else 0.0 for _ in requests)
    sockets = [
        socket.create_connection(("127.0.0.1", port), DEADLINE_SECS) for _ in range(connections)
    ]
    selector = selectors.SelectSelector()
    for one in sockets:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(one, selectors.EVENT_READ)
    idle, since = deque(sockets), dict.fromkeys(sockets, 0.0)
    latencies: list[float] = []
    reply, sent = b"", 0
    cpu, start = time.process_time(), time.perf_counter()
    due = [start + gap for gap in accumulate(gaps)]
    while len(latencies) < len(requests):
        now = time.perf_counter()
        while idle and sent < len(requests) and due[sent] <= now:
            one = idle.popleft()
            since[one] = due[sent] if rate else now
            one.sendall(requests[sent])
            sent += 1
        waits = idle and sent < len(requests)
        for key, _ in selector.select(max(due[sent] - now, 0) if waits else DEADLINE_SECS):
            assert isinstance(key.fileobj, socket.socket)
            reply = _reply(key.fileobj)
            latencies.append(time.perf_counter() - since[key.fileobj])
            idle.append(key.fileobj)
    seconds = time.perf_counter() - start
    for one in sockets:
        one.close()
    return Load(seconds, latencies, (time.process_time() - cpu) / seconds, reply)


def _reply(connection: socket.socket) -> bytes:
    data = connection.recv(READ_BYTES)
    while not _is_whole(data):
        more = connection.recv(READ_BYTES)
        assert more, f"the server closed after {data!r}"
        data += more
    assert data.startswith(b"HTTP/1.1 200"), data
    return data


def _is_whole(data: bytes) -> bool:
    head, found, rest = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head + b"\r\n")
    return bool(found) and length is not None and len(rest) >= int(length[1])
