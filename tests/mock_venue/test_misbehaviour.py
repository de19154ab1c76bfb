"""Misbehaviour: each rule strikes where it should, and is recorded."""

import asyncio
import re
from typing import Any

import aiohttp
import msgspec
import pytest

from mock_venue import VenueConfig, VenueScriptError
from mock_venue.script.rules import (
    Alter,
    Delay,
    Duplicate,
    Hang,
    Hold,
    HoldRequest,
    Lose,
    Misbehaviour,
    PushRule,
    Refuse,
    ReplyAction,
    ReplyRule,
    Stale,
)
from tests.mock_venue.helpers import DEADLINE_SECS, SYMBOL, World

ORDER = "/fapi/v1/order"
TIME = "/fapi/v1/time"
ANYTHING: Any = "lose"


def on_order(action: ReplyAction, **fields: Any) -> ReplyRule:
    return ReplyRule("POST", ORDER, action, **fields)


@pytest.mark.asyncio
async def test_a_lost_reply_resets_the_connection_after_execution(world: World) -> None:
    handle = world.venue.misbehave(on_order(Lose()))

    with pytest.raises(aiohttp.ClientOSError, match="reset"):
        await world.limit(newClientOrderId="a")

    assert world.venue.ledger.open_by_client_id("main", "a") is not None
    assert handle.hits == 1
    http = await world.log.wait("http")
    assert (http["outcome"], http["status"], http["executed"]) == ("lost", None, True)
    assert http["reply"]["clientOrderId"] == "a"
    struck = world.log.of("misbehaviour")[0]
    assert (struck["hit"], struck["n"], struck["rule"]["action"]) == (1, 1, {"type": "lose"})
    assert (await world.limit(newClientOrderId="b"))[0] == 200


@pytest.mark.asyncio
async def test_a_doubled_reply_comes_twice_and_executes_once(world: World) -> None:
    world.venue.misbehave(on_order(Duplicate()))
    reader, writer = await asyncio.open_connection("127.0.0.1", world.venue.port)
    query = world.query(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010")
    key = f"X-MBX-APIKEY: {world.account.key}"
    writer.write(f"POST {ORDER}?{query} HTTP/1.1\r\nHost: venue\r\n{key}\r\n\r\n".encode())

    replies = []
    for _ in range(2):
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), DEADLINE_SECS)
        size = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
        replies.append((head[:15], await reader.readexactly(size)))
    writer.close()

    assert replies[0] == replies[1]
    assert replies[0][0] == b"HTTP/1.1 200 OK"
    assert len(world.log.of("trade")) == 1


@pytest.mark.asyncio
async def test_an_altered_reply_has_the_given_fields_and_no_others(world: World) -> None:
    await world.limit(newClientOrderId="a")
    rule = ReplyRule("GET", "/fapi/v1/openOrders", Alter({"status": "FILLED", "made_up": 1}))
    world.venue.misbehave(rule)

    altered = await world.get("/fapi/v1/openOrders")
    true = await world.get("/fapi/v1/openOrders")

    assert [order["status"] for order in altered] == ["FILLED"]
    assert [order | {"status": "NEW"} for order in altered] == true
    assert world.log.of("http", path="/fapi/v1/openOrders")[0]["reply"] == altered


@pytest.mark.asyncio
@pytest.mark.parametrize("name", [None, 7, ["a"], ""])
async def test_a_reply_whose_client_order_id_is_altered_to_none_is_recorded(
    world: World, name: Any
) -> None:
    world.venue.misbehave(ReplyRule("POST", ORDER, Alter({"clientOrderId": name})))

    status, reply = await world.limit(newClientOrderId="a")

    assert (status, reply["clientOrderId"]) == (200, name)
    [http] = world.log.of("http")
    assert (http["client_order_ids"], http["reply"]) == (["a"], reply)


@pytest.mark.asyncio
async def test_a_stale_read_tells_what_was_when_the_rule_was_registered(world: World) -> None:
    await world.limit(newClientOrderId="a")
    stale = ReplyRule("GET", "*", Stale(), times=4)
    world.venue.misbehave(stale)
    world.venue.fill("a")
    await world.limit(newClientOrderId="b")

    async def seen() -> tuple[int, list[str], int, str]:
        status, _ = await world.call("GET", ORDER, symbol=SYMBOL, origClientOrderId="b")
        orders = await world.get("/fapi/v1/openOrders")
        trades = await world.get("/fapi/v1/userTrades", symbol=SYMBOL)
        positions = await world.get("/fapi/v2/positionRisk", symbol=SYMBOL)
        ids = [order["clientOrderId"] for order in orders]
        return status, ids, len(trades), positions[0]["positionAmt"]

    assert await seen() == (400, ["a"], 0, "0.000")
    assert await seen() == (200, ["b"], 1, "0.010")


@pytest.mark.asyncio
async def test_a_hanging_request_was_executed_and_ends_with_the_venue(world: World) -> None:
    world.venue.misbehave(on_order(Hang()))
    request = asyncio.create_task(world.limit(newClientOrderId="a"))
    await world.log.wait("order", client_order_id="a")

    await asyncio.wait_for(world.venue.close(), DEADLINE_SECS)

    with pytest.raises(aiohttp.ClientError):
        await request
    http = await world.log.wait("http")
    assert (http["outcome"], http["status"], http["executed"]) == ("hung", None, True)


@pytest.mark.asyncio
async def test_a_hanging_request_ends_with_its_client(world: World) -> None:
    world.venue.misbehave(on_order(Hang()))
    request = asyncio.create_task(world.limit())
    await world.log.wait("order")

    request.cancel()

    assert (await world.log.wait("http"))["outcome"] == "hung"


@pytest.mark.asyncio
@pytest.mark.parametrize("executed", [True, False])
async def test_a_refusal_has_the_body_it_is_given(world: World, executed: bool) -> None:
    body = {"timestamp": 1, "path": ORDER, "msg": "Unknown error, please check your request"}
    refuse = Refuse(503, body, executed=executed, headers={"Retry-After": "7"})
    world.venue.misbehave(on_order(refuse))

    query = world.query(
        symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01", newClientOrderId="a"
    )
    status, reply, headers = await world.raw("POST", ORDER, query)

    assert (status, msgspec.json.decode(reply), headers["retry-after"]) == (503, body, "7")
    assert bool(world.venue.ledger.orders()) is executed
    http = await world.log.wait("http")
    assert (http["status"], http["executed"], http["reply"]) == (503, executed, body)


@pytest.mark.asyncio
async def test_a_text_body_goes_out_as_html(world: World) -> None:
    world.venue.misbehave(ReplyRule("GET", TIME, Refuse(502, "<html>502</html>")))

    status, body, headers = await world.raw("GET", TIME)

    assert (status, body) == (502, b"<html>502</html>")
    assert headers["content-type"].startswith("text/html")


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["Content-Type", "content-type"])
async def test_a_refusal_has_the_content_type_it_is_given_alone(world: World, name: str) -> None:
    world.venue.misbehave(ReplyRule("GET", TIME, Refuse(503, {}, headers={name: "text/plain"})))

    reader, writer = await asyncio.open_connection("127.0.0.1", world.venue.port)
    writer.write(f"GET {TIME} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), DEADLINE_SECS)
    writer.close()

    types = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-type")]
    assert types == [f"{name}: text/plain".encode()]


@pytest.mark.asyncio
async def test_a_held_reply_goes_out_on_release(world: World) -> None:
    handle = world.venue.misbehave(on_order(Hold()))
    request = asyncio.create_task(world.limit(newClientOrderId="a"))
    await world.log.wait("order", client_order_id="a")
    assert (handle.holds, request.done()) == (1, False)

    assert world.venue.release(handle) == 1

    assert (await request)[0] == 200
    assert (await world.log.wait("http"))["outcome"] == "replied"


@pytest.mark.asyncio
async def test_held_requests_are_executed_on_release_in_the_order_they_came(world: World) -> None:
    handle = world.venue.misbehave(on_order(HoldRequest(), times=None))
    requests = []
    for name in "ab":
        requests.append(asyncio.create_task(world.limit(newClientOrderId=name)))
        await world.log.wait("misbehaviour", hit=len(requests))
    assert world.venue.ledger.orders() == []

    handle.cancel()
    assert world.venue.release(handle) == 2
    await asyncio.gather(*requests)

    assert [order.client_order_id for order in world.venue.ledger.orders()] == ["a", "b"]
    assert (await world.limit(newClientOrderId="c"))[0] == 200


@pytest.mark.asyncio
async def test_a_held_request_is_dropped_with_its_client(world: World) -> None:
    handle = world.venue.misbehave(on_order(HoldRequest()))
    request = asyncio.create_task(world.limit())
    await world.log.wait("misbehaviour")

    request.cancel()

    http = await world.log.wait("http")
    assert (http["outcome"], http["executed"], http["reply"]) == ("client_gone", False, None)
    assert (handle.holds, world.venue.ledger.orders()) == (0, [])


@pytest.mark.asyncio
@pytest.mark.parametrize("before", [True, False])
async def test_a_delay_only_delays(world: World, before: bool) -> None:
    world.venue.misbehave(on_order(Delay(20, before=before)))
    request = asyncio.create_task(world.limit())
    await world.log.wait("misbehaviour")
    executed_first = bool(world.venue.ledger.orders())

    assert (await request)[0] == 200

    assert executed_first is not before


@pytest.mark.asyncio
async def test_a_delayed_request_is_executed_though_its_client_went_away(world: World) -> None:
    world.venue.misbehave(on_order(Delay(100)))
    request = asyncio.create_task(world.limit(newClientOrderId="a"))
    await world.log.wait("misbehaviour")
    request.cancel()

    await world.log.wait("order", client_order_id="a")

    http = await world.log.wait("http")
    assert (http["outcome"], http["executed"], http["status"]) == ("client_gone", True, None)


@pytest.mark.asyncio
async def test_a_rule_addresses_an_order_by_whatever_id_the_request_has(world: World) -> None:
    ids = {}
    for name in "ab":
        ids[name] = (await world.limit(newClientOrderId=name))[1]["orderId"]
    refuse = Refuse(503, {"code": -1007, "msg": "Timeout"})
    handle = world.venue.misbehave(ReplyRule("DELETE", ORDER, refuse, order="b", times=None))

    async def cancel(**which: Any) -> int:
        return (await world.call("DELETE", ORDER, symbol=SYMBOL, **which))[0]

    assert await cancel(orderId=ids["a"]) == 200
    assert await cancel(orderId=ids["b"]) == 503
    assert await cancel(origClientOrderId="b") == 503
    assert handle.hits == 2


@pytest.mark.asyncio
async def test_skip_times_params_and_any(world: World) -> None:
    refuse = Refuse(500, {})
    handle = world.venue.misbehave(
        ReplyRule("*", "*", refuse, skip=1, times=2, params={"symbol": SYMBOL})
    )

    async def status(symbol: str) -> int:
        return (await world.raw("GET", "/fapi/v1/depth", f"symbol={symbol}"))[0]

    assert [await status(SYMBOL) for _ in range(2)] == [200, 500]
    assert await status("ETHUSDT") == 200
    assert [await status(SYMBOL) for _ in range(2)] == [500, 200]
    assert handle.hits == 2


@pytest.mark.asyncio
async def test_the_first_rule_registered_strikes(world: World) -> None:
    first = world.venue.misbehave(ReplyRule("GET", TIME, Refuse(500, {})))
    second = world.venue.misbehave(ReplyRule("GET", TIME, Refuse(501, {}), times=None))

    assert [(await world.raw("GET", TIME))[0] for _ in range(3)] == [500, 501, 501]
    second.cancel()
    second.cancel()
    assert (await world.raw("GET", TIME))[0] == 200
    assert (first.hits, second.hits) == (1, 2)


@pytest.mark.asyncio
async def test_a_dropped_push_never_comes(world: World) -> None:
    stream = await world.user_stream()
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop", execution="TRADE", order="a"))
    await world.limit(newClientOrderId="a")
    world.venue.fill("a", "0.004")
    world.venue.fill("a")

    assert await stream.names(6) == [
        ("ORDER_TRADE_UPDATE", "NEW"),
        ("TRADE_LITE", None),
        ("ACCOUNT_UPDATE", None),
        ("TRADE_LITE", None),
        ("ACCOUNT_UPDATE", None),
        ("ORDER_TRADE_UPDATE", "TRADE"),
    ]
    dropped = world.log.of("push", outcome="dropped")
    assert [(push["execution"], push["trade_id"]) for push in dropped] == [("TRADE", 1001)]
    assert world.log.of("misbehaviour")[0]["order"] == "a"


@pytest.mark.asyncio
async def test_held_pushes_come_on_release_in_their_order(world: World) -> None:
    stream = await world.user_stream()
    handle = world.venue.misbehave(PushRule("*", "hold", order="a", times=None))
    await world.limit(newClientOrderId="a")
    world.venue.fill("a")
    await world.limit(newClientOrderId="b")
    first = await stream.next()
    assert first["o"]["c"] == "b"

    assert world.venue.release(handle) == 4

    assert await stream.names(4) == [
        ("ORDER_TRADE_UPDATE", "NEW"),
        ("TRADE_LITE", None),
        ("ACCOUNT_UPDATE", None),
        ("ORDER_TRADE_UPDATE", "TRADE"),
    ]
    outcomes = [push["outcome"] for push in world.log.of("push", client_order_id="a")]
    assert outcomes == ["held"] * 4 + ["released"] * 4


@pytest.mark.asyncio
async def test_a_held_push_goes_to_who_listens_at_its_release(world: World) -> None:
    first = await world.user_stream()
    handle = world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "hold"))
    await world.limit()
    world.venue.expire_listen_keys()
    assert (await first.next())["e"] == "listenKeyExpired"
    second = await world.user_stream()

    world.venue.release(handle)

    assert await second.names(1) == [("ORDER_TRADE_UPDATE", "NEW")]
    assert world.log.of("push", outcome="released")[0]["connection"] == 2


@pytest.mark.asyncio
async def test_a_duplicate_comes_twice(world: World) -> None:
    stream = await world.user_stream()
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "duplicate"))
    await world.limit()

    assert await stream.next() == await stream.next()
    assert [push["outcome"] for push in world.log.of("push")] == ["sent", "duplicated"]


@pytest.mark.asyncio
async def test_the_second_of_two_may_say_something_else(world: World) -> None:
    stream = await world.user_stream()
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "duplicate", fields={"o": {"t": 7}}))
    await world.limit()

    first, second = await stream.next(), await stream.next()
    assert second["o"].pop("t") == 7
    assert first["o"].pop("t") == 0
    assert first == second


@pytest.mark.asyncio
async def test_an_altered_push_has_other_times_and_fields(world: World) -> None:
    stream = await world.user_stream()
    rule = PushRule("ORDER_TRADE_UPDATE", "alter", fields={"o": {"q": "9"}}, shift_ms=3_600_000)
    world.venue.misbehave(rule)
    await world.limit()
    await world.limit()

    altered, true = await stream.next(), await stream.next()
    assert (altered["o"]["q"], true["o"]["q"]) == ("9", "0.010")
    assert true["T"] + 3_000_000 < altered["T"] == altered["o"]["T"]
    assert altered["E"] > true["E"] + 3_000_000
    assert [push["outcome"] for push in world.log.of("push")] == ["altered", "sent"]


@pytest.mark.asyncio
async def test_swapped_pushes_change_places(world: World) -> None:
    stream = await world.user_stream()
    world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "swap", execution="NEW"))
    world.venue.misbehave(PushRule("ACCOUNT_UPDATE", "drop"))
    await world.market()

    assert await stream.names(3) == [
        ("TRADE_LITE", None),
        ("ORDER_TRADE_UPDATE", "TRADE"),
        ("ORDER_TRADE_UPDATE", "NEW"),
    ]
    outcomes = [push["outcome"] for push in world.log.of("push", execution="NEW")]
    assert outcomes == ["held", "released"]


@pytest.mark.asyncio
async def test_pushes_that_are_all_swapped_change_places_in_pairs(world: World) -> None:
    stream = await world.user_stream()
    world.venue.misbehave(PushRule("*", "swap", times=None))
    await world.market()

    assert await stream.names(4) == [
        ("ORDER_TRADE_UPDATE", "NEW"),
        ("TRADE_LITE", None),
        ("ORDER_TRADE_UPDATE", "TRADE"),
        ("ACCOUNT_UPDATE", None),
    ]


@pytest.mark.asyncio
async def test_what_is_held_has_a_limit_and_goes_its_way_beyond_it() -> None:
    async with World(VenueConfig(held_max=1)) as world:
        stream = await world.user_stream()
        handle = world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "hold", times=None))
        await world.limit(newClientOrderId="a")
        await world.limit(newClientOrderId="b")

        assert (await stream.next())["o"]["c"] == "b"
        assert world.venue.release(handle) == 1


@pytest.mark.parametrize(
    "rule",
    [
        on_order(Lose(), order="a", skip=2, times=None, params={"symbol": SYMBOL}),
        on_order(Hang()),
        on_order(Refuse(503, {"msg": "x"}, executed=True, headers={"A": "b"})),
        on_order(Delay(5, before=False)),
        on_order(Hold()),
        on_order(HoldRequest()),
        PushRule("ORDER_TRADE_UPDATE", "swap", execution="NEW", order="a", skip=1, times=3),
    ],
)
def test_rules_survive_json(rule: Misbehaviour) -> None:
    assert msgspec.json.decode(msgspec.json.encode(rule), type=Misbehaviour) == rule


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: ReplyRule("PATCH", ORDER, Lose()), "method must be one of .* was 'PATCH'"),
        (lambda: ReplyRule("GET", "fapi", Lose()), "path must be '\\*' or begin with '/'"),
        (lambda: on_order(Stale()), "method must be GET where the action is Stale, was 'POST'"),
        (lambda: ReplyRule("GET", ORDER, ANYTHING), "action must be Lose, .* was 'lose'"),
        (lambda: on_order(Lose(), skip=-1), "skip must not be negative, was -1"),
        (lambda: on_order(Lose(), times=0), "times must be at least 1 or None, was 0"),
        (lambda: Refuse(99, {}), "status must be 200 to 599, was 99"),
        (lambda: Refuse(503, {}, headers={"a b": "c"}), "no HTTP header is 'a b': 'c'"),
        (lambda: Refuse(503, {}, headers={"date": "now"}), "date is the venue's own header"),
        (lambda: Delay(-1), "delay_ms must be 0 to 3600000, was -1"),
        (lambda: PushRule("*", ANYTHING), "action must be one of drop, .* was 'lose'"),
        (lambda: PushRule("X", "drop"), "event must be one of .*, TRADE_LITE, .* was 'X'"),
        (
            lambda: PushRule("*", "drop", execution="FILLED"),
            "execution must be one of NEW, TRADE, .* was 'FILLED'",
        ),
        (
            lambda: PushRule("ACCOUNT_UPDATE", "drop", execution="TRADE"),
            "ACCOUNT_UPDATE has no execution",
        ),
    ],
)
def test_rules_that_cannot_be(make: Any, says: str) -> None:
    with pytest.raises(VenueScriptError, match=says):
        make()
