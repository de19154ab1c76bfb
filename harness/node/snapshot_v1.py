"""The cache's orders, positions and balances as plain data."""

from decimal import Decimal
from typing import Any

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.enums import (
    LiquiditySide,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionSide,
)
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position

from harness.node.plain import balance_data, text


def take_snapshot(cache: CacheFacade) -> dict[str, Any]:
    """Return {orders, positions, balances}; amounts are decimal strings, times UNIX nanoseconds."""
    return {
        "orders": [order_state(order) for order in cache.orders()],
        "positions": [_position(position) for position in cache.positions()],
        "balances": [
            balance_data(balance)
            for account in cache.accounts()
            for balance in account.balances().values()
        ],
    }


def order_state(order: Order) -> dict[str, Any]:
    """Return an order with its fills as plain data."""
    return {
        "client_order_id": str(order.client_order_id),
        "venue_order_id": text(order.venue_order_id),
        "instrument_id": str(order.instrument_id),
        "strategy_id": str(order.strategy_id),
        "side": OrderSide(order.side).name,
        "type": OrderType(order.order_type).name,
        "status": OrderStatus(order.status).name,
        "quantity": str(order.quantity),
        "filled": str(order.filled_qty),
        "average_price": text(order.avg_px),
        "price": text(order.price) if order.has_price else None,
        "is_open": order.is_open,
        "is_inflight": order.is_inflight,
        "is_closed": order.is_closed,
        "tags": list(order.tags or []),
        "fills": [_fill(event) for event in order.events if isinstance(event, OrderFilled)],
    }


def _fill(event: OrderFilled) -> dict[str, Any]:
    return {
        "trade_id": str(event.trade_id),
        "quantity": str(event.last_qty),
        "price": str(event.last_px),
        "commission": text(event.commission),
        "liquidity_side": LiquiditySide(event.liquidity_side).name,
        "position_id": text(event.position_id),
        "reconciliation": bool(event.reconciliation),
        "ts_event": event.ts_event,
    }


def _position(position: Position) -> dict[str, Any]:
    return {
        "position_id": str(position.id),
        "instrument_id": str(position.instrument_id),
        "strategy_id": str(position.strategy_id),
        "signed_quantity": str(position.signed_decimal_qty()),
        "average_price": str(position.avg_px_open),
        "realized_pnl": text(position.realized_pnl),
        "is_open": position.is_open,
    }


def position_event(event: Any) -> dict[str, Any]:
    """Return a position event as plain data."""
    quantity = event.quantity.as_decimal()
    sign = {PositionSide.LONG: 1, PositionSide.SHORT: -1}.get(event.side, 0)
    return {
        "type": type(event).__name__,
        "position_id": str(event.position_id),
        "instrument_id": str(event.instrument_id),
        "strategy_id": str(event.strategy_id),
        "signed_qty": str(Decimal(sign) * quantity),
        "avg_px_open": str(event.avg_px_open),
        "realized_pnl": text(event.realized_pnl),
        "ts_event": event.ts_event,
    }
