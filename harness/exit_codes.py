"""The exit codes of the command line and of a pytest session with scenarios."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process says when it ends.

    The numbers are pytest's where it has one: 2 is an interrupt.
    """

    PASS = 0
    FAIL = 1
    INTERNAL = 3
    USAGE = 4
    NOTHING_PLAYED = 5
    UNKNOWN = 6
