"""Data that are made late tell of the moment they were recorded at."""

import copy
import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from mock_venue import Venue, VenueConfig
from mock_venue.recording import Data, Late, at_once, has, made
from mock_venue.script.rules import Refuse, ReplyRule
from mock_venue.wire.push import Push
from tests.mock_venue.helpers import SYMBOL, Clock, World

ORDER = "/fapi/v1/order"
Recorded = list[tuple[str, str, Data]]


def play(venue: Venue) -> None:
    """Whatever a record tells of changes again later."""
    order = venue.external_order(SYMBOL, "BUY", "0.100", "49000")
    venue.fill(order.order_id, "0.010")
    venue.external_order(SYMBOL, "SELL", "0.005")
    venue.set_price(SYMBOL, "48000", "48000.1")
    venue.fill(order.order_id, "0.020", "48500")
    venue.deposit("12.5")
    venue.funding(SYMBOL, "0.0001")
    venue.margin_call()
    venue.cancel(order.order_id)
    venue.set_price(SYMBOL, "51000", "51000.1")
    venue.liquidate(SYMBOL)


def test_late_data_are_those_of_the_moment() -> None:
    now: list[tuple[str, str, dict[str, Any]]] = []
    late: Recorded = []

    play(Venue(VenueConfig(), Clock().now_ns, at_once(lambda *event: now.append(event))))
    play(Venue(VenueConfig(), Clock().now_ns, lambda *event: late.append(event)))

    assert [(source, kind, made(data)) for source, kind, data in late] == now
    kinds = {kind for _, kind, data in late if isinstance(data, Late)}
    assert {"order", "trade", "position", "balance", "price", "push"} <= kinds


@pytest.mark.asyncio
async def test_late_data_of_requests_are_those_of_the_moment_and_take_little_room() -> None:
    kept: list[tuple[str, Data, dict[str, Any]]] = []
    world = World(VenueConfig())
    world.venue = Venue(
        VenueConfig(),
        world.clock.now_ns,
        lambda _, kind, data: kept.append((kind, data, copy.deepcopy(made(data)))),
    )
    async with world:
        await world.limit(newClientOrderId="a")
        await world.limit()
        await world.call("DELETE", ORDER, symbol=SYMBOL, origClientOrderId="a")
        await world.raw("POST", ORDER, "symbol=BTCUSDT", world.query(side="BUY"))
        await world.get("/fapi/v1/openOrders")
        await world.raw("POST", ORDER, body=f"{'x' * 5_000}={'y' * 50_000}")
        await world.raw("GET", "/fapi/v1/exchangeInfo")
        world.venue.misbehave(ReplyRule("GET", "/fapi/v1/time", Refuse(503, "<html>")))
        await world.raw("GET", "/fapi/v1/time")
        api = await world.api()
        await api.place(newClientOrderId="b")
        await api.call("order.cancel", symbol=SYMBOL, origClientOrderId="b")
        listed = msgspec.json.encode([f"id-{number}" for number in range(4_000)]).decode()
        body = world.query(symbol=SYMBOL, origClientOrderIdList=listed)
        await world.raw("DELETE", "/fapi/v1/batchOrders", body=body)
        long = {"id": "i" * 30_000, "method": "m" * 30_000}
        await api.socket.send(long)
        assert (await api.socket.next())["id"] == long["id"]

    assert [made(data) for _, data, _ in kept] == [then for _, _, then in kept]
    late = [(kind, data) for kind, data, _ in kept if isinstance(data, Late)]
    kinds = [kind for kind, _ in late]
    assert [kinds.count(kind) for kind in ("request", "http", "ws_api")] == [12, 9, 3]
    assert max(len(repr(data.about)) for _, data in late) < 10_000


def recorded() -> Recorded:
    late: Recorded = []
    play(Venue(VenueConfig(), Clock().now_ns, lambda *event: late.append(event)))
    return late


def test_text_of_what_late_data_are_about_is_in_them() -> None:
    compared = 0
    for _, kind, late in recorded():
        if not isinstance(late, Late):
            continue
        data = made(late)
        for name in msgspec.structs.asdict(late.about[0]).keys() & data.keys():
            known = getattr(late.about[0], name)
            if isinstance(known, str):
                assert known == data[name], f"{kind}: {name}"
                compared += 1
    assert compared > 100


def test_data_have_values_whether_made_or_late() -> None:
    (order,) = [late for _, kind, late in recorded() if kind == "order"][:1]
    for data in (order, made(order)):
        assert has(data, {})
        assert has(data, {"status": "NEW", "side": "BUY", "filled": "0"})
        assert not has(data, {"status": "FILLED"})
        assert not has(data, {"status": "NEW", "filled": "0.010"})
        assert not has(data, {"status": "NEW", "nothing": "NEW"})
        assert not has(data, {"created_ms": "now"})
        assert has(data, {"quantity": Decimal("0.1")})
        assert not has(data, {"quantity": Decimal("0.2")})
        assert not has(data, {"forced_by": Decimal("0.2")})
    for pair in ([1, 1], (1, 1)):
        assert has({"orders": pair}, {"orders": [1, 1]})
        assert not has({"orders": pair}, {"orders": [1, 0]})


def test_an_object_is_what_has_the_fields_wanted() -> None:
    wanted = {"payload": {"o": {"x": "TRADE", "L": "48500.00"}}}
    [push] = [data for _, kind, data in recorded() if kind == "push" and has(data, wanted)]
    assert made(push)["payload"]["o"]["l"] == "0.020"
    assert not has(push, {"payload": {"o": {"x": "TRADE", "Y": 1}}})
    assert not has(push, {"payload": {"e": {"x": "TRADE"}}})


def test_frames_of_a_trade_are_written_as_production_writes_them() -> None:
    pushes = [late.about[0] for _, kind, late in recorded() if kind == "push"]  # type: ignore[union-attr]
    assert all(isinstance(push, Push) for push in pushes)
    of_first_trade = [push for push in pushes if push.trade_id == pushes[1].trade_id]
    assert [push.text.decode() for push in of_first_trade] == [
        '{"e":"TRADE_LITE","E":1795000000000,"T":1795000000000,"s":"BTCUSDT","q":"0.100",'
        '"p":"49000.00","m":true,"c":"web_1","S":"BUY","L":"49000.00","l":"0.010","t":1001,'
        '"i":8389765739703625592}',
        '{"e":"ACCOUNT_UPDATE","T":1795000000000,"E":1795000000000,"a":{"B":[{"a":"USDT",'
        '"wb":"99999.90200000","cw":"99999.90200000","bc":"0"}],"P":[{"s":"BTCUSDT",'
        '"pa":"0.010","ep":"49000","cr":"0","up":"10.00050000","mt":"cross","iw":"0",'
        '"ps":"BOTH","ma":"USDT","bep":"49009.8"}],"m":"ORDER"}}',
        '{"e":"ORDER_TRADE_UPDATE","T":1795000000000,"E":1795000000000,"o":{"s":"BTCUSDT",'
        '"c":"web_1","S":"BUY","o":"LIMIT","f":"GTC","q":"0.100","p":"49000.00","ap":"49000",'
        '"sp":"0","x":"TRADE","X":"PARTIALLY_FILLED","i":8389765739703625592,"l":"0.010",'
        '"z":"0.010","L":"49000.00","n":"0.09800000","N":"USDT","T":1795000000000,"t":1001,'
        '"b":"4410","a":"0","m":true,"R":false,"wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"BOTH",'
        '"cp":false,"rp":"0","pP":false,"si":0,"ss":0,"V":"EXPIRE_MAKER","pm":"NONE","gtd":0,'
        '"er":"0"}}',
    ]
    for push in pushes:
        assert push.payload == json.loads(push.text)
