"""A node that stands still."""

from harness.faults.process.process_fault import ProcessFault
from harness.world.faults import Ending
from harness.world.parts import Parts


class NodePaused(ProcessFault, frozen=True, kw_only=True):
    """The node gets SIGSTOP, as if its machine were suspended, and SIGCONT at the end."""

    async def begin(self, parts: Parts) -> Ending:
        """Pause."""
        parts.node.pause()

        async def resume() -> None:
            parts.node.resume()

        return resume
