"""Binance's own vectors, recomputed, and what the wire accepts."""

import hmac
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mock_venue import AccountSpec, VenueConfig
from mock_venue.wire.signing import (
    encoded_parameters,
    is_signed_by,
    sign,
    signed_parameters,
    signed_text,
)
from tests.mock_venue.helpers import World, refusal
from tests.mock_venue.keys import Credentials, ed25519_credentials, rsa_credentials

SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
ORDER = (
    "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC"
    "&recvWindow=5000&timestamp=1591702613943"
)
QUERY = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
BODY = "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943"


@pytest.mark.parametrize(
    ("query", "body", "signature"),
    [
        (ORDER, "", "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"),
        ("", ORDER, "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"),
        (QUERY, BODY, "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4"),
    ],
)
def test_vectors(query: str, body: str, signature: str) -> None:
    assert sign(SECRET, signed_text(query, body)) == signature


def test_a_signature_is_of_this_secret_and_this_text_alone() -> None:
    for secret in (SECRET, "another", SECRET):
        for text in (ORDER, "", QUERY, ORDER):
            assert sign(secret, text) == hmac.digest(secret.encode(), text.encode(), "sha256").hex()


def test_the_signature_itself_is_not_signed_and_has_no_case() -> None:
    text = signed_text(f"{ORDER}&signature=abc", "")

    assert text == ORDER
    assert is_signed_by(SECRET, text, sign(SECRET, text).upper())
    assert not is_signed_by(SECRET, text, "ü")


@pytest.mark.asyncio
async def test_parameters_may_be_in_query_and_body(world: World) -> None:
    query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
    body = f"quantity=0.01&price=49000&timestamp={world.clock.ms}"
    signature = sign(world.account.secret, query + body)

    status, _, _ = await world.raw("POST", "/fapi/v1/order", query, f"{body}&signature={signature}")

    assert status == 200


@pytest.mark.asyncio
async def test_the_query_wins(world: World) -> None:
    query = f"symbol=BTCUSDT&timestamp={world.clock.ms}"
    body = "symbol=NONE"
    signature = sign(world.account.secret, query + body)

    status, _, _ = await world.raw(
        "DELETE", "/fapi/v1/allOpenOrders", f"{query}&signature={signature}", body
    )

    assert status == 200


@pytest.mark.asyncio
async def test_a_wrong_signature_is_refused(world: World) -> None:
    query = world.query()
    status, body, _ = await world.raw("GET", "/fapi/v2/account", query + "0")

    assert (status, body) == (
        400,
        b'{"code":-1022,"msg":"Signature for this request is not valid."}',
    )


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("key", "code", "msg"),
    [
        ("", -2014, b"API-key format invalid."),
        ("other", -2015, b"Invalid API-key, IP, or permissions for action."),
    ],
)
async def test_a_missing_or_unknown_key_is_refused(
    world: World, key: str, code: int, msg: bytes
) -> None:
    status, body, _ = await world.raw("GET", "/fapi/v2/account", world.query(), key=key)

    assert (status, body) == (401, b'{"code":%d,"msg":"%s"}' % (code, msg))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("lag_ms", "window_ms", "accepted"),
    [
        (0, None, True),
        (5_000, None, True),
        (5_001, None, False),
        (5_001, 6_000, True),
        (-999, None, True),
        (-1_000, None, False),
    ],
)
async def test_the_time_window(
    world: World, lag_ms: int, window_ms: int | None, accepted: bool
) -> None:
    params = {} if window_ms is None else {"recvWindow": window_ms}
    timestamp = world.clock.ms - lag_ms

    reply = await world.call("GET", "/fapi/v2/account", timestamp=timestamp, **params)

    assert reply[0] == 200 if accepted else refusal(reply) == (400, -1021)


@pytest.mark.asyncio
async def test_timestamp_and_signature_are_mandatory(world: World) -> None:
    _, body, _ = await world.raw("GET", "/fapi/v2/account", "signature=00")
    assert b"-1102" in body and b"'timestamp'" in body

    _, body, _ = await world.raw("GET", "/fapi/v2/account", f"timestamp={world.clock.ms}")
    assert b"-1102" in body and b"'signature'" in body


@pytest.fixture(scope="module")
def rsa() -> Credentials:
    return rsa_credentials()


@pytest.fixture(scope="module")
def ed25519() -> Credentials:
    return ed25519_credentials()


@pytest.fixture(params=["rsa", "ed25519"])
def credentials(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.mark.asyncio
async def test_keys_with_a_public_half_sign_on_both_apis(credentials: Credentials) -> None:
    async with World(VenueConfig(accounts=(AccountSpec(), credentials.account))) as world:
        world.become(credentials)

        assert (await world.limit(newClientOrderId="a"))[0] == 200
        api = await world.api()
        assert (await api.place(newClientOrderId="b"))["status"] == 200
        body = f"symbol=BTCUSDT&timestamp={world.clock.ms}"
        signed = f"{body}&signature={quote(world.sign(body), safe='')}"
        assert (await world.raw("DELETE", "/fapi/v1/allOpenOrders", body=signed))[0] == 200

        world.account = AccountSpec()  # another's key with this signature
        assert refusal(await world.limit()) == (400, -1022)


@pytest.mark.asyncio
@pytest.mark.parametrize("signature", ["00", "%3D", "AAAA", "a+b", "%FF", "%C3%BC"])
async def test_what_is_no_such_signature_is_refused(
    credentials: Credentials, signature: str
) -> None:
    async with World(VenueConfig(accounts=(credentials.account,))) as world:
        query = f"timestamp={world.clock.ms}&signature={signature}"

        status, body, _ = await world.raw("GET", "/fapi/v2/account", query)

        assert (status, body[:13]) == (400, b'{"code":-1022')


def test_a_public_key_is_checked() -> None:
    private = ed25519_credentials().secret
    elliptic = generate_private_key(SECP256R1()).public_key()
    pem = elliptic.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for public_key, reason in [
        (private, "must be the public key, was the private one"),
        ("", "must be PEM text"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "must be PEM text"),
        (pem, "must be an RSA or Ed25519 key, was ECPublicKey"),
    ]:
        with pytest.raises(ValueError, match=f"account main: public_key {reason}"):
            AccountSpec(public_key=public_key)
    good = rsa_credentials().account.public_key
    with pytest.raises(ValueError, match="account main: secret and public_key exclude each other"):
        AccountSpec(public_key=good, secret="s")
    assert AccountSpec(public_key=good).secret == ""


def test_the_websocket_api_signs_parameters_sorted_by_name() -> None:
    params = {"b": "x y", "a": "1", "signature": "00"}

    assert signed_parameters(params) == "a=1&b=x y"
    assert encoded_parameters(params) == "a=1&b=x+y"
