"""Scripted acts and how they refuse bad use."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from mock_venue import Venue, VenueConfig, VenueScriptError
from mock_venue.exchange.ledger import DAY_MS
from tests.mock_venue.helpers import SYMBOL, Clock, Log


class Played:
    """A venue without a wire: acts need none."""

    def __init__(self) -> None:
        self.clock, self.log = Clock(), Log()
        self.venue = Venue(VenueConfig(), self.clock.now_ns, self.log.record)


@pytest.fixture
def played() -> Played:
    return Played()


def resting(played: Played) -> str:
    """An open BUY of 0.010 at 49000."""
    order = played.venue.external_order(SYMBOL, "BUY", "0.010", "49000")
    return order.client_order_id


def test_an_external_order_has_a_web_id_and_takes_or_rests(played: Played) -> None:
    taken = played.venue.external_order(SYMBOL, "SELL", "0.010")
    rests = played.venue.external_order(SYMBOL, "SELL", "0.010", 51000)
    named = played.venue.external_order(SYMBOL, "SELL", "0.010", client_order_id="ios_x")

    assert (taken.client_order_id, taken.status, taken.external) == ("web_1", "FILLED", True)
    assert (rests.client_order_id, rests.status) == ("web_2", "NEW")
    assert named.client_order_id == "ios_x"


def test_a_fill_is_by_default_the_rest_at_the_orders_price_as_maker(played: Played) -> None:
    name = resting(played)

    part = played.venue.fill(name, "0.004", Decimal("48999.90"))
    rest = played.venue.fill(name)

    assert (part.quantity, part.price, part.maker) == (
        Decimal("0.004"),
        Decimal("48999.90"),
        True,
    )
    assert (rest.quantity, rest.price) == (Decimal("0.006"), Decimal("49000"))
    assert rest.commission == Decimal("0.0588")


def test_cancel_and_expire(played: Played) -> None:
    first, second = resting(played), resting(played)

    assert played.venue.cancel(first).status == "CANCELED"
    expired = played.venue.expire(played.venue.ledger.find(second)[0].order_id, "7")

    assert (expired.status, expired.expiry_reason) == ("EXPIRED", "7")


def test_acts_come_before_what_they_cause(played: Played) -> None:
    name = resting(played)
    played.venue.fill(name)

    kinds = [kind for _, kind, _ in played.log.events]
    assert kinds == [
        *("act", "order", "push"),
        *("act", "order", "trade", "position", "balance", "push", "push", "push"),
    ]
    assert played.log.of("act")[-1] == {
        "act": "fill",
        "order": "web_1",
        "order_id": 8_389_765_739_703_625_592,
        "quantity": "0.010",
        "price": "49000.00",
    }


def test_the_ledgers_events_have_every_field(played: Played) -> None:
    played.venue.fill(resting(played), "0.004")

    (_, order), (trade,) = played.log.of("order"), played.log.of("trade")
    assert order == {
        "symbol": SYMBOL,
        "order_id": 8_389_765_739_703_625_592,
        "client_order_id": "web_1",
        "side": "BUY",
        "type": "LIMIT",
        "time_in_force": "GTC",
        "status": "PARTIALLY_FILLED",
        "quantity": "0.010",
        "price": "49000.00",
        "filled": "0.004",
        "average_price": "49000",
        "reduce_only": False,
        "self_trade_prevention": "EXPIRE_MAKER",
        "expiry_reason": "0",
        "price_match": "NONE",
        "good_till_ms": 0,
        "position_side": "BOTH",
        "external": True,
        "forced_by": None,
        "created_ms": played.clock.ms,
        "updated_ms": played.clock.ms,
        "account": "main",
    }
    assert trade == {
        "trade_id": 1001,
        "order_id": order["order_id"],
        "client_order_id": "web_1",
        "symbol": SYMBOL,
        "side": "BUY",
        "quantity": "0.004",
        "price": "49000.00",
        "commission": "0.03920000",
        "commission_asset": "USDT",
        "realized_pnl": "0",
        "maker": True,
        "position_side": "BOTH",
        "time_ms": played.clock.ms,
        "account": "main",
    }
    assert played.log.of("position") == [
        {
            "symbol": SYMBOL,
            "position_side": "BOTH",
            "amount": "0.004",
            "entry_price": "49000",
            "isolated_wallet": "0",
            "account": "main",
        }
    ]
    assert played.log.of("balance") == [
        {"asset": "USDT", "wallet": "99999.96080000", "isolated": "0", "account": "main"}
    ]


def test_a_price_is_recorded(played: Played) -> None:
    played.venue.set_price(SYMBOL, "51000", "51000.1")

    assert played.log.of("price") == [
        {"symbol": SYMBOL, "bid": "51000.00", "ask": "51000.10", "mark": "51000.05"}
    ]


def filled(played: Played) -> str:
    return played.venue.external_order(SYMBOL, "SELL", "0.010").client_order_id


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda p: p.venue.fill("none"), "fill: there is no order 'none'"),
        (lambda p: p.venue.cancel(filled(p)), "cancel: order 'web_1' is FILLED, not open"),
        (
            lambda p: p.venue.fill(resting(p), "0.011"),
            "fill: quantity must be at most 0.010, what remains of order 'web_1', was 0.011",
        ),
        (
            lambda p: p.venue.fill(resting(p), "0.0001"),
            "fill: quantity must be a multiple of 0.001, was 0.0001",
        ),
        (lambda p: p.venue.fill(resting(p), 0), "fill: quantity must be positive, was 0"),
        (
            lambda p: p.venue.fill(resting(p), 0.5),
            r"fill: quantity must be a Decimal, int or str, was 0\.5",
        ),
        (
            lambda p: p.venue.fill(resting(p), "x"),
            "fill: quantity must be a decimal number, was 'x'",
        ),
        (
            lambda p: p.venue.fill(resting(p), price="nan"),
            "fill: price must be finite, was 'nan'",
        ),
        (
            lambda p: p.venue.fill(resting(p), "1e99"),
            "fill: quantity must be between 1e-18 and 1e15, was '1e99'",
        ),
        (
            lambda p: p.venue.expire(resting(p), "late"),
            "expire: reason must be Binance's er, '0' to '9', was 'late'",
        ),
        (
            lambda p: p.venue.external_order("XRPUSDT", "BUY", 1),
            "external_order: symbol must be one of BTCUSDT, ETHUSDT, SOLUSDT, was 'XRPUSDT'",
        ),
        (
            lambda p: p.venue.external_order(SYMBOL, "LONG", 1),
            "external_order: side must be BUY or SELL, was 'LONG'",
        ),
        (
            lambda p: p.venue.external_order(SYMBOL, "BUY", "0.001", "49000"),
            "external_order: the exchange refuses it: -4164 .*",
        ),
        (
            lambda p: p.venue.external_order(SYMBOL, "BUY", 1, account="b"),
            "external_order: account must be one of main, was 'b'",
        ),
        (
            lambda p: p.venue.set_price(SYMBOL, "51000", "50000"),
            "set_price: bid must be below ask, were 51000.00 and 50000.00",
        ),
        (
            lambda p: p.venue.misbehave("lose"),
            "misbehave: must be a ReplyRule, an ApiRule, a HandshakeRule or a PushRule.*",
        ),
        (lambda p: p.venue.release(None), "release: must be the handle of a rule, was None"),
    ],
)
def test_bad_use_is_told_in_one_line(
    played: Played, act: Callable[[Played], Any], says: str
) -> None:
    with pytest.raises(VenueScriptError, match=f"^{says}$"):
        act(played)


def test_a_refused_act_is_not_recorded(played: Played) -> None:
    with pytest.raises(VenueScriptError):
        played.venue.fill("none")

    assert played.log.events == []


def test_a_past_of_filled_and_cancelled_orders(played: Played) -> None:
    played.venue.generate_history(
        SYMBOL, 500, seed=1, end_ms=played.clock.ms, span_ms=DAY_MS, net="-0.5"
    )

    ledger = played.venue.ledger
    orders, trades = ledger.orders(), ledger.trades()
    assert {order.status for order in orders} == {"FILLED", "CANCELED"}
    assert (len(orders), ledger.open_orders()) == (500, [])
    assert ledger.position("main", SYMBOL).amount == Decimal("-0.5")
    times = [order.created_ms for order in orders]
    assert times == sorted(times)
    assert times[0] == played.clock.ms - DAY_MS
    assert max(trade.time_ms for trade in trades) <= played.clock.ms
    counts = {kind: len(played.log.of(kind)) for kind in ("order", "trade", "position", "balance")}
    assert counts == {"order": 500, "trade": len(trades), "position": 1, "balance": 1}
    assert played.log.of("push") == []


def test_a_past_is_the_same_for_the_same_seed_and_flat_unless_told() -> None:
    def past(seed: int) -> Any:
        played = Played()
        played.venue.generate_history(SYMBOL, 100, seed, played.clock.ms, DAY_MS)
        assert played.venue.ledger.position("main", SYMBOL).amount == 0
        return played.log.events[1:]

    assert past(1) == past(1)
    assert past(1) != past(2)


def test_two_symbols_can_have_the_same_past(played: Played) -> None:
    for symbol in ("ETHUSDT", "SOLUSDT"):
        played.venue.generate_history(symbol, 50, 1, played.clock.ms, DAY_MS)

    assert len(played.venue.ledger.orders()) == 100


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"orders": 0}, "orders must be 1 to 1000000, was 0"),
        ({"span_ms": -1}, "span_ms must not be negative"),
        ({"net": "0.0005"}, "net '0.0005': -1111 .*"),
        ({"symbol": "XRPUSDT"}, "symbol must be one of"),
    ],
)
def test_pasts_that_cannot_be(played: Played, arguments: dict[str, Any], says: str) -> None:
    given: dict[str, Any] = {
        "symbol": SYMBOL,
        "orders": 10,
        "seed": 1,
        "end_ms": played.clock.ms,
        "span_ms": 1_000,
        **arguments,
    }
    with pytest.raises(VenueScriptError, match=f"generate_history: {says}"):
        played.venue.generate_history(**given)


def test_a_past_lies_before_what_happened(played: Played) -> None:
    filled(played)
    with pytest.raises(VenueScriptError, match="must begin after the last change of an order"):
        played.venue.generate_history(SYMBOL, 10, 1, played.clock.ms, 1_000)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"maker_fee": "1"}, "maker_fee must be a rate between -1 and 1, was 1"),
        ({"taker_fee": 0.1}, "taker_fee must be a Decimal, int or str, was 0.1"),
        ({"symbols": ()}, "symbols must not be empty"),
        ({"leverage": 0}, "leverage must be at least 1, was 0"),
        (
            {"accounts": VenueConfig().accounts * 2},
            "accounts must be unique, main is there 2 times",
        ),
    ],
)
def test_configurations_that_cannot_be(config: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        VenueConfig(**config)


def test_the_owner_sets_the_position_mode(played: Played) -> None:
    played.venue.set_position_mode(True)
    long = played.venue.external_order(SYMBOL, "BUY", "0.010", position_side="LONG")
    assert (long.status, long.position_side) == ("FILLED", "LONG")
    with pytest.raises(VenueScriptError, match="set_position_mode: the exchange refuses it: -4068"):
        played.venue.set_position_mode(False)
    with pytest.raises(VenueScriptError, match="set_position_mode: account must be one of main"):
        played.venue.set_position_mode(True, "nobody")
    assert played.log.of("act", act="set_position_mode") == [
        {"act": "set_position_mode", "hedging": True, "account": "main"}
    ]
