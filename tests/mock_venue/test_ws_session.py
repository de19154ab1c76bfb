"""Sessions of the WebSocket API: logged on with an Ed25519 key, requests need no signature."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from mock_venue import AccountSpec, VenueConfig, VenueScriptError
from tests.mock_venue.helpers import START_MS, SYMBOL, Api, World, refusal
from tests.mock_venue.keys import Credentials, ed25519_credentials, rsa_credentials

UNKNOWN_KEY = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}
ORDER = {
    "symbol": SYMBOL,
    "side": "BUY",
    "type": "LIMIT",
    "quantity": "0.010",
    "price": "49000",
    "timeInForce": "GTC",
}


@pytest.fixture(scope="module")
def ed25519() -> Credentials:
    return ed25519_credentials()


@pytest_asyncio.fixture
async def world(ed25519: Credentials) -> AsyncIterator[World]:
    """A venue whose first account has an HMAC key, and a client with the Ed25519 key."""
    async with World(VenueConfig(accounts=(AccountSpec(), ed25519.account))) as running:
        running.become(ed25519)
        yield running


@pytest_asyncio.fixture
async def api(world: World) -> AsyncIterator[Api]:
    api = await world.api()
    assert (await api.call("session.logon"))["status"] == 200
    yield api


async def ask(api: Api, method: str, **params: Any) -> dict[str, Any]:
    """The response to a request as it is, without key and signature."""
    await api.send(method, params)
    return dict(await api.socket.next())


def status(authorized_ms: int | None, key: str | None, server_ms: int) -> dict[str, Any]:
    return {
        "apiKey": key,
        "authorizedSince": authorized_ms,
        "connectedSince": START_MS,
        "returnRateLimits": True,
        "serverTime": server_ms,
    }


@pytest.mark.asyncio
async def test_on_and_off(world: World) -> None:
    api = await world.api()
    world.clock.ms += 5
    nobody, somebody = status(None, None, START_MS + 5), (START_MS + 5, "ed25519-key")
    assert (await ask(api, "session.status"))["result"] == nobody
    assert (await ask(api, "session.logout"))["result"] == nobody

    logon = await api.call("session.logon")
    assert logon["result"] == status(*somebody, START_MS + 5)
    assert logon["rateLimits"][0]["count"] == 5 + 3 * 2
    world.clock.ms += 5
    assert (await ask(api, "session.status"))["result"] == status(*somebody, START_MS + 10)
    assert (await ask(api, "session.logout"))["result"] == status(None, None, START_MS + 10)

    refused = await ask(api, "account.balance", timestamp=world.clock.ms)
    assert (refused["status"], refused["error"]["code"]) == (401, -2014)


@pytest.mark.asyncio
async def test_requests_of_a_session_need_the_time_alone(world: World, api: Api) -> None:
    placed = await ask(api, "order.place", **ORDER, timestamp=world.clock.ms)
    assert placed["status"] == 200
    order = world.venue.ledger.order(placed["result"]["orderId"])
    assert order is not None and order.account == "ed25519"
    timeless = await ask(api, "order.place", **ORDER)
    assert (timeless["status"], timeless["error"]["code"]) == (400, -1102)
    late = await ask(api, "order.place", **ORDER, timestamp=world.clock.ms - 5_001)
    assert (late["status"], late["error"]["code"]) == (400, -1021)

    listen_key = (await ask(api, "userDataStream.start"))["result"]["listenKey"]
    assert (await ask(api, "userDataStream.ping"))["result"] == {"listenKey": listen_key}
    assert (await ask(api, "userDataStream.stop"))["result"] == {}


@pytest.mark.asyncio
async def test_a_request_with_a_key_stands_for_itself(world: World, api: Api) -> None:
    unsigned = await ask(api, "account.balance", apiKey="ed25519-key", timestamp=world.clock.ms)
    assert unsigned["error"]["code"] == -1102
    world.account = AccountSpec()
    wrong = await api.call("account.balance")
    assert (wrong["status"], wrong["error"]["code"]) == (400, -1022)
    own = await world.api()
    assert (await ask(own, "order.place", timestamp=world.clock.ms))["status"] == 401


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["HMAC_SHA256", "RSA"])
async def test_other_keys_have_no_sessions(kind: str) -> None:
    account = AccountSpec()
    rsa = rsa_credentials()
    async with World(VenueConfig(accounts=(account, rsa.account))) as world:
        if kind == "RSA":
            world.become(rsa)
        api = await world.api()

        logon = await api.call("session.logon")

        assert (logon["status"], logon["error"]) == (
            400,
            {"code": -4056, "msg": f"{kind} API key is not supported."},
        )
        assert (await ask(api, "session.status"))["result"]["apiKey"] is None


@pytest.mark.asyncio
async def test_logon_is_signed(world: World) -> None:
    api = await world.api()
    for changes, code in [({"signature": "00"}, -1022), ({"apiKey": "other"}, -2015)]:
        await api.send("session.logon", {**api.signed(), **changes})
        assert (await api.socket.next())["error"]["code"] == code
    await api.send("session.logon", api.signed(timestamp=START_MS - 5_001))
    assert (await api.socket.next())["error"]["code"] == -1021


@pytest.mark.asyncio
async def test_a_revoked_key_ends_its_session_at_the_next_request(world: World, api: Api) -> None:
    world.venue.revoke_key("ed25519")

    revoked = await ask(api, "order.place", **ORDER, timestamp=world.clock.ms)
    assert (revoked["id"], revoked["status"], revoked["error"]) == (None, 401, UNKNOWN_KEY)
    assert world.venue.ledger.orders() == []
    after = await ask(api, "session.status")
    assert (after["id"], after["result"]["apiKey"]) == (2 + 1, None)
    assert (await api.call("session.logon"))["error"] == UNKNOWN_KEY
    assert refusal(await world.limit()) == (401, -2015)

    world.venue.reinstate_key("ed25519")
    assert (await world.limit())[0] == 200
    assert (await ask(api, "session.status"))["result"]["apiKey"] is None
    assert (await api.call("session.logon"))["status"] == 200
    assert world.log.of("act") == [
        {"act": "revoke_key", "account": "ed25519"},
        {"act": "reinstate_key", "account": "ed25519"},
    ]


@pytest.mark.asyncio
async def test_a_key_is_revoked_of_the_first_account_unless_told(world: World) -> None:
    world.venue.revoke_key()
    assert (await world.limit())[0] == 200
    world.account = AccountSpec()
    assert refusal(await world.limit()) == (401, -2015)
    with pytest.raises(VenueScriptError, match="revoke_key: account must be one of main, ed25519"):
        world.venue.revoke_key("nobody")
