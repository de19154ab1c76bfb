"""Listen keys: at most one active a account, alive for `life_ms` after POST or PUT."""

import hashlib

import msgspec

from mock_venue.exchange import errors
from mock_venue.recording import Record


class _Key(msgspec.Struct):
    key: str
    expires_ms: int


class ListenKeys:
    """The active listen keys. Expiry is checked by `due`, so nothing dies unseen."""

    def __init__(self, life_ms: int, record: Record) -> None:
        self._life_ms = life_ms
        self._record = record
        self._keys: dict[str, _Key] = {}
        self._none_due_before_ms = 0
        self._made = 0

    def create(self, account: str, now_ms: int) -> str:
        """Return the account's key: the active one with its life renewed, else a new one."""
        known = self._keys.get(account)
        if known is not None:
            known.expires_ms = now_ms + self._life_ms
            self._record("wire", "listen_key", {"action": "kept_alive"})
            return known.key
        self._made += 1
        key = hashlib.sha256(f"{account}/{self._made}/{now_ms}".encode()).hexdigest()
        self._keys[account] = _Key(key, now_ms + self._life_ms)
        self._none_due_before_ms = min(self._none_due_before_ms, now_ms + self._life_ms)
        self._record("wire", "listen_key", {"action": "created"})
        return key

    def keep_alive(self, account: str, now_ms: int) -> str:
        """Renew the life of the account's key. Raises -1125 without one."""
        known = self._keys.get(account)
        if known is None:
            raise errors.UNKNOWN_LISTEN_KEY()
        known.expires_ms = now_ms + self._life_ms
        self._record("wire", "listen_key", {"action": "kept_alive"})
        return known.key

    def close(self, account: str) -> str | None:
        """Invalidate the account's key and return it, None without one."""
        known = self._keys.pop(account, None)
        if known is None:
            return None
        self._record("wire", "listen_key", {"action": "closed"})
        return known.key

    def expire(self, account: str) -> None:
        """Invalidate the account's key because its life is over."""
        if self._keys.pop(account, None) is not None:
            self._record("wire", "listen_key", {"action": "expired"})

    def active(self, account: str) -> str | None:
        """The account's key, None without one."""
        known = self._keys.get(account)
        return known.key if known else None

    def accounts(self) -> list[str]:
        """Accounts with a key."""
        return list(self._keys)

    def due(self, now_ms: int) -> list[str]:
        """Accounts whose key's life is over."""
        if now_ms < self._none_due_before_ms:
            return []
        ends = (key.expires_ms for key in self._keys.values())
        self._none_due_before_ms = min(ends, default=now_ms + self._life_ms)
        return [account for account, key in self._keys.items() if key.expires_ms <= now_ms]
