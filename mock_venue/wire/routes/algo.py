"""Conditional (algo) orders: placing, cancelling and asking for them.

What of a window's orders a `page` is, is not documented. Here: pages of `limit` orders count from 1
from the end that a reply without one shows. As with regular orders (`history`) that is the most
recent, or with `algoId` or `startTime` the oldest.
"""

from collections.abc import Callable
from typing import Any

from mock_venue.exchange import errors
from mock_venue.exchange.commands import AlgoRef, CancelAlgoOrder, CancelAllAlgoOrders
from mock_venue.exchange.conditional import AlgoOrder
from mock_venue.exchange.events import AlgoOrderChanged
from mock_venue.wire.order_params import new_algo_order
from mock_venue.wire.params import Params
from mock_venue.wire.routes.history import PAGE_DEFAULT, PAGE_MAX, is_timed, window
from mock_venue.wire.routing import Call, by_symbol, signed
from mock_venue.wire.schemas import algo as schemas


def _place(call: Call) -> Any:
    order = _changed(call.desk.executor.execute(new_algo_order(call)))
    return schemas.placed_algo_order(order, call.desk.exchange.spec(order.symbol))


def _cancel(call: Call) -> Any:
    command = CancelAlgoOrder(account=call.account, ref=_ref(call.params))
    return schemas.cancelled_algo_order(_changed(call.desk.executor.execute(command)))


def _cancel_all(call: Call) -> Any:
    symbol = call.params.text("symbol")
    call.desk.executor.execute(CancelAllAlgoOrders(account=call.account, symbol=symbol))
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def _query(call: Call) -> Any:
    exchange = call.desk.exchange
    order = exchange.algos.find(call.account, _ref(call.params))
    if order is None or not exchange.algos.visible(order, call.desk.executor.now_ms()):
        raise errors.NO_SUCH_ORDER()
    return _tell(call, order, schemas.queried_algo_order)


def _open_orders(call: Call) -> Any:
    symbol = call.params.find("symbol")
    if symbol is not None:
        call.desk.exchange.spec(symbol)
    algo_id = call.params.find_integer("algoId")
    if call.params.find("algoType") not in (None, "CONDITIONAL"):
        return []
    return [
        _tell(call, order, schemas.listed_algo_order)
        for order in call.desk.exchange.algos.open_orders(call.account, symbol)
        if algo_id in (None, order.algo_id)
    ]


def _all_orders(call: Call) -> Any:
    params, book = call.params, call.desk.exchange.algos
    symbol = call.desk.exchange.spec(params.text("symbol")).symbol
    now_ms = call.desk.executor.now_ms()
    limit = params.limit(PAGE_DEFAULT, PAGE_MAX)
    page = params.find_integer("page")
    if page is not None and page < 1:
        raise errors.BAD_PARAMETER("page")
    algo_id = params.find_integer("algoId")
    start_ms, end_ms = window(params, now_ms)
    if algo_id is not None and not is_timed(params):
        found = book.orders_from(call.account, symbol, algo_id, now_ms)
    else:
        times = book.orders_between(call.account, symbol, start_ms, end_ms, now_ms)
        found = [order for order in times if order.algo_id >= (algo_id or 0)]
    passed = limit * ((page or 1) - 1)
    if algo_id is not None or "startTime" in params:
        found = found[passed : passed + limit]
    else:
        stop = max(len(found) - passed, 0)
        found = found[max(stop - limit, 0) : stop]
    return [_tell(call, order, schemas.listed_algo_order) for order in found]


def _tell(call: Call, order: AlgoOrder, schema: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    exchange = call.desk.exchange
    regular = None if order.order_id is None else exchange.ledger.order(order.order_id)
    return schema(order, regular, exchange.spec(order.symbol))


def _changed(events: list[Any]) -> AlgoOrder:
    first = events[0]
    assert isinstance(first, AlgoOrderChanged)
    return first.algo_order


def _ref(params: Params) -> AlgoRef:
    algo_id = params.find_integer("algoId")
    client_algo_id = params.find("clientAlgoId")
    if algo_id is None and not client_algo_id:
        raise errors.PARAMETERS_MISSING("algoId", "clientAlgoId")
    return AlgoRef(algo_id=algo_id, client_algo_id=client_algo_id)


ROUTES = (
    signed("POST", "/fapi/v1/algoOrder", 0, _place, orders=(1, 1), changes=True),
    signed("DELETE", "/fapi/v1/algoOrder", 1, _cancel, changes=True),
    signed("DELETE", "/fapi/v1/algoOpenOrders", 1, _cancel_all, changes=True),
    signed("GET", "/fapi/v1/algoOrder", 1, _query),
    signed("GET", "/fapi/v1/openAlgoOrders", by_symbol(1, 40), _open_orders),
    signed("GET", "/fapi/v1/allAlgoOrders", 5, _all_orders),
)
