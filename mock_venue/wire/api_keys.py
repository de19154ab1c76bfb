"""The accounts' API keys: what each signs with, and whether it still holds."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from mock_venue.exchange.account import AccountSpec
from mock_venue.exchange.keys import read_public_key
from mock_venue.wire.signing import is_signed_by, is_signed_for

KeyType = Literal["HMAC_SHA256", "RSA", "ED25519"]


class ApiKey(msgspec.Struct, frozen=True):
    """A key: whose it is, its type, and whether a text has its signature."""

    account: str
    type: KeyType
    signed: Callable[[str, str], bool]


class ApiKeys:
    """The keys of a venue. One that is revoked is as unknown as one that never was (-2015)."""

    def __init__(self, accounts: Iterable[AccountSpec]) -> None:
        self._keys = {account.key: _api_key(account) for account in accounts}
        self._revoked: set[str] = set()

    def find(self, key: str) -> ApiKey | None:
        """The key, None where it is unknown or revoked."""
        found = self._keys.get(key)
        return None if found is None or found.account in self._revoked else found

    def revoke(self, account: str) -> None:
        """Let the account's key hold no more."""
        self._revoked.add(account)

    def reinstate(self, account: str) -> None:
        """Let it hold again."""
        self._revoked.discard(account)


def _api_key(account: AccountSpec) -> ApiKey:
    if account.public_key is None:
        secret = account.secret
        return ApiKey(account.name, "HMAC_SHA256", partial(is_signed_by, secret))
    key = read_public_key(account.public_key)
    kind: KeyType = "RSA" if isinstance(key, RSAPublicKey) else "ED25519"
    return ApiKey(account.name, kind, partial(is_signed_for, key))
