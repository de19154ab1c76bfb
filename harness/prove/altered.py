"""Histories as bugs that cannot be planted in a node would leave them."""

import copy
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from harness.history import Event

ONE_LOT = Decimal("0.001")


def _where(matches: Callable[[Event], bool], change: Callable[[dict[str, Any]], None]) -> Any:
    """Return the function that changes the data of the last event that matches.

    It raises LookupError where none does: the mutant would be none.
    """

    def alter(events: Sequence[Event]) -> list[Event]:
        for number, event in reversed(list(enumerate(events))):
            if matches(event):
                data = copy.deepcopy(event.data)
                change(data)
                changed = msgspec.structs.replace(event, data=data)
                return [*events[:number], changed, *events[number + 1 :]]
        raise LookupError("the history holds no event that could be altered")

    return alter


def _final(event: Event) -> bool:
    return event.source == "node" and event.kind == "snapshot" and event.data["reason"] == "final"


def _more_of_the_position(data: dict[str, Any]) -> None:
    position = data["positions"][-1]
    position["signed_quantity"] = str(Decimal(position["signed_quantity"]) + ONE_LOT)


position_off_by_one_lot = _where(_final, _more_of_the_position)
