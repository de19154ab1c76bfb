"""The life of an order, as a table of transitions.

Theory of operation
-------------------
An order is an immutable snapshot. It is born by `accept`, and every later change goes through
`step(order, trigger, ...)`, which looks the pair (status, trigger) up in `TRANSITIONS`: what is not
in the table cannot happen, and `IllegalTransition` says so. There is no other place where a status
is decided, so the table is the whole truth about order states:

    (none) --ACCEPT--> NEW --FILL(part)--> PARTIALLY_FILLED --FILL(rest)--> FILLED
                        |                        |
                        +--FILL(rest)------------|----------------> FILLED
                        +--AMEND--> NEW          +--AMEND--> PARTIALLY_FILLED
                        +--CANCEL----------------+----------------> CANCELED
                        +--EXPIRE----------------+----------------> EXPIRED
                        +--PREVENT---------------+----------------> EXPIRED_IN_MATCH

FILLED, CANCELED, EXPIRED and EXPIRED_IN_MATCH are terminal: they have no row, so a terminal order
never changes again, and its client order id is free for another order.

Each transition has an execution type, Binance's `x` of ORDER_TRADE_UPDATE. Status and execution
type are two things: an IOC order that is partly filled and then dies goes through x=NEW, x=TRADE
and x=EXPIRED while its status goes NEW, PARTIALLY_FILLED, EXPIRED.

Two invariants hold in every state, and `step` asserts them: 0 <= filled <= quantity, and an order
is FILLED exactly when filled == quantity. A quantity changes by AMEND alone; an amendment to the
quantity filled or below is no amendment but a cancel, which the exchange decides before it comes
here (Binance: "when the order is in partially filled status and the new quantity <= executedQty").

An order that Binance refuses synchronously (a filter, -4116, a GTX that would take, a FOK that
cannot fill) never gets here: it leaves no trace, has no id and no state.

Source: developers.binance.com, "Event: Order Update", "Modify Order", "Common Definition".
"""

from decimal import Decimal
from typing import Literal

import msgspec

from mock_venue.exchange.decimals import EXACT, ZERO

Side = Literal["BUY", "SELL"]
PositionSide = Literal["BOTH", "LONG", "SHORT"]
OrderType = Literal["LIMIT", "MARKET"]
TimeInForce = Literal["GTC", "IOC", "FOK", "GTX", "GTD", "RPI"]
"""RPI ("retail price improvement") is post-only as GTX is, has a maker fee of its own, and meets at
Binance only orders from its app and web page; here it meets whoever trades."""
OrderStatus = Literal[
    "NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"
]
PriceMatch = Literal["NONE", "OPPONENT", "OPPONENT_5", "QUEUE", "QUEUE_5", "QUEUE_10", "QUEUE_20"]
SelfTradePrevention = Literal["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "NONE"]
Execution = Literal["NEW", "TRADE", "CALCULATED", "AMENDMENT", "CANCELED", "EXPIRED"]
ForcedBy = Literal["LIQUIDATION", "ADL", "SETTLEMENT"]
Trigger = Literal["FILL_PART", "FILL_REST", "AMEND", "CANCEL", "EXPIRE", "PREVENT"]

OFF_MARKET: frozenset[ForcedBy | None] = frozenset({"ADL", "SETTLEMENT"})
"""Orders that trade outside the book: no market trade, and no last price, comes of them."""

POST_ONLY: frozenset[TimeInForce] = frozenset({"GTX", "RPI"})

OPEN_STATUSES: frozenset[OrderStatus] = frozenset({"NEW", "PARTIALLY_FILLED"})

TRANSITIONS: dict[tuple[OrderStatus, Trigger], tuple[OrderStatus, Execution]] = {
    ("NEW", "FILL_PART"): ("PARTIALLY_FILLED", "TRADE"),
    ("NEW", "FILL_REST"): ("FILLED", "TRADE"),
    ("NEW", "AMEND"): ("NEW", "AMENDMENT"),
    ("NEW", "CANCEL"): ("CANCELED", "CANCELED"),
    ("NEW", "EXPIRE"): ("EXPIRED", "EXPIRED"),
    ("NEW", "PREVENT"): ("EXPIRED_IN_MATCH", "EXPIRED"),
    ("PARTIALLY_FILLED", "FILL_PART"): ("PARTIALLY_FILLED", "TRADE"),
    ("PARTIALLY_FILLED", "FILL_REST"): ("FILLED", "TRADE"),
    ("PARTIALLY_FILLED", "AMEND"): ("PARTIALLY_FILLED", "AMENDMENT"),
    ("PARTIALLY_FILLED", "CANCEL"): ("CANCELED", "CANCELED"),
    ("PARTIALLY_FILLED", "EXPIRE"): ("EXPIRED", "EXPIRED"),
    ("PARTIALLY_FILLED", "PREVENT"): ("EXPIRED_IN_MATCH", "EXPIRED"),
}


def opposite(side: Side) -> Side:
    """The other side."""
    return "SELL" if side == "BUY" else "BUY"


class IllegalTransition(Exception):
    """An order cannot do this in its status."""


class Amendment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One change of an order's price or quantity; `count` is how many there were by then."""

    amendment_id: int
    order_id: int
    price_before: Decimal
    price: Decimal
    quantity_before: Decimal
    quantity: Decimal
    count: int
    time_ms: int
    modify_id: int | None = None
    """The client's number for it, if it gave one."""


class Order(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One order at one moment. `price` is 0 for a MARKET order; times are UNIX milliseconds."""

    order_id: int
    client_order_id: str
    account: str
    symbol: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Decimal
    price: Decimal
    reduce_only: bool
    external: bool
    """Placed by an act of the venue (the account's user at the web page), not by an API client."""
    created_ms: int
    updated_ms: int
    status: OrderStatus = "NEW"
    filled: Decimal = ZERO
    filled_quote: Decimal = ZERO
    """Sum of quantity times price over the order's trades."""
    position_side: PositionSide = "BOTH"
    self_trade_prevention: SelfTradePrevention = "EXPIRE_MAKER"
    price_match: PriceMatch = "NONE"
    good_till_ms: int = 0
    """When a GTD order is cancelled, in full seconds; 0 for all others."""
    expiry_reason: str = "0"
    amendments: int = 0
    forced_by: ForcedBy | None = None
    """Why the exchange placed it itself, to close a position."""

    @property
    def remaining(self) -> Decimal:
        """The quantity not yet filled."""
        return self.quantity - self.filled

    @property
    def is_open(self) -> bool:
        """Whether the order can still trade."""
        return self.status in OPEN_STATUSES

    @property
    def average_price(self) -> Decimal:
        """Mean price of the fills, unrounded; 0 without a fill."""
        return EXACT.divide(self.filled_quote, self.filled) if self.filled else ZERO


def _step(order: Order, trigger: Trigger, now_ms: int, **changes: object) -> Order:
    row = TRANSITIONS.get((order.status, trigger))
    if row is None:
        raise IllegalTransition(f"order {order.order_id} is {order.status}: no {trigger}")
    changed: Order = msgspec.structs.replace(order, status=row[0], updated_ms=now_ms, **changes)
    assert ZERO <= changed.filled <= changed.quantity
    assert (changed.status == "FILLED") == (changed.filled == changed.quantity)
    return changed


def fill(order: Order, quantity: Decimal, price: Decimal, now_ms: int) -> Order:
    """Return the order after a trade of `quantity` at `price`."""
    remaining = order.remaining
    assert ZERO < quantity <= remaining
    trigger: Trigger = "FILL_REST" if quantity == remaining else "FILL_PART"
    return _step(
        order,
        trigger,
        now_ms,
        filled=order.filled + quantity,
        filled_quote=EXACT.fma(quantity, price, order.filled_quote),
    )


def amend(
    order: Order, quantity: Decimal, price: Decimal, price_match: PriceMatch, now_ms: int
) -> Order:
    """Return the order with another quantity and price; `quantity` is above what is filled."""
    return _step(
        order,
        "AMEND",
        now_ms,
        quantity=quantity,
        price=price,
        price_match=price_match,
        amendments=order.amendments + 1,
    )


def cancel(order: Order, now_ms: int) -> Order:
    """Return the order cancelled; its fills stay."""
    return _step(order, "CANCEL", now_ms)


def expire(order: Order, reason: str, now_ms: int) -> Order:
    """Return the order expired; `reason` is Binance's `er`: "2" IOC, "4" reduce only..."""
    return _step(order, "EXPIRE", now_ms, expiry_reason=reason)


def prevent(order: Order, reason: str, now_ms: int) -> Order:
    """Return the order expired for self-trade prevention; `reason` is Binance's `er`."""
    return _step(order, "PREVENT", now_ms, expiry_reason=reason)
