"""Orders and trades as REST replies. Decimals are padded to the symbol's precision."""

from typing import Any

from mock_venue.exchange.account import Trade
from mock_venue.exchange.decimals import ZERO, fixed, trimmed
from mock_venue.exchange.income import Income
from mock_venue.exchange.instruments import QUOTE_ASSET, SymbolSpec
from mock_venue.exchange.order import Amendment, Order


def queried_order(order: Order, spec: SymbolSpec) -> dict[str, Any]:
    """GET order, openOrder, openOrders, allOrders."""
    return {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "status": order.status,
        "clientOrderId": order.client_order_id,
        "price": fixed(order.price, spec.price_precision),
        "avgPrice": average_price(order, spec),
        "origQty": fixed(order.quantity, spec.quantity_precision),
        "executedQty": fixed(order.filled, spec.quantity_precision),
        "cumQuote": fixed(order.filled_quote, spec.price_precision + spec.quantity_precision),
        "timeInForce": order.time_in_force,
        "type": order.type,
        "reduceOnly": order.reduce_only,
        "closePosition": False,
        "side": order.side,
        "positionSide": order.position_side,
        "stopPrice": fixed(ZERO, spec.price_precision),
        "workingType": "CONTRACT_PRICE",
        "priceMatch": order.price_match,
        "selfTradePreventionMode": order.self_trade_prevention,
        "goodTillDate": order.good_till_ms,
        "priceProtect": False,
        "origType": order.type,
        "time": order.created_ms,
        "updateTime": order.updated_ms,
    }


def past_order(order: Order, spec: SymbolSpec) -> dict[str, Any]:
    """An item of allOrders: as queried, and `pair` and `cumBase` (in the SDK, not in the docs)."""
    return {**queried_order(order, spec), "pair": order.symbol, "cumBase": "0"}


def handled_order(order: Order, spec: SymbolSpec) -> dict[str, Any]:
    """POST and DELETE order, items of DELETE batchOrders: no `time`, but `cumQty`."""
    filled = fixed(order.filled, spec.quantity_precision)
    return {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "status": order.status,
        "clientOrderId": order.client_order_id,
        "price": fixed(order.price, spec.price_precision),
        "avgPrice": average_price(order, spec),
        "origQty": fixed(order.quantity, spec.quantity_precision),
        "executedQty": filled,
        "cumQty": filled,
        "cumQuote": fixed(order.filled_quote, spec.price_precision + spec.quantity_precision),
        "timeInForce": order.time_in_force,
        "type": order.type,
        "reduceOnly": order.reduce_only,
        "closePosition": False,
        "side": order.side,
        "positionSide": order.position_side,
        "stopPrice": fixed(ZERO, spec.price_precision),
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": order.type,
        "priceMatch": order.price_match,
        "selfTradePreventionMode": order.self_trade_prevention,
        "goodTillDate": order.good_till_ms,
        "updateTime": order.updated_ms,
    }


def amended_order(order: Order, spec: SymbolSpec) -> dict[str, Any]:
    """PUT order: as POST, and `pair` and `cumBase`."""
    reply = handled_order(order, spec)
    reply["pair"] = order.symbol
    reply["cumBase"] = "0"
    return reply


def amendment(made: Amendment, order: Order, spec: SymbolSpec) -> dict[str, Any]:
    """An item of orderAmendment; `modifyId` where the amendment was given one (the SDK's model)."""
    modify_id = {} if made.modify_id is None else {"modifyId": made.modify_id}
    return {
        "amendmentId": made.amendment_id,
        "symbol": order.symbol,
        "pair": order.symbol,
        "orderId": order.order_id,
        "clientOrderId": order.client_order_id,
        "time": made.time_ms,
        "amendment": {
            "price": {
                "before": fixed(made.price_before, spec.price_precision),
                "after": fixed(made.price, spec.price_precision),
            },
            "origQty": {
                "before": fixed(made.quantity_before, spec.quantity_precision),
                "after": fixed(made.quantity, spec.quantity_precision),
            },
            "count": made.count,
            **modify_id,
        },
    }


def user_trade(trade: Trade, spec: SymbolSpec) -> dict[str, Any]:
    """An item of userTrades; `pair`, `baseQty`, `marginAsset` as in the SDK, not in the docs."""
    return {
        "buyer": trade.side == "BUY",
        "commission": fixed(trade.commission, 8),
        "commissionAsset": trade.commission_asset,
        "id": trade.trade_id,
        "maker": trade.maker,
        "orderId": trade.order_id,
        "price": fixed(trade.price, spec.price_precision),
        "qty": fixed(trade.quantity, spec.quantity_precision),
        "quoteQty": fixed(
            trade.quantity * trade.price, spec.price_precision + spec.quantity_precision
        ),
        "realizedPnl": fixed(trade.realized_pnl, 8) if trade.realized_pnl else "0",
        "side": trade.side,
        "positionSide": trade.position_side,
        "symbol": trade.symbol,
        "pair": trade.symbol,
        "baseQty": "0",
        "marginAsset": QUOTE_ASSET,
        "time": trade.time_ms,
    }


def forced_order(order: Order, spec: SymbolSpec) -> dict[str, Any]:
    """An item of forceOrders: as in allOrders, without the fields that came later."""
    reply = past_order(order, spec)
    for name in ("priceMatch", "selfTradePreventionMode", "goodTillDate", "priceProtect"):
        del reply[name]
    return reply


def income(row: Income) -> dict[str, Any]:
    """An item of income."""
    return {
        "symbol": row.symbol,
        "incomeType": row.type,
        "income": fixed(row.amount, 8),
        "asset": row.asset,
        "info": row.type,
        "time": row.time_ms,
        "tranId": row.tran_id,
        "tradeId": "" if row.trade_id is None else str(row.trade_id),
    }


def average_price(order: Order, spec: SymbolSpec) -> str:
    """The average price of the fills with at least 5 decimals, as Binance shows it."""
    return fixed(order.average_price, max(5, spec.price_precision))


def stream_average_price(order: Order) -> str:
    """The same in a push: "0" without a fill, no padding."""
    return trimmed(order.average_price, 8)
