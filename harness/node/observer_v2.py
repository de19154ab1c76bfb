"""What changes in a 2.x node's cache, told as it is seen.

The message bus of 2.x hands no order, position or account event to Python, and strategies hear of
their own alone, once they run. So the cache is looked through whenever there may be news.
"""

from typing import Any

from nautilus_trader.common import Cache
from nautilus_trader.model import AccountId, ClientOrderId, PositionId

from harness.node.channel import Channel
from harness.node.snapshot_v2 import order_state, signed_quantity, take_snapshot


class Observer:
    """Tells of every event of orders and accounts, and of every change of a position, once.

    What the store had brought before `begin` is no news. `reconciling` is whether startup
    reconciliation is still to end.
    """

    def __init__(self, cache: Cache, account_id: str, channel: Channel) -> None:
        self._cache = cache
        self._account_id = AccountId(account_id)
        self._channel = channel
        self._begun = False
        self._orders: dict[str, int] = {}
        self._live_orders: set[str] = set()
        self._positions: dict[str, tuple[str, str, bool] | None] = {}
        self._account_events = 0
        self.reconciling = True

    def begin(self) -> None:
        """Take what the cache holds for known, the first time."""
        if not self._begun:
            self._begun = True
            self._look(tell=False, everything=True)

    def look(self, *, everything: bool = False) -> None:
        """Tell what is new: of what can still change, or of everything."""
        self._look(tell=True, everything=everything)

    def send_snapshot(self, reason: str) -> None:
        """Tell what is new, then send the state of the cache."""
        self.look(everything=True)
        account = self._cache.account(self._account_id)
        self._channel.send("snapshot", {"reason": reason} | take_snapshot(self._cache, account))

    def _look(self, *, tell: bool, everything: bool) -> None:
        self._look_at_orders(tell, everything)
        self._look_at_positions(tell, everything)
        account = self._cache.account(self._account_id)
        if account is not None and account.event_count != self._account_events:
            news = account.events[self._account_events :]
            self._account_events = account.event_count
            if tell:
                for event in news:
                    self._channel.send("account_event", {"event": event.to_dict()})

    def _look_at_orders(self, tell: bool, everything: bool) -> None:
        if everything or self._cache.orders_total_count() != len(self._orders):
            ids = {str(one) for one in self._cache.client_order_ids()}
            self._live_orders |= ids if everything else ids - self._orders.keys()
            self._orders = {name: self._orders.get(name, 0) for name in ids}
        for name in sorted(self._live_orders):
            order = self._cache.order(ClientOrderId(name))
            if order is None or order.is_closed:
                self._live_orders.discard(name)
            if order is not None and order.event_count != self._orders[name]:
                news = order.events()[self._orders[name] :]
                self._orders[name] = order.event_count
                if tell:
                    for event in news:
                        self._tell_order_event(event)
                    if order.is_closed:
                        self._channel.send("order_closed", {"order": order_state(order)})

    def _tell_order_event(self, event: Any) -> None:
        told = {"reconciliation": bool(getattr(event, "reconciliation", False))} | event.to_dict()
        self._channel.send(
            "order_event",
            {"type": type(event).__name__, "reconciling": self.reconciling, "event": told},
        )

    def _look_at_positions(self, tell: bool, everything: bool) -> None:
        # A position that is closed may be opened again under its id.
        if everything or self._cache.positions_total_count() != len(self._positions):
            ids = {str(one.id) for one in self._cache.positions()}
            self._positions = {name: self._positions.get(name) for name in ids}
        for name, before in sorted(self._positions.items()):
            position = self._cache.position(PositionId(name))
            if position is None:
                continue
            now = (str(signed_quantity(position)), str(position.avg_px_open), position.is_open)
            if now != before:
                self._positions[name] = now
                if tell:
                    self._channel.send("position_event", _position_event(position, before))


def _position_event(position: Any, before: tuple[str, str, bool] | None) -> dict[str, Any]:
    opened = position.is_open and (before is None or not before[2])
    kind = "Opened" if opened else "Changed" if position.is_open else "Closed"
    return {
        "type": f"Position{kind}",
        "position_id": str(position.id),
        "instrument_id": str(position.instrument_id),
        "strategy_id": str(position.strategy_id),
        "signed_qty": str(signed_quantity(position)),
        "avg_px_open": str(position.avg_px_open),
        "realized_pnl": None if position.realized_pnl is None else str(position.realized_pnl),
        "ts_event": position.ts_last,
    }
