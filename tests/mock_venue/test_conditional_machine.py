"""Random commands with conditional orders among them: the book keeps its word after each."""

from decimal import Decimal
from typing import Any, get_args

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mock_venue.exchange.commands import (
    AlgoRef,
    CancelAlgoOrder,
    CancelAllAlgoOrders,
    CancelOrder,
    Command,
    FillOrder,
    HoldTriggers,
    OrderRef,
    PlaceAlgoOrder,
    PlaceOrder,
    SetPrice,
)
from mock_venue.exchange.conditional import (
    LIMIT_TYPES,
    TRANSITIONS,
    AlgoOrder,
    AlgoType,
    WorkingType,
    is_reached,
)
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.events import AlgoOrderChanged
from tests.mock_venue.helpers import Core

SYMBOLS = st.sampled_from(["BTCUSDT", "ETHUSDT"])
QUANTITIES = st.integers(min_value=-1, max_value=300).map(lambda steps: steps * Decimal("0.001"))
OFFSETS = st.integers(min_value=-50, max_value=50)
SIDES = st.sampled_from(["BUY", "SELL"])
NAMES = st.none() | st.sampled_from(["a", "b", "c", "not valid"])
LEGAL = {(start, end) for (start, _), end in TRANSITIONS.items()}


class ConditionalMachine(RuleBasedStateMachine):
    """Conditional orders, and what makes and moves the positions and prices they look at."""

    def __init__(self) -> None:
        super().__init__()
        self.core = Core()
        self.exchange = self.core.exchange
        self.told: dict[int, AlgoOrder] = {}

    def apply(self, command: Command) -> None:
        algos = self.exchange.algos
        before = (algos.orders(), algos.next_id, self.exchange.ledger.orders())
        self.core.now_ms += 1
        try:
            events = self.core.do(command)
        except ExchangeError:
            assert (algos.orders(), algos.next_id, self.exchange.ledger.orders()) == before
            return
        for event in events:
            if isinstance(event, AlgoOrderChanged):
                order = event.algo_order
                known = self.told.get(order.algo_id)
                status = None if known is None else known.status
                assert (status, order.status) in LEGAL | {(None, "NEW")}
                self.told[order.algo_id] = order

    @rule(symbol=SYMBOLS, side=SIDES, quantity=QUANTITIES, offset=OFFSETS, limit=st.booleans())
    def place(self, symbol: str, side: Any, quantity: Decimal, offset: int, limit: bool) -> None:
        tick = self.exchange.symbols[symbol].tick_size
        price = self.exchange.prices[symbol].bid + offset * tick
        self.apply(
            PlaceOrder(
                account="main",
                symbol=symbol,
                side=side,
                type="LIMIT" if limit else "MARKET",
                quantity=quantity,
                price=price if limit else None,
            )
        )

    @rule(index=st.integers(min_value=0, max_value=20), offset=OFFSETS, cancels=st.booleans())
    def end(self, index: int, offset: int, cancels: bool) -> None:
        is_open = self.exchange.ledger.open_orders()
        if not is_open:
            return
        order = is_open[index % len(is_open)]
        tick = self.exchange.symbols[order.symbol].tick_size
        if cancels:
            ref = OrderRef(order_id=order.order_id)
            self.apply(CancelOrder(account="main", symbol=order.symbol, ref=ref))
        else:
            price = order.price + offset * tick
            fill = FillOrder(order_id=order.order_id, quantity=order.remaining, price=price)
            self.apply(fill)

    @rule(symbol=SYMBOLS, offset=OFFSETS, apart=OFFSETS)
    def move(self, symbol: str, offset: int, apart: int) -> None:
        tick, price = self.exchange.symbols[symbol].tick_size, self.exchange.prices[symbol]
        bid = price.bid + offset * tick
        self.apply(SetPrice(symbol=symbol, bid=bid, ask=bid + tick, mark=bid + apart * tick))

    @rule(
        symbol=SYMBOLS,
        side=SIDES,
        algo_type=st.sampled_from(get_args(AlgoType)),
        quantity=QUANTITIES,
        offset=OFFSETS,
        rate=st.sampled_from(["0.05", "0.1", "0.5"]),
        activated=st.booleans(),
        working_type=st.sampled_from(get_args(WorkingType)),
        flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
        name=NAMES,
    )
    def place_algo(
        self,
        symbol: str,
        side: Any,
        algo_type: Any,
        quantity: Decimal,
        offset: int,
        rate: str,
        activated: bool,
        working_type: Any,
        flags: tuple[bool, bool, bool],
        name: str | None,
    ) -> None:
        tick = self.exchange.symbols[symbol].tick_size
        price = self.exchange.prices[symbol].bid + offset * tick
        closes, reduces, protected = flags
        self.apply(
            PlaceAlgoOrder(
                account="main",
                symbol=symbol,
                side=side,
                type=algo_type,
                quantity=ZERO if closes else quantity,
                price=price if algo_type in LIMIT_TYPES else None,
                trigger_price=price,
                activate_price=price if activated and algo_type.startswith("TRAIL") else None,
                callback_rate=Decimal(rate),
                working_type=working_type,
                close_position=closes,
                reduce_only=reduces and not closes,
                price_protect=protected,
                client_algo_id=name,
            )
        )

    @rule(name=st.sampled_from(["a", "b", "c"]))
    def cancel_algo(self, name: str) -> None:
        self.apply(CancelAlgoOrder(account="main", ref=AlgoRef(client_algo_id=name)))

    @rule(symbol=SYMBOLS)
    def cancel_all_algos(self, symbol: str) -> None:
        self.apply(CancelAllAlgoOrders(account="main", symbol=symbol))

    @rule(held=st.booleans())
    def hold(self, held: bool) -> None:
        self.apply(HoldTriggers(held=held))

    @invariant()
    def events_tell_the_conditional_orders(self) -> None:
        # A trailing stop follows the market without an event.
        told = {algo_id: order.status for algo_id, order in self.told.items()}
        assert told == {order.algo_id: order.status for order in self.exchange.algos.orders()}

    @invariant()
    def nothing_waits_that_is_reached(self) -> None:
        for order in self.exchange.algos.open_orders("main"):
            price = self.exchange.prices[order.symbol]
            at = price.mark if order.working_type == "MARK_PRICE" else price.last
            if order.status == "NEW" and not order.price_protect:
                assert not is_reached(order, at)
            if order.status == "TRIGGERING":
                assert self.exchange.algos.held

    @invariant()
    def a_triggered_order_is_open_as_long_as_its_regular_order(self) -> None:
        for order in self.exchange.algos.orders():
            if order.order_id is not None:
                regular = self.exchange.ledger.order(order.order_id)
                assert regular is not None and regular.client_order_id == order.client_algo_id
                assert order.status == ("TRIGGERED" if regular.is_open else "FINISHED")

    @invariant()
    def the_book_knows_who_is_open(self) -> None:
        book = self.exchange.algos
        is_open = [order for order in book.orders() if order.is_open]
        assert book.open_orders("main") == is_open
        names = [order.client_algo_id for order in is_open]
        assert len(names) == len(set(names))
        assert book.is_idle == (not is_open)


TestConditional = ConditionalMachine.TestCase
TestConditional.settings = settings(
    max_examples=100,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
