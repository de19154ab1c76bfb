"""Events of the user stream that come twice."""

from typing import ClassVar

from harness.faults.wire.rules import PushFault
from mock_venue.script.rules import PushAction


class EventsDoubled(PushFault, frozen=True, kw_only=True):
    """Events of the user stream come twice."""

    action: ClassVar[PushAction] = "duplicate"
