"""Histories as bugs that cannot be planted in a node would leave them.

Each function takes the events of a clean run and returns those of a faulty one. It raises
LookupError where it finds nothing to alter: the bug would be none.
"""

import copy
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from harness.history import Event, Source

Alter = Callable[[Sequence[Event]], list[Event]]
Matches = Callable[[Event], bool]
Change = Callable[[dict[str, Any]], None]

SECOND_NS = 1_000_000_000

_ONE_LOT = Decimal("0.001")
_ONE_CENT = Decimal("0.01")


def _changed(matches: Matches, change: Change) -> Alter:
    """Return the function that changes the data of the last event that matches."""

    def alter(events: Sequence[Event]) -> list[Event]:
        number = _last(events, matches)
        data = copy.deepcopy(events[number].data)
        change(data)
        event = msgspec.structs.replace(events[number], data=data)
        return [*events[:number], event, *events[number + 1 :]]

    return alter


def _told_again(matches: Matches, after: Matches, change: Change = lambda data: None) -> Alter:
    """Return the function that has the last event that matches happen again, after another."""

    def alter(events: Sequence[Event]) -> list[Event]:
        place = _last(events, after)
        event = events[_last(events, matches)]
        data = copy.deepcopy(event.data)
        change(data)
        again = msgspec.structs.replace(event, ts=events[place].ts + SECOND_NS, data=data)
        return _numbered([*events[: place + 1], again, *events[place + 1 :]])

    return alter


def position_to_and_fro(events: Sequence[Event]) -> list[Event]:
    """Have a made-up fill move the position, another one undo it, and a third make it again."""
    fill = _is("node", "order_event", type="OrderFilled")
    for number, side in enumerate(("BUY", "SELL", "BUY")):
        made_up = _event(order_side=side, trade_id=f"swing-{number}", reconciliation=True)
        events = _told_again(fill, fill, made_up)(events)
    return list(events)


def fill_inferred_under_another_id(events: Sequence[Event]) -> list[Event]:
    """Have the last fill of each of two runs be inferred, under an id of its own."""
    for run in (1, 2):
        fill = _is("node", "order_event", type="OrderFilled", run=run)
        events = _changed(fill, _event(trade_id=f"anew-{run}", reconciliation=True))(events)
    return list(events)


def _with(source: Source, kind: str, data: dict[str, Any]) -> Alter:
    """Return the function that has another event happen, right before the final snapshot."""

    def alter(events: Sequence[Event]) -> list[Event]:
        place = _last(events, _FINAL)
        event = Event(0, events[place].ts, source, kind, data)
        return _numbered([*events[:place], event, *events[place:]])

    return alter


def unrecorded(source: Source, kind: str) -> Alter:
    """Return the function that leaves out every event of a kind."""
    matches = _is(source, kind)

    def alter(events: Sequence[Event]) -> list[Event]:
        _last(events, matches)
        return _numbered([event for event in events if not matches(event)])

    return alter


def _is(source: Source, kind: str, **where: Any) -> Matches:
    """Return what tells whether an event is of a kind and has such data."""
    return lambda event: (
        event.source == source
        and event.kind == kind
        and all(event.data.get(field) == value for field, value in where.items())
    )


_CANCELED = _is("node", "order_event", type="OrderCanceled")
_FINAL = _is("node", "snapshot", reason="final")


def _on_position(change: Change) -> Alter:
    """Return the function that changes the open position of the final snapshot."""
    return _changed(_FINAL, lambda data: change(_one(data["positions"], "is_open")))


def _on_order(change: Change) -> Alter:
    """Return the function that changes the latest order of the final snapshot."""
    return _changed(_FINAL, lambda data: change(data["orders"][-1]))


def _add(field: str, amount: Decimal) -> Change:
    """Return the change that adds an amount to a decimal string."""

    def change(data: dict[str, Any]) -> None:
        data[field] = str(Decimal(data[field]) + amount)

    return change


def _put(**values: Any) -> Change:
    """Return the change that replaces values."""
    return lambda data: data.update(values)


def _event(**values: Any) -> Change:
    """Return the change that replaces values of an order event."""
    return lambda data: data["event"].update(values)


def _without_its_last_fill(data: dict[str, Any]) -> None:
    order = next(order for order in reversed(data["orders"]) if order["fills"])
    order["fills"].pop()


def _split_position(data: dict[str, Any]) -> None:
    """Hold the open position as two of opposite sides that make up its size."""
    held = _one(data["positions"], "is_open")
    quantity = Decimal(held["signed_quantity"])
    other = held | {"position_id": f"{held['position_id']}-2", "signed_quantity": str(-quantity)}
    held["signed_quantity"] = str(2 * quantity)
    data["positions"].append(other)


def _a_cent_more_realized(data: dict[str, Any]) -> None:
    position = data["positions"][-1]
    amount, _, currency = position["realized_pnl"].partition(" ")
    position["realized_pnl"] = f"{Decimal(amount) + _ONE_CENT} {currency}"


def _persisted_twice(data: dict[str, Any]) -> None:
    """Hold a persisted fill twice."""
    trade_ids = next(iter(data["fills"].values()))
    trade_ids.append(trade_ids[0])


def _one(values: list[dict[str, Any]], flag: str) -> dict[str, Any]:
    found = [value for value in values if value[flag]]
    if not found:
        raise LookupError(f"the final snapshot holds nothing that {flag}")
    return found[-1]


def _last(events: Sequence[Event], matches: Matches) -> int:
    for number in range(len(events) - 1, -1, -1):
        if matches(events[number]):
            return number
    raise LookupError("the history holds no event that could be altered")


def _numbered(events: Sequence[Event]) -> list[Event]:
    return [msgspec.structs.replace(event, seq=seq) for seq, event in enumerate(events)]


position_off_by_one_lot = _on_position(_add("signed_quantity", _ONE_LOT))
position_split = _changed(_FINAL, _split_position)
order_resurrected = _on_order(_put(status="ACCEPTED", is_open=True, is_closed=False))
order_attributed_without_a_claim = _on_order(_put(strategy_id="S-001"))
fill_persisted_twice = _changed(_is("store", "persisted"), _persisted_twice)
order_before_reconciliation = _changed(_is("node", "reconciliation_finished"), _put(success=False))
checks_too_early = _changed(
    _is("harness", "scenario_started"),
    lambda data: data["preset_values"].update(reconciliation_startup_delay_secs=10.0),
)
check_with_an_error = _changed(
    _is("node", "check_finished", check="open_orders"), _put(error="RuntimeError('planted')")
)
event_awaited_in_vain = _with("harness", "expectation_failed", {"message": "planted"})
command_not_carried_out = _with(
    "node", "command_failed", {"run": 1, "command": "planted", "error": "planted"}
)
index_entry_orphaned = _changed(
    _is("store", "persisted"), lambda data: data["index"]["orders_open"].append("O-99")
)
order_canceled_twice = _told_again(_CANCELED, _CANCELED)
position_without_a_fill = _changed(_FINAL, _without_its_last_fill)
entry_price_off = _on_position(_add("average_price", Decimal(10)))
realized_pnl_off_by_a_cent = _changed(_FINAL, _a_cent_more_realized)
