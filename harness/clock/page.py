"""The page of memory that a clock is, as the harness writes it; see shim/shim.h."""

import ctypes
import mmap
import os
from pathlib import Path

TRUE_WALL = 0


class Page:
    """A clock that shows the machine's time until it is told else.

    It is a file without a name, which other processes open as a descriptor of this one; nothing is
    left of it when they have ended.
    """

    def __init__(self, shim: Path) -> None:
        library = ctypes.CDLL(str(shim))
        self._rate = library.chaos_clock_rate
        self._rate.argtypes = (ctypes.c_void_p, ctypes.c_double)
        self._rate.restype = None
        self._skip = library.chaos_clock_skip
        self._skip.argtypes = (ctypes.c_void_p, ctypes.c_int64)
        self._skip.restype = None
        self._wall = library.chaos_clock_wall
        self._wall.argtypes = (
            *(ctypes.c_void_p, ctypes.c_int, ctypes.c_int),
            *(ctypes.c_int64, ctypes.c_double),
        )
        self._wall.restype = None
        self._read = library.chaos_clock_read
        self._read.argtypes = (ctypes.c_void_p, ctypes.c_int)
        self._read.restype = ctypes.c_int64
        self.walls = ctypes.c_int.in_dll(library, "chaos_clock_walls").value
        size = ctypes.c_int.in_dll(library, "chaos_clock_page_size").value
        self._fd = os.memfd_create("nautilus-chaos-clock")
        os.ftruncate(self._fd, size)
        self._map = mmap.mmap(self._fd, size)
        self._bytes = ctypes.c_char.from_buffer(self._map)
        self._address = ctypes.c_void_p(ctypes.addressof(self._bytes))
        library.chaos_clock_begin(self._address)

    def where(self, wall: int) -> str:
        """Return what a process attaches to, for one of the wall clocks."""
        return f"/proc/{os.getpid()}/fd/{self._fd}:{wall}"

    def set_rate(self, rate: float) -> None:
        """Have all clocks go on at another rate."""
        self._rate(self._address, rate)

    def skip(self, ns: int) -> None:
        """Have all clocks go on from so much later."""
        self._skip(self._address, ns)

    def set_wall(self, wall: int, *, offset_ns: int, pace: float, from_true: bool) -> None:
        """Have a wall clock go on at `pace`, `offset_ns` after what it or the true one shows."""
        self._wall(self._address, wall, from_true, offset_ns, pace)

    def read(self, wall: int = TRUE_WALL) -> int:
        """Return what a wall clock shows, in UNIX nanoseconds."""
        return int(self._read(self._address, wall))

    def close(self) -> None:
        """Let go of it; processes that are attached keep it, as it stands."""
        del self._bytes
        self._map.close()
        os.close(self._fd)
