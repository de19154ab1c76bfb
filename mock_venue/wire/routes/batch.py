"""Batches: several orders in one request, each with a reply or an error of its own.

Binance processes a batch concurrently and guarantees no order of matching; here it is that of the
list. How an empty list is refused is unconfirmed.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from mock_venue.exchange import errors
from mock_venue.exchange.commands import OrderRef
from mock_venue.wire.params import Params, json_text
from mock_venue.wire.routes.orders import amend, cancel, place
from mock_venue.wire.routing import Call, signed

PATH = "/fapi/v1/batchOrders"
BATCH_MAX = 5
CANCEL_MAX = 10
BATCH_ORDERS = (5, 1)
"""What a batch counts against the order limits, however many orders are in it."""

_LIST_OF_IDS = re.compile(r"\[[0-9, ]*\]")
_decode_batch = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode
_decode_ids = msgspec.json.Decoder(list[int]).decode
_decode_names = msgspec.json.Decoder(list[str]).decode


def _place_batch(call: Call) -> Any:
    return [_tried(place, one) for one in _calls(call)]


def _amend_batch(call: Call) -> Any:
    return [_tried(amend, one) for one in _calls(call)]


def _cancel_batch(call: Call) -> Any:
    symbol = call.params.text("symbol")
    call.desk.exchange.spec(symbol)
    refs = _refs(call.params)
    if len(refs) > CANCEL_MAX:
        raise errors.TOO_MANY_CANCELS()
    return [_tried(partial(cancel, symbol=symbol, ref=ref), call) for ref in refs]


def _tried(handle: Callable[[Call], Any], call: Call) -> Any:
    try:
        return handle(call)
    except errors.ExchangeError as error:
        return {"code": error.code, "msg": error.msg}


def _calls(call: Call) -> list[Call]:
    """A call for each order of the batch. Raises -1102, -1105, -1130, -4082."""
    try:
        batch = _decode_batch(call.params.text("batchOrders"))
        items = [{name: json_text(name, raw) for name, raw in given.items()} for given in batch]
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise errors.BAD_PARAMETER("batchOrders") from None
    if not 1 <= len(items) <= BATCH_MAX:
        raise errors.BAD_BATCH_SIZE(len(items))
    for item in items:
        for name, value in item.items():
            if not value:
                raise errors.PARAMETER_EMPTY(name)
    return [msgspec.structs.replace(call, params=Params(item)) for item in items]


def _refs(params: Params) -> list[OrderRef]:
    ids = _spelled(params, "orderIdList")
    names = _spelled(params, "origClientOrderIdList")
    if ids is not None:
        if _LIST_OF_IDS.fullmatch(ids) is None:
            raise errors.BAD_PARAMETER("orderIdList")
        return [OrderRef(order_id=one) for one in _decoded(_decode_ids, ids, "orderIdList")]
    if names is not None:
        decoded = _decoded(_decode_names, names, "origClientOrderIdList")
        return [OrderRef(client_order_id=one) for one in decoded]
    raise errors.PARAMETERS_MISSING("orderIdList", "origClientOrderIdList")


def _spelled(params: Params, name: str) -> str | None:
    """A list of ids, in lower case too: production takes it so (ccxt#22890, recorded)."""
    return params.find(name) or params.find(name.lower())


def _decoded[T](decode: Callable[[str], T], text: str, name: str) -> T:
    try:
        return decode(text)
    except (msgspec.MsgspecError, RecursionError):
        raise errors.BAD_PARAMETER(name) from None


ROUTES = (
    signed("POST", PATH, 5, _place_batch, orders=BATCH_ORDERS, changes=True),
    signed("PUT", PATH, 5, _amend_batch, orders=BATCH_ORDERS, changes=True),
    signed("DELETE", PATH, 1, _cancel_batch, changes=True),
)
