"""Price match: a LIMIT order whose price is taken from the book at the moment it is placed.

OPPONENT is the other side's best price, QUEUE the own side's; _5, _10, _20 the 5th, 10th, 20th
best price.
OPPONENT_10 and OPPONENT_20 were "temporarily removed from place/amend flows" on 2025-10-23 (change
log), so they are no modes. The book is the others': the account's own orders are not in it.
"""

from decimal import Decimal
from itertools import islice

from mock_venue.exchange import errors
from mock_venue.exchange.book import Book
from mock_venue.exchange.order import PriceMatch, Side, opposite


def matched_price(book: Book, side: Side, mode: PriceMatch) -> Decimal:
    """The price that a mode stands for now. Raises -5041 where the book has no such level."""
    whose, _, number = mode.partition("_")
    levels = book.side(opposite(side) if whose == "OPPONENT" else side)
    price = next(islice(levels, int(number or 1) - 1, None), None)
    if price is None:
        raise errors.NO_DEPTH_TO_MATCH()
    return price
