"""The exit codes of the command line and of a pytest session with scenarios."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process says when it ends.

    The numbers are pytest's where it has one: 2 is an interrupt and 5 means that nothing was run.
    """

    PASS = 0
    FAIL = 1
    INTERNAL = 3
    USAGE = 4
    UNKNOWN = 6
