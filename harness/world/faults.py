"""The faults at work in a world: each begins, is recorded, and is ended by name or by a heal."""

from collections.abc import Awaitable, Callable
from typing import Any

FAULTS_MAX = 100

Ending = Callable[[], Awaitable[None]]
"""Ends a fault."""

Record = Callable[[str, dict[str, Any]], object]


class Faults:
    """What is broken now, in the order in which it broke.

    A fault that cannot be applied, or ended, raises: a run in which that happens shows nothing.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._at_work: dict[str, tuple[str, Ending]] = {}

    async def begin(
        self, name: str, description: dict[str, Any], inject: Callable[[], Awaitable[Ending | None]]
    ) -> None:
        """Apply a fault under a name; one without an ending is over at once.

        Raises ValueError where the name is taken or too many faults are at work.
        """
        if name in self._at_work:
            raise ValueError(f"a fault named {name!r} is at work already")
        if len(self._at_work) >= FAULTS_MAX:
            raise ValueError(f"{FAULTS_MAX} faults are at work, the limit")
        ending = await inject()
        self._record("fault_begun", {"name": name, "fault": description})
        if ending is not None:
            self._at_work[name] = (description["type"], ending)

    async def end(self, name: str) -> None:
        """End a fault. Raises ValueError for an unknown name."""
        if name not in self._at_work:
            raise ValueError(
                f"no fault named {name!r} is at work: must be one of {sorted(self._at_work)}; "
                "one that is over at once, as a kill, has no end"
            )
        type_, ending = self._at_work.pop(name)
        await ending()
        self._record("fault_ended", {"name": name, "type": type_})

    async def end_all(self) -> None:
        """End all faults, the last begun first."""
        for name in reversed(list(self._at_work)):
            await self.end(name)
