"""What clients asked the venue to place or to amend, as it arrived there."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from harness.history.event import Event

PLACING = frozenset(
    {
        ("http", "POST", "/fapi/v1/order"),
        ("http", "POST", "/fapi/v1/batchOrders"),
        ("http", "POST", "/fapi/v1/algoOrder"),
        ("ws_api", "order.place", "/ws-fapi/v1"),
        ("ws_api", "algoOrder.place", "/ws-fapi/v1"),
    }
)
AMENDING = frozenset(
    {
        ("http", "PUT", "/fapi/v1/order"),
        ("http", "PUT", "/fapi/v1/batchOrders"),
        ("ws_api", "order.modify", "/ws-fapi/v1"),
    }
)


class OrderRequest(NamedTuple):
    """One order of a request; a batch has several. `params` are as the client sent them."""

    event: Event
    params: dict[str, Any]
    amends: bool

    @property
    def arrived_ns(self) -> int:
        """When the venue had received it."""
        return int(self.event.data["received_ns"])

    @property
    def client_order_id(self) -> str | None:
        """The client's id of the order, where the request names it."""
        names = ("newClientOrderId", "clientAlgoId", "origClientOrderId")
        named = (self.params.get(name) for name in names)
        return next((value for value in named if value), self.event.data.get("client_order_id"))

    @property
    def executed(self) -> bool:
        """Whether the venue did as it was asked, whatever it replied."""
        return bool(self.event.data.get("executed"))

    @property
    def may_increase_risk(self) -> bool:
        """Whether an order may add to a position: it does not say that it only reduces one."""
        return not (self._is_set("reduceOnly") or self._is_set("closePosition"))

    def _is_set(self, name: str) -> bool:
        return str(self.params.get(name, "false")).lower() == "true"


def order_requests(events: list[Event]) -> Iterator[OrderRequest]:
    """Yield the orders of the requests that place or amend any."""
    for event in events:
        how = (event.kind, event.data["method"], event.data["path"])
        if how in PLACING or how in AMENDING:
            params = event.data["params"]
            batch = params.get("batchOrders")
            orders = msgspec.json.decode(batch) if isinstance(batch, str) else [params]
            for order in orders:
                yield OrderRequest(event, order, how in AMENDING)
