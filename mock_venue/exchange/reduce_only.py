"""Reduce-only orders: never more of them than there is to reduce.

The open reduce-only orders of a position never sum to more than it. A new one is cut, without a
word, to what the others leave (recorded, NautilusTrader #3983). Where they leave nothing, a LIMIT
order is refused with -4118 (recorded, Qubx #386; that the documentation calls it a margin check
says nothing about who is refused). A MARKET order outranks the resting ones: it is cut to the
position alone, and knocks out what its fill leaves no room for.

When a position shrinks, the orders keep their place by rank: MARKET first, then the better price,
then the older; one that no longer fits expires whole with `er` 4, "knocked out by another higher
priority RO (market) order or reversed positions would be opened" (which of them goes first is not
documented beyond that). Orders of hedge mode that close are reduce-only in all of this. Orders that
are not reduce-only do not count.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from mock_venue.exchange import errors
from mock_venue.exchange.account import Position
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.order import Order, OrderType, Side

EXPIRED_REDUCE_ONLY = "4"


def reducible(position: Position, side: Side) -> Decimal:
    """How much orders to `side` can take off the position."""
    return max(position.amount if side == "SELL" else -position.amount, ZERO)


def room(
    position: Position, side: Side, order_type: OrderType, reducing: Iterable[Order]
) -> Decimal:
    """What one more reduce-only order can have beside the open ones. Raises -2022, -4118."""
    there = reducible(position, side)
    if not there:
        raise errors.REDUCE_ONLY_REJECTED()
    if order_type == "LIMIT":
        there -= sum((one.remaining for one in _of(position, reducing)), ZERO)
    if there <= ZERO:
        raise errors.REDUCE_ONLY_FAILED()
    return there


def knocked_out(position: Position, reducing: Iterable[Order]) -> Iterator[Order]:
    """Those of the open reduce-only orders that the position has no room for."""
    taken = ZERO
    for order in sorted(_of(position, reducing), key=_rank):
        if taken + order.remaining > reducible(position, order.side):
            yield order
        else:
            taken += order.remaining


def _of(position: Position, reducing: Iterable[Order]) -> list[Order]:
    return [one for one in reducing if one.position_side == position.position_side]


def _rank(order: Order) -> tuple[bool, Decimal]:
    return order.type == "LIMIT", -order.price if order.side == "BUY" else order.price
