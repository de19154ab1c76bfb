"""Clients that nobody here wrote, unmodified but for their base URLs, against a running venue."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from mock_venue import VenueConfig
from tests.conformance.guard import loopback_only
from tests.conformance.live import LiveVenue
from tests.mock_venue.keys import (
    Credentials,
    ed25519_credentials,
    hmac_credentials,
    rsa_credentials,
)


@pytest.fixture(autouse=True)
def stay_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No client may reach any host but loopback, nor be led elsewhere by the environment."""
    for name in ("http_proxy", "https_proxy", "ws_proxy", "wss_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with loopback_only():
        yield


@pytest.fixture(scope="session")
def hmac_key() -> Credentials:
    return hmac_credentials()


@pytest.fixture(scope="session")
def rsa_key() -> Credentials:
    return rsa_credentials()


@pytest.fixture(scope="session")
def ed25519_key() -> Credentials:
    return ed25519_credentials()


@pytest_asyncio.fixture
async def live(
    hmac_key: Credentials, rsa_key: Credentials, ed25519_key: Credentials
) -> AsyncIterator[LiveVenue]:
    """A venue with one account for each type of key; BTCUSDT stands at 50000, orders rest."""
    accounts = (hmac_key.account, rsa_key.account, ed25519_key.account)
    async with LiveVenue(VenueConfig(accounts=accounts)) as running:
        yield running


@pytest_asyncio.fixture
async def exchange(live: LiveVenue, hmac_key: Credentials) -> AsyncIterator[Any]:
    """The exchange of ccxt.pro as the venue prints it, without its pauses between requests."""
    made = live.follow("ccxt", hmac_key.account)["exchange"]
    made.enableRateLimit = False
    await made.load_markets()
    yield made
    await made.close()


@pytest_asyncio.fixture
async def clients(live: LiveVenue, hmac_key: Credentials) -> AsyncIterator[tuple[Any, Any]]:
    """The client of python-binance and its socket manager as the venue prints them."""
    client, sockets = await live.follow("python-binance", hmac_key.account)["connect"]()
    yield client, sockets
    await client.close_connection()


@pytest.fixture
def client(clients: tuple[Any, Any]) -> Any:
    return clients[0]


@pytest.fixture
def sockets(clients: tuple[Any, Any]) -> Any:
    return clients[1]
