"""What a 2.x node tells in its log alone: when reconciliation begins, when checks begin and end.

A check ends here when the venue's reports are in, or cannot be had: what follows from them the node
does without waiting for anything.
"""

import os
import re
import threading
import time
from datetime import datetime
from typing import Any, NamedTuple

from harness.node.channel import Channel

_LINE = re.compile(
    r"(?P<seconds>\S+)\.(?P<nanos>\d{9})Z \[(?P<level>\w+)\] "
    r"[^.\s]+\.(?P<component>\S+): (?P<message>.*)"
)
_COMPONENTS = ("nautilus_live", "nautilus_binance")
_RECONCILING = re.compile(r"Starting execution state reconciliation")
_STARTED = {
    "open_orders": re.compile(r"Found \d+ orders? open in cache"),
    "positions": re.compile(r"Found \d+ unique instrument/account combinations? with open"),
}
_FINISHED = {
    "open_orders": re.compile(
        r"Received \d+ OrderStatusReports?$|Failed to generate order status reports from"
    ),
    "positions": re.compile(
        r"Received \d+ PositionStatusReports?$|Failed to generate position status reports from"
    ),
}
_EXPIRED = {
    "open_orders": re.compile(r"Open-order report collection expired"),
    "positions": re.compile(r"Position report collection expired"),
}


class Told(NamedTuple):
    """A message that a line of the log stands for."""

    kind: str
    data: dict[str, Any]


class LogReader:
    """Reads the messages of the node's components, one after another."""

    def __init__(self) -> None:
        self._check: str | None = None

    def read(self, message: str) -> Told | None:
        """Return what the message tells of, if anything."""
        if _RECONCILING.match(message):
            return Told("reconciliation_started", {})
        if self._check is None:
            for check, begin in _STARTED.items():
                if begin.match(message):
                    self._check = check
                    return Told("check_started", {"check": check})
        elif _EXPIRED[self._check].match(message):
            return self._finish(message)
        elif _FINISHED[self._check].match(message):
            return self._finish(None)
        return None

    def _finish(self, error: str | None) -> Told:
        told = Told("check_finished", {"check": self._check, "error": error})
        self._check = None
        return told


class LogTap:
    """Stands between the process's standard output and where that leads.

    Lines of the level DEBUG are for it alone, and go no further.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._reader = LogReader()
        self._out = os.dup(1)
        read, write = os.pipe()
        os.dup2(write, 1)
        os.close(write)
        self._lines = os.fdopen(read, encoding="utf-8", errors="replace")
        self._thread = threading.Thread(target=self._pass_on, name="log-tap", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Give standard output back once all that was written to it has been passed on."""
        os.dup2(self._out, 1)
        self._thread.join()

    def _pass_on(self) -> None:
        for line in self._lines:
            found = _LINE.match(line)
            if found is None or found["level"] != "DEBUG":
                os.write(self._out, line.encode())
            if found is not None and found["component"].startswith(_COMPONENTS):
                told = self._reader.read(found["message"])
                if told is not None:
                    ts = self._channel.now_ns() - _age_ns(found["seconds"], found["nanos"])
                    self._channel.send(told.kind, told.data, ts)


def _age_ns(seconds: str, nanos: str) -> int:
    """How long ago a line was written, by the clock that it was written by."""
    whole = int(datetime.fromisoformat(f"{seconds}+00:00").timestamp())
    return max(0, time.time_ns() - (whole * 1_000_000_000 + int(nanos)))
