"""Matching: who takes, and at what price.

Scripted: the other side of the book is the symbol's reference price with unlimited quantity. An
order that crosses it takes at once and in full; an order that does not cross rests until an act
fills it.

Auto: an order that crosses takes what the book's levels have, and what remains of it rests or
expires. A resting order is filled when others trade at its price and its turn in the queue has
come, when they trade through its price, or when the market moves to it; in parts, as far as their
quantity goes. The accounts of the venue do not trade with each other.
"""

from decimal import Decimal
from typing import Literal

from mock_venue.exchange.instruments import Price
from mock_venue.exchange.order import OrderType, Side

Matching = Literal["scripted", "auto"]


def taker_price(side: Side, order_type: OrderType, limit: Decimal, price: Price) -> Decimal | None:
    """Return the price at which an order takes now, or None if it does not cross."""
    opposite = price.ask if side == "BUY" else price.bid
    if order_type == "MARKET":
        return opposite
    crosses = limit >= opposite if side == "BUY" else limit <= opposite
    return opposite if crosses else None
