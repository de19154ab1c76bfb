"""Placing, amending, cancelling and asking for orders."""

from typing import Any

from mock_venue.exchange import errors
from mock_venue.exchange.commands import (
    CancelAllOrders,
    CancelOrder,
    OrderRef,
    SetCountdown,
)
from mock_venue.exchange.events import ExchangeEvent, OrderChanged, OrderTraded
from mock_venue.exchange.order import (
    Order,
)
from mock_venue.wire.order_params import amendment, new_order, wants_result
from mock_venue.wire.routing import Call, by_symbol, signed
from mock_venue.wire.schemas import orders as schemas


def place(call: Call) -> Any:
    """Place an order; the reply is the order, as `newOrderRespType` has it."""
    result = wants_result(call.params)
    events = call.desk.executor.execute(new_order(call))
    order = _order(events[0])
    if result:
        final = call.desk.exchange.ledger.order(order.order_id)
        assert final is not None
        order = final
    return schemas.handled_order(order, call.desk.exchange.spec(order.symbol))


def amend(call: Call) -> Any:
    """Amend an order; the reply is the order, and the `modifyId` of the request if it has one."""
    command = amendment(call)
    events = call.desk.executor.execute(command)
    order = _order(events[0])
    reply = schemas.amended_order(order, call.desk.exchange.spec(order.symbol))
    return reply if command.modify_id is None else {**reply, "modifyId": command.modify_id}


def cancel(call: Call, symbol: str, ref: OrderRef) -> Any:
    """Cancel an order; the reply is the order."""
    events = call.desk.executor.execute(CancelOrder(account=call.account, symbol=symbol, ref=ref))
    return schemas.handled_order(_order(events[0]), call.desk.exchange.spec(symbol))


def _cancel(call: Call) -> Any:
    return cancel(call, call.params.text("symbol"), call.params.order_ref())


def _test(call: Call) -> Any:
    """What POST order would reply. Its order id is the next one, and stays free."""
    wants_result(call.params)
    exchange = call.desk.exchange
    order, _ = exchange.accepted(new_order(call), call.desk.executor.now_ms())
    return schemas.handled_order(order, exchange.spec(order.symbol))


def _count_down(call: Call) -> Any:
    symbol = call.params.text("symbol")
    countdown_ms = call.params.integer("countdownTime")
    call.desk.executor.execute(
        SetCountdown(account=call.account, symbol=symbol, countdown_ms=countdown_ms)
    )
    return {"symbol": symbol, "countdownTime": str(countdown_ms)}


def _cancel_all(call: Call) -> Any:
    call.desk.executor.execute(
        CancelAllOrders(account=call.account, symbol=call.params.text("symbol"))
    )
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def _query(call: Call) -> Any:
    exchange = call.desk.exchange
    spec = exchange.spec(call.params.text("symbol"))
    order = exchange.find(call.account, spec.symbol, call.params.order_ref())
    if order is None or not exchange.ledger.visible(order, call.desk.executor.now_ms()):
        raise errors.NO_SUCH_ORDER()
    return schemas.queried_order(order, spec)


def _query_open(call: Call) -> Any:
    exchange = call.desk.exchange
    spec = exchange.spec(call.params.text("symbol"))
    order = exchange.find(call.account, spec.symbol, call.params.order_ref())
    if order is None or not order.is_open:
        raise errors.NO_SUCH_ORDER()
    return schemas.queried_order(order, spec)


def _open_orders(call: Call) -> Any:
    exchange = call.desk.exchange
    symbol = call.params.find("symbol")
    if symbol is not None:
        exchange.spec(symbol)
    found = exchange.ledger.open_orders(call.account, symbol)
    found.sort(key=lambda order: order.order_id)
    return [schemas.queried_order(order, exchange.spec(order.symbol)) for order in found]


def _order(event: ExchangeEvent) -> Order:
    assert isinstance(event, OrderChanged | OrderTraded)
    return event.order


ROUTES = (
    signed("POST", "/fapi/v1/order", 0, place, orders=(1, 1), changes=True),
    signed("PUT", "/fapi/v1/order", 0, amend, orders=(1, 1), changes=True),
    signed("DELETE", "/fapi/v1/order", 1, _cancel, changes=True),
    signed("DELETE", "/fapi/v1/allOpenOrders", 1, _cancel_all, changes=True),
    signed("POST", "/fapi/v1/order/test", 0, _test),
    signed("POST", "/fapi/v1/countdownCancelAll", 10, _count_down),
    signed("GET", "/fapi/v1/order", 1, _query),
    signed("GET", "/fapi/v1/openOrder", 1, _query_open),
    signed("GET", "/fapi/v1/openOrders", by_symbol(1, 40), _open_orders),
)
