"""A node that is killed."""

from harness.faults.process.process_fault import ProcessFault
from harness.world.parts import Parts


class NodeKilled(ProcessFault, frozen=True, kw_only=True):
    """The node gets SIGKILL, and is gone."""

    async def begin(self, parts: Parts) -> None:
        """Kill, and return when the process is gone."""
        await parts.node.kill()
