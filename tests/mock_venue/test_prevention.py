"""Orders of one account that would trade with each other."""

from decimal import Decimal
from typing import Any

import pytest

from mock_venue.exchange.commands import AmendOrder, OrderRef, PlaceOrder, SetPrice
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.events import ExchangeEvent, OrderChanged, OrderTraded
from mock_venue.exchange.order import Order
from tests.mock_venue.helpers import SYMBOL, Core, World
from tests.mock_venue.test_auto_matching import ASK, BID, AutoCore


@pytest.fixture
def wide(core: Core) -> Core:
    """A market with room between bid and ask."""
    bid, ask = Decimal("49900"), Decimal("50100")
    core.do(SetPrice(symbol=SYMBOL, bid=bid, ask=ask, mark=Decimal(50000)))
    return core


def taken(core: Core, side: str = "BUY", price: str = "50000", **fields: Any) -> Order:
    return core.place(side, price=price, **fields)


def outcome(order: Order) -> tuple[object, ...]:
    return order.status, order.expiry_reason, order.filled


def told(events: list[ExchangeEvent]) -> list[tuple[str, str]]:
    return [
        (event.order.client_order_id, f"{event.execution} {event.order.status}")
        for event in events
        if isinstance(event, OrderChanged)
    ]


@pytest.mark.parametrize(
    ("mode", "maker", "taker"),
    [
        ("EXPIRE_MAKER", ("EXPIRED_IN_MATCH", "1"), ("NEW", "0")),
        ("EXPIRE_TAKER", ("NEW", "0"), ("EXPIRED_IN_MATCH", "1")),
        ("EXPIRE_BOTH", ("EXPIRED_IN_MATCH", "1"), ("EXPIRED_IN_MATCH", "1")),
    ],
)
def test_the_takers_mode_decides_who_expires(
    wide: Core, mode: Any, maker: tuple[str, str], taker: tuple[str, str]
) -> None:
    resting = wide.place("SELL", price="50000", self_trade_prevention="EXPIRE_BOTH")

    order = taken(wide, self_trade_prevention=mode)

    assert outcome(wide.order(resting.order_id)) == (*maker, 0)
    assert outcome(order) == (*taker, 0)


def test_prevention_is_told_as_expired_after_the_new_order(wide: Core) -> None:
    wide.place("SELL", price="50000", client_order_id="maker")
    order = PlaceOrder(
        account="main",
        symbol=SYMBOL,
        side="BUY",
        type="LIMIT",
        quantity=Decimal("0.010"),
        price=Decimal(50000),
        client_order_id="taker",
        self_trade_prevention="EXPIRE_BOTH",
    )

    assert told(wide.do(order)) == [
        ("taker", "NEW NEW"),
        ("maker", "EXPIRED EXPIRED_IN_MATCH"),
        ("taker", "EXPIRED EXPIRED_IN_MATCH"),
    ]


def test_expire_maker_clears_every_own_order_on_the_way_and_then_takes_the_market(
    wide: Core,
) -> None:
    resting = [wide.place("SELL", price=price) for price in ("50050", "50000", "50200")]

    order = taken(wide, "BUY", "50100")

    assert [wide.order(one.order_id).status for one in resting] == [
        "EXPIRED_IN_MATCH",
        "EXPIRED_IN_MATCH",
        "NEW",
    ]
    assert (order.status, order.average_price) == ("FILLED", Decimal(50100))


def test_a_better_price_of_others_comes_before_an_own_order(core: Core) -> None:
    resting = core.place("SELL", price="50000.1")

    assert taken(core, price="50100", self_trade_prevention="EXPIRE_TAKER").status == "FILLED"
    assert core.order(resting.order_id).status == "NEW"


def test_an_ioc_taker_expires_for_a_reason_of_its_own(wide: Core) -> None:
    wide.place("SELL", price="50000")
    order = taken(wide, time_in_force="IOC", self_trade_prevention="EXPIRE_TAKER")

    assert outcome(order) == ("EXPIRED_IN_MATCH", "3", 0)


def test_a_market_order_is_prevented_too(wide: Core) -> None:
    resting = wide.place("SELL", price="50000")

    order = wide.place("BUY", type="MARKET")

    assert wide.order(resting.order_id).status == "EXPIRED_IN_MATCH"
    assert (order.status, order.average_price) == ("FILLED", Decimal(50100))


@pytest.mark.parametrize("fields", [{"self_trade_prevention": "NONE"}, {"time_in_force": "FOK"}])
def test_without_prevention_the_account_trades_with_itself(
    wide: Core, fields: dict[str, Any]
) -> None:
    resting = wide.place("SELL", "0.010", price="50000")
    wallet = wide.exchange.ledger.balance("main", "USDT").wallet

    order = taken(wide, "BUY", "50000", quantity="0.010", **fields)

    ledger = wide.exchange.ledger
    trades = ledger.trades()
    assert (order.status, wide.order(resting.order_id).status) == ("FILLED", "FILLED")
    assert [(one.side, one.maker, one.price) for one in trades] == [
        ("BUY", False, Decimal(50000)),
        ("SELL", True, Decimal(50000)),
    ]
    assert ledger.position("main", SYMBOL).amount == 0
    fees = sum(one.commission for one in trades)
    assert ledger.balance("main", "USDT").wallet == wallet - fees


def test_a_self_trade_is_one_trade_to_the_public(wide: Core) -> None:
    wide.place("SELL", price="50000")
    order = PlaceOrder(
        account="main",
        symbol=SYMBOL,
        side="BUY",
        type="LIMIT",
        quantity=Decimal("0.010"),
        price=Decimal(50000),
        self_trade_prevention="NONE",
    )
    events = [event for event in wide.do(order) if isinstance(event, OrderTraded)]

    assert [event.is_public for event in events] == [True, False]


def test_fok_counts_own_orders_as_depth_and_gtx_would_take_them(wide: Core) -> None:
    wide.place("SELL", "0.010", price="50000")
    with pytest.raises(ExchangeError, match="-5022"):
        taken(wide, time_in_force="GTX")
    with pytest.raises(ExchangeError, match="-5021"):
        taken(wide, quantity="0.011", time_in_force="FOK")

    assert len(wide.exchange.ledger.open_orders()) == 1


def test_an_amended_order_keeps_its_mode(wide: Core) -> None:
    resting = wide.place("SELL", price="50000")
    order = wide.place(self_trade_prevention="EXPIRE_TAKER")
    wide.do(
        AmendOrder(
            account="main",
            symbol=SYMBOL,
            ref=OrderRef(order_id=order.order_id),
            side="BUY",
            quantity=order.quantity,
            price=Decimal(50000),
        )
    )

    assert wide.order(order.order_id).status == "EXPIRED_IN_MATCH"
    assert wide.order(resting.order_id).status == "NEW"


def test_in_the_queue_an_own_order_is_met_when_its_turn_has_come() -> None:
    auto = AutoCore()
    ahead = auto.book.asks[ASK]
    resting = auto.place("SELL", "1.000", price=str(ASK))

    fits = auto.place("BUY", str(ahead), price=str(ASK), self_trade_prevention="EXPIRE_TAKER")
    assert fits.status == "FILLED"
    auto.move(BID)
    auto.move(BID)
    beyond = auto.place("BUY", "200", price=str(ASK), self_trade_prevention="EXPIRE_TAKER")

    assert (beyond.status, beyond.expiry_reason) == ("EXPIRED_IN_MATCH", "1")
    assert auto.order(resting.order_id).status == "NEW"


@pytest.mark.asyncio
async def test_a_prevented_order_over_rest_and_on_the_stream(world: World) -> None:
    world.venue.set_price(SYMBOL, "49900", "50100")
    stream = await world.user_stream()
    await world.limit("SELL", price="50000.0", newClientOrderId="maker")
    await world.limit("BUY", price="50000.0", selfTradePreventionMode="EXPIRE_BOTH")

    frames = [(await stream.next())["o"] for _ in range(4)]

    assert [(one["x"], one["X"], one["er"]) for one in frames] == [
        ("NEW", "NEW", "0"),
        ("NEW", "NEW", "0"),
        ("EXPIRED", "EXPIRED_IN_MATCH", "1"),
        ("EXPIRED", "EXPIRED_IN_MATCH", "1"),
    ]
    reply = await world.get("/fapi/v1/order", symbol=SYMBOL, origClientOrderId="maker")
    assert reply["status"] == "EXPIRED_IN_MATCH"
