"""What the faults of the store have in common."""

from typing import ClassVar

from harness.faults.fault import Family, Fault


class StoreFault(Fault, frozen=True, kw_only=True):
    """A fault of the store's server."""

    family: ClassVar[Family] = "store"
    injected: ClassVar[str] = "the store's server"
