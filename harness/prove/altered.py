"""Histories as bugs that cannot be planted in a node would leave them.

Each function takes the events of a clean run and returns those of a faulty one. It raises
LookupError where it finds nothing to alter: the bug would be none.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from harness.checkers.expectations import DEADLINE_PASSED
from harness.history import Event, Source

Alter = Callable[[Sequence[Event]], list[Event]]
Matches = Callable[[Event], bool]
Change = Callable[[dict[str, Any]], None]

SECOND_NS = 1_000_000_000


def _changed(matches: Matches, change: Change) -> Alter:
    """Return the function that changes the data of the last event that matches."""

    def alter(events: Sequence[Event]) -> list[Event]:
        number = _last(events, matches)
        data = copy.deepcopy(events[number].data)
        change(data)
        event = msgspec.structs.replace(events[number], data=data)
        return [*events[:number], event, *events[number + 1 :]]

    return alter


def _told_again(matches: Matches, change: Change) -> Alter:
    """Return the function that has the last event that matches happen again, with other data."""

    def alter(events: Sequence[Event]) -> list[Event]:
        place = _last(events, matches)
        event = events[place]
        data = copy.deepcopy(event.data)
        change(data)
        again = msgspec.structs.replace(event, ts=event.ts + SECOND_NS, data=data)
        return _numbered([*events[: place + 1], again, *events[place + 1 :]])

    return alter


def position_to_and_fro(events: Sequence[Event]) -> list[Event]:
    """Have a made-up fill move the position, another one undo it, and a third make it again."""
    fill = _is("node", "order_event", type="OrderFilled")
    for number, side in enumerate(("BUY", "SELL", "BUY")):
        made_up = _event(order_side=side, trade_id=f"swing-{number}", reconciliation=True)
        events = _told_again(fill, made_up)(events)
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


def unrecorded(source: Source, kind: str, **where: Any) -> Alter:
    """Return the function that leaves out every event of a kind, with such data."""
    matches = _is(source, kind, **where)

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


_FINAL = _is("node", "snapshot", reason="final")


def _event(**values: Any) -> Change:
    """Return the change that replaces values of an order event."""
    return lambda data: data["event"].update(values)


def _last(events: Sequence[Event], matches: Matches) -> int:
    for number in range(len(events) - 1, -1, -1):
        if matches(events[number]):
            return number
    raise LookupError("the history holds no event that could be altered")


def _numbered(events: Sequence[Event]) -> list[Event]:
    return [msgspec.structs.replace(event, seq=seq) for seq, event in enumerate(events)]


order_resurrected = _changed(
    _FINAL,
    lambda data: data["orders"][-1].update(status="ACCEPTED", is_open=True, is_closed=False),
)
event_awaited_in_vain = _with(
    "harness", "expectation_failed", {"message": "planted", "evidence": DEADLINE_PASSED}
)
command_not_carried_out = _with(
    "node", "command_failed", {"run": 1, "command": "planted", "error": "planted"}
)
