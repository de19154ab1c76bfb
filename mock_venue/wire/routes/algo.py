"""Conditional orders: this venue has none, and says so as Binance does of orders it lacks."""

from typing import Any

from mock_venue.exchange import errors
from mock_venue.wire.routing import Call, Route


def _none(call: Call) -> Any:
    symbol = call.params.find("symbol")
    if symbol is not None:
        call.desk.exchange.spec(symbol)
    return []


def _query(call: Call) -> Any:
    raise errors.NO_SUCH_ORDER()


def _cancel(call: Call) -> Any:
    raise errors.UNKNOWN_ORDER()


def _place(call: Call) -> Any:
    raise errors.UNSUPPORTED_OPERATION()


def _cancel_all(call: Call) -> Any:
    call.desk.exchange.spec(call.params.text("symbol"))
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def _route(method: str, path: str, weight: int, handler: Any) -> Route:
    return Route(method=method, path=path, security="SIGNED", weight=weight, handler=handler)


ROUTES = (
    _route("GET", "/fapi/v1/openAlgoOrders", 1, _none),
    _route("GET", "/fapi/v1/allAlgoOrders", 5, _none),
    _route("GET", "/fapi/v1/algoOrder", 1, _query),
    _route("POST", "/fapi/v1/algoOrder", 0, _place),
    _route("DELETE", "/fapi/v1/algoOrder", 1, _cancel),
    _route("DELETE", "/fapi/v1/algoOpenOrders", 1, _cancel_all),
)
