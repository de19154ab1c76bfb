"""Events of the user stream that are held back."""

from typing import ClassVar

from harness.faults.wire.rules import PushFault
from mock_venue.script.rules import PushAction


class EventsHeld(PushFault, frozen=True, kw_only=True):
    """Events of the user stream are held back, and come in their order at the end."""

    action: ClassVar[PushAction] = "hold"
