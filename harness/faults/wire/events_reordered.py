"""Events of the user stream out of order."""

from typing import ClassVar

from harness.faults.wire.rules import PushFault
from mock_venue.script.rules import PushAction


class EventsReordered(PushFault, frozen=True, kw_only=True):
    """Events of the user stream come after the one that should follow them."""

    action: ClassVar[PushAction] = "swap"
