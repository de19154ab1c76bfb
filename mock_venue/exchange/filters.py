"""A symbol's filters: is this quantity, this price, this order's value one the exchange takes?

Each check returns the amount in the symbol's own decimals or raises Binance's refusal.
"""

import re
from decimal import Decimal

from mock_venue.exchange import errors
from mock_venue.exchange.decimals import EXACT, ZERO, plain
from mock_venue.exchange.instruments import SymbolSpec
from mock_venue.exchange.order import OrderType

CLIENT_ORDER_ID = re.compile(r"[\.A-Z\:/a-z0-9_-]{1,36}")


def check_client_order_id(client_order_id: str) -> str:
    """Return the id. Raises -4015 where it is empty, too long or has other characters."""
    if CLIENT_ORDER_ID.fullmatch(client_order_id) is None:
        raise errors.BAD_CLIENT_ORDER_ID()
    return client_order_id


def check_quantity(spec: SymbolSpec, order_type: OrderType, quantity: Decimal) -> Decimal:
    """LOT_SIZE and MARKET_LOT_SIZE: -4003, -1111, -4004, -4005, -4023."""
    if quantity <= ZERO:
        raise errors.QUANTITY_NOT_POSITIVE()
    _check_precision(quantity, spec.quantity_precision)
    if quantity < spec.min_quantity:
        raise errors.QUANTITY_TOO_LOW()
    if quantity > (spec.max_quantity if order_type == "LIMIT" else spec.market_max_quantity):
        raise errors.QUANTITY_TOO_HIGH()
    if quantity % spec.step_size:
        raise errors.QUANTITY_OFF_STEP()
    return quantity.quantize(spec.step_size)


def check_price(spec: SymbolSpec, price: Decimal) -> Decimal:
    """PRICE_FILTER: -4001, -1111, -4013, -4002, -4014."""
    if price <= ZERO:
        raise errors.PRICE_NOT_POSITIVE()
    _check_precision(price, spec.price_precision)
    if price < spec.min_price:
        raise errors.PRICE_TOO_LOW()
    if price > spec.max_price:
        raise errors.PRICE_TOO_HIGH()
    if price % spec.tick_size:
        raise errors.PRICE_OFF_TICK()
    return price.quantize(spec.tick_size)


def check_notional(spec: SymbolSpec, quantity: Decimal, price: Decimal) -> None:
    """MIN_NOTIONAL: -4164. Reduce-only orders are exempt; the caller knows."""
    if EXACT.multiply(quantity, price) < spec.min_notional:
        raise errors.NOTIONAL_TOO_LOW(plain(spec.min_notional))


def _check_precision(value: Decimal, places: int) -> None:
    exponent = value.normalize(EXACT).as_tuple().exponent
    assert isinstance(exponent, int)
    if -exponent > places:
        raise errors.BAD_PRECISION()
