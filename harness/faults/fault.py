"""What a fault is: data that breaks something in a world, and knows how to mend it."""

from typing import ClassVar, Literal

import msgspec

from harness.world.faults import Ending
from harness.world.parts import Parts

Family = Literal["link", "wire", "process", "store", "clock"]


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One thing that can break. The first line of its docstring says what happens.

    `injected` names where it is done: what really breaks, and not a stand-in for it.
    """

    family: ClassVar[Family]
    injected: ClassVar[str]

    async def begin(self, parts: Parts) -> Ending | None:
        """Break it; return what mends it, or None where that needs nothing.

        Raises where the fault cannot be applied.
        """
        raise NotImplementedError
