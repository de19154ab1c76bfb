"""Counting in fixed windows of time."""


class WindowCounter:
    """A sum over fixed windows of time: it starts again at each multiple of `length_ms`."""

    def __init__(self, length_ms: int) -> None:
        self._length_ms = length_ms
        self._window = -1
        self._count = 0

    def add(self, amount: int, now_ms: int) -> int:
        """Add to the current window and return its sum."""
        window = now_ms // self._length_ms
        if window != self._window:
            self._window = window
            self._count = 0
        self._count += amount
        return self._count

    def left_ms(self, now_ms: int) -> int:
        """How long the current window lasts yet."""
        return self._length_ms - now_ms % self._length_ms
