"""A node's log, line by line: warnings, errors, and what a dying process says on stderr."""

import re
from datetime import datetime

import msgspec

_COLOR = re.compile(r"\x1b\[[\d;]*m")
_LINE = re.compile(r"^(\d{4}-\d\d-\d\dT[\d:]+)\.(\d{9})Z \[([A-Z]+)\] (.+?): (.*)$")
_CRASH = re.compile(
    r"^(Traceback|Fatal Python error|thread '.*panicked|Task exception|Future exception"
    r"|Exception in |Exception ignored)"
)
_RECORDED_LEVELS = ("WARN", "ERROR")


class LogEntry(msgspec.Struct, frozen=True):
    """One entry; `ts` is the node's own time in UNIX nanoseconds, None where the line has none."""

    level: str
    component: str
    message: str
    ts: int | None


class LogLines:
    """Reads the lines of one run in their order.

    NautilusTrader logs an exception as an error of several lines, with its traceback: that is one
    entry. A traceback that follows no error was nobody's to catch.
    """

    def __init__(self) -> None:
        self._in_error = False

    def read(self, line: str) -> LogEntry | None:
        """Return what the next line tells, None where that is nothing or told already."""
        line = _COLOR.sub("", line)
        if match := _LINE.match(line):
            seconds, nanos, level, component, message = match.groups()
            self._in_error = level == "ERROR"
            if level not in _RECORDED_LEVELS:
                return None
            whole = int(datetime.fromisoformat(f"{seconds}+00:00").timestamp())
            return LogEntry(level, component, message, whole * 1_000_000_000 + int(nanos))
        in_error = self._in_error and bool(line)
        self._in_error = in_error
        if _CRASH.match(line) and not (in_error and line.startswith("Traceback")):
            return LogEntry("ERROR", "stderr", line, None)
        return None
