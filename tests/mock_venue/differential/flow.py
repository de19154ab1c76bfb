"""A flow of orders through the venue's exchange, and what others had in the book before each."""

import copy
from decimal import Decimal
from random import Random
from typing import Any

import msgspec

from mock_venue.exchange.account import AccountSpec
from mock_venue.exchange.book import Book
from mock_venue.exchange.commands import (
    AmendOrder,
    CancelOrder,
    Command,
    OrderRef,
    PlaceOrder,
    SetPrice,
)
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.events import OrderTraded
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.instruments import DEFAULT_SYMBOLS
from mock_venue.exchange.order import Order, Side, opposite
from tests.mock_venue.helpers import START_MS

SPEC = DEFAULT_SYMBOLS[0]
WALLET = Decimal(1_000_000_000)
MAKER_FEE = Decimal("0.0002")
TAKER_FEE = Decimal("0.0005")
DEPTH = 10
"""Levels a side that the other engine is shown; nothing here takes more."""
OPEN_MAX = 60

Levels = tuple[tuple[Decimal, Decimal], ...]


class Step(msgspec.Struct, frozen=True):
    """One command (None: the market moved), and the book that it finds, best prices first."""

    command: PlaceOrder | AmendOrder | CancelOrder | None
    bids: Levels
    asks: Levels


class Fill(msgspec.Struct, frozen=True, order=True):
    """A fill as both engines tell it."""

    order: str
    quantity: Decimal
    price: Decimal
    maker: bool


class Outcome(msgspec.Struct, frozen=True):
    """What came of a flow, in an engine's own words."""

    fills: list[Fill]
    orders: dict[str, tuple[str, Decimal]]
    """Status and filled quantity by client order id."""
    position: Decimal
    wallet: Decimal
    fees: Decimal


class VariedBook(Book):
    """The venue's book with more sizes: hardly a level comes back at its old one (CONSUMED)."""

    _drawn = 0

    def _draw(self, side: Side, price: Decimal) -> Decimal:
        self._drawn += 1
        return super()._draw(side, price) + self._drawn % 499 * self._step


class Venue:
    """The venue's exchange, which fills by depth; it collects the steps it is told."""

    def __init__(self, seed: int) -> None:
        self.exchange = Exchange(
            symbols=DEFAULT_SYMBOLS,
            accounts=(AccountSpec(wallet=WALLET),),
            maker_fee=MAKER_FEE,
            taker_fee=TAKER_FEE,
            bnb_price=Decimal(600),
            leverage=1,
            first_order_id=1,
            first_trade_id=1,
            now_ms=START_MS,
            matching="auto",
            seed=seed,
        )
        self.exchange.books[SPEC.symbol] = VariedBook(SPEC, seed)
        self.steps: list[Step] = []
        self._fills: list[Fill] = []
        self._refused: list[str] = []

    @property
    def book(self) -> Book:
        return self.exchange.books[SPEC.symbol]

    @property
    def open_orders(self) -> list[Order]:
        return self.exchange.ledger.open_orders()

    @property
    def position(self) -> Decimal:
        return self.exchange.ledger.position("main", SPEC.symbol).amount

    def place(
        self, name: str, side: Side, quantity: Decimal, price: Decimal | None, **how: Any
    ) -> None:
        """A LIMIT order, or without a price a MARKET order."""
        command = PlaceOrder(
            account="main",
            symbol=SPEC.symbol,
            side=side,
            type="MARKET" if price is None else "LIMIT",
            quantity=quantity,
            price=price,
            client_order_id=name,
            **how,
        )
        if not self._do(command, command, self.book):
            self._refused.append(name)

    def amend(self, order: Order, quantity: Decimal, price: Decimal) -> None:
        command = AmendOrder(
            account="main",
            symbol=SPEC.symbol,
            ref=OrderRef(client_order_id=order.client_order_id),
            side=order.side,
            quantity=quantity,
            price=price,
        )
        self._do(command, command, self.book)

    def cancel(self, order: Order) -> None:
        ref = OrderRef(client_order_id=order.client_order_id)
        command = CancelOrder(account="main", symbol=SPEC.symbol, ref=ref)
        self._do(command, command, self.book)

    def move(self, ticks: int, *, shown_again: bool = True) -> None:
        """Let the others' prices move, by whole ticks."""
        bid = self.book.bid + ticks * SPEC.tick_size
        ask = bid + SPEC.tick_size
        moved = copy.deepcopy(self.book)
        moved.move(bid, ask)
        before = len(self._fills)
        self._do(SetPrice(symbol=SPEC.symbol, bid=bid, ask=ask, mark=bid), None, moved)
        if shown_again:
            self.steps += [self.steps[-1]] * (len(self._fills) - before)

    def outcome(self) -> Outcome:
        ledger = self.exchange.ledger
        orders: dict[str, tuple[str, Decimal]] = {name: ("REFUSED", ZERO) for name in self._refused}
        for order in ledger.orders():
            orders[order.client_order_id] = (order.status, order.filled)
        return Outcome(
            fills=self._fills,
            orders=orders,
            position=self.position,
            wallet=ledger.balance("main", "USDT").wallet,
            fees=sum((trade.commission for trade in ledger.trades()), ZERO),
        )

    def _do(
        self,
        command: Command,
        told: PlaceOrder | AmendOrder | CancelOrder | None,
        book: Book,
    ) -> bool:
        self.steps.append(Step(told, _top(book.bids), _top(book.asks)))
        try:
            events = self.exchange.apply(command, START_MS + len(self.steps))
        except ExchangeError:
            return False
        for event in events:
            if isinstance(event, OrderTraded):
                made = event.trade
                fill = Fill(made.client_order_id, made.quantity, made.price, made.maker)
                self._fills.append(fill)
        return True


class Flow:
    """A random flow for the rules that are the same; it steers clear of those that are not."""

    def __init__(self, venue: Venue, seed: int) -> None:
        self._venue = venue
        self._random = Random(seed)
        self._placed = 0
        self.avoided = 0

    def run(self, steps: int) -> None:
        while len(self._venue.steps) < steps:
            resting = self._venue.open_orders
            kind = self._random.random()
            if kind < 0.15:
                self._venue.move(self._random.randint(-25, 25))
            elif resting and (kind < 0.25 or len(resting) > OPEN_MAX):
                self._venue.cancel(self._random.choice(resting))
            elif resting and kind < 0.40:
                self._amend(self._random.choice(resting))
            else:
                self._place()

    def _place(self) -> None:
        random, venue = self._random, self._venue
        side: Side = random.choice(("BUY", "SELL"))
        quantity = self._quantity()
        how: dict[str, Any] = {}
        price = None
        if random.random() < 0.75:
            price = self._price()
            how["time_in_force"] = random.choice(("GTC", "GTC", "GTC", "IOC", "FOK", "GTX"))
        if how.get("time_in_force", "IOC") == "IOC" and random.random() < 0.4:
            how["reduce_only"] = True
        if self._is_special(side, quantity, price):
            self.avoided += 1
            return
        self._placed += 1
        venue.place(f"O-{self._placed}", side, quantity, price, **how)

    def _amend(self, order: Order) -> None:
        quantity, price = self._quantity(), self._price()
        crosses = (
            price >= self._venue.book.ask if order.side == "BUY" else price <= self._venue.book.bid
        )
        special = self._is_special(order.side, quantity, price, order)
        if special or quantity <= order.filled or (order.time_in_force == "GTX" and crosses):
            self.avoided += 1
            return
        self._venue.amend(order, quantity, price)

    def _is_special(
        self, side: Side, quantity: Decimal, price: Decimal | None, amended: Order | None = None
    ) -> bool:
        """Whether own orders would meet or stand at one price, or the shown depth not do."""
        others = [one for one in self._venue.open_orders if one != amended]
        if price is not None and any(one.price == price for one in others):
            return True
        away = self._venue.book.asks if side == "BUY" else self._venue.book.bids
        own = [one.price for one in others if one.side == opposite(side)]
        there = ZERO
        for level, shown in _top(away):
            if own and (min(own) <= level if side == "BUY" else max(own) >= level):
                return price is None or (price >= min(own) if side == "BUY" else price <= max(own))
            there += shown
            if there >= quantity:
                break
        else:
            return True
        if price is None or not own:
            return False
        return price >= min(own) if side == "BUY" else price <= max(own)

    def _quantity(self) -> Decimal:
        return self._random.randint(2, 600) * SPEC.step_size

    def _price(self) -> Decimal:
        return self._venue.book.bid + self._random.randint(-30, 30) * SPEC.tick_size


def _top(levels: dict[Decimal, Decimal]) -> Levels:
    return tuple(levels.items())[:DEPTH]
