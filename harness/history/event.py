"""One thing that happened."""

from typing import Any, Literal

import msgspec

Source = Literal["harness", "venue", "wire", "link", "store", "node", "second_node"]


class Event(msgspec.Struct, frozen=True):
    """One entry of a history.

    `seq` counts from 0 in the order of recording. `ts` is UNIX time in nanoseconds on the one
    clock of the machine; an event that reaches the harness late (a log line, a node's message)
    carries the time at which it happened, so `ts` may step back by the length of a pipe.
    """

    seq: int
    ts: int
    source: Source
    kind: str
    data: dict[str, Any]
