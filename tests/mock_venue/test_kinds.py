"""Nothing can be waited for, and no rule made, that never comes."""

import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

import mock_venue
from mock_venue.control.kinds import KINDS, check_fields
from mock_venue.control.player import read_entry
from mock_venue.control.reading import BadInput
from mock_venue.exchange.conditional import AlgoTimeInForce, WorkingType
from mock_venue.exchange.order import (
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from mock_venue.script.errors import VenueScriptError
from mock_venue.script.rules import (
    Alter,
    ApiRule,
    Lose,
    Misbehaviour,
    PushRule,
    Refuse,
    ReplyRule,
)
from mock_venue.wire.known import API_METHODS, PARAMETERS, check_rule
from tests.mock_venue.helpers import SYMBOL, World

ALWAYS = {
    *("order", "algo_order", "trade", "position", "balance", "movement", "margin_call"),
    *("symbol_status", "price", "countdown", "http", "ws_api", "push", "connection", "listen_key"),
}
"""Kinds whose events have all of their fields, each time."""

CANCEL = {"act": "cancel"}
POST = {"method": "POST", "path": "/fapi/v1/order", "action": {"type": "lose"}, "type": "reply"}


@pytest.mark.asyncio
async def test_every_field_that_can_be_waited_for_is_recorded(world: World) -> None:
    await world.user_stream()
    api = await world.api()
    await api.place(newClientOrderId="a")
    await world.call(
        "POST",
        "/fapi/v1/algoOrder",
        **{"symbol": SYMBOL, "algoType": "CONDITIONAL", "side": "SELL", "type": "STOP_MARKET"},
        **{"quantity": "0.010", "triggerPrice": "40000"},
    )
    await world.call("POST", "/fapi/v1/countdownCancelAll", symbol=SYMBOL, countdownTime=1)
    await world.market()
    world.venue.funding(SYMBOL, "0.0001")
    world.venue.margin_call()
    world.venue.settle(SYMBOL)
    world.clock.ms += 1_000
    await world.log.wait("countdown")

    seen = {kind: set(data) for _, kind, data in world.log.events if kind in ALWAYS}

    assert seen == {kind: set(KINDS[kind].fields) for kind in ALWAYS}


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ({"kind": "order", "fields": {"statuss": "NEW"}}, "order has no field 'statuss', but symb"),
        (
            {"kind": "order", "fields": {"status": "CANCELLED"}},
            "order: status must be one of NEW, PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED,"
            " EXPIRED_IN_MATCH, was 'CANCELLED'",
        ),
        ({"kind": "trade", "fields": {"side": "buy"}}, "trade: side must be one of BUY, SELL, was"),
        (
            {"kind": "trade", "fields": {"quantity": 0.01}},
            "trade: quantity must be a decimal number as text, was 0.01",
        ),
        (
            {"kind": "order", "fields": {"order_id": "7"}},
            "order: order_id must be an integer or null, was '7'",
        ),
        (
            {"kind": "order", "fields": {"forced_by": "NOBODY"}},
            "order: forced_by must be one of LIQUIDATION, ADL, SETTLEMENT, null, was 'NOBODY'",
        ),
        (
            {"kind": "http", "fields": {"path": "/fapi/v1/ordre"}},
            "http: path must be one of this venue's, was '/fapi/v1/ordre'; the nearest are"
            " /fapi/v1/order, ",
        ),
        (
            {"kind": "ws_api", "fields": {"method": "POST"}},
            "ws_api: method must be one of order.pl",
        ),
        ({"kind": "act", "fields": {"act": "misbehave"}}, "act: act must be one of fill, cancel, "),
        ({"kind": "act", "fields": {"symbol": [1]}}, "act: symbol must be text or null, was [1]"),
        ({"kind": "act", "fields": {"account": 1}}, "act: account must be text or null, was 1"),
        (
            {"kind": "push", "fields": {"event": "ORDER_TRADE_UPDTE"}},
            "push: event must be one of TRADE_LITE, ORDER_TRADE_UPDATE, ",
        ),
        ({"kind": "order", "source": "wire"}, "the source of order is venue, was 'wire'"),
        ({"kind": "price"}, "cancel: price is about no order, and none is given"),
    ],
)
def test_what_never_happens_is_not_waited_for(when: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_entry({"when": when, "do": CANCEL})
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (
            ReplyRule("POST", "/fapi/v1/ordre", Lose()),
            "ReplyRule: path must be an endpoint of this venue, was '/fapi/v1/ordre'; the nearest"
            " are /fapi/v1/order, ",
        ),
        (
            ReplyRule("POST", "/fapi/v1/openOrders", Lose()),
            "ReplyRule: method must be one of *, GET at /fapi/v1/openOrders, was 'POST'",
        ),
        (
            ReplyRule("*", "*", Lose(), params={"symbl": SYMBOL}),
            "ReplyRule: params must be parameters of this venue, was 'symbl'; the nearest are"
            " symbol, ",
        ),
        (
            ReplyRule("*", "*", Lose(), params={"side": "buy"}),
            "ReplyRule: side must be one of BUY, SELL, was 'buy'",
        ),
        (
            ReplyRule("*", "*", Lose(), params={"symbol": "BTCUSD"}),
            "ReplyRule: symbol must be one of BTCUSDT, ETHUSDT, SOLUSDT, was 'BTCUSD'",
        ),
        (ReplyRule("*", "*", Lose(), order="my order"), "ReplyRule: no client order id is 'my or"),
        (
            ApiRule("order.plaec", Lose()),
            "ApiRule: method must be a method of this venue, was 'order.plaec'; the nearest are"
            " order.place, ",
        ),
        (ApiRule("v1/order.place", Lose()), "ApiRule: method must be a method of this venue, was"),
        (ApiRule("*", Lose(), params={"Symbol": "X"}), "ApiRule: params must be parameters of "),
        (PushRule("*", "drop", order=""), "PushRule: no client order id is ''"),
    ],
)
def test_no_rule_is_about_what_no_request_has(
    world: World, rule: Misbehaviour, reason: str
) -> None:
    with pytest.raises(VenueScriptError) as refused:
        world.venue.misbehave(rule)
    assert str(refused.value).startswith(reason)
    assert "\n" not in str(refused.value)


@pytest.mark.asyncio
async def test_a_rule_answers_what_a_client_asks_of_another_api(world: World) -> None:
    path, coins = "/sapi/v1/capital/config/getall", [{"coin": "BTC"}]
    world.venue.misbehave(ReplyRule("GET", path, Refuse(200, coins)))
    status, body, _ = await world.raw("GET", path, world.query())
    assert (status, msgspec.json.decode(body)) == (200, coins)


@pytest.mark.parametrize(
    ("event", "fields", "reason"),
    [
        ("ALGO_UPDATE", {"execution": "TRADE"}, "execution must be one of NEW, TRIGGERING, "),
        ("ORDER_TRADE_UPDATE", {"execution": "FILLED"}, "execution must be one of NEW, TRADE, "),
        ("MARGIN_CALL", {"order": "a"}, "MARGIN_CALL is about no order"),
    ],
)
def test_no_rule_is_about_what_no_push_is(event: str, fields: dict[str, str], reason: str) -> None:
    with pytest.raises(VenueScriptError, match=reason):
        PushRule(event, "drop", **fields)  # type: ignore[arg-type]


def test_a_rule_of_a_script_is_refused_when_it_is_read() -> None:
    rule = {**POST, "path": "/fapi/v1/ordre"}
    with pytest.raises(BadInput, match="misbehave: ReplyRule: path must be an endpoint"):
        read_entry({"when": {"kind": "trade"}, "do": {"act": "misbehave", "rule": rule}})


def test_every_method_and_parameter_that_is_read_is_known() -> None:
    for method in API_METHODS:
        check_rule(ApiRule(method, Lose()))
    wire = Path(mock_venue.__file__).parent / "wire"
    source = "".join(path.read_text() for path in wire.rglob("*.py") if path.name != "known.py")
    read = re.findall(r'(?:params|self)\.(?:text|\w*integer|find|decimal|flag)\(\s*"(\w+)"', source)
    spelled = re.findall(r'_spelled\(params, "(\w+)"\)', source)
    lists = {*spelled, *(name.lower() for name in spelled)}
    # These are read in other ways, or checked and not used.
    others = {"limit", "listenKey", "returnRateLimits", "startTime", "endTime", "activatePrice"}
    assert {*read, *lists, *others} == PARAMETERS


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("timeInForce", TimeInForce),
        ("timeInForce", AlgoTimeInForce),
        ("side", Side),
        ("positionSide", PositionSide),
        ("priceMatch", PriceMatch),
        ("selfTradePreventionMode", SelfTradePrevention),
        ("workingType", WorkingType),
    ],
)
def test_a_rule_can_be_about_whatever_an_order_can_be(name: str, hint: Any) -> None:
    for value in get_args(hint):
        check_rule(ReplyRule("POST", "*", Lose(), params={name: value}))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "symbol"), [("/fapi/v1/assetIndex", "BNBUSD"), ("/fapi/v1/openInterest", SYMBOL)]
)
async def test_a_rule_can_be_about_whatever_symbol_is_asked_for(
    world: World, path: str, symbol: str
) -> None:
    world.venue.misbehave(ReplyRule("GET", path, Refuse(503, {}), params={"symbol": symbol}))
    assert (await world.call("GET", path, symbol=symbol))[0] == 503


@pytest.mark.asyncio
async def test_a_rule_that_alters_nothing_says_so(world: World) -> None:
    order = "/fapi/v1/order"
    world.venue.misbehave(ReplyRule("POST", order, Alter({"statuss": "NEW", "side": "SELL"})))
    world.venue.misbehave(ReplyRule("GET", "/fapi/v1/openOrders", Alter({"side": "SELL"})))
    assert await world.get("/fapi/v1/openOrders", symbol=SYMBOL) == []

    _, reply = await world.limit()

    assert reply["side"] == "SELL"
    [told] = world.log.of("script_error")
    assert told["error"] == f"Alter: the reply to POST {order} has no field statuss"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("params", "strikes"),
    [
        ({"quantity": "0.01", "reduceOnly": "false"}, True),
        ({"quantity": "0.0101"}, False),
        ({"reduceOnly": "true"}, False),
        ({"symbol": SYMBOL, "side": "BUY", "newClientOrderId": "A"}, False),
        ({"price": "49000", "newClientOrderId": "a"}, True),
    ],
)
async def test_parameters_of_a_rule_mean_what_clients_write(
    world: World, params: dict[str, str], strikes: bool
) -> None:
    world.venue.misbehave(ReplyRule("POST", "/fapi/v1/order", Refuse(503, {}), params=params))

    status, _ = await world.limit(newClientOrderId="a", reduceOnly="False")

    assert status == (503 if strikes else 200)


def test_amounts_are_compared_as_numbers() -> None:
    assert check_fields("order", {"quantity": "0.010"}) == check_fields(
        "order", {"quantity": "0.01"}
    )
