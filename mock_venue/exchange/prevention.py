"""Self-trade prevention: what becomes of two orders of one account that would trade together.

The mode of the taker decides, and only for GTC, IOC and GTD; a MARKET order is one of them. FOK and
GTX have none, nor has mode NONE: the account trades with itself, a fill on either side, each with a
trade id of its own. An amendment keeps the order's mode (change log of 2024-01-08; the FAQ says it
is reset to NONE).

Source: developers.binance.com, "Self Trade Prevention (STP) FAQ", "Event: Order Update" (`er`).
"""

from mock_venue.exchange.order import Order, SelfTradePrevention, TimeInForce

EXPIRED_SELF_TRADE = "1"
EXPIRED_IOC_SELF_TRADE = "3"

_PREVENTING: frozenset[TimeInForce] = frozenset({"GTC", "IOC", "GTD"})


def mode_of(taker: Order) -> SelfTradePrevention:
    """What prevents the taker's self-trades; NONE where nothing does."""
    return taker.self_trade_prevention if taker.time_in_force in _PREVENTING else "NONE"


def expiry_reason(taker: Order) -> str:
    """Binance's `er` of a taker that expires: an IOC order has one of its own."""
    return EXPIRED_IOC_SELF_TRADE if taker.time_in_force == "IOC" else EXPIRED_SELF_TRADE
