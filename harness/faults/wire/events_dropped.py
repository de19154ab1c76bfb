"""Events of the user stream that are lost."""

from typing import ClassVar

from harness.faults.wire.rules import PushFault
from mock_venue.script.rules import PushAction


class EventsDropped(PushFault, frozen=True, kw_only=True):
    """Events of the user stream are dropped."""

    action: ClassVar[PushAction] = "drop"
