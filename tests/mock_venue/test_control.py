"""The control API: what it does, what it refuses, and that its document says so."""

import asyncio
import re
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
import pytest_asyncio

import mock_venue
from mock_venue import Venue, VenueConfig, VenueScriptError
from mock_venue.control.acts import ACTS, VENUE_ACTS
from mock_venue.control.api import PREFIX
from mock_venue.control.kinds import KINDS
from mock_venue.control.standalone import Standalone
from mock_venue.exchange.snapshot import BadSnapshot, dump, load
from tests.mock_venue.helpers import DEADLINE_SECS, SYMBOL, Clock, World


class ControlWorld(World):
    """A standalone venue, and a client of its control API."""

    def __init__(self, config: VenueConfig) -> None:
        super().__init__(config)
        self.clock = Clock()
        self.standalone = Standalone(config, self.clock.now_ns)
        self.venue = self.standalone.venue

    async def control(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        url = f"http://127.0.0.1:{self.venue.port}{PREFIX}{path}"
        data = None if body is None else msgspec.json.encode(body)
        headers.setdefault("Content-Type", "application/json")
        assert self._session is not None
        async with self._session.request(method, url, data=data, headers=headers) as response:
            text = await response.read()
            is_json = response.content_type == "application/json"
            return response.status, msgspec.json.decode(text) if is_json else text.decode()

    async def done(self, method: str, path: str, body: Any = None) -> Any:
        status, reply = await self.control(method, path, body)
        assert status == 200, reply
        return reply


@pytest_asyncio.fixture
async def world() -> AsyncIterator[ControlWorld]:
    async with ControlWorld(VenueConfig()) as running:
        yield running


@pytest.mark.asyncio
async def test_conditional_orders_are_told(world: ControlWorld) -> None:
    stop = {"algoType": "CONDITIONAL", "side": "SELL", "type": "STOP_MARKET", "quantity": "0.010"}
    for name, price in (("a", "49000"), ("b", "48000")):
        order = {**stop, "clientAlgoId": name, "triggerPrice": price}
        reply = await world.call("POST", "/fapi/v1/algoOrder", symbol=SYMBOL, **order)
        assert reply[0] == 200, reply
    cancelled = await world.done("POST", "/acts/cancel_algo_order", {"algo_order": "a"})

    listed = await world.done("GET", "/ledger/algo_orders")
    ledger = await world.done("GET", "/ledger")

    assert [one["client_algo_id"] for one in listed] == ["a", "b"]
    assert listed[0] == cancelled and cancelled["status"] == "CANCELED"
    assert (ledger["open_algo_orders"], ledger["algo_orders"]) == (listed[1:], 2)
    page = await world.done("GET", f"/ledger/algo_orders?from_id={listed[1]['algo_id']}&limit=1")
    assert page == listed[1:]


@pytest.mark.asyncio
async def test_acts_are_done_and_return_what_they_made(world: ControlWorld) -> None:
    await world.limit(newClientOrderId="a")
    trade = await world.done("POST", "/acts/fill", {"order": "a", "quantity": "0.004"})
    order = await world.done("POST", "/acts/cancel", {"order": trade["order_id"]})
    price = await world.done(
        "POST", "/acts/set_price", {"symbol": SYMBOL, "bid": "49000", "ask": "49000.10"}
    )

    assert (trade["quantity"], trade["maker"]) == ("0.004", True)
    assert (order["status"], order["filled"]) == ("CANCELED", "0.004")
    assert price["mark"] == "49000.05"
    ledger = await world.done("GET", "/ledger")
    assert (ledger["open_orders"], ledger["orders"], ledger["trades"]) == ([], 1, 1)
    assert ledger["positions"][0]["amount"] == "0.004"
    assert await world.done("GET", "/ledger/orders?limit=1") == [order]
    assert await world.done("GET", f"/ledger/trades?from_id={trade['trade_id']}") == [trade]
    events = await world.done("GET", "/history?kind=act")
    assert [event["data"]["act"] for event in events] == ["fill", "cancel", "set_price"]
    assert await world.done("GET", f"/history?after={events[-1]['seq']}&kind=act") == []


@pytest.mark.asyncio
async def test_misbehaviour_has_a_name(world: ControlWorld) -> None:
    action = {"type": "hold"}
    rule = {"type": "reply", "method": "GET", "path": "/fapi/v1/time", "action": action}
    made = await world.done("POST", "/acts/misbehave", {"rule": rule, "name": "slow"})
    assert (made["name"], made["hits"], made["active"]) == ("slow", 0, True)
    async with aiohttp.ClientSession() as session, asyncio.timeout(DEADLINE_SECS):
        url = f"http://127.0.0.1:{world.venue.port}/fapi/v1/time"
        request = asyncio.ensure_future(session.get(url))
        while (await world.done("GET", "/misbehaviours/slow"))["holds"] == 0:
            pass
        assert await world.done("POST", "/misbehaviours/slow/release") == 1
        assert (await request).status == 200
    (told,) = await world.done("GET", "/misbehaviours")
    assert (told["hits"], told["active"], told["rule"]["action"]) == (1, False, action)
    assert (await world.done("DELETE", "/misbehaviours/slow"))["active"] is False


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("POST", "/acts/fill", {}, 400, "fill: Object missing required field `order`"),
        ("POST", "/acts/fill", {"order": "x"}, 400, "fill: there is no order 'x'"),
        ("POST", "/acts/fill", {"order": "x", "quantity": 0.1}, 400, "got `float`"),
        ("POST", "/acts/fill", {"order": "x", "prize": "1"}, 400, "unknown field `prize`"),
        ("POST", "/acts/fill", [], 400, "the body must be an object"),
        ("POST", "/acts/dance", {}, 404, "there is no /acts/dance"),
        ("GET", "/acts/fill", None, 405, "GET is not for /acts/fill"),
        ("GET", "/misbehaviours/x", None, 400, "there is no rule 'x'"),
        (
            "POST",
            "/acts/misbehave",
            {"rule": {"type": "push", "event": "*", "action": "drop", "tims": 2}},
            400,
            "unknown field `tims` - at `$.rule`",
        ),
        (
            "POST",
            "/acts/misbehave",
            {"rule": {"type": "push", "event": "*", "action": "drop", "times": 0}},
            400,
            "times must be at least 1",
        ),
        ("GET", "/ledger/orders?limit=5000", None, 400, "limit must be 1 to 1000, was 5000"),
        ("GET", "/ledger/orders?from=5", None, 400, "there is no parameter 'from'"),
        ("GET", "/history?after=x", None, 400, "after must be a number"),
        ("GET", "/history?kind=ordre", None, 400, "kind must be one of order, "),
        ("POST", "/restore", {}, 400, "must be a snapshot of version 3"),
        ("POST", "/script", {"entries": [{"do": {"act": "x"}}]}, 400, "entries[0]: act must be"),
    ],
)
async def test_refusals(
    world: ControlWorld, method: str, path: str, body: Any, status: int, error: str
) -> None:
    got, reply = await world.control(method, path, body)
    assert got == status
    assert error in reply["error"]
    assert "\n" not in reply["error"]


@pytest.mark.asyncio
async def test_only_this_machine_is_answered(world: ControlWorld) -> None:
    for headers, status in [
        ({"Host": "evil.example"}, 403),
        ({"Host": "192.168.0.5:80"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": f"localhost:{world.venue.port}"}, 200),
        ({"Origin": "http://127.0.0.1:3000"}, 200),
        ({"Host": "[::1]:80"}, 200),
    ]:
        assert (await world.control("GET", "/state", **headers))[0] == status, headers
    form = {"Content-Type": "text/plain"}
    assert (await world.control("POST", "/acts/expire_listen_keys", {}, **form))[0] == 415


@pytest.mark.asyncio
async def test_the_state_tells_no_secret(world: ControlWorld) -> None:
    stream = await world.user_stream()
    await stream.send({"method": "LIST_SUBSCRIPTIONS", "id": 1})
    await stream.next()
    state = await world.done("GET", "/state")
    assert state["accounts"] == [{"name": "main", "key": "mock-key"}]
    assert [one["stream"] for one in state["connections"]] == ["user"]
    assert "mock-secret" not in str(state)
    assert "mock-secret" not in str(await world.done("GET", "/snapshot"))


@pytest.mark.asyncio
async def test_the_document_covers_every_endpoint_and_the_page_shows_it(
    world: ControlWorld,
) -> None:
    told = await world.done("GET", "/openapi.json")
    assert told["openapi"] == "3.1.0"
    assert {f"{PREFIX}/acts/{name}" for name in ACTS} < told["paths"].keys()
    body = told["paths"][f"{PREFIX}/acts/external_order"]["post"]["requestBody"]
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema = told["components"]["schemas"][name]
    assert schema["required"] == ["symbol", "side", "quantity"]
    assert schema["properties"]["side"]["enum"] == ["BUY", "SELL"]
    references = set(
        re.findall(r'"#/components/schemas/(\w+)"', msgspec.json.encode(told).decode())
    )
    assert references <= told["components"]["schemas"].keys()
    names = [one["operationId"] for path in told["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))
    status, page = await world.control("GET", "")
    assert status == 200
    assert all(path in page for path in told["paths"])
    assert "src=" not in page


def test_every_act_of_the_venue_is_in_the_api() -> None:
    """A method added to the venue is either an act or named here."""
    others = {
        "start",
        "close",
        "mount",
        "port",
        "config",
        "prices",
        "connections",
        "now_ms",
        "ledger",
        "algos",
        "check_names",
        "check_rule_names",
        "snapshot",
        "restore",
        "misbehave",
        "release",
    }
    public = {name for name in vars(Venue) if not name.startswith("_")}
    assert public - others == {method.__name__ for method in VENUE_ACTS}


def test_every_kind_that_is_recorded_can_be_waited_for() -> None:
    source = "".join(path.read_text() for path in Path(mock_venue.__file__).parent.rglob("*.py"))
    recorded = re.findall(r'record\(\s*"(?:venue|wire)",\s*"(\w+)"', source)
    # A request is recorded as what it came by.
    assert {*recorded, "http", "ws_api"} == set(KINDS)


async def play_on(world: World) -> list[Any]:
    replies: list[Any] = [await world.market("BUY", "0.5")]
    replies.append(await world.limit(newClientOrderId="later", price="48000"))
    world.venue.advance(3)
    replies.append(await world.get("/fapi/v1/allOrders", symbol=SYMBOL))
    replies.append(await world.get("/fapi/v3/positionRisk"))
    replies.append(await world.get("/fapi/v3/balance"))
    for path in ("depth", "trades", "ticker/24hr"):
        replies.append(
            msgspec.json.decode((await world.raw("GET", f"/fapi/v1/{path}?symbol={SYMBOL}"))[1])
        )
    return replies


@pytest.mark.asyncio
@pytest.mark.parametrize("matching", ["scripted", "auto"])
async def test_a_restored_venue_goes_on_as_the_first_did(matching: Any) -> None:
    config = VenueConfig(matching=matching, seed=3)
    async with ControlWorld(config) as first:
        await first.limit(newClientOrderId="a", price="50000")
        await first.market("SELL", "0.2")
        await first.call("POST", "/fapi/v1/leverage", symbol=SYMBOL, leverage=3)
        first.venue.advance(5)
        snapshot = await first.done("GET", "/snapshot")
        expected = await play_on(first)

        stream = await first.user_stream()
        await first.done("POST", "/restore", snapshot)
        assert await stream.closed() is aiohttp.WSMsgType.CLOSE
        assert await play_on(first) == expected
    async with ControlWorld(config) as second:
        second.clock.ms = first.clock.ms
        await second.done("POST", "/restore", snapshot)
        assert await play_on(second) == expected


@pytest.mark.asyncio
async def test_a_damaged_snapshot_changes_nothing(world: ControlWorld) -> None:
    snapshot = await world.done("GET", "/snapshot")
    await world.limit(newClientOrderId="a")
    before = await world.done("GET", "/ledger")
    snapshot["state"]["exchange"]["_next_order_id"] += 1
    status, reply = await world.control("POST", "/restore", snapshot)
    assert (status, reply["error"]) == (
        400,
        "restore: the checksum is wrong: the snapshot was cut or edited",
    )
    for part in ("symbols", "accounts"):
        with pytest.raises(VenueScriptError, match=f"other {part}"):
            world.venue.restore(world.venue.snapshot() | {part: ["x"]})
    assert await world.done("GET", "/ledger") == before


def test_a_snapshot_holds_plain_state_alone() -> None:
    value = {"a": (1, [Decimal("1.10")], {2, 3}), "b": {("x", 1): None}}
    assert load(msgspec.json.decode(msgspec.json.encode(dump(value)))) == value
    for other in (1.5, object(), {"f": print}):
        with pytest.raises(TypeError, match="cannot be in a snapshot"):
            dump(other)
    itself: list[Any] = []
    itself.append(itself)
    with pytest.raises(TypeError, match="holds itself"):
        dump(itself)
    for bad in ({"$object": "os:system"}, {"$struct": "order:Decimal", "fields": {}}, {"$dict": 1}):
        with pytest.raises(BadSnapshot):
            load(bad)
