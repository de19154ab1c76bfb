"""The book with the accounts' RPI orders in it, which the book for everybody leaves out.

An RPI order is hidden while it crosses the others' best price, or an RPI order that does not.
Source: developers.binance.com, "RPI Order Book".
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mock_venue.exchange.book import Levels
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.order import Order

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange


def rpi_levels(exchange: "Exchange", symbol: str) -> tuple[Levels, Levels]:
    """Bids and asks, RPI orders among them."""
    book = exchange.books[symbol]
    orders = [
        order
        for order in exchange.ledger.open_orders(symbol=symbol)
        if order.time_in_force == "RPI"
    ]
    bids = [order for order in orders if order.side == "BUY" and order.price < book.ask]
    asks = [order for order in orders if order.side == "SELL" and order.price > book.bid]
    bid = max((order.price for order in bids), default=book.bid)
    ask = min((order.price for order in asks), default=book.ask)
    shown_bids = _with(book.bids, (order for order in bids if order.price < ask))
    shown_asks = _with(book.asks, (order for order in asks if order.price > bid))
    return dict(sorted(shown_bids.items(), reverse=True)), dict(sorted(shown_asks.items()))


def _with(levels: Levels, orders: Iterable[Order]) -> Levels:
    merged = dict(levels)
    for order in orders:
        merged[order.price] = merged.get(order.price, ZERO) + order.remaining
    return merged
