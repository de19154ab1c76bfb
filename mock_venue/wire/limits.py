"""Counters behind the rate-limit headers. They count; nothing is refused for them."""

MINUTE_MS = 60_000
TEN_SECONDS_MS = 10_000


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


class Usage:
    """Request weight of all clients (they share an address), and orders by account."""

    def __init__(self) -> None:
        self._weight = WindowCounter(MINUTE_MS)
        self._orders: dict[tuple[str, int], WindowCounter] = {}

    def headers(self, account: str, weight: int, orders: int, now_ms: int) -> dict[str, str]:
        """Count a request and return its headers."""
        used = self._weight.add(weight, now_ms)
        if not orders:
            return {"x-mbx-used-weight-1m": str(used)}
        return {
            "x-mbx-used-weight-1m": "-1",
            "x-mbx-order-count-10s": str(self._count(account, TEN_SECONDS_MS, orders, now_ms)),
            "x-mbx-order-count-1m": str(self._count(account, MINUTE_MS, orders, now_ms)),
        }

    def _count(self, account: str, length_ms: int, orders: int, now_ms: int) -> int:
        counter = self._orders.setdefault((account, length_ms), WindowCounter(length_ms))
        return counter.add(orders, now_ms)
