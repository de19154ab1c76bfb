"""A venue that is addressed as scenarios address it, whatever release the node is of.

Releases ask different endpoints for the same thing, and the Binance adapter of NautilusTrader 2.x
puts a broker's prefix before client order ids. A scenario names an endpoint as 1.231.0 asks it, and
it and its history know an order by the name that the node's strategies have for it. What a client
sent and was sent is recorded as it was.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from harness.node.addressing import Addressing
from mock_venue import Venue, VenueConfig
from mock_venue.exchange.account import Trade
from mock_venue.exchange.order import Order
from mock_venue.recording import Record, at_once
from mock_venue.script.acts import Amount, OrderName
from mock_venue.script.misbehaviour import Handle
from mock_venue.script.rules import Misbehaviour

_NAMES = ("client_order_id", "order")


class AddressedVenue(Venue):
    """A venue whose acts and rules are translated, and whose records are translated back."""

    def __init__(
        self,
        addressing: Addressing,
        config: VenueConfig,
        now_ns: Callable[[], int],
        record: Callable[[Any, str, dict[str, Any]], object],
        call_later: Any,
    ) -> None:
        self._addressing = addressing
        self._names_at_venue: dict[str, str] = {}
        super().__init__(config, now_ns, self._translating(record), call_later)

    def fill(
        self, order: OrderName, quantity: Amount | None = None, price: Amount | None = None
    ) -> Trade:
        """Fill a resting order; see `Venue.fill`."""
        return super().fill(self._at_venue(order), quantity, price)

    def cancel(self, order: OrderName) -> Order:
        """Cancel an open order; see `Venue.cancel`."""
        return super().cancel(self._at_venue(order))

    def expire(self, order: OrderName, reason: str = "0") -> Order:
        """Expire an open order; see `Venue.expire`."""
        return super().expire(self._at_venue(order), reason)

    def misbehave(self, rule: Misbehaviour) -> Handle:
        """Register a rule; see `Venue.misbehave`."""
        changes: dict[str, Any] = {}
        if (order := getattr(rule, "order", None)) is not None:
            changes["order"] = self._at_venue(order)
        if (path := getattr(rule, "path", "")) in self._addressing.paths:
            changes["path"] = self._addressing.paths[path]
        return super().misbehave(msgspec.structs.replace(rule, **changes))

    def asked(self, where: Mapping[str, Any]) -> dict[str, Any]:
        """Return what an event is to hold, with its `path` as the node asks for it."""
        return {**where, "path": self._addressing.paths.get(where["path"], where["path"])}

    def _at_venue(self, order: OrderName) -> OrderName:
        """An order that is not there yet is taken for one of the node's."""
        if not isinstance(order, str):
            return order
        return self._names_at_venue.get(order, self._addressing.client_order_id_prefix + order)

    def _in_node(self, name: str) -> str:
        plain = name.removeprefix(self._addressing.client_order_id_prefix)
        self._names_at_venue[plain] = name
        return plain

    def _translating(self, record: Callable[[Any, str, dict[str, Any]], object]) -> Record:
        def translated(source: Any, kind: str, data: dict[str, Any]) -> object:
            changes: dict[str, Any] = {
                key: self._in_node(data[key]) for key in _NAMES if isinstance(data.get(key), str)
            }
            if "client_order_ids" in data:
                changes["client_order_ids"] = sorted(map(self._in_node, data["client_order_ids"]))
            return record(source, kind, {**data, **changes} if changes else data)

        return at_once(translated)
