"""Two nodes on one account."""

from harness.faults.process.process_fault import ProcessFault
from harness.world.faults import Ending
from harness.world.parts import Parts


class SecondNode(ProcessFault, frozen=True, kw_only=True):
    """Another node of the same configuration is started by mistake: same account, same store.

    It is stopped gracefully at the end. Its events have the source `second_node`.
    """

    injected = "a second process"

    async def begin(self, parts: Parts) -> Ending:
        """Start it, and return when its user stream is open."""
        await parts.start_second_node()
        return parts.stop_second_node
