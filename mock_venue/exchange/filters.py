"""A symbol's filters: is this quantity, this price, this order's value one the exchange takes?

Each check returns the amount in the symbol's own decimals or raises Binance's refusal.
"""

import re
from decimal import Decimal

from mock_venue.exchange import errors
from mock_venue.exchange.decimals import EXACT, ZERO, has_places, plain
from mock_venue.exchange.instruments import SymbolSpec
from mock_venue.exchange.order import OrderType, Side

GOOD_TILL_MS_MIN = 600_000
GOOD_TILL_END_MS = 253_402_300_799_000
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


def check_trigger_price(spec: SymbolSpec, price: Decimal) -> Decimal:
    """A trigger or activation price: -4006, -1111, -4007. It need not be on the tick."""
    if price <= ZERO:
        raise errors.TRIGGER_PRICE_NOT_POSITIVE()
    _check_precision(price, spec.price_precision)
    if price > spec.max_price:
        raise errors.TRIGGER_PRICE_TOO_HIGH()
    return price.quantize(spec.tick_size)


def check_notional(
    spec: SymbolSpec, quantity: Decimal, price: Decimal, *, amended: bool = False
) -> None:
    """MIN_NOTIONAL: -4164, or -5029 of an amendment. Reduce-only orders are exempt; ask before."""
    if EXACT.multiply(quantity, price) < spec.min_notional:
        refusal = errors.AMENDED_NOTIONAL_TOO_LOW if amended else errors.NOTIONAL_TOO_LOW
        raise refusal(plain(spec.min_notional))


def check_percent_price(spec: SymbolSpec, side: Side, price: Decimal, mark: Decimal) -> None:
    """PERCENT_PRICE of a limit: -4016, -4024 (texts as recorded, ccxt #7899)."""
    _check_percent(spec, side, price, mark, errors.PRICE_ABOVE_CAP, errors.PRICE_BELOW_FLOOR)


def check_percent_trigger(spec: SymbolSpec, side: Side, price: Decimal, trigger: Decimal) -> None:
    """The same for the limit of a conditional order and its trigger price: -4183, -4184."""
    refusals = (errors.PRICE_ABOVE_TRIGGER_CAP, errors.PRICE_BELOW_TRIGGER_FLOOR)
    _check_percent(spec, side, price, trigger, *refusals)


def check_percent_market(spec: SymbolSpec, side: Side, best: Decimal, mark: Decimal) -> None:
    """PERCENT_PRICE of a MARKET order, which holds for the others' best price: -4131."""
    bound = _percent_bound(spec, side, mark)
    if best > bound if side == "BUY" else best < bound:
        raise errors.MARKET_TOO_FAR()


def check_good_till(good_till_ms: int, now_ms: int) -> int:
    """The date of a GTD order in full seconds. Raises -5040."""
    good_till_ms -= good_till_ms % 1_000
    if not now_ms + GOOD_TILL_MS_MIN < good_till_ms < GOOD_TILL_END_MS:
        raise errors.BAD_GOOD_TILL_DATE()
    return good_till_ms


def _check_percent(
    spec: SymbolSpec,
    side: Side,
    price: Decimal,
    reference: Decimal,
    above: errors.Refusal,
    below: errors.Refusal,
) -> None:
    bound = _percent_bound(spec, side, reference)
    if side == "BUY" and price > bound:
        raise above(plain(_on_tick(spec, bound)))
    if side == "SELL" and price < bound:
        beyond = spec.tick_size if bound % spec.tick_size else ZERO
        raise below(plain(_on_tick(spec, bound + beyond)))


def _percent_bound(spec: SymbolSpec, side: Side, mark: Decimal) -> Decimal:
    """The highest price to buy or the lowest to sell at, unrounded."""
    factor = spec.price_factor_up if side == "BUY" else spec.price_factor_down
    return EXACT.multiply(mark, factor)


def _on_tick(spec: SymbolSpec, price: Decimal) -> Decimal:
    return (price - price % spec.tick_size).quantize(spec.tick_size)


def _check_precision(value: Decimal, places: int) -> None:
    if not has_places(value, places):
        raise errors.BAD_PRECISION()
