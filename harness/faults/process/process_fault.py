"""What the faults of the node's process have in common."""

from typing import ClassVar

from harness.faults.fault import Family, Fault


class ProcessFault(Fault, frozen=True, kw_only=True):
    """A fault of the node's process."""

    family: ClassVar[Family] = "process"
    injected: ClassVar[str] = "a signal"
