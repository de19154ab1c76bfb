"""Placing, amending, cancelling and asking for orders."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from mock_venue.exchange import errors
from mock_venue.exchange.commands import (
    CancelAllOrders,
    CancelOrder,
    OrderRef,
)
from mock_venue.exchange.events import ExchangeEvent, OrderChanged, OrderTraded
from mock_venue.exchange.order import (
    Order,
)
from mock_venue.wire.order_params import amendment, new_order, wants_result
from mock_venue.wire.params import Params
from mock_venue.wire.routing import Call, Route, by_symbol
from mock_venue.wire.schemas import orders as schemas

BATCH_CANCEL_MAX = 10

_LIST_OF_IDS = re.compile(r"\[[0-9, ]*\]")


def _place(call: Call) -> Any:
    result = wants_result(call.params)
    events = call.desk.executor.execute(new_order(call))
    order = _order(events[0])
    if result:
        final = call.desk.exchange.ledger.order(order.order_id)
        assert final is not None
        order = final
    return schemas.handled_order(order, call.desk.exchange.spec(order.symbol))


def _amend(call: Call) -> Any:
    events = call.desk.executor.execute(amendment(call))
    order = _order(events[0])
    return schemas.amended_order(order, call.desk.exchange.spec(order.symbol))


def _cancel(call: Call) -> Any:
    return _cancelled(call, call.params.text("symbol"), call.params.order_ref())


def _cancel_batch(call: Call) -> Any:
    symbol = call.params.text("symbol")
    call.desk.exchange.spec(symbol)
    refs = _batch(call.params)
    if len(refs) > BATCH_CANCEL_MAX:
        raise errors.TOO_MANY_CANCELS()
    replies: list[dict[str, Any]] = []
    for ref in refs:
        try:
            replies.append(_cancelled(call, symbol, ref))
        except errors.ExchangeError as error:
            replies.append({"code": error.code, "msg": error.msg})
    return replies


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


def _cancelled(call: Call, symbol: str, ref: OrderRef) -> dict[str, Any]:
    events = call.desk.executor.execute(CancelOrder(account=call.account, symbol=symbol, ref=ref))
    return schemas.handled_order(_order(events[0]), call.desk.exchange.spec(symbol))


def _order(event: ExchangeEvent) -> Order:
    assert isinstance(event, OrderChanged | OrderTraded)
    return event.order


def _batch(params: Params) -> list[OrderRef]:
    ids = _spelled(params, "orderIdList")
    client_ids = _spelled(params, "origClientOrderIdList")
    if ids is not None:
        if _LIST_OF_IDS.fullmatch(ids) is None:
            raise errors.BAD_PARAMETER("orderIdList")
        return [OrderRef(order_id=one) for one in _decode(ids, list[int], "orderIdList")]
    if client_ids is not None:
        decoded = _decode(client_ids, list[str], "origClientOrderIdList")
        return [OrderRef(client_order_id=one) for one in decoded]
    raise errors.PARAMETERS_MISSING("orderIdList", "origClientOrderIdList")


def _spelled(params: Params, name: str) -> str | None:
    """A list of ids, in lower case too: production takes it so (ccxt#22890, recorded)."""
    return params.find(name) or params.find(name.lower())


def _decode[T](text: str, to: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(text, type=to)
    except msgspec.MsgspecError:
        raise errors.BAD_PARAMETER(name) from None


def _route(
    method: str,
    path: str,
    weight: int | Callable[[Params], int],
    handler: Any,
    *,
    orders: int = 0,
    changes: bool = False,
) -> Route:
    return Route(
        method=method,
        path=path,
        security="SIGNED",
        weight=weight,
        handler=handler,
        orders=orders,
        changes_orders=changes,
    )


ROUTES = (
    _route("POST", "/fapi/v1/order", 0, _place, orders=1, changes=True),
    _route("PUT", "/fapi/v1/order", 0, _amend, orders=1, changes=True),
    _route("DELETE", "/fapi/v1/order", 1, _cancel, changes=True),
    _route("DELETE", "/fapi/v1/batchOrders", 1, _cancel_batch, changes=True),
    _route("DELETE", "/fapi/v1/allOpenOrders", 1, _cancel_all, changes=True),
    _route("GET", "/fapi/v1/order", 1, _query),
    _route("GET", "/fapi/v1/openOrder", 1, _query_open),
    _route("GET", "/fapi/v1/openOrders", by_symbol(1, 40), _open_orders),
)
