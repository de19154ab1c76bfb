"""Automatic matching: depth, partial fills, the queue, and the same each time."""

from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

from mock_venue.exchange.account import AccountSpec
from mock_venue.exchange.commands import Advance, AmendOrder, OrderRef, SetPrice, TradeMarket
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.events import MarketTraded, OrderChanged, OrderTraded
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.instruments import DEFAULT_SYMBOLS
from mock_venue.exchange.order import Side
from mock_venue.exchange.path import MarketTrade, Walk
from tests.mock_venue.helpers import START_MS, SYMBOL, Core

BID, ASK = Decimal("50000.00"), Decimal("50000.10")
TICK = Decimal("0.10")


class AutoCore(Core):
    """An exchange that matches by itself."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__()
        self.account = AccountSpec(wallet=Decimal(10_000_000))
        self.exchange = Exchange(
            symbols=DEFAULT_SYMBOLS,
            accounts=(self.account, AccountSpec(name="other", key="k", secret="s")),
            maker_fee=Decimal("0.0002"),
            taker_fee=Decimal("0.0005"),
            bnb_price=Decimal(600),
            leverage=20,
            first_order_id=1,
            first_trade_id=1,
            now_ms=START_MS,
            matching="auto",
            path=Walk(),
            seed=seed,
        )
        self.book = self.exchange.books[SYMBOL]

    def sold(self, quantity: Decimal, price: Decimal = BID) -> list[Any]:
        return self.traded("SELL", quantity, price)

    def traded(self, side: Side, quantity: Decimal, price: Decimal) -> list[Any]:
        trade = MarketTrade(side=side, price=price, quantity=quantity)
        return self.do(TradeMarket(symbol=SYMBOL, trade=trade))

    def move(self, bid: Decimal) -> list[Any]:
        return self.do(SetPrice(symbol=SYMBOL, bid=bid, ask=bid + TICK, mark=bid))


@pytest.fixture
def auto() -> AutoCore:
    return AutoCore()


def fills(events: list[Any]) -> list[tuple[Decimal, Decimal, bool]]:
    return [
        (event.trade.quantity, event.trade.price, event.trade.maker)
        for event in events
        if isinstance(event, OrderTraded)
    ]


def public(events: list[Any]) -> Decimal:
    return sum((one.trade.quantity for one in events if isinstance(one, MarketTraded)), ZERO)


def test_a_market_order_walks_the_book(auto: AutoCore) -> None:
    levels = list(auto.book.asks.items())[:3]
    first, second = levels[0][1], levels[1][1]
    half = (second / 2).quantize(Decimal("0.001"))
    order = auto.place("BUY", str(first + half), type="MARKET")

    assert order.status == "FILLED"
    assert [(one.price, one.quantity) for one in auto.exchange.ledger.trades(order.order_id)] == [
        (levels[0][0], first),
        (levels[1][0], half),
    ]
    assert auto.exchange.prices[SYMBOL].ask == levels[1][0]
    assert auto.book.asks[levels[1][0]] == second - half


def test_what_remains_of_a_limit_order_rests_and_of_an_ioc_order_expires(auto: AutoCore) -> None:
    there = auto.book.asks[ASK]
    rests = auto.place("BUY", str(there + 1), price=str(ASK))
    assert rests.status == "PARTIALLY_FILLED"
    assert rests.remaining == 1
    auto.move(BID)
    there = auto.book.asks[auto.book.ask]
    dies = auto.place("BUY", str(there + 1), price=str(auto.book.ask), time_in_force="IOC")
    assert (dies.status, dies.expiry_reason, dies.filled) == ("EXPIRED", "2", there)


def test_a_market_order_beyond_the_depth_expires(auto: AutoCore) -> None:
    depth = sum(auto.book.asks.values(), ZERO)
    assert depth < 119
    order = auto.place("BUY", "120", type="MARKET")
    assert (order.status, order.expiry_reason, order.filled) == ("EXPIRED", "9", depth)
    assert auto.book.bid < auto.book.ask


def test_at_one_price_whoever_came_first_is_filled_first(auto: AutoCore) -> None:
    """Between accounts too, whichever of them was here before."""
    auto.place("BUY", price="49000.0")
    of_other = auto.order_to("BUY", "0.010", price=str(BID))
    (placed,) = auto.do(msgspec.structs.replace(of_other, account="other"))
    assert isinstance(placed, OrderChanged)
    second = auto.place("BUY", price=str(BID))
    ahead = auto.book.bids[BID]

    auto.sold(ahead + Decimal("0.010"))

    assert auto.order(placed.order.order_id).status == "FILLED"
    assert auto.order(second.order_id).filled == 0


def test_fok_needs_the_depth(auto: AutoCore) -> None:
    there = auto.book.asks[ASK]
    with pytest.raises(ExchangeError, match="-5021"):
        auto.place("BUY", str(there + 1), price=str(ASK), time_in_force="FOK")
    assert auto.place("BUY", str(there), price=str(ASK), time_in_force="FOK").status == "FILLED"


def test_an_order_waits_its_turn(auto: AutoCore) -> None:
    before = auto.book.bids[BID]
    order = auto.place("BUY", "1.000", price=str(BID))
    assert fills(auto.sold(before - 1)) == []
    events = auto.sold(Decimal("1.400"))

    assert fills(events) == [(Decimal("0.400"), BID, True)]
    assert public(events) == 1
    assert auto.order(order.order_id).status == "PARTIALLY_FILLED"
    assert fills(auto.sold(Decimal(5))) == [(Decimal("0.600"), BID, True)]


def test_who_joins_later_waits_longer_and_an_amendment_goes_to_the_back(auto: AutoCore) -> None:
    before = auto.book.bids[BID]
    first = auto.place("BUY", "1.000", price=str(BID))
    second = auto.place("BUY", "1.000", price=str(BID))
    auto.do(
        AmendOrder(
            account="main",
            symbol=SYMBOL,
            ref=OrderRef(order_id=first.order_id),
            side="BUY",
            quantity=Decimal("1.100"),
            price=BID,
        )
    )
    auto.sold(before + Decimal("1.300"))
    assert auto.order(second.order_id).filled == 1
    assert auto.order(first.order_id).filled == Decimal("0.300")


def test_a_better_price_comes_first(auto: AutoCore) -> None:
    auto.do(SetPrice(symbol=SYMBOL, bid=BID, ask=BID + 5 * TICK, mark=BID))
    behind = auto.place("BUY", "1.000", price=str(BID))
    better = auto.place("BUY", "1.000", price=str(BID + TICK))
    assert fills(auto.sold(Decimal("1.500"))) == [(Decimal(1), BID + TICK, True)]
    assert auto.order(better.order_id).status == "FILLED"
    assert auto.order(behind.order_id).filled == 0


def test_a_level_that_shrinks_moves_an_order_forward(auto: AutoCore) -> None:
    auto.place("BUY", "1.000", price=str(BID))
    shown = auto.book.bids[BID]
    auto.book.bids[BID] = Decimal("0.500")
    auto.move(BID)
    shown = min(shown, auto.book.bids[BID])
    assert fills(auto.sold(shown + Decimal("0.250"))) == [(Decimal("0.250"), BID, True)]


def test_the_market_going_through_a_price_fills_as_far_as_its_depth_goes(auto: AutoCore) -> None:
    order = auto.place("BUY", "20", price=str(BID))
    events = auto.move(BID - 3 * TICK)
    assert all(price == BID and maker for _, price, maker in fills(events))
    filled = auto.order(order.order_id).filled
    assert 0 < filled < 20
    assert auto.book.ask > BID
    while auto.order(order.order_id).is_open:
        auto.move(BID - 3 * TICK)
    assert auto.order(order.order_id).status == "FILLED"


def test_the_same_seed_gives_the_same_fills() -> None:
    def run(seed: int) -> list[Any]:
        core = AutoCore(seed)
        events: list[Any] = []
        for step in range(60):
            core.now_ms += 250
            if step % 10 == 0:
                core.place("BUY", "0.500", price=str(core.book.bid))
                core.place("SELL", "0.500", price=str(core.book.ask))
            events += core.do(Advance(symbol=SYMBOL))
        return events

    assert run(1) == run(1)
    assert fills(run(1)) != fills(run(2))
    assert len(fills(run(1))) > 4


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["place", "market", "trade", "move", "step"]),
            st.sampled_from(["BUY", "SELL"]),
            st.integers(min_value=-4, max_value=4),
            st.integers(min_value=2, max_value=5_000),
        ),
        max_size=40,
    ),
    st.integers(min_value=1, max_value=100),
)
def test_books_orders_and_positions_agree(actions: list[Any], seed: int) -> None:
    core = AutoCore(seed)
    ledger = core.exchange.ledger
    for action, side, offset, steps in actions:
        quantity, price = steps * Decimal("0.001"), core.book.bid + offset * TICK
        if action == "place":
            core.place(side, str(quantity), price=str(price))
        elif action == "market":
            core.place(side, str(quantity), type="MARKET")
        elif action == "trade":
            core.traded(side, quantity, price)
        elif action == "move":
            core.move(price)
        else:
            core.do(Advance(symbol=SYMBOL))
        price_now = core.exchange.prices[SYMBOL]
        assert (core.book.bid, core.book.ask) == (price_now.bid, price_now.ask)
        assert core.book.bid < core.book.ask
        assert all(one > 0 for one in (*core.book.bids.values(), *core.book.asks.values()))
        for order in ledger.orders():
            filled = sum((one.quantity for one in ledger.trades(order.order_id)), ZERO)
            assert order.filled == filled <= order.quantity
            assert core.exchange._queue.ahead(order) >= 0
    signed = [one.quantity if one.side == "BUY" else -one.quantity for one in ledger.trades()]
    assert ledger.position("main", SYMBOL).amount == sum(signed, ZERO)
