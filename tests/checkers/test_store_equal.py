"""The store against the node's final state."""

from typing import Any

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import BTC, Story, ask, held, kinds, place

POSITION = f"{BTC}-BOTH"
ORDERS = [
    held("O-1", "FILLED", ("1001", "0.010")),
    held("O-2", "ACCEPTED"),
    held("O-3", "CANCELED"),
]
USDT = {"currency": "USDT", "total": "100.5", "free": "100.5", "locked": "0"}


def stored() -> dict[str, Any]:
    """What the store holds where all is well."""
    return {
        "fills": {"O-1": ["1001"]},
        "orders": {
            "O-1": {"types": ["OrderInitialized", "OrderFilled"], "filled": "0.010"},
            "O-2": {"types": ["OrderInitialized", "OrderAccepted"], "filled": "0"},
            "O-3": {"types": ["OrderInitialized", "OrderCanceled"], "filled": "0"},
        },
        "positions": {POSITION: {"signed_quantity": "0.010"}},
        "accounts": {"A-1": {"balances": {"USDT": "100.50"}}},
        "index": {
            "orders": ["O-1", "O-2", "O-3"],
            "orders_open": ["O-2"],
            "orders_closed": ["O-1", "O-3"],
            "positions": [POSITION],
            "positions_open": [POSITION],
            "order_position": ["O-1"],
            "order_client": ["O-1", "O-2"],
        },
        "left_out": 0,
    }


def story(persisted: dict[str, Any], *, disturbed: bool = False) -> Story:
    told = Story().begin().start()
    if disturbed:
        told.event("store", "killed", kept=False)
    told.snapshot(ORDERS, [place("0.010")])
    told.events[-1].data["balances"] = [USDT]
    return told.stop().event("store", "persisted", **persisted)


def test_a_store_that_reads_back_passes() -> None:
    answer = ask("store_equal", story(stored()))
    assert answer.outcome is Outcome.PASS
    assert answer.measures == {"orders_count": 3}


def test_what_a_strategy_does_as_it_stops_is_in_the_store_too() -> None:
    data = stored()
    data["orders"]["O-2"]["types"].append("OrderCanceled")
    data["index"] |= {"orders_open": [], "orders_closed": ["O-1", "O-2", "O-3"]}
    told = Story().begin().start().snapshot(ORDERS, [place("0.010")]).stop()
    canceled = [ORDERS[0], held("O-2", "CANCELED"), ORDERS[2]]
    told.snapshot(canceled, [place("0.010")], reason="stopped")
    told.events[-1].data["balances"] = [USDT]
    answer = ask("store_equal", told.event("store", "persisted", **data))
    assert answer.outcome is Outcome.PASS, answer.evidence


def lose(where: str, name: str) -> dict[str, Any]:
    data = stored()
    del data[where][name]
    return data


def change(where: str, name: str, **fields: Any) -> dict[str, Any]:
    data = stored()
    data[where][name] = data[where].get(name, {}) | fields
    return data


def indexed(name: str, *members: str) -> dict[str, Any]:
    data = stored()
    data["index"][name] = list(members)
    return data


def misplaced() -> dict[str, Any]:
    """An open position among the closed ones alone."""
    data = stored()
    data["index"] |= {"positions_open": [], "positions_closed": [POSITION]}
    return data


@pytest.mark.parametrize(
    ("persisted", "found"),
    [
        (change("orders", "O-1", filled="0.004"), ["persisted_order_differs"]),
        (change("orders", "O-3", types=["OrderInitialized"]), ["persisted_order_differs"]),
        (change("orders", "O-2", types=["OrderExpired"]), ["persisted_order_differs"]),
        (change("positions", POSITION, signed_quantity="0.009"), ["persisted_position_differs"]),
        (change("accounts", "A-1", balances={"USDT": "100.49"}), ["persisted_balance_differs"]),
        (lose("accounts", "A-1"), ["persisted_balance_differs"]),
        (indexed("orders", "O-1", "O-2"), ["index_entry_missing"]),
        (indexed("orders_open"), ["index_entry_missing"]),
        (indexed("orders_open", "O-2", "O-3"), ["index_entry_orphaned"]),
        (indexed("orders_closed", "O-1"), ["index_entry_missing"]),
        (indexed("orders_closed", "O-1", "O-2", "O-3"), ["index_entry_orphaned"]),
        (indexed("positions"), ["index_entry_missing"]),
        (indexed("positions_open"), ["index_entry_missing"]),
        (indexed("positions_closed", "P-9"), ["index_entry_orphaned"]),
        (misplaced(), ["index_entry_missing", "index_entry_orphaned"]),
        (indexed("order_position", "O-1", "O-9"), ["index_entry_orphaned"]),
        (indexed("order_client", "O-9"), ["index_entry_orphaned"]),
    ],
)
def test_what_differs_fails(persisted: dict[str, Any], found: list[str]) -> None:
    assert kinds(ask("store_equal", story(persisted))) == found


def test_a_position_that_is_open_again_may_be_among_the_closed_ones_too() -> None:
    answer = ask("store_equal", story(indexed("positions_closed", POSITION)))
    assert answer.outcome is Outcome.PASS
    assert [note.kind for note in answer.notes] == ["index_entry_stale"]


def test_an_order_that_the_store_lacks_fails() -> None:
    assert "order_not_persisted" in kinds(ask("store_equal", story(lose("orders", "O-1"))))


def test_a_position_that_the_store_lacks_fails() -> None:
    answer = ask("store_equal", story(lose("positions", POSITION)))
    assert answer.evidence[0].kind == "persisted_position_differs"
    assert "missing in the store" in answer.evidence[0].message


def test_an_open_order_that_only_the_store_has_fails() -> None:
    persisted = change("orders", "O-9", types=["OrderAccepted"], filled="0")
    assert "persisted_order_unknown" in kinds(ask("store_equal", story(persisted)))


def test_a_purged_order_stays_in_the_store_closed() -> None:
    persisted = change("orders", "O-9", types=["OrderCanceled"], filled="0")
    for name in ("orders", "orders_closed"):
        persisted["index"][name] = [*persisted["index"][name], "O-9"]
    assert ask("store_equal", story(persisted)).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("quantity", "found"), [("0", []), ("0.001", ["persisted_position_unknown"])]
)
def test_only_a_closed_position_may_be_in_the_store_alone(quantity: str, found: list[str]) -> None:
    persisted = change("positions", "P-9", signed_quantity=quantity)
    persisted["index"] |= {"positions": [POSITION, "P-9"], "positions_closed": ["P-9"]}
    assert kinds(ask("store_equal", story(persisted))) == found


def test_what_a_disturbed_store_lost_is_noted() -> None:
    answer = ask("store_equal", story(lose("orders", "O-1"), disturbed=True))
    assert answer.outcome is Outcome.PASS
    assert "order_not_persisted" in [note.kind for note in answer.notes]


def test_what_the_sets_lack_after_a_kill_is_noted_and_nothing_else() -> None:
    def killed(persisted: dict[str, Any]) -> Story:
        told = Story().begin().start().kill().start().snapshot(ORDERS, [place("0.010")])
        told.events[-1].data["balances"] = [USDT]
        return told.stop().event("store", "persisted", **persisted)

    answer = ask("store_equal", killed(indexed("orders_open")))
    assert answer.outcome is Outcome.PASS
    assert [note.kind for note in answer.notes] == ["index_entry_missing"]
    differs = killed(change("orders", "O-1", filled="0.004"))
    assert kinds(ask("store_equal", differs)) == ["persisted_order_differs"]


def test_a_store_that_was_not_read_or_not_wholly_is_unknown() -> None:
    unread = Story().begin().start().snapshot()
    assert ask("store_equal", unread).outcome is Outcome.UNKNOWN
    assert ask("store_equal", story(stored() | {"left_out": 1})).outcome is Outcome.UNKNOWN
