"""The API key of the account that the node trades on."""

from typing import Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from mock_venue.exchange.account import AccountSpec

KeyType = Literal["HMAC_SHA256", "ED25519"]


class Credentials(msgspec.Struct, frozen=True):
    """The account as the venue knows it, and what the node signs with: a secret or a PEM key."""

    account: AccountSpec
    secret: str


def credentials(key_type: KeyType) -> Credentials:
    """Return credentials of a type; a private key is made anew."""
    if key_type == "HMAC_SHA256":
        account = AccountSpec()
        return Credentials(account, account.secret)
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Credentials(AccountSpec(public_key=public.decode()), private.decode())
