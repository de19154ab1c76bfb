"""Matching, scripted: who takes, and at what price.

The other side of the book is the symbol's reference price with unlimited quantity. An order that
crosses it takes at once and in full; an order that does not cross rests until an act fills it.
"""

from decimal import Decimal

from mock_venue.exchange.instruments import Price
from mock_venue.exchange.order import OrderType, Side


def taker_price(side: Side, order_type: OrderType, limit: Decimal, price: Price) -> Decimal | None:
    """Return the price at which an order takes now, or None if it does not cross."""
    opposite = price.ask if side == "BUY" else price.bid
    if order_type == "MARKET":
        return opposite
    crosses = limit >= opposite if side == "BUY" else limit <= opposite
    return opposite if crosses else None
