"""One thing that happened."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Source = Literal["harness", "venue", "wire", "link", "store", "node", "second_node"]

Kinds = Mapping[Source, tuple[str, ...]]
"""Kinds of events by their source; no kinds are all of the source's."""


class Event(msgspec.Struct, frozen=True):
    """One entry of a history.

    `seq` counts from 0 in the order of recording. `ts` is the scenario's time, UNIX nanoseconds on
    its one clock; an event that reaches the harness late (a log line, a node's message) carries the
    time at which it happened, so `ts` may step back by the length of a pipe. `real_ts` is the
    machine's time when it was recorded.
    """

    seq: int
    ts: int
    source: Source
    kind: str
    data: dict[str, Any]
    real_ts: int = 0
