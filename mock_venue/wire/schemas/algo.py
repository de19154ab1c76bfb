"""Conditional orders as REST replies and as pushes.

Source: developers.binance.com, "New Algo Order", "Query Algo Order", "Event: Algo Order Update",
and frames recorded on testnet (2025-12, 2026-09): `ap`, `aq` and `act` are there once the order has
triggered, `rm` where it was rejected. `AP` and `cr` of a trailing stop are unconfirmed.
"""

from typing import Any

from mock_venue.exchange.conditional import AlgoOrder
from mock_venue.exchange.decimals import ZERO, fixed, plain, trimmed
from mock_venue.exchange.instruments import SymbolSpec
from mock_venue.exchange.order import Order
from mock_venue.wire.schemas.orders import average_price, stream_average_price

PLACES = 8


def placed_algo_order(order: AlgoOrder, spec: SymbolSpec) -> dict[str, Any]:
    """POST algoOrder."""
    trailing = order.is_trailing
    return {
        **_identity(order, spec),
        **_terms(order, spec),
        "icebergQuantity": None,
        **_options(order),
        "activatePrice": fixed(order.activate_price, spec.price_precision) if trailing else "",
        "callbackRate": plain(order.callback_rate) if trailing else "",
        **_times(order),
    }


def queried_algo_order(order: AlgoOrder, regular: Order | None, spec: SymbolSpec) -> dict[str, Any]:
    """GET algoOrder; `regular` is the order that was placed when it triggered."""
    return {
        **_identity(order, spec),
        **_actual(regular, spec),
        **_terms(order, spec),
        "icebergQuantity": None,
        "tpOrderType": "",
        **_options(order),
        **_trailing(order, spec),
        **_times(order),
    }


def listed_algo_order(order: AlgoOrder, regular: Order | None, spec: SymbolSpec) -> dict[str, Any]:
    """An item of openAlgoOrders and allAlgoOrders."""
    none = fixed(ZERO, spec.price_precision)
    return {
        **_identity(order, spec),
        **_actual(regular, spec),
        **_terms(order, spec),
        "icebergQuantity": None,
        "tpTriggerPrice": none,
        "tpPrice": none,
        "slTriggerPrice": none,
        "slPrice": none,
        "tpOrderType": "",
        **_options(order),
        **_trailing(order, spec),
        **_times(order),
    }


def cancelled_algo_order(order: AlgoOrder) -> dict[str, Any]:
    """DELETE algoOrder; the code is text."""
    return {
        "algoId": order.algo_id,
        "clientAlgoId": order.client_algo_id,
        "code": "200",
        "msg": "success",
    }


def algo_update(order: AlgoOrder, regular: Order | None, spec: SymbolSpec) -> dict[str, Any]:
    """ALGO_UPDATE; `regular` is the order that was placed for it, as it was then."""
    return {
        "e": "ALGO_UPDATE",
        "T": order.updated_ms,
        "E": order.updated_ms,
        "o": {
            "caid": order.client_algo_id,
            "aid": order.algo_id,
            "at": "CONDITIONAL",
            "o": order.type,
            "s": order.symbol,
            "S": order.side,
            "ps": order.position_side,
            "f": order.time_in_force,
            "q": _padded_quantity(order, spec),
            "X": order.status,
            "ai": "" if order.order_id is None else str(order.order_id),
            **_filled(regular),
            "tp": trimmed(order.trigger_price, PLACES),
            "p": trimmed(order.price, PLACES),
            **(
                {
                    "AP": trimmed(order.activate_price, PLACES),
                    "cr": plain(order.callback_rate),
                }
                if order.is_trailing
                else {}
            ),
            "V": order.self_trade_prevention,
            "wt": order.working_type,
            "pm": order.price_match,
            "cp": order.close_position,
            "pP": order.price_protect,
            "R": order.reduce_only or order.close_position,
            "tt": order.triggered_ms,
            "gtd": order.good_till_ms,
            **({"rm": order.reason} if order.reason else {}),
            "ia": order.is_activated,
        },
    }


def _identity(order: AlgoOrder, spec: SymbolSpec) -> dict[str, Any]:
    return {
        "algoId": order.algo_id,
        "clientAlgoId": order.client_algo_id,
        "algoType": "CONDITIONAL",
        "orderType": order.type,
        "symbol": order.symbol,
        "side": order.side,
        "positionSide": order.position_side,
        "timeInForce": order.time_in_force,
        "quantity": fixed(order.quantity, spec.quantity_precision),
        "algoStatus": order.status,
    }


def _actual(regular: Order | None, spec: SymbolSpec) -> dict[str, Any]:
    if regular is None:
        return {"actualOrderId": "", "actualPrice": fixed(ZERO, 5)}
    actual = {
        "actualOrderId": str(regular.order_id),
        "actualPrice": average_price(regular, spec),
        "actualType": regular.type,
    }
    if regular.filled:
        actual["actualQty"] = fixed(regular.filled, spec.quantity_precision)
    return actual


def _terms(order: AlgoOrder, spec: SymbolSpec) -> dict[str, Any]:
    return {
        "triggerPrice": fixed(order.trigger_price, spec.price_precision),
        "price": fixed(order.price, spec.price_precision),
    }


def _options(order: AlgoOrder) -> dict[str, Any]:
    return {
        "selfTradePreventionMode": order.self_trade_prevention,
        "workingType": order.working_type,
        "priceMatch": order.price_match,
        "closePosition": order.close_position,
        "priceProtect": order.price_protect,
        "reduceOnly": order.reduce_only or order.close_position,
    }


def _trailing(order: AlgoOrder, spec: SymbolSpec) -> dict[str, Any]:
    if not order.is_trailing:
        return {}
    return {
        "activatePrice": fixed(order.activate_price, spec.price_precision),
        "callbackRate": plain(order.callback_rate),
    }


def _times(order: AlgoOrder) -> dict[str, Any]:
    return {
        "createTime": order.created_ms,
        "updateTime": order.updated_ms,
        "triggerTime": order.triggered_ms,
        "goodTillDate": order.good_till_ms,
    }


def _filled(regular: Order | None) -> dict[str, str]:
    if regular is None:
        return {}
    return {
        "ap": stream_average_price(regular),
        "aq": trimmed(regular.filled, PLACES),
        "act": regular.type,
    }


def _padded_quantity(order: AlgoOrder, spec: SymbolSpec) -> str:
    return fixed(order.quantity, spec.quantity_precision) if order.quantity else "0"
