"""API keys of each type, made for a test, and their signatures."""

from base64 import b64encode
from collections.abc import Callable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from mock_venue import AccountSpec
from mock_venue.wire.signing import sign


class Credentials(msgspec.Struct, frozen=True):
    """What a client is given: the API key, and its HMAC secret or private key (PKCS#8 PEM)."""

    account: AccountSpec
    secret: str
    sign: Callable[[str], str]

    @property
    def key(self) -> str:
        return self.account.key


def hmac_credentials() -> Credentials:
    account = AccountSpec(name="hmac", key="hmac-key", secret="hmac-secret")
    return Credentials(account, account.secret, lambda text: sign(account.secret, text))


def rsa_credentials() -> Credentials:
    key = generate_private_key(65_537, 2_048)
    return _credentials("rsa", key, lambda text: key.sign(text.encode(), PKCS1v15(), SHA256()))


def ed25519_credentials() -> Credentials:
    key = Ed25519PrivateKey.generate()
    return _credentials("ed25519", key, lambda text: key.sign(text.encode()))


def _credentials(
    name: str, key: RSAPrivateKey | Ed25519PrivateKey, sign: Callable[[str], bytes]
) -> Credentials:
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    account = AccountSpec(name=name, key=f"{name}-key", public_key=public.decode())
    return Credentials(account, private.decode(), lambda text: b64encode(sign(text)).decode())
