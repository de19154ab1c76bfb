"""Two nodes on one account."""

from harness.faults.process.process_fault import ProcessFault
from harness.node.spec import OrderSpec
from harness.world.faults import Ending
from harness.world.parts import Parts


class SecondNode(ProcessFault, frozen=True, kw_only=True):
    """Another node of the same configuration is started by mistake: same account, same store.

    Its strategy submits orders when it starts. It is stopped gracefully at the end. Its events have
    the source `second_node`.
    """

    injected = "a second process"

    submits: tuple[OrderSpec, ...] = ()

    async def begin(self, parts: Parts) -> Ending:
        """Start it, and return when its strategies have started."""
        await parts.start_second_node(self.submits)
        return parts.stop_second_node
