"""The control API: bodies, names and numbers that are malformed, for every endpoint."""

import asyncio
from random import Random
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from mock_venue import VenueConfig
from mock_venue.control.acts import ACTS
from mock_venue.control.api import PREFIX
from tests.mock_venue.fuzz import values
from tests.mock_venue.fuzz.watch import FuzzedWorld, quiet, settled
from tests.mock_venue.fuzz.wire import Closed, Reply, Wire

REFUSED = 800
SEEDS = 2

GOOD: dict[str, Any] = {
    "order": "mine",
    "quantity": "0.010",
    "price": "49000.0",
    "reason": "0",
    "symbol": "BTCUSDT",
    "side": "BUY",
    "client_order_id": "mine",
    "account": "main",
    "bid": "49990.0",
    "ask": "49990.1",
    "mark": None,
    "steps": 1,
    "orders": 3,
    "seed": 1,
    "end_ms": 1_795_000_000_000,
    "span_ms": 1_000,
    "net": "0",
    "stream": None,
    "name": "rule",
    "rule": {"type": "push", "event": "*", "action": "drop"},
}
RULES: tuple[dict[str, Any], ...] = (
    {"type": "push", "event": "*", "action": "drop"},
    {"type": "reply", "method": "*", "path": "*", "action": {"type": "lose"}},
    {"type": "api", "method": "*", "action": {"type": "delay", "delay_ms": 1}},
    {"type": "handshake", "stream": "*", "action": {"type": "hang"}},
    {
        "type": "reply",
        "method": "GET",
        "path": "/fapi/v1/time",
        "action": {"type": "refuse", "status": 400, "body": {}, "headers": {"A": "b"}},
    },
)
PATHS = (
    *(f"/acts/{name}" for name in ACTS),
    "/misbehaviours",
    "/misbehaviours/rule",
    "/misbehaviours/rule/release",
    "/script",
    "/state",
    "/ledger",
    "/ledger/orders",
    "/ledger/trades",
    "/history",
    "/snapshot",
    "/restore",
    "/openapi.json",
    "/nothing",
)
HOSTS = ("evil.example", "", "[", "[::", "127.0.0.1.evil.example", "@", "127.0.0.1@evil", "a b")


class Fuzz:
    """Makes one malformed request after the other."""

    def __init__(self, world: FuzzedWorld, seed: int) -> None:
        self.random = Random(seed)
        self._snapshot = msgspec.json.encode(world.venue.snapshot())

    def request(self) -> tuple[bytes, bool]:
        """A request, and whether it must be refused; the others may be good by accident."""
        random = self.random
        path, sure = random.choice(PATHS), True
        method = "POST" if path.startswith(("/acts", "/script", "/restore")) else "GET"
        host, kind, origin = "127.0.0.1", "application/json", ""
        body = self._act(path) if path.startswith("/acts") else b"{}"
        match random.randrange(12):
            case 0:
                host = random.choice(HOSTS)
            case 1:
                origin = f"Origin: {random.choice(['http://evil.example', 'null', 'http://['])}\r\n"
            case 2:
                path, method, kind = "/acts/fill", "POST", random.choice(["text/plain", "", "a/b"])
            case 3:
                path += "?" + quote(values.text(random) or "a") + "=" + quote(values.text(random))
            case 4:
                method = random.choice(["PUT", "PATCH", "HEAD", "OPTIONS"])
            case 5:
                path, body, method = "/restore", values.damaged(random, self._snapshot), "POST"
                sure = False  # the damage may be a blank
            case 6:
                path, body, method = "/script", self._script(), "POST"
                sure = False
            case 7:
                path, body, method = random.choice(PATHS[:13]), values.json(random), "POST"
                sure = False
            case 8:
                name, text = random.choice(["from_id", "limit", "after"]), values.text(random)
                path = f"{random.choice(['/ledger/orders', '/history'])}?{name}={quote(text)}"
                method, sure = "GET", False
            case 9 | 10:
                path, body, method = "/acts/misbehave", self._act("/acts/misbehave"), "POST"
                sure = False
            case _:
                sure = False
        head = f"{method} {PREFIX}{path} HTTP/1.1\r\nHost: {host}\r\n{origin}"
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body, sure

    def _act(self, path: str) -> bytes:
        """Arguments of an act, one or two of them hostile."""
        random = self.random
        if path == "/acts/misbehave":
            return msgspec.json.encode({"rule": self._rule()})
        given = values.pick(random, GOOD, random.randrange(1, 8))
        for _ in range(random.randrange(1, 3)):
            given[random.choice(sorted(GOOD))] = self._hostile()
        return msgspec.json.encode(given)

    def _hostile(self) -> Any:
        random = self.random
        if random.random() < 0.5:
            return values.text(random)
        large = random.randrange(10**18, 10**19)
        return random.choice([None, True, -1, 0, 1.5, large, -large, [], {}, [[]], {"a": {}}])

    def _rule(self) -> dict[str, Any]:
        random = self.random
        rule = dict(random.choice(RULES))
        rule["times"] = 1
        if random.random() < 0.3:
            refuse = {"type": "refuse", "status": 400, "body": {}}
            hostile = {random.choice(["A", values.text(random)]): values.text(random)}
            return RULES[-1] | {"times": 1, "action": refuse | {"headers": hostile}}
        action = rule["action"]
        if isinstance(action, dict) and random.random() < 0.7:
            field = random.choice(["type", "status", "body", "executed", "headers", "delay_ms"])
            rule["action"] = action | {field: self._hostile()}
        else:
            rule[random.choice(["type", "method", "path", "event", "skip", "x"])] = self._hostile()
        return rule

    def _script(self) -> bytes:
        random = self.random
        entry: dict[str, Any] = {"do": {"act": "fill", "order": "mine"}}
        entry[random.choice(["do", "when", "after_ms", "x"])] = random.choice(
            [self._hostile(), {"kind": self._hostile()}, {"act": self._hostile()}, [{"act": {}}]]
        )
        return msgspec.json.encode({"entries": random.choice([[entry], entry, [entry, 1]])})


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.asyncio
async def test_malformed_control_requests_are_refused_and_change_nothing(seed: int) -> None:
    async with FuzzedWorld(VenueConfig()) as world:
        await world.limit(newClientOrderId="mine")
        fuzz, refused, sent = Fuzz(world, seed), 0, 0
        tasks = len(asyncio.all_tasks())
        wire, before = None, world.state()
        with quiet():
            while refused < REFUSED:
                request, sure = fuzz.request()
                sent += 1
                told = f"seed {seed}, request {sent}: {request[:900]!r}"
                if wire is None:
                    wire = await Wire.open(world.venue.port)
                try:
                    await wire.write(request)
                    is_head = request.startswith(b"HEAD")
                    reply = await wire.reply(to_head=is_head)
                    is_refused = is_head or _is_refused(reply, told)
                except Closed:
                    wire, is_refused = None, True
                assert is_refused or not sure, f"{told} was carried out"
                after = world.state()
                if is_refused or request.startswith(b"GET"):
                    assert after == before, f"{told} changed the state"
                else:
                    # Whatever it did, the exchange answers.
                    await _ask_the_time(world.venue.port)
                before = after
                refused += is_refused
            if wire is not None:
                wire.close()
            world.venue.close_streams("the test is over", None)
            await settled(world, tasks)


def _is_refused(reply: Reply, told: str) -> bool:
    if reply.status == 200:
        return False
    assert 400 <= reply.status < 500, f"{told}: {reply}"
    answer = msgspec.json.decode(reply.body)
    assert list(answer) in (["error"], ["code", "msg"]), f"{told}: {reply}"
    return True


async def _ask_the_time(port: int) -> None:
    wire = await Wire.open(port)
    await wire.write(b"GET /fapi/v1/time HTTP/1.1\r\nHost: venue\r\n\r\n")
    wire.end_writing()
    await wire.replies()
    wire.close()
