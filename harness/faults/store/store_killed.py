"""A store that dies."""

from typing import Literal

from harness.faults.store.store_fault import StoreFault
from harness.world.faults import Ending
from harness.world.parts import Parts


class StoreKilled(StoreFault, frozen=True, kw_only=True):
    """The store's server gets SIGKILL; at the end it is started again, with its data or empty."""

    data: Literal["kept", "lost"]

    async def begin(self, parts: Parts) -> Ending:
        """Kill."""
        await parts.kill_store(keep=self.data == "kept")
        return parts.start_store
