"""A snapshot of an exchange and its market data: taken, checked, put back.

Symbols, accounts and the price path are the configuration's and stay; a snapshot names the symbols
and accounts it is of. Its checksum tells one that was cut or edited.
"""

import hashlib
from typing import Any

import msgspec

from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.market_data import MarketData
from mock_venue.exchange.snapshot import BadSnapshot, dump_attributes, load_attributes

VERSION = 3
CONFIGURED = frozenset({"symbols", "accounts", "path", "_handlers"})


def take_snapshot(exchange: Exchange, data: MarketData, now_ms: int) -> dict[str, Any]:
    """The state of both as JSON."""
    state = {
        "exchange": dump_attributes(exchange, CONFIGURED),
        "market_data": dump_attributes(data),
    }
    return {
        "version": VERSION,
        "taken_ms": now_ms,
        "symbols": list(exchange.symbols),
        "accounts": list(exchange.accounts),
        "sha256": _checksum(state),
        "state": state,
    }


def put_back(exchange: Exchange, data: MarketData, snapshot: Any) -> None:
    """Put both into the state of a snapshot. Raises BadSnapshot, and then nothing has changed."""
    if not isinstance(snapshot, dict) or snapshot.get("version") != VERSION:
        raise BadSnapshot(f"must be a snapshot of version {VERSION}")
    for name, known in (("symbols", exchange.symbols), ("accounts", exchange.accounts)):
        if snapshot.get(name) != list(known):
            raise BadSnapshot(f"the snapshot has other {name}: {snapshot.get(name)}")
    state = snapshot.get("state")
    if not isinstance(state, dict) or snapshot.get("sha256") != _checksum(state):
        raise BadSnapshot("the checksum is wrong: the snapshot was cut or edited")
    restored = load_attributes(exchange, state.get("exchange"), CONFIGURED)
    told = load_attributes(data, state.get("market_data"))
    vars(exchange).update(restored)
    vars(data).update(told)


def _checksum(state: dict[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(state, order="sorted")).hexdigest()
