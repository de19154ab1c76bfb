"""The same orders on the same book, through the venue and through NautilusTrader's backtest.

Fills (price, quantity, liquidity side), final states, position, commissions and realized PnL are
the same, but for what is in this table; each row has a test that shows it.

| difference      | the venue                  | NautilusTrader 1.231         | why                |
|-----------------|----------------------------|------------------------------|--------------------|
| ENDS            | rest of an IOC: EXPIRED;   | CANCELED;                    | Binance's `X`;     |
|                 | FOK that cannot fill, GTX  | CANCELED,                    | -5021,             |
|                 | that would take: no order  | REJECTED                     | -5022              |
| SELF_TRADE      | prevented, as the mode is  | both orders stay, crossed    | Binance's STP      |
| AMEND_GTX       | cancelled if it would take | stays, amendment rejected    | "Modify Order"     |
| AMEND_FILLED    | cancelled if the quantity  | stays, amendment rejected    | "Modify Order"     |
|                 | is filled already          |                              |                    |
| REDUCE_ONLY_SUM | never more than the        | each is taken, and cut when  | Qubx #386: -4118   |
|                 | position                   | it fills                     |                    |
| KNOCKED_OUT     | expires with the position  | stays until it would fill    | Binance's `er` 4   |
| RANK            | an amended order ranks by  | keeps its place in the list  | priority of price, |
|                 | its new price              |                              | then time          |
| JUMP            | a move fills every order   | one price a pass over the    | it moves its own   |
|                 | that it goes through       | book                         | ask or bid there   |
| CONSUMED        | a level that others make   | a level of the same size at  | its consumption is |
|                 | again is there             | the same price is still gone | kept by price      |
| ROUNDING        | exact                      | PnL by way of binary floats  | Decimal            |

The random flow steers clear of SELF_TRADE to KNOCKED_OUT. It does not look at the order in which
resting orders fill (RANK), and shows a moved book again until all is filled (JUMP).
"""

import copy
from decimal import Decimal

import pytest

from mock_venue.exchange.order import Order
from tests.mock_venue.differential import nautilus
from tests.mock_venue.differential.flow import SPEC, WALLET, Flow, Outcome, Venue

STEPS = 1_500
SEEDS = (11, 12, 13, 14)
ORDERS_MIN = 800
ROUNDING = Decimal("0.0001")
"""USDT, of a turnover of millions."""

ENDS = {
    ("REFUSED", "CANCELED"),
    ("REFUSED", "REJECTED"),
    ("EXPIRED", "CANCELED"),
}
"""What the venue and NautilusTrader call the end of an order that is not filled."""
STATES = {
    ("NEW", "ACCEPTED"),
    ("PARTIALLY_FILLED", "PARTIALLY_FILLED"),
    ("FILLED", "FILLED"),
    ("CANCELED", "CANCELED"),
}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_orders_have_the_same_fills(seed: int) -> None:
    venue = Venue(seed)
    Flow(venue, seed).run(STEPS)
    ours, theirs = venue.outcome(), nautilus.play(venue.steps)

    assert len(ours.orders) >= ORDERS_MIN
    assert sorted(ours.fills) == sorted(theirs.fills)
    assert {fill.maker for fill in ours.fills} == {True, False}
    assert ours.orders.keys() == theirs.orders.keys()
    for name, (status, filled) in ours.orders.items():
        other, filled_there = theirs.orders[name]
        assert filled == filled_there, name
        assert (status, other) in STATES | ENDS, name
    assert ours.position == theirs.position
    assert abs(ours.fees - theirs.fees) <= ROUNDING
    assert abs(_realized(ours) - _realized(theirs)) <= ROUNDING < abs(_realized(ours))


def test_ends() -> None:
    venue = Venue(1)
    venue.place("fok", "BUY", Decimal("1"), venue.book.bid, time_in_force="FOK")
    venue.place("gtx", "BUY", Decimal("1"), venue.book.ask, time_in_force="GTX")
    beyond = venue.book.asks[venue.book.ask] + 1
    venue.place("ioc", "BUY", beyond, venue.book.ask, time_in_force="IOC")
    assert _both(venue, "fok", "gtx", "ioc") == [
        ("REFUSED", "CANCELED"),
        ("REFUSED", "REJECTED"),
        ("EXPIRED", "CANCELED"),
    ]


def test_self_trade() -> None:
    venue = Venue(1)
    venue.place("maker", "BUY", Decimal("1"), venue.book.bid)
    there = venue.book.bids[venue.book.bid]
    venue.place("taker", "SELL", there + Decimal("0.5"), venue.book.bid)
    assert _both(venue, "maker", "taker") == [
        ("EXPIRED_IN_MATCH", "ACCEPTED"),
        ("PARTIALLY_FILLED", "PARTIALLY_FILLED"),
    ]


def test_amend_gtx() -> None:
    venue = Venue(1)
    venue.place("post", "BUY", Decimal("1"), venue.book.bid - 1, time_in_force="GTX")
    venue.amend(_order(venue, "post"), Decimal("1"), venue.book.ask)
    assert _both(venue, "post") == [("CANCELED", "ACCEPTED")]


def test_amend_filled() -> None:
    venue = Venue(1)
    there = venue.book.asks[venue.book.ask]
    venue.place("part", "BUY", there + 1, venue.book.ask)
    venue.amend(_order(venue, "part"), there - Decimal("0.001"), venue.book.bid - 1)
    assert _both(venue, "part") == [("CANCELED", "PARTIALLY_FILLED")]


def test_reduce_only_sum() -> None:
    venue = Venue(1)
    venue.place("open", "BUY", Decimal("0.010"), None)
    for name in ("first", "second"):
        price = venue.book.ask + 10
        venue.place(name, "SELL", Decimal("0.010"), price, reduce_only=True)
    assert _both(venue, "first", "second") == [("NEW", "ACCEPTED"), ("REFUSED", "ACCEPTED")]


def test_knocked_out() -> None:
    venue = Venue(1)
    venue.place("open", "BUY", Decimal("0.010"), None)
    venue.place("exit", "SELL", Decimal("0.010"), venue.book.ask + 10, reduce_only=True)
    venue.place("close", "SELL", Decimal("0.010"), None)
    assert _both(venue, "exit") == [("EXPIRED", "ACCEPTED")]


def test_rank() -> None:
    venue = Venue(1)
    venue.place("first", "BUY", Decimal("0.002"), venue.book.bid - 2)
    venue.place("amended", "BUY", Decimal("0.002"), venue.book.bid - 3)
    venue.amend(_order(venue, "amended"), Decimal("0.002"), venue.book.bid - 1)
    venue.move(-40)
    ours, theirs = venue.outcome(), nautilus.play(venue.steps)
    assert sorted(ours.fills) == sorted(theirs.fills)
    assert [fill.order for fill in ours.fills] == ["amended", "first"]
    assert [fill.order for fill in theirs.fills] == ["first", "amended"]


def test_jump() -> None:
    venue = Venue(1)
    for number in range(4):
        venue.place(f"{number}", "BUY", Decimal("0.002"), venue.book.bid - number - 1)
    venue.move(-60, shown_again=False)
    assert len(venue.outcome().fills) == 4
    assert len(nautilus.play(venue.steps).fills) < 4


def test_consumed() -> None:
    venue = Venue(1)
    best, shown = venue.book.ask, venue.book.asks[venue.book.ask]
    untouched = copy.deepcopy(venue.book)
    for name in ("first", "again"):
        venue.place(name, "BUY", shown, None)
        venue.exchange.books[SPEC.symbol] = copy.deepcopy(untouched)
    ours, theirs = venue.outcome(), nautilus.play(venue.steps)
    assert [fill.price for fill in ours.fills] == [best, best]
    assert [fill.price for fill in theirs.fills] == [best, best + SPEC.tick_size]


def test_rounding() -> None:
    venue = Venue(1)
    Flow(venue, 1).run(200)
    assert venue.outcome().wallet != nautilus.play(venue.steps).wallet


def _both(venue: Venue, *names: str) -> list[tuple[str, str]]:
    """The orders' final states in the venue and in NautilusTrader."""
    ours, theirs = venue.outcome(), nautilus.play(venue.steps)
    return [(ours.orders[name][0], theirs.orders[name][0]) for name in names]


def _realized(outcome: Outcome) -> Decimal:
    return outcome.wallet - WALLET + outcome.fees


def _order(venue: Venue, name: str) -> Order:
    found = venue.exchange.ledger.open_by_client_id("main", name)
    assert found is not None
    return found
