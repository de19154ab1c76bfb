"""A store that forgets."""

from harness.faults.store.store_fault import StoreFault
from harness.world.parts import Parts


class StoreFlushed(StoreFault, frozen=True, kw_only=True):
    """The store loses everything, under the node."""

    async def begin(self, parts: Parts) -> None:
        """Flush."""
        parts.flush_store()
