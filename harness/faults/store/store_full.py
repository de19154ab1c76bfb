"""A store that is full."""

from harness.faults.store.store_fault import StoreFault
from harness.world.faults import Ending
from harness.world.parts import Parts


class StoreFull(StoreFault, frozen=True, kw_only=True):
    """The store has reached `maxmemory` and refuses every write; it still reads."""

    async def begin(self, parts: Parts) -> Ending:
        """Fill it."""
        parts.limit_store(full=True)

        async def make_room() -> None:
            parts.limit_store(full=False)

        return make_room
