"""The cache's orders, positions and balances as plain data, of 2.x."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from nautilus_trader.common import Cache
from nautilus_trader.model import OrderFilled, OrderFillVoided, PositionSide

from harness.node.plain import balance_data, text


def take_snapshot(cache: Cache, account: Any) -> dict[str, Any]:
    """Return {orders, positions, balances}; amounts are decimal strings, times UNIX nanoseconds."""
    return {
        "orders": [order_state(order) for order in cache.orders()],
        "positions": [position_data(position) for position in cache.positions()],
        "balances": [balance_data(one) for one in (account.balances().values() if account else ())],
    }


def order_state(order: Any) -> dict[str, Any]:
    """Return an order with its fills as plain data."""
    return {
        "client_order_id": str(order.client_order_id),
        "venue_order_id": text(order.venue_order_id),
        "instrument_id": str(order.instrument_id),
        "strategy_id": str(order.strategy_id),
        "side": str(order.side),
        "type": str(order.order_type),
        "status": str(order.status),
        "quantity": str(order.quantity),
        "filled": str(order.filled_qty),
        "average_price": text(order.avg_px),
        "price": text(getattr(order, "price", None)),
        "is_open": order.is_open,
        "is_inflight": order.is_inflight,
        "is_closed": order.is_closed,
        "tags": list(order.tags or []),
        "fills": list(_fills(order.events())),
    }


def _fills(events: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Yield the fills that stand: one that was voided has never been."""
    voided: defaultdict[str, Decimal] = defaultdict(Decimal)
    fills = []
    for event in events:
        if isinstance(event, OrderFilled):
            fills.append(event)
        elif isinstance(event, OrderFillVoided):
            voided[str(event.trade_id)] += event.voided_qty.as_decimal()
    for fill in fills:
        quantity = fill.last_qty.as_decimal()
        gone = min(quantity, voided[str(fill.trade_id)])
        voided[str(fill.trade_id)] -= gone
        if gone < quantity:
            yield _fill(fill, quantity - gone)


def _fill(event: OrderFilled, quantity: Decimal) -> dict[str, Any]:
    return {
        "trade_id": str(event.trade_id),
        "quantity": str(quantity),
        "price": str(event.last_px),
        "commission": text(event.commission),
        "liquidity_side": str(event.liquidity_side),
        "position_id": text(event.position_id),
        "reconciliation": bool(event.reconciliation),
        "ts_event": event.ts_event,
    }


def position_data(position: Any) -> dict[str, Any]:
    """Return a position as plain data."""
    return {
        "position_id": str(position.id),
        "instrument_id": str(position.instrument_id),
        "strategy_id": str(position.strategy_id),
        "signed_quantity": str(signed_quantity(position)),
        "average_price": str(position.avg_px_open),
        "realized_pnl": text(position.realized_pnl),
        "is_open": position.is_open,
    }


def signed_quantity(position: Any) -> Decimal:
    """Return a position's quantity with the sign of its side."""
    quantity: Decimal = position.quantity.as_decimal()
    return {PositionSide.LONG: quantity, PositionSide.SHORT: -quantity}.get(
        position.side, Decimal(0)
    )
