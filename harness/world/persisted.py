"""What a trader's cache has written to the store, as plain data.

NautilusTrader keeps an order and an account as a list of its events, a position as one of its fills
since it was opened last, and beside them sets and hashes of ids (`index:...`).
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import batched, islice
from typing import Any

import msgspec
import redis

SCAN_COUNT = 1_000
READ_MAX = 20_000
"""Lists of a kind that are read; the rest is counted."""


def read_persisted(client: redis.Redis, prefix: str) -> dict[str, Any]:
    """Return what the store holds of a cache whose keys begin with a prefix.

    - `fills`: the trade ids of each order that has any, in order;
    - `orders`: of each the `types` of its events, and what they add up to as `filled`;
    - `positions`: of each the `signed_quantity` of its fills;
    - `accounts`: of each the `balances` that its last event tells, total by currency;
    - `index`: the members of each set, and the keys of each hash;
    - `garbled`: the sets that hold what is no text, and are not in `index`;
    - `left_out`: how many lists were too many to be read.
    """
    found: dict[str, Any] = {name: {} for name in ("fills", "orders", "positions", "accounts")}
    left_out = 0
    for kind, add in (("orders", _order), ("positions", _position), ("accounts", _account)):
        lists = f"{prefix}:{kind}:"
        keys = client.scan_iter(f"{lists}*", count=SCAN_COUNT, _type="list")
        for name, events in _lists(client, lists, islice(keys, READ_MAX)):
            add(found, name, events)
        left_out += sum(1 for _ in keys)
    index, garbled = _index(client, f"{prefix}:index:")
    return {**found, "index": index, "garbled": garbled, "left_out": left_out}


def read_event(value: bytes) -> dict[str, Any]:
    """Read an event as a list holds it: 1.x writes msgpack, 2.x JSON, {kind: event}."""
    if not value.startswith(b"{"):
        event: dict[str, Any] = msgspec.msgpack.decode(value)
        return event
    told: dict[str, Any] = msgspec.json.decode(value)
    return next(iter(told.values())) if len(told) == 1 else told


def _lists(
    client: redis.Redis, prefix: str, keys: Iterator[bytes]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for some in batched(keys, SCAN_COUNT):
        pipeline = client.pipeline(transaction=False)
        for key in some:
            pipeline.lrange(key, 0, -1)
        for key, values in zip(some, pipeline.execute(), strict=True):
            yield key.decode().removeprefix(prefix), [read_event(one) for one in values]


def _order(found: dict[str, Any], name: str, events: list[dict[str, Any]]) -> None:
    fills = [event for event in events if event["type"] == "OrderFilled"]
    if fills:
        found["fills"][name] = [fill["trade_id"] for fill in fills]
    found["orders"][name] = {
        "types": [event["type"] for event in events],
        "filled": str(sum(map(_filled, events), Decimal(0))),
    }


def _filled(event: dict[str, Any]) -> Decimal:
    """What an event adds to what an order has filled; 2.x takes inferred fills back."""
    if event["type"] == "OrderFillVoided":
        return -Decimal(event["voided_qty"])
    return Decimal(event["last_qty"]) if event["type"] == "OrderFilled" else Decimal(0)


def _position(found: dict[str, Any], name: str, events: list[dict[str, Any]]) -> None:
    signed = (
        Decimal(fill["last_qty"]) * (1 if fill["order_side"] == "BUY" else -1) for fill in events
    )
    found["positions"][name] = {"signed_quantity": str(sum(signed, Decimal(0)))}


def _account(found: dict[str, Any], name: str, events: list[dict[str, Any]]) -> None:
    balances = events[-1]["balances"] if events else []
    # 2.x writes the currency behind the amount as well.
    found["accounts"][name] = {
        "balances": {one["currency"]: one["total"].partition(" ")[0] for one in balances}
    }


def _index(client: redis.Redis, prefix: str) -> tuple[dict[str, list[str]], list[str]]:
    """Return the sets by name, and the names of those that hold what is no text."""
    index: dict[str, list[str]] = {}
    garbled = []
    for key in client.scan_iter(f"{prefix}*", count=SCAN_COUNT):
        name = key.decode().removeprefix(prefix)
        members: Any = client.hkeys(key) if client.type(key) == b"hash" else client.smembers(key)
        try:
            index[name] = sorted(member.decode() for member in members)
        except UnicodeDecodeError:
            garbled.append(name)
    return index, sorted(garbled)
