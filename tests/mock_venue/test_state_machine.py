"""Random commands: the ledger's accounts balance after every one of them."""

from decimal import Decimal
from typing import Any, get_args

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mock_venue.exchange.commands import (
    AmendOrder,
    CancelAllOrders,
    CancelOrder,
    ExpireOrder,
    FillOrder,
    OrderRef,
    PlaceOrder,
    SetPrice,
)
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.events import OrderChanged, OrderTraded
from mock_venue.exchange.order import Order, SelfTradePrevention
from tests.mock_venue.helpers import Core

SYMBOLS = st.sampled_from(["BTCUSDT", "ETHUSDT"])
STEP = Decimal("0.001")
QUANTITIES = st.integers(min_value=-1, max_value=300).map(lambda steps: steps * STEP)
OFFSETS = st.integers(min_value=-50, max_value=50)
SIDES = st.sampled_from(["BUY", "SELL"])
NAMES = st.none() | st.sampled_from(["a", "b", "c", "not valid"])


class ExchangeMachine(RuleBasedStateMachine):
    """Every command with any arguments, the open orders preferred."""

    def __init__(self) -> None:
        super().__init__()
        self.core = Core()
        self.exchange = self.core.exchange
        self.seen: dict[int, Order] = {}
        self.realized = ZERO
        self.fees = ZERO
        self.flows: dict[str, Decimal] = {}
        self.amounts: dict[str, Decimal] = {}

    def apply(self, command: Any) -> None:
        before = self.state()
        self.core.now_ms += 1
        try:
            events = self.core.do(command)
        except ExchangeError:
            assert self.state() == before, "a refusal changed the state"
            return
        for event in events:
            if isinstance(event, OrderChanged):
                self.seen[event.order.order_id] = event.order
            elif isinstance(event, OrderTraded):
                trade = event.trade
                self.seen[event.order.order_id] = event.order
                signed = trade.quantity if trade.side == "BUY" else -trade.quantity
                symbol = trade.symbol
                self.amounts[symbol] = self.amounts.get(symbol, ZERO) + signed
                self.flows[symbol] = self.flows.get(symbol, ZERO) - signed * trade.price
                self.realized += trade.realized_pnl
                self.fees += trade.commission

    def state(self) -> tuple[Any, ...]:
        ledger = self.exchange.ledger
        return (
            ledger.orders(),
            ledger.open_orders(),
            len(ledger.trades()),
            ledger.positions(),
            ledger.balances(),
        )

    def pick(self, index: int) -> Order:
        is_open = self.exchange.ledger.open_orders()
        return is_open[index % len(is_open)]

    def has_open_orders(self) -> bool:
        return bool(self.exchange.ledger.open_orders())

    @rule(
        symbol=SYMBOLS,
        side=SIDES,
        order_type=st.sampled_from(["LIMIT", "LIMIT", "MARKET"]),
        quantity=QUANTITIES,
        offset=OFFSETS,
        time_in_force=st.sampled_from(["GTC", "GTC", "IOC", "FOK", "GTX"]),
        reduce_only=st.sampled_from([False, False, True]),
        name=NAMES,
        prevention=st.sampled_from(get_args(SelfTradePrevention)),
    )
    def place(
        self,
        symbol: str,
        side: Any,
        order_type: Any,
        quantity: Decimal,
        offset: int,
        time_in_force: Any,
        reduce_only: bool,
        name: str | None,
        prevention: SelfTradePrevention,
    ) -> None:
        limit = order_type == "LIMIT"
        tick = self.exchange.symbols[symbol].tick_size
        self.apply(
            PlaceOrder(
                account="main",
                symbol=symbol,
                side=side,
                type=order_type,
                quantity=quantity,
                price=self.exchange.prices[symbol].bid + offset * tick if limit else None,
                time_in_force=time_in_force if limit else "GTC",
                reduce_only=reduce_only,
                client_order_id=name,
                self_trade_prevention=prevention,
            )
        )

    @precondition(has_open_orders)
    @rule(index=st.integers(min_value=0, max_value=20), quantity=QUANTITIES, offset=OFFSETS)
    def amend(self, index: int, quantity: Decimal, offset: int) -> None:
        order = self.pick(index)
        tick = self.exchange.symbols[order.symbol].tick_size
        self.apply(
            AmendOrder(
                account="main",
                symbol=order.symbol,
                ref=OrderRef(order_id=order.order_id),
                side=order.side,
                quantity=quantity,
                price=order.price + offset * tick,
            )
        )

    @precondition(has_open_orders)
    @rule(
        index=st.integers(min_value=0, max_value=20),
        share=st.integers(min_value=1, max_value=4),
        offset=OFFSETS,
    )
    def fill(self, index: int, share: int, offset: int) -> None:
        order = self.pick(index)
        quantity = max(STEP, (order.remaining / share).quantize(STEP))
        tick = self.exchange.symbols[order.symbol].tick_size
        self.apply(
            FillOrder(
                order_id=order.order_id,
                quantity=min(quantity, order.remaining),
                price=order.price + offset * tick,
            )
        )

    @precondition(has_open_orders)
    @rule(index=st.integers(min_value=0, max_value=20))
    def cancel(self, index: int) -> None:
        order = self.pick(index)
        ref = OrderRef(client_order_id=order.client_order_id)
        self.apply(CancelOrder(account="main", symbol=order.symbol, ref=ref))

    @precondition(has_open_orders)
    @rule(index=st.integers(min_value=0, max_value=20))
    def expire(self, index: int) -> None:
        self.apply(ExpireOrder(order_id=self.pick(index).order_id, reason="0"))

    @rule(symbol=SYMBOLS)
    def cancel_all(self, symbol: str) -> None:
        self.apply(CancelAllOrders(account="main", symbol=symbol))

    @rule(symbol=SYMBOLS, offset=OFFSETS)
    def move_price(self, symbol: str, offset: int) -> None:
        tick, price = self.exchange.symbols[symbol].tick_size, self.exchange.prices[symbol]
        bid = price.bid + offset * tick
        self.apply(SetPrice(symbol=symbol, bid=bid, ask=bid + tick, mark=bid))

    @invariant()
    def events_tell_the_orders(self) -> None:
        assert {order.order_id: order for order in self.exchange.ledger.orders()} == self.seen

    @invariant()
    def fills_stay_within_the_quantity(self) -> None:
        for order in self.exchange.ledger.orders():
            trades = self.exchange.ledger.trades(order.order_id)
            assert order.filled == sum((trade.quantity for trade in trades), ZERO)
            assert order.filled <= order.quantity

    @invariant()
    def open_book_is_the_non_terminal_orders(self) -> None:
        ledger = self.exchange.ledger
        is_open = {order.order_id for order in ledger.open_orders()}
        assert is_open == {order.order_id for order in ledger.orders() if order.is_open}
        names = [order.client_order_id for order in ledger.open_orders()]
        assert len(names) == len(set(names))

    @invariant()
    def resting_orders_stand_by_price_and_time_and_never_cross(self) -> None:
        ledger = self.exchange.ledger
        for symbol in self.exchange.symbols:
            queue = [one for one in ledger.open_orders("main", symbol) if one.type == "LIMIT"]
            bids = sorted((one for one in queue if one.side == "BUY"), key=lambda one: -one.price)
            asks = sorted((one for one in queue if one.side == "SELL"), key=lambda one: one.price)
            assert list(ledger.resting("main", symbol, "BUY")) == bids
            assert list(ledger.resting("main", symbol, "SELL")) == asks
            assert not bids or not asks or bids[0].price < asks[0].price

    @invariant()
    def positions_are_the_sum_of_trades(self) -> None:
        for symbol, amount in self.amounts.items():
            position = self.exchange.ledger.position("main", symbol)
            assert position.amount == amount
            if not amount:
                assert position.cost == 0
                assert position.realized_pnl == self.flows[symbol]

    @invariant()
    def wallet_is_deposits_plus_realized_minus_commissions(self) -> None:
        wallet = self.exchange.ledger.balance("main", "USDT").wallet
        assert wallet == self.core.account.wallet + self.realized - self.fees

    @invariant()
    def exposure_is_the_sum_of_what_is_open(self) -> None:
        ledger = self.exchange.ledger
        for symbol in ("BTCUSDT", "ETHUSDT"):
            total = ledger.exposure.open_notional("main", symbol, "BOTH")
            placed = ledger.open_orders("main", symbol)
            values = [(one, one.remaining * one.price) for one in placed]
            assert total.orders == len(placed)
            assert total.bids == sum((value for one, value in values if one.side == "BUY"), ZERO)
            assert total.asks == sum((value for one, value in values if one.side == "SELL"), ZERO)
            opening = total.opening_bids + total.opening_asks
            assert opening == sum((value for one, value in values if not one.reduce_only), ZERO)
            stakes = {symbol for symbol, _ in ledger.exposure.stakes("main")}
            position = ledger.position("main", symbol)
            assert (symbol in stakes) == bool(placed or position.amount)
            assert ledger.exposure.holders(symbol) == (["main"] if position.amount else [])

    @invariant()
    def reduce_only_orders_can_only_reduce(self) -> None:
        for position in self.exchange.ledger.positions():
            for side, amount in (("SELL", position.amount), ("BUY", -position.amount)):
                reducing = (
                    one.remaining
                    for one in self.exchange.ledger.open_orders("main", position.symbol)
                    if one.reduce_only and one.side == side
                )
                assert sum(reducing, ZERO) <= max(amount, ZERO)


TestExchange = ExchangeMachine.TestCase
TestExchange.settings = settings(
    max_examples=120,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
