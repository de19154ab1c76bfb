"""A node that is told to end."""

from harness.faults.process.process_fault import ProcessFault
from harness.world.parts import Parts


class NodeTerminated(ProcessFault, frozen=True, kw_only=True):
    """The node gets SIGTERM, as from a container runtime, and ends in its own way."""

    async def begin(self, parts: Parts) -> None:
        """Terminate, and return when the process is gone."""
        await parts.node.terminate()
