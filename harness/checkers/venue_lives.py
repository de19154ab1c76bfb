"""The lives of orders at the venue, by client order id and time.

A conditional order and the regular one that it becomes have one client order id and one life; so
have several orders that reached the venue under the same id.
"""

from collections.abc import Iterable
from typing import NamedTuple

from harness.checkers.ledger import OPEN_STATUSES
from harness.history.event import Event


class Period(NamedTuple):
    """A time in which an order could fill; `until_ns` is missing while it still can."""

    from_ns: int
    until_ns: int | None
    seq: int


class VenueLife:
    """What became of the orders of one client order id."""

    def __init__(self) -> None:
        self.statuses: list[tuple[int, str]] = []
        self.live: list[Period] = []
        self._open: set[int] = set()

    def statuses_by(self, ts: int) -> set[str]:
        """Return the statuses that any of the orders had come to by then."""
        return {status for told, status in self.statuses if told <= ts}

    def tell(self, event: Event, order_id: int, status: str | None) -> None:
        """Take in an order's status; None where another order has taken its place."""
        if status is not None:
            self.statuses.append((event.ts, status))
        was_open = bool(self._open)
        if status in OPEN_STATUSES:
            self._open.add(order_id)
        else:
            self._open.discard(order_id)
        if self._open and not was_open:
            self.live.append(Period(event.ts, None, event.seq))
        elif was_open and not self._open:
            self.live[-1] = self.live[-1]._replace(until_ns=event.ts)


class VenueLives:
    """The lives of all orders, found by either of their ids."""

    def __init__(self, events: Iterable[Event]) -> None:
        """`events` are the venue's of the kinds "order" and "algo_order"."""
        self._lives: dict[str, VenueLife] = {}
        self._client_order_ids: dict[str, str] = {}
        for event in events:
            data = event.data
            order_id = data["order_id"] if event.kind == "order" else data["algo_id"]
            client_order_id = data["client_order_id"]
            self._client_order_ids[str(order_id)] = client_order_id
            life = self._lives.setdefault(client_order_id, VenueLife())
            life.tell(event, order_id, _status(event))

    def find(self, client_order_id: str, venue_order_id: str | None) -> VenueLife | None:
        """Return the life of an order of the node; None where the venue never had it."""
        known = self._client_order_ids.get(venue_order_id or "", client_order_id)
        return self._lives.get(known)


def _status(event: Event) -> str | None:
    status: str = event.data["status"]
    if event.kind == "order":
        return status
    if event.data["order_id"] is not None:
        return None
    return "NEW" if status == "TRIGGERING" else status
