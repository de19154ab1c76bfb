"""Income and forced orders, oldest first; kept for three months.

Source: developers.binance.com, "Get Income History", "User's Force Orders".
"""

from typing import Any

from mock_venue.exchange import errors
from mock_venue.exchange.income import INCOME_TYPES, page_of_income
from mock_venue.exchange.ledger import DAY_MS
from mock_venue.wire.routing import Call, by_symbol, signed
from mock_venue.wire.schemas import orders as schemas

WINDOW_MS = 7 * DAY_MS
KEPT_MS = 90 * DAY_MS
PAGE_DEFAULT = 100
PAGE_MAX = 1_000
PAGES_MAX = 1_000_000_000
FORCED_DEFAULT = 50
FORCED_MAX = 100
AUTO_CLOSE_TYPES = ("LIQUIDATION", "ADL")


def _income(call: Call) -> Any:
    params, exchange = call.params, call.desk.exchange
    symbol = params.find("symbol")
    if symbol is not None:
        exchange.spec(symbol)
    income_type = params.find("incomeType")
    if income_type is not None and income_type not in INCOME_TYPES:
        raise errors.BAD_PARAMETER("incomeType")
    now_ms = call.desk.executor.now_ms()
    start_ms, end_ms = params.find_integer("startTime"), params.find_integer("endTime")
    if start_ms is not None and end_ms is not None and start_ms > end_ms:
        raise errors.START_AFTER_END()
    page = params.find_integer("page")
    if page is not None and not 1 <= page <= PAGES_MAX:
        raise errors.BAD_PARAMETER("page")
    if start_ms is None:
        start_ms = (now_ms if end_ms is None else end_ms) - WINDOW_MS
    found = page_of_income(
        exchange.ledger,
        call.account,
        symbols=list(exchange.symbols),
        symbol=symbol,
        income_type=income_type,
        start_ms=max(start_ms, now_ms - KEPT_MS),
        end_ms=now_ms if end_ms is None else end_ms,
        page=1 if page is None else page,
        limit=params.limit(PAGE_DEFAULT, PAGE_MAX),
    )
    return [schemas.income(one) for one in found]


def _force_orders(call: Call) -> Any:
    params, exchange = call.params, call.desk.exchange
    symbol = params.find("symbol")
    if symbol is not None:
        exchange.spec(symbol)
    kind = params.find("autoCloseType")
    if kind not in (None, *AUTO_CLOSE_TYPES):
        raise errors.BAD_PARAMETER("autoCloseType")
    now_ms = call.desk.executor.now_ms()
    start_ms, end_ms = params.find_integer("startTime"), params.find_integer("endTime")
    end_ms = now_ms if end_ms is None else end_ms
    start_ms = end_ms - WINDOW_MS if start_ms is None else start_ms
    if start_ms > end_ms:
        raise errors.START_AFTER_END()
    first_ms = max(start_ms, now_ms - KEPT_MS)
    found = [
        order
        for order in exchange.ledger.forced_orders(call.account)
        if order.forced_by in (AUTO_CLOSE_TYPES if kind is None else (kind,))
        and symbol in (None, order.symbol)
        and first_ms <= order.created_ms <= end_ms
    ][: params.limit(FORCED_DEFAULT, FORCED_MAX)]
    return [schemas.forced_order(order, exchange.spec(order.symbol)) for order in found]


ROUTES = (
    signed("GET", "/fapi/v1/forceOrders", by_symbol(20, 50), _force_orders),
    signed("GET", "/fapi/v1/income", 30, _income),
)
