"""What is read of a trader's cache in the store."""

from typing import Any

import fakeredis
import msgspec
import pytest

from harness.world import persisted
from harness.world.persisted import read_persisted

FILL = {"type": "OrderFilled", "trade_id": "1001", "last_qty": "0.004", "order_side": "SELL"}


def push(client: fakeredis.FakeRedis, key: str, *events: dict[str, Any]) -> None:
    client.rpush(f"trader-{key}", *(msgspec.msgpack.encode(event) for event in events))


def test_orders_positions_accounts_and_the_index_of_the_trader_are_read() -> None:
    client = fakeredis.FakeRedis()
    push(client, "CHAOS-001:orders:O-1", {"type": "OrderInitialized"}, FILL, FILL)
    push(client, "CHAOS-001:orders:O-2", {"type": "OrderInitialized"})
    push(client, "CHAOS-001:positions:P-1", FILL, {**FILL, "order_side": "BUY", "last_qty": "1"})
    push(
        client,
        "CHAOS-001:accounts:A-1",
        {"balances": [{"currency": "USDT", "total": "1"}]},
        {"balances": [{"currency": "USDT", "total": "2.50"}]},
    )
    push(client, "OTHER-001:orders:O-3", FILL)
    client.sadd("trader-CHAOS-001:index:orders", "O-2", "O-1")
    client.hset("trader-CHAOS-001:index:order_position", "O-1", "P-1")

    assert read_persisted(client, "trader-CHAOS-001") == {
        "fills": {"O-1": ["1001", "1001"]},
        "orders": {
            "O-1": {"types": ["OrderInitialized", "OrderFilled", "OrderFilled"], "filled": "0.008"},
            "O-2": {"types": ["OrderInitialized"], "filled": "0"},
        },
        "positions": {"P-1": {"signed_quantity": "0.996"}},
        "accounts": {"A-1": {"balances": {"USDT": "2.50"}}},
        "index": {"orders": ["O-1", "O-2"], "order_position": ["O-1"]},
        "garbled": [],
        "left_out": 0,
    }


def test_what_is_too_much_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted, "READ_MAX", 2)
    client = fakeredis.FakeRedis()
    for number in range(5):
        push(client, f"CHAOS-001:orders:O-{number}", FILL)
    read = read_persisted(client, "trader-CHAOS-001")
    assert (len(read["orders"]), read["left_out"]) == (2, 3)


def test_what_2x_writes_is_read_as_well() -> None:
    client = fakeredis.FakeRedis()
    voided = {"type": "OrderFillVoided", "trade_id": "1001", "voided_qty": "0.004"}
    events = {"Initialized": {"type": "OrderInitialized"}, "Filled": FILL, "FillVoided": voided}
    for kind, event in events.items():
        client.rpush("trader-C:orders:O-1", msgspec.json.encode({kind: event}))
    account = {"balances": [{"currency": "USDT", "total": "2.50 USDT"}], "margins": []}
    client.rpush("trader-C:accounts:A-1", msgspec.json.encode(account))
    read = read_persisted(client, "trader-C")
    assert read["orders"] == {
        "O-1": {
            "types": ["OrderInitialized", "OrderFilled", "OrderFillVoided"],
            "filled": "0.000",
        }
    }
    assert read["accounts"] == {"A-1": {"balances": {"USDT": "2.50"}}}
