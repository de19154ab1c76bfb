"""A past for an account: orders that were filled or cancelled before the venue was started.

They go through the exchange like any other order, at times of their own, but nobody is told: no
pushes, and of each order only its final state is recorded, then its trades, and at the end one
position and one balance.
"""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from random import Random

import msgspec

from mock_venue.exchange.commands import CancelOrder, Command, FillOrder, OrderRef, PlaceOrder
from mock_venue.exchange.events import ExchangeEvent, OrderChanged, OrderTraded
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.instruments import QUOTE_ASSET, SymbolSpec
from mock_venue.exchange.order import Side
from mock_venue.recording import Record, balance_data, order_data, position_data, trade_data

FILLED_SHARE = 0.8
MAKER_SHARE = 0.8
PARTS_MAX = 3
DISTANCE_TICKS_MAX = 500
STEPS_MAX = 50


class _Planned(msgspec.Struct, frozen=True):
    side: Side
    quantity: Decimal
    fate: str
    """"maker", "taker" or "cancelled"."""


class History:
    """Writes the past of one account on one symbol, reproducible by its seed."""

    def __init__(
        self, exchange: Exchange, record: Record, account: str, symbol: str, seed: int
    ) -> None:
        self._exchange = exchange
        self._record = record
        self._account = account
        self._spec: SymbolSpec = exchange.symbols[symbol]
        self._random = Random(seed)

    def write(
        self, orders: int, net: Decimal, start_ms: int, span_ms: int, names: Iterator[str]
    ) -> None:
        """Make `orders` orders in [start_ms, start_ms + span_ms) whose trades sum up to `net`."""
        for index, planned in enumerate(self._plan(orders, net)):
            created_ms = start_ms + index * span_ms // orders
            next_ms = start_ms + (index + 1) * span_ms // orders
            self._live(planned, next(names), created_ms, next_ms - created_ms)
        symbol = self._spec.symbol
        position = self._exchange.ledger.position(self._account, symbol)
        self._record("venue", "position", position_data(position))
        balance = self._exchange.ledger.balance(self._account, QUOTE_ASSET)
        self._record("venue", "balance", balance_data(balance))

    def _plan(self, orders: int, net: Decimal) -> list[_Planned]:
        """Round trips and cancelled orders in random order, the order that leaves `net` last."""
        closed = orders - 1 if net else orders
        trips = int(closed * FILLED_SHARE) // 2
        kinds = ["trip"] * trips + ["cancelled"] * (closed - 2 * trips)
        self._random.shuffle(kinds)
        plan: list[_Planned] = []
        for kind in kinds:
            side, other = self._random.choice((("BUY", "SELL"), ("SELL", "BUY")))
            quantity = self._quantity()
            if kind == "cancelled":
                plan.append(_Planned(_side(side), quantity, "cancelled"))
                continue
            plan.append(_Planned(_side(side), quantity, self._fate()))
            plan.append(_Planned(_side(other), quantity, self._fate()))
        if net:
            plan.append(_Planned("BUY" if net > 0 else "SELL", abs(net), "maker"))
        return plan

    def _live(self, planned: _Planned, name: str, created_ms: int, life_ms: int) -> None:
        spec = self._spec
        maker = planned.fate != "taker"
        placed = self._apply(
            PlaceOrder(
                account=self._account,
                symbol=spec.symbol,
                side=planned.side,
                type="LIMIT" if maker else "MARKET",
                quantity=planned.quantity,
                price=self._resting_price(planned.side) if maker else None,
                client_order_id=name,
                external=True,
                past=True,
            ),
            created_ms,
        )
        first = placed[0]
        assert isinstance(first, OrderChanged)
        order = first.order
        traded = [event for event in placed if isinstance(event, OrderTraded)]
        if planned.fate == "maker":
            parts = self._parts(planned.quantity)
            for number, part in enumerate(parts, start=1):
                fill = FillOrder(order_id=order.order_id, quantity=part, price=order.price)
                events = self._apply(fill, created_ms + life_ms * number // (len(parts) + 1))
                traded.extend(event for event in events if isinstance(event, OrderTraded))
        elif planned.fate == "cancelled":
            ref = OrderRef(order_id=order.order_id)
            cancel = CancelOrder(account=self._account, symbol=spec.symbol, ref=ref)
            self._apply(cancel, created_ms + life_ms // 2)
        final = self._exchange.ledger.order(order.order_id)
        assert final is not None and not final.is_open
        self._record("venue", "order", order_data(final))
        for event in traded:
            self._record("venue", "trade", trade_data(event.trade))

    def _apply(self, command: Command, now_ms: int) -> list[ExchangeEvent]:
        return self._exchange.carry_out(command, now_ms)

    def _fate(self) -> str:
        return "maker" if self._random.random() < MAKER_SHARE else "taker"

    def _quantity(self) -> Decimal:
        spec = self._spec
        lowest_price = self._exchange.prices[spec.symbol].bid - DISTANCE_TICKS_MAX * spec.tick_size
        lowest = max(spec.min_quantity, spec.min_notional / max(lowest_price, spec.min_price))
        steps = int((lowest / spec.step_size).to_integral_value(ROUND_CEILING))
        return (steps + self._random.randrange(STEPS_MAX)) * spec.step_size

    def _resting_price(self, side: Side) -> Decimal:
        price = self._exchange.prices[self._spec.symbol]
        distance = self._random.randrange(DISTANCE_TICKS_MAX) * self._spec.tick_size
        if side == "BUY":
            return max(price.bid - distance, self._spec.min_price)
        return price.ask + distance

    def _parts(self, quantity: Decimal) -> list[Decimal]:
        steps = int(quantity / self._spec.step_size)
        count = min(steps, self._random.randint(1, PARTS_MAX))
        cuts = sorted(self._random.sample(range(1, steps), count - 1))
        edges = [0, *cuts, steps]
        return [(right - left) * self._spec.step_size for left, right in pairwise(edges)]


def _side(side: str) -> Side:
    return "BUY" if side == "BUY" else "SELL"
