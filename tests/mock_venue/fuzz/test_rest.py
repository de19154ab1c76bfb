"""REST requests that are HTTP and nothing else: every route, every parameter, hostile values."""

import asyncio
from random import Random
from urllib.parse import quote, quote_from_bytes

import pytest

from mock_venue import VenueConfig
from mock_venue.wire.routes import ROUTES
from mock_venue.wire.routing import Route
from mock_venue.wire.signing import sign
from tests.mock_venue.fuzz import values
from tests.mock_venue.fuzz.watch import FuzzedWorld, is_refusal, quiet, settled
from tests.mock_venue.fuzz.wire import Closed, Reply, Wire

REFUSED = 1_500
SEEDS = 3

GOOD = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.010",
    "price": "49000.0",
    "newClientOrderId": "mine",
    "newOrderRespType": "RESULT",
    "reduceOnly": "false",
    "closePosition": "false",
    "positionSide": "BOTH",
    "priceMatch": "NONE",
    "selfTradePreventionMode": "EXPIRE_MAKER",
    "goodTillDate": "1795009000000",
    "orderId": "8389765739703625592",
    "origClientOrderId": "mine",
    "orderIdList": "[1,2]",
    "origClientOrderIdList": '["mine"]',
    "batchOrders": '[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}]',
    "algoType": "CONDITIONAL",
    "triggerPrice": "49000.0",
    "workingType": "CONTRACT_PRICE",
    "priceProtect": "false",
    "activatePrice": "51000.0",
    "callbackRate": "1.0",
    "clientAlgoId": "mine",
    "algoId": "1",
    "countdownTime": "1000",
    "leverage": "10",
    "marginType": "ISOLATED",
    "amount": "10",
    "dualSidePosition": "true",
    "multiAssetsMargin": "true",
    "incomeType": "COMMISSION",
    "autoCloseType": "ADL",
    "asset": "USDT",
    "startTime": "1794990000000",
    "endTime": "1795000000000",
    "fromId": "1",
    "limit": "10",
    "page": "1",
    "interval": "1m",
    "pair": "BTCUSDT",
    "contractType": "PERPETUAL",
    "recvWindow": "5000",
    "listenKey": "abc",
}
ROUTE_LIST: list[Route] = [ROUTES[key] for key in sorted(ROUTES)]
ORDER = ("symbol", "side", "type", "timeInForce", "quantity", "price")
WHOLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("POST", "/fapi/v1/order"): ORDER,
    ("POST", "/fapi/v1/order/test"): ORDER,
    ("PUT", "/fapi/v1/order"): ("symbol", "side", "quantity", "price", "orderId"),
    ("DELETE", "/fapi/v1/order"): ("symbol", "orderId"),
    ("GET", "/fapi/v1/order"): ("symbol", "orderId"),
    ("GET", "/fapi/v1/openOrder"): ("symbol", "orderId"),
    ("POST", "/fapi/v1/batchOrders"): ("batchOrders",),
    ("PUT", "/fapi/v1/batchOrders"): ("batchOrders",),
    ("DELETE", "/fapi/v1/batchOrders"): ("symbol", "orderIdList"),
    ("POST", "/fapi/v1/algoOrder"): (*ORDER, "algoType", "triggerPrice"),
    ("DELETE", "/fapi/v1/algoOrder"): ("algoId",),
    ("GET", "/fapi/v1/algoOrder"): ("algoId",),
    ("POST", "/fapi/v1/countdownCancelAll"): ("symbol", "countdownTime"),
    ("POST", "/fapi/v1/leverage"): ("symbol", "leverage"),
    ("POST", "/fapi/v1/marginType"): ("symbol", "marginType"),
    ("POST", "/fapi/v1/positionMargin"): ("symbol", "amount"),
    ("POST", "/fapi/v1/positionSide/dual"): ("dualSidePosition",),
    ("POST", "/fapi/v1/multiAssetsMargin"): ("multiAssetsMargin",),
    ("GET", "/fapi/v1/continuousKlines"): ("pair", "contractType", "interval"),
    ("GET", "/fapi/v1/klines"): ("symbol", "interval"),
}
"""What a request cannot do without, where that is not the symbol alone."""
PAGED = ("orderId", "fromId", "startTime", "endTime", "limit", "page", "recvWindow")


class Fuzz:
    """Makes one malformed request after the other."""

    def __init__(self, world: FuzzedWorld, seed: int) -> None:
        self.random = Random(seed)
        self._key = world.account.key
        self._secret = world.account.secret
        self._now_ms = world.clock.ms

    def request(self) -> tuple[bytes, bool]:
        """A request, and whether it must be refused; the others may be good by accident."""
        random = self.random
        route = random.choice(ROUTE_LIST)
        pairs = list(values.pick(random, GOOD, random.randrange(1, 12)).items())
        if route.security == "SIGNED":
            pairs.append(("timestamp", str(self._now_ms)))
        key: str | None = self._key
        sure, signed, method, path = True, True, route.method, route.path
        match random.randrange(12):
            case 0:
                pairs.append(random.choice(pairs))
            case 1:
                pairs[random.randrange(len(pairs))] = (random.choice(pairs)[0] + "x", "")
            case 2 if route.security == "SIGNED":
                stale = random.choice([0, 1, -1, self._now_ms + 1_000, self._now_ms - 5_001])
                pairs = [pair for pair in pairs if pair[0] not in ("timestamp", "recvWindow")]
                if random.random() < 0.8:
                    pairs.append(("timestamp", str(stale)))
            case 3 if route.security != "NONE":
                key = random.choice([None, "nobody", "A" * 5_000, "%00", "mock-key "])
                key = key if key != "mock-key " else "mock-keyy"
            case 4 if route.security == "SIGNED":
                signed = False
            case 5:
                path = random.choice([path + "/", path + "%20", "/" + path, path[:-1]])
            case 6:
                method = random.choice(["PATCH", "HEAD", "OPTIONS", "TRACE", "LOCK"])
            case 7:
                pairs.append(("padding", "x" * 70_000))
            case 8 | 9 | 10:
                # Good but for one value, so that nothing before it is what is refused.
                sure, names = False, WHOLE.get((method, path), ("symbol",))
                whole = {name: GOOD[name] for name in names}
                hostile = random.choice([*names, *PAGED])
                whole[hostile] = values.number(random)
                pairs = [*whole.items(), *(pair for pair in pairs if pair[0] == "timestamp")]
            case _:
                sure = False
                for _ in range(random.randrange(1, 4)):
                    name = random.choice([*GOOD, values.text(random)])
                    pairs.append((name, values.text(random)))
                pairs = list(dict(pairs).items())
        quoted = quote if sure else self._quoted
        text = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in pairs)
        return self._written(method, path, text, key, signed), sure

    def _written(self, method: str, path: str, text: str, key: str | None, signed: bool) -> bytes:
        random = self.random
        in_body = method in ("POST", "PUT", "DELETE") and random.random() < 0.5
        in_body = in_body or len(text) > 8_000
        secret = self._secret if signed else "wrong"
        signature = sign(secret, text)
        if not signed:
            signature = random.choice([signature, "", "é" * 32, signature[:-1], "zz", "0" * 5_000])
        text += f"&signature={quote(signature)}" if signed or random.random() < 0.8 else ""
        head = f"{method} {path}{'' if in_body else '?' + text} HTTP/1.1\r\nHost: venue\r\n"
        if key is not None:
            head += f"X-MBX-APIKEY: {key}\r\n"
        body = text.encode() if in_body else b""
        head += f"Content-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def _quoted(self, text: str) -> str:
        """As it is written in a query: well, or with bytes that are no text, or bare."""
        match self.random.randrange(20):
            case 0:
                return quote_from_bytes(text.encode("utf-16"))
            case 1:
                return quote(text, safe="%[]{}\"'<>,:;!*()")
            case 2:
                return quote(text, safe="") + "%f0%28%8c%bc"
        return quote(text, safe="")


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.asyncio
async def test_malformed_requests_are_refused_and_change_nothing(seed: int) -> None:
    async with FuzzedWorld(VenueConfig()) as world:
        fuzz, refused, sent = Fuzz(world, seed), 0, 0
        await world.limit(newClientOrderId="mine")
        tasks = len(asyncio.all_tasks())
        with quiet():
            wire = await Wire.open(world.venue.port)
            before = world.state()
            while refused < REFUSED:
                request, sure = fuzz.request()
                sent += 1
                told = f"seed {seed}, request {sent}: {request[:600]!r}"
                is_head = request.startswith(b"HEAD")
                reply: Reply | None
                try:
                    await wire.write(request)
                    reply = await wire.reply(to_head=is_head)
                except Closed:
                    reply = None
                    wire = await Wire.open(world.venue.port)
                is_refused = reply is None or _refused(reply, is_head, told)
                assert is_refused or not sure, f"{told} was carried out: {reply}"
                after = world.state()
                if is_refused or request.startswith(b"GET"):
                    assert after == before, f"{told} changed the state"
                before = after
                refused += is_refused
            assert sent < 2 * refused
            wire.close()
            await settled(world, tasks)


def _refused(reply: Reply, is_head: bool, told: str) -> bool:
    try:
        if is_head:
            assert 400 <= reply.status < 500, reply
            return True
        return is_refusal(reply)
    except AssertionError as error:
        raise AssertionError(f"{told}: {error}") from error
