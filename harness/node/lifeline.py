"""A process that must not outlive its parent."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
EXIT_ORPHANED = 73


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent`, a process id, dies. Linux only.

    Ends the process at once where the parent has died already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(EXIT_ORPHANED)
