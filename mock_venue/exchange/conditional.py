"""The life of a conditional (algo) order, as a table of transitions.

Theory of operation
-------------------
A conditional order waits in a book of its own, under an id of its own, until the market meets its
condition. Then a new regular order is placed for it, with an order id of its own and the same
client order id, and what becomes of that order ends the conditional one:

    (none) --> NEW --TRIGGER--> TRIGGERING --PLACE---> TRIGGERED --FINISH--> FINISHED
                |                  |
                |                  +-------REJECT----> REJECTED
                +--CANCEL------------------------------> CANCELED
                +--EXPIRE------------------------------> EXPIRED

As with regular orders (`order.py`) what is not in the table cannot happen. FINISHED says that the
regular order is over, filled or not. REJECTED says that it was refused, for example because there
was nothing left to reduce: margin and position are looked at when an order triggers, not before.

Conditions, on the last price or the mark price, as the order's working type has it:

    STOP, STOP_MARKET                  BUY: price >= trigger      SELL: price <= trigger
    TAKE_PROFIT, TAKE_PROFIT_MARKET    BUY: price <= trigger      SELL: price >= trigger
    TRAILING_STOP_MARKET               BUY: lowest <= activation, price >= lowest * (1 + rate)
                                       SELL: highest >= activation, price <= highest * (1 - rate)

where lowest and highest are of the prices since the order was placed. The order types without
_MARKET place a LIMIT order, the others a MARKET order.

Source: developers.binance.com, "New Algo Order", "Event: Algo Order Update".
"""

from decimal import Decimal
from typing import Literal

import msgspec

from mock_venue.exchange.decimals import EXACT, ZERO
from mock_venue.exchange.order import (
    OrderType,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Side,
)

AlgoType = Literal[
    "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"
]
AlgoStatus = Literal[
    "NEW", "TRIGGERING", "TRIGGERED", "FINISHED", "CANCELED", "REJECTED", "EXPIRED"
]
AlgoTimeInForce = Literal["GTC", "IOC", "FOK", "GTX", "GTD", "GTE_GTC"]
"""GTE_GTC: the order expires when the position that it could close is closed."""
WorkingType = Literal["CONTRACT_PRICE", "MARK_PRICE"]
AlgoTrigger = Literal["TRIGGER", "PLACE", "REJECT", "FINISH", "CANCEL", "EXPIRE"]

OPEN_STATUSES: frozenset[AlgoStatus] = frozenset({"NEW", "TRIGGERING", "TRIGGERED"})
LIMIT_TYPES: frozenset[AlgoType] = frozenset({"STOP", "TAKE_PROFIT"})
TAKE_PROFIT_TYPES: frozenset[AlgoType] = frozenset({"TAKE_PROFIT", "TAKE_PROFIT_MARKET"})

TRANSITIONS: dict[tuple[AlgoStatus, AlgoTrigger], AlgoStatus] = {
    ("NEW", "TRIGGER"): "TRIGGERING",
    ("NEW", "CANCEL"): "CANCELED",
    ("NEW", "EXPIRE"): "EXPIRED",
    ("TRIGGERING", "PLACE"): "TRIGGERED",
    ("TRIGGERING", "REJECT"): "REJECTED",
    ("TRIGGERED", "FINISH"): "FINISHED",
}


class IllegalAlgoTransition(Exception):
    """A conditional order cannot do this in its status."""


class AlgoOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One conditional order at one moment. Times are UNIX milliseconds.

    What an order does not have is 0: the price of a MARKET type or of one with a price match, the
    trigger price of a trailing stop, the quantity of an order that closes the position, the date of
    one that is not GTD. `callback_rate` is in percent.
    """

    algo_id: int
    client_algo_id: str
    account: str
    symbol: str
    side: Side
    type: AlgoType
    time_in_force: AlgoTimeInForce
    quantity: Decimal
    price: Decimal
    trigger_price: Decimal
    working_type: WorkingType
    close_position: bool
    price_protect: bool
    reduce_only: bool
    position_side: PositionSide
    self_trade_prevention: SelfTradePrevention
    price_match: PriceMatch
    good_till_ms: int
    activate_price: Decimal
    callback_rate: Decimal
    created_ms: int
    updated_ms: int
    triggered_ms: int = 0
    status: AlgoStatus = "NEW"
    extreme: Decimal = ZERO
    """Of a trailing stop: the lowest (BUY) or highest (SELL) price since it was placed."""
    order_id: int | None = None
    """The regular order that was placed for it."""
    reason: str = ""
    """Why it was rejected."""

    @property
    def is_open(self) -> bool:
        """Whether it is not over; a triggered one is as long as its regular order."""
        return self.status in OPEN_STATUSES

    @property
    def is_trailing(self) -> bool:
        """Whether its trigger follows the market."""
        return self.type == "TRAILING_STOP_MARKET"

    @property
    def is_activated(self) -> bool:
        """Whether a trailing stop's activation price was reached; the others have none."""
        if not self.is_trailing:
            return False
        buys = self.side == "BUY"
        return self.extreme <= self.activate_price if buys else self.extreme >= self.activate_price

    @property
    def order_type(self) -> OrderType:
        """The type of the regular order that it places."""
        return "LIMIT" if self.type in LIMIT_TYPES else "MARKET"

    @property
    def waits_for_rise(self) -> bool:
        """Whether it triggers at its trigger price or above, not below."""
        return (self.side == "BUY") != (self.type in TAKE_PROFIT_TYPES)


def is_reached(order: AlgoOrder, price: Decimal) -> bool:
    """Whether the market meets the order's condition at this price of its working type."""
    if not order.is_trailing:
        trigger = order.trigger_price
        return price >= trigger if order.waits_for_rise else price <= trigger
    if order.side == "BUY":
        turn = EXACT.multiply(order.extreme, 1 + order.callback_rate / 100)
        return order.is_activated and price >= turn
    turn = EXACT.multiply(order.extreme, 1 - order.callback_rate / 100)
    return order.is_activated and price <= turn


def follow(order: AlgoOrder, price: Decimal) -> AlgoOrder:
    """The trailing stop after the market was at this price."""
    extreme = min(order.extreme, price) if order.side == "BUY" else max(order.extreme, price)
    if extreme == order.extreme:
        return order
    return msgspec.structs.replace(order, extreme=extreme)


def _step(order: AlgoOrder, trigger: AlgoTrigger, now_ms: int, **changes: object) -> AlgoOrder:
    status = TRANSITIONS.get((order.status, trigger))
    if status is None:
        raise IllegalAlgoTransition(f"algo order {order.algo_id} is {order.status}: no {trigger}")
    return msgspec.structs.replace(order, status=status, updated_ms=now_ms, **changes)


def trigger(order: AlgoOrder, now_ms: int) -> AlgoOrder:
    """Return the order after its condition was met."""
    return _step(order, "TRIGGER", now_ms, triggered_ms=now_ms)


def place(order: AlgoOrder, order_id: int, now_ms: int) -> AlgoOrder:
    """Return the order after its regular order was placed."""
    return _step(order, "PLACE", now_ms, order_id=order_id)


def reject(order: AlgoOrder, reason: str, now_ms: int) -> AlgoOrder:
    """Return the order after its regular order was refused."""
    return _step(order, "REJECT", now_ms, reason=reason)


def finish(order: AlgoOrder, now_ms: int) -> AlgoOrder:
    """Return the order after its regular order is over."""
    return _step(order, "FINISH", now_ms)


def cancel(order: AlgoOrder, now_ms: int) -> AlgoOrder:
    """Return the order cancelled by its owner."""
    return _step(order, "CANCEL", now_ms)


def expire(order: AlgoOrder, now_ms: int) -> AlgoOrder:
    """Return the order cancelled by the exchange."""
    return _step(order, "EXPIRE", now_ms)
