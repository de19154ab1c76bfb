"""Orders listed by id, which is also the order of their creation: ranges by bisection."""

from bisect import bisect_left, bisect_right

import msgspec

from mock_venue.exchange.order import Order


class Listed(msgspec.Struct):
    """Ids and creation times, side by side."""

    ids: list[int] = []
    times: list[int] = []

    def append(self, order: Order) -> None:
        """Add an order; it is the newest."""
        assert not self.ids or self.ids[-1] < order.order_id
        assert not self.times or self.times[-1] <= order.created_ms
        self.ids.append(order.order_id)
        self.times.append(order.created_ms)

    def remove(self, order: Order) -> None:
        """Take an order out."""
        index = bisect_left(self.ids, order.order_id)
        del self.ids[index], self.times[index]

    def indices(self, first_id: int, start_ms: int, end_ms: int) -> range:
        """Where the orders from this id on are that were created in [start_ms, end_ms]."""
        start = max(bisect_left(self.ids, first_id), bisect_left(self.times, start_ms))
        return range(start, bisect_right(self.times, end_ms))
