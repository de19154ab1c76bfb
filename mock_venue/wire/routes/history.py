"""Past orders and trades, oldest first, in pages.

Which end of a window a full page keeps is not documented. Here: with `startTime` the oldest, else
the most recent (how clients page through both in practice). A window of more than 7 days is refused
with -4165 (-1127 is the other candidate). `startTime` alone means 7 days from there, `endTime`
alone the 7 days before it; `orderId` and `fromId` without times have none. Trades are told for 3
months (since 2026-08-26; 6 months before), amendments too.
"""

from itertools import chain
from typing import Any

from mock_venue.exchange import errors
from mock_venue.exchange.ledger import DAY_MS
from mock_venue.exchange.order import Order
from mock_venue.wire.params import Params
from mock_venue.wire.routing import Call, signed
from mock_venue.wire.schemas import orders as schemas

WINDOW_DAYS = 7
WINDOW_MS = WINDOW_DAYS * DAY_MS
TRADES_KEPT_MS = 90 * DAY_MS
AMENDMENTS_KEPT_MS = 90 * DAY_MS
AMENDMENTS_DEFAULT = 50
AMENDMENTS_MAX = 100
PAGE_DEFAULT = 500
PAGE_MAX = 1000


def _all_orders(call: Call) -> Any:
    """Without a symbol (since 2026-08-25) the orders of all symbols are one list."""
    params, exchange = call.params, call.desk.exchange
    symbol = params.find("symbol")
    symbols = list(exchange.symbols) if symbol is None else [exchange.spec(symbol).symbol]
    limit = params.limit(PAGE_DEFAULT, PAGE_MAX)
    pages = [_orders_of(call, one, limit) for one in symbols]
    found = sorted(chain.from_iterable(pages), key=lambda order: order.order_id)
    page = found[:limit] if "orderId" in params or "startTime" in params else found[-limit:]
    return [schemas.past_order(order, exchange.spec(order.symbol)) for order in page]


def _orders_of(call: Call, symbol: str, limit: int) -> list[Order]:
    """A page of one symbol's orders: from an id on, from a time on, or the most recent."""
    params, ledger = call.params, call.desk.exchange.ledger
    now_ms = call.desk.executor.now_ms()
    order_id = params.find_integer("orderId")
    start_ms, end_ms = window(params, now_ms)
    where = (call.account, symbol)
    if order_id is not None and not is_timed(params):
        return ledger.orders_from(*where, order_id, limit, now_ms)
    if order_id is not None or "startTime" in params:
        times = (start_ms, end_ms)
        return ledger.orders_between(*where, *times, limit, now_ms, first_id=order_id or 0)
    return ledger.latest_orders(*where, start_ms, end_ms, limit, now_ms)


def is_timed(params: Params) -> bool:
    """Whether a query has a `startTime` or an `endTime`."""
    return "startTime" in params or "endTime" in params


def _user_trades(call: Call) -> Any:
    params, ledger = call.params, call.desk.exchange.ledger
    spec = call.desk.exchange.spec(params.text("symbol"))
    now_ms = call.desk.executor.now_ms()
    limit = params.limit(PAGE_DEFAULT, PAGE_MAX)
    order_id = params.find_integer("orderId")
    from_id = params.find_integer("fromId")
    timed = is_timed(params)
    if from_id is not None and timed:
        raise errors.BAD_COMBINATION()
    kept_ms = now_ms - TRADES_KEPT_MS
    start_ms, end_ms = window(params, now_ms)
    start_ms = max(start_ms, kept_ms)
    if order_id is not None:
        order = ledger.order(order_id)
        mine = order is not None and (order.account, order.symbol) == (call.account, spec.symbol)
        found = [
            trade
            for trade in (ledger.trades(order_id) if mine else [])
            if trade.trade_id >= (from_id or 0)
            and trade.time_ms >= kept_ms
            and (not timed or start_ms <= trade.time_ms <= end_ms)
        ][:limit]
    elif from_id is not None:
        found = ledger.trades_from(call.account, spec.symbol, from_id, limit, start_ms=kept_ms)
    else:
        trades, start, stop = ledger.trades_between(call.account, spec.symbol, start_ms, end_ms)
        if "startTime" in params:
            stop = min(stop, start + limit)
        else:
            start = max(start, stop - limit)
        found = trades[start:stop]
    return [schemas.user_trade(trade, spec) for trade in found]


def _amendments(call: Call) -> Any:
    """The newest first, unlike all other lists (as in the documentation's example)."""
    params, exchange = call.params, call.desk.exchange
    spec = exchange.spec(params.text("symbol"))
    now_ms = call.desk.executor.now_ms()
    limit = params.limit(AMENDMENTS_DEFAULT, AMENDMENTS_MAX)
    start_ms = params.find_integer("startTime") or 0
    end_ms = params.find_integer("endTime")
    order = exchange.find(call.account, spec.symbol, params.order_ref())
    if order is None:
        raise errors.NO_SUCH_ORDER()
    made = exchange.ledger.amendments(
        order.order_id,
        max(start_ms, now_ms - AMENDMENTS_KEPT_MS),
        now_ms if end_ms is None else end_ms,
        limit,
    )
    return [schemas.amendment(one, order, spec) for one in made]


def window(params: Params, now_ms: int) -> tuple[int, int]:
    """The `startTime` and `endTime` of a query. Raises -1023, -4165."""
    start_ms = params.find_integer("startTime")
    end_ms = params.find_integer("endTime")
    if start_ms is None and end_ms is None:
        return now_ms - WINDOW_MS, now_ms
    if end_ms is None:
        assert start_ms is not None
        return start_ms, start_ms + WINDOW_MS
    if start_ms is None:
        return end_ms - WINDOW_MS, end_ms
    if start_ms > end_ms:
        raise errors.START_AFTER_END()
    if end_ms - start_ms > WINDOW_MS:
        raise errors.INTERVAL_TOO_LONG(WINDOW_DAYS)
    return start_ms, end_ms


ROUTES = (
    signed("GET", "/fapi/v1/allOrders", 5, _all_orders),
    signed("GET", "/fapi/v1/userTrades", 5, _user_trades),
    signed("GET", "/fapi/v1/orderAmendment", 1, _amendments),
)
