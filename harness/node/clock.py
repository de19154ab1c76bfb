"""The node's clock, where the shim of harness/clock is preloaded."""

import ctypes
import os
from collections.abc import Callable


def attach_clock(where: str) -> Callable[[], int]:
    """Have this process show a clock of the harness's; call it before anything reads the time.

    Returns what gives the scenario's time in UNIX nanoseconds, which the node's own clock may not.
    Raises OSError.
    """
    shim = ctypes.CDLL(None)
    failed = shim.chaos_clock_attach(os.fsencode(where))
    if failed:
        raise OSError(failed, os.strerror(failed), where)
    shim.chaos_clock_now.restype = ctypes.c_int64
    now_ns: Callable[[], int] = shim.chaos_clock_now
    return now_ns
