"""Conditional orders in the core: conditions, triggering, and what ends them."""

from decimal import Decimal
from typing import Any, cast

import msgspec
import pytest

from mock_venue.exchange import conditional
from mock_venue.exchange.algo_orders import OPEN_MAX
from mock_venue.exchange.commands import (
    AlgoRef,
    CancelAlgoOrder,
    CancelAllAlgoOrders,
    CancelOrder,
    ExpireAlgoOrder,
    FillOrder,
    OrderRef,
    PassTime,
    PlaceAlgoOrder,
    SetPositionMode,
    SetPrice,
    SetStatus,
    SettleSymbol,
    TradeMarket,
)
from mock_venue.exchange.conditional import TRANSITIONS, AlgoOrder, IllegalAlgoTransition
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.events import (
    AlgoOrderChanged,
    ExchangeEvent,
    OrderChanged,
    OrderTraded,
    PriceChanged,
)
from mock_venue.exchange.ledger import DAY_MS
from mock_venue.exchange.path import MarketTrade
from tests.mock_venue.helpers import START_MS, SYMBOL, Core

# The market stands at 50000.00 / 50000.10, the last price at 50000.00, the mark at 50000.05.


def command(core: Core, **fields: Any) -> PlaceAlgoOrder:
    """A SELL STOP_MARKET of 0.010 at 49000, unless told else. Numbers may be text."""
    values: dict[str, Any] = {
        "side": "SELL",
        "type": "STOP_MARKET",
        "quantity": "0.010",
        "trigger_price": "49000",
        **fields,
    }
    for name in ("quantity", "price", "trigger_price", "activate_price", "callback_rate"):
        if isinstance(values.get(name), str):
            values[name] = Decimal(values[name])
    return PlaceAlgoOrder(account=core.account.name, symbol=SYMBOL, **values)


def place(core: Core, **fields: Any) -> AlgoOrder:
    event = core.do(command(core, **fields))[0]
    assert isinstance(event, AlgoOrderChanged)
    return event.algo_order


def refused(core: Core, **fields: Any) -> int:
    """The code of the refusal, and that it changed nothing."""
    before = (core.exchange.algos.orders(), core.exchange.algos.next_id)
    with pytest.raises(ExchangeError) as raised:
        core.do(command(core, **fields))
    assert (core.exchange.algos.orders(), core.exchange.algos.next_id) == before
    return raised.value.code


def move(core: Core, last: str, mark: str | None = None) -> list[ExchangeEvent]:
    """Move the market so that this becomes the last price, and the mark price unless told."""
    at, tick = Decimal(last), Decimal("0.1")
    bid = at if at > core.exchange.prices[SYMBOL].last else at - tick
    marked = at if mark is None else Decimal(mark)
    return core.do(SetPrice(symbol=SYMBOL, bid=bid, ask=bid + tick, mark=marked))


def now(core: Core, order: AlgoOrder) -> AlgoOrder:
    found = core.exchange.algos.order(order.algo_id)
    assert found is not None
    return found


def told(events: list[ExchangeEvent]) -> list[str]:
    """The events in short, the market's left out."""
    names: list[str] = []
    for event in events:
        if isinstance(event, AlgoOrderChanged):
            names.append(event.algo_order.status)
        elif isinstance(event, OrderChanged):
            names.append(f"order {event.execution}")
        elif isinstance(event, OrderTraded):
            names.append("order TRADE")
    return names


def test_every_transition_is_in_the_table() -> None:
    core = Core()
    order = place(core)
    steps: dict[str, Any] = {
        "TRIGGER": lambda one: conditional.trigger(one, 1),
        "PLACE": lambda one: conditional.place(one, 7, 1),
        "REJECT": lambda one: conditional.reject(one, "reason", 1),
        "FINISH": lambda one: conditional.finish(one, 1),
        "CANCEL": lambda one: conditional.cancel(one, 1),
        "EXPIRE": lambda one: conditional.expire(one, 1),
    }
    for status in ("NEW", "TRIGGERING", "TRIGGERED", "FINISHED", "CANCELED", "REJECTED", "EXPIRED"):
        for name, step in steps.items():
            start = msgspec.structs.replace(order, status=status)
            to = TRANSITIONS.get(cast(Any, (status, name)))
            if to is None:
                with pytest.raises(IllegalAlgoTransition):
                    step(start)
            else:
                assert step(start).status == to


@pytest.mark.parametrize(
    ("side", "algo_type", "trigger_price", "short_of", "reaches"),
    [
        ("SELL", "STOP_MARKET", "49000", "49000.1", "49000"),
        ("BUY", "STOP_MARKET", "51000", "50999.9", "51000"),
        ("SELL", "TAKE_PROFIT_MARKET", "51000", "50999.9", "51000"),
        ("BUY", "TAKE_PROFIT_MARKET", "49000", "49000.1", "49000"),
    ],
)
def test_conditions(
    side: str, algo_type: str, trigger_price: str, short_of: str, reaches: str
) -> None:
    core = Core()
    order = place(core, side=side, type=algo_type, trigger_price=trigger_price)

    assert told(move(core, short_of)) == []
    events = move(core, reaches)

    assert told(events) == ["TRIGGERING", "order NEW", "order TRADE", "TRIGGERED", "FINISHED"]
    assert now(core, order).status == "FINISHED"
    placed = core.exchange.ledger.orders()[0]
    assert (placed.type, placed.side, placed.filled) == ("MARKET", side, Decimal("0.010"))
    assert placed.client_order_id == order.client_algo_id
    assert now(core, order).order_id == placed.order_id


def test_the_mark_price_triggers_orders_that_look_at_it(core: Core) -> None:
    place(core, working_type="MARK_PRICE", trigger_price="50000.02")
    order = place(core, working_type="MARK_PRICE")

    move(core, "48000", mark="49000.1")
    assert now(core, order).status == "NEW"
    move(core, "50000", mark="49000")
    assert now(core, order).status == "FINISHED"


def test_a_trade_of_others_triggers_even_if_the_price_comes_back(core: Core) -> None:
    order = place(core)
    trade = MarketTrade(side="SELL", price=Decimal(49_000), quantity=Decimal(1))

    events = core.do(TradeMarket(symbol=SYMBOL, trade=trade))

    assert now(core, order).status == "FINISHED"
    assert told(events)[0] == "TRIGGERING"
    assert core.exchange.prices[SYMBOL].bid == 50_000


def test_a_trade_of_an_account_triggers(core: Core) -> None:
    resting = core.place("BUY", price="48000")
    order = place(core)

    core.do(FillOrder(order_id=resting.order_id, quantity=Decimal("0.010"), price=Decimal(48_000)))

    assert now(core, order).status == "FINISHED"


def test_a_stop_with_a_limit_rests_until_its_order_is_over(core: Core) -> None:
    order = place(core, type="STOP", price="49500", time_in_force="GTC")

    assert told(move(core, "49000")) == ["TRIGGERING", "order NEW", "TRIGGERED"]
    placed = core.exchange.ledger.open_orders()[0]
    assert (placed.type, placed.price) == ("LIMIT", Decimal(49_500))
    assert now(core, order).is_open
    filled = core.do(
        FillOrder(order_id=placed.order_id, quantity=Decimal("0.004"), price=placed.price)
    )
    assert told(filled) == ["order TRADE"]
    ref = OrderRef(order_id=placed.order_id)
    events = core.do(CancelOrder(account=core.account.name, symbol=SYMBOL, ref=ref))

    assert told(events) == ["order CANCELED", "FINISHED"]
    last = events[-1]
    assert isinstance(last, AlgoOrderChanged) and last.order is not None
    assert (last.algo_order.algo_id, last.order.filled) == (order.algo_id, Decimal("0.004"))


def test_a_refused_order_rejects_the_conditional_one(core: Core) -> None:
    order = place(core, reduce_only=True)

    assert told(move(core, "49000")) == ["TRIGGERING", "REJECTED"]
    assert now(core, order).reason == "Reduce Only reject"
    assert core.exchange.ledger.orders() == []


def test_the_client_id_of_an_open_order_rejects_at_the_trigger(core: Core) -> None:
    core.place(client_order_id="same", price="40000")
    order = place(core, client_algo_id="same")

    move(core, "49000")

    assert now(core, order).status == "REJECTED"
    assert now(core, order).reason == "ClientOrderId is duplicated."


def test_one_trigger_brings_about_the_next(core: Core) -> None:
    # The first one sells at 48000.0, the bid, while the last price stood above it, at 48000.1.
    first = place(core, trigger_price="48500")
    second = place(core, trigger_price="48000")

    events = move(core, "48000.1")

    assert [now(core, one).status for one in (first, second)] == ["FINISHED", "FINISHED"]
    assert told(events) == [
        *("TRIGGERING", "order NEW", "order TRADE", "TRIGGERED", "FINISHED"),
        *("TRIGGERING", "order NEW", "order TRADE", "TRIGGERED", "FINISHED"),
    ]


def test_many_reached_at_once_trigger_in_the_order_of_their_ids(core: Core) -> None:
    orders = [place(core, trigger_price=str(49_000 - number)) for number in range(OPEN_MAX)]

    events = move(core, "40000")

    triggered = [
        event.algo_order.algo_id
        for event in events
        if isinstance(event, AlgoOrderChanged) and event.algo_order.status == "TRIGGERED"
    ]
    assert triggered == [order.algo_id for order in orders]
    assert core.exchange.algos.is_idle


@pytest.mark.parametrize(
    ("side", "prices", "triggers"),
    [
        ("SELL", ["50500", "49996"], False),
        ("SELL", ["50500", "49995"], True),
        ("SELL", ["49501"], False),
        ("SELL", ["49500"], True),
        ("BUY", ["49000", "49489.8"], False),
        ("BUY", ["49000", "49490"], True),
    ],
)
def test_a_trailing_stop_follows_the_market(
    core: Core, side: str, prices: list[str], triggers: bool
) -> None:
    order = place(
        core, side=side, type="TRAILING_STOP_MARKET", trigger_price="0", callback_rate="1"
    )
    for price in prices:
        move(core, price)
    assert (now(core, order).status == "FINISHED") == triggers


@pytest.mark.parametrize(
    ("side", "activate_price", "asleep", "awake", "turned"),
    [
        ("SELL", "51000", ["50900", "49000"], "51000", "50490"),
        ("BUY", "49000", ["49100", "51000"], "49000", "49490"),
    ],
)
def test_a_trailing_stop_sleeps_until_its_activation_price(
    side: str, activate_price: str, asleep: list[str], awake: str, turned: str
) -> None:
    core = Core()
    order = place(
        core,
        side=side,
        type="TRAILING_STOP_MARKET",
        trigger_price="0",
        callback_rate="1",
        activate_price=activate_price,
    )
    for price in (*asleep, awake):
        move(core, price)
        assert now(core, order).status == "NEW"
    move(core, turned)
    assert now(core, order).status == "FINISHED"


def test_margin_is_looked_at_when_the_order_triggers(core: Core) -> None:
    # 100,000 USDT of wallet carry 2,000,000 at leverage 20.
    order = place(core, quantity="41", trigger_price="49990")

    move(core, "49990")

    assert (now(core, order).status, now(core, order).reason) == (
        "REJECTED",
        "Margin is insufficient.",
    )


def test_price_protection_waits_until_last_and_mark_are_close(core: Core) -> None:
    order = place(core, price_protect=True)

    move(core, "47000", mark="50000")
    assert now(core, order).status == "NEW"
    move(core, "48000", mark="50000")
    assert now(core, order).status == "FINISHED"


def test_close_position_closes_all_of_it(core: Core) -> None:
    core.place("BUY", "0.025", type="MARKET")
    order = place(core, close_position=True, quantity="0")
    assert order.time_in_force == "GTE_GTC"
    core.place("BUY", "0.010", type="MARKET")

    move(core, "49000")

    assert core.exchange.ledger.position(core.account.name, SYMBOL).amount == 0
    assert core.exchange.ledger.orders()[-1].quantity == Decimal("0.035")
    assert core.exchange.ledger.orders()[-1].reduce_only


def test_what_was_to_close_a_position_expires_with_it(core: Core) -> None:
    core.place("BUY", "0.025", type="MARKET")
    stop = place(core, close_position=True, quantity="0")
    profit = place(
        core,
        type="TAKE_PROFIT_MARKET",
        close_position=True,
        quantity="0",
        trigger_price="51000",
    )
    plain_stop = place(core, quantity="0.025", trigger_price="48000")

    events = move(core, "51000")

    assert now(core, profit).status == "FINISHED"
    assert now(core, stop).status == "EXPIRED"
    assert now(core, plain_stop).status == "NEW"
    assert "EXPIRED" in told(events)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"trigger_price": "50000"}, -2021),
        ({"side": "BUY", "trigger_price": "50000"}, -2021),
        ({"type": "TAKE_PROFIT_MARKET", "trigger_price": "50000"}, -2021),
        ({"working_type": "MARK_PRICE", "trigger_price": "50000.05"}, -2021),
        ({"trigger_price": "0"}, -4006),
        ({"trigger_price": "49000.001"}, -1111),
        ({"trigger_price": "5000000"}, -4007),
        ({"quantity": "0"}, -4003),
        ({"quantity": "0.0005"}, -1111),
        ({"quantity": "121"}, -4005),
        ({"quantity": "0.001"}, -4164),
        ({"type": "STOP", "price": "49000.05"}, -4014),
        ({"type": "STOP", "price": "46549.90", "trigger_price": "49000"}, -4184),
        (
            {"type": "STOP", "side": "BUY", "price": "53550.10", "trigger_price": "51000"},
            -4183,
        ),
        ({"client_algo_id": "not valid"}, -4015),
        ({"position_side": "LONG"}, -4061),
        ({"time_in_force": "GTE_GTC"}, -4509),
        ({"time_in_force": "GTD"}, -1102),
        ({"time_in_force": "GTD", "good_till_ms": START_MS + 600_000}, -5040),
        ({"close_position": True}, -4137),
        ({"close_position": True, "quantity": "0"}, -4509),
        ({"close_position": True, "quantity": "0", "type": "STOP", "price": "49000"}, -4136),
        ({"type": "TRAILING_STOP_MARKET", "callback_rate": "0.05"}, -1130),
        ({"type": "TRAILING_STOP_MARKET", "callback_rate": "20.1"}, -1130),
        (
            {"type": "TRAILING_STOP_MARKET", "callback_rate": "1", "activate_price": "50000"},
            -2021,
        ),
        (
            {
                "type": "TRAILING_STOP_MARKET",
                "side": "BUY",
                "callback_rate": "1",
                "activate_price": "50000",
            },
            -2021,
        ),
    ],
)
def test_refusals(core: Core, fields: dict[str, Any], code: int) -> None:
    assert refused(core, **fields) == code


def test_a_limit_may_be_as_far_from_its_trigger_as_a_price_from_the_mark(core: Core) -> None:
    place(core, type="STOP", price="46550.00", trigger_price="49000")
    place(core, type="STOP", side="BUY", price="53550.00", trigger_price="51000")


def test_a_trigger_price_may_be_off_the_tick(core: Core) -> None:
    assert place(core, trigger_price="49000.05").trigger_price == Decimal("49000.05")


def test_one_closing_order_a_direction_and_kind(core: Core) -> None:
    core.place("BUY", "0.025", type="MARKET")
    closing: dict[str, Any] = {"close_position": True, "quantity": "0"}
    first = place(core, **closing)

    assert refused(core, trigger_price="48000", **closing) == -4130
    assert refused(core, side="BUY", trigger_price="51000", **closing) == -4509
    place(core, type="TAKE_PROFIT_MARKET", trigger_price="51000", **closing)
    core.do(CancelAlgoOrder(account=core.account.name, ref=AlgoRef(algo_id=first.algo_id)))
    place(core, **closing)


def test_client_ids_are_unique_among_open_orders(core: Core) -> None:
    first = place(core, client_algo_id="a")
    assert refused(core, client_algo_id="a") == -4116
    core.do(CancelAlgoOrder(account=core.account.name, ref=AlgoRef(client_algo_id="a")))
    second = place(core, client_algo_id="a")

    book = core.exchange.algos
    assert book.find(core.account.name, AlgoRef(client_algo_id="a")) == second
    assert book.find(core.account.name, AlgoRef(algo_id=first.algo_id)) == now(core, first)
    assert book.find("another", AlgoRef(algo_id=first.algo_id)) is None


def test_an_account_has_at_most_200(core: Core) -> None:
    for _ in range(OPEN_MAX):
        place(core)
    assert refused(core) == -4045


def test_cancelling(core: Core) -> None:
    order, other = place(core), place(core, trigger_price="48000")
    account = core.account.name

    core.do(CancelAlgoOrder(account=account, ref=AlgoRef(algo_id=order.algo_id)))
    assert now(core, order).status == "CANCELED"
    for ref in (AlgoRef(algo_id=order.algo_id), AlgoRef(client_algo_id="none")):
        with pytest.raises(ExchangeError, match="-2011"):
            core.do(CancelAlgoOrder(account=account, ref=ref))
    core.do(CancelAllAlgoOrders(account=account, symbol="ETHUSDT"))
    assert now(core, other).status == "NEW"
    core.do(CancelAllAlgoOrders(account=account, symbol=SYMBOL))
    assert now(core, other).status == "CANCELED"
    assert told(move(core, "40000")) == []


def test_a_triggered_order_is_cancelled_by_its_regular_order_alone(core: Core) -> None:
    order = place(core, type="STOP", price="49500")
    move(core, "49000")

    with pytest.raises(ExchangeError, match="-2011"):
        core.do(CancelAlgoOrder(account=core.account.name, ref=AlgoRef(algo_id=order.algo_id)))
    core.do(CancelAllAlgoOrders(account=core.account.name, symbol=SYMBOL))
    assert now(core, order).status == "TRIGGERED"


def test_expiring(core: Core) -> None:
    order = place(core)
    assert told(core.do(ExpireAlgoOrder(algo_id=order.algo_id))) == ["EXPIRED"]


def test_a_date_that_comes_expires_what_still_waits(core: Core) -> None:
    until = core.now_ms + 700_500
    dated: dict[str, Any] = {"time_in_force": "GTD", "good_till_ms": until}
    waiting = place(core, **dated)
    resting = place(core, type="STOP", price="49995", trigger_price="49990", **dated)
    move(core, "49990")
    placed = core.exchange.ledger.open_orders()[0]
    assert placed.good_till_ms == waiting.good_till_ms == until - 500

    core.now_ms = until - 501
    core.do(PassTime())
    assert now(core, waiting).status == "NEW"
    core.now_ms += 1
    events = core.do(PassTime())

    assert sorted(told(events)) == ["EXPIRED", "FINISHED", "order CANCELED"]
    assert now(core, waiting).status == "EXPIRED"
    assert now(core, resting).status == "FINISHED"


def test_a_price_match_is_made_at_the_trigger(core: Core) -> None:
    place(core, type="STOP", price_match="QUEUE")
    move(core, "49000")
    assert core.exchange.ledger.open_orders()[0].price == Decimal("49000.0")


def test_hedge_mode_closes_one_of_the_positions(core: Core) -> None:
    core.do(SetPositionMode(account=core.account.name, hedging=True))
    for side, position_side in (("BUY", "LONG"), ("SELL", "SHORT")):
        core.place(side, "0.025", type="MARKET", position_side=position_side)
    closing: dict[str, Any] = {"close_position": True, "quantity": "0"}
    assert refused(core) == -4061
    assert refused(core, position_side="SHORT", **closing) == -4509
    place(core, position_side="LONG", **closing)
    assert refused(core, position_side="SHORT", **closing) == -4509
    short = place(core, side="BUY", position_side="SHORT", trigger_price="51000", **closing)

    move(core, "49000")

    ledger = core.exchange.ledger
    assert not ledger.position(core.account.name, SYMBOL, "LONG").amount
    assert ledger.position(core.account.name, SYMBOL, "SHORT").amount == Decimal("-0.025")
    assert now(core, short).status == "NEW"


def test_a_symbol_that_is_settled_takes_its_orders_with_it(core: Core) -> None:
    core.place("BUY", "0.010", type="MARKET")
    order = place(core)

    events = core.do(SettleSymbol(symbol=SYMBOL, price=Decimal(48_000)))

    assert now(core, order).status == "EXPIRED"
    assert "TRIGGERING" not in told(events)
    assert refused(core, trigger_price="40000") == -4141
    core.do(SetStatus(symbol=SYMBOL, status="PENDING_TRADING"))
    assert refused(core, trigger_price="40000") == -4140
    place(core, trigger_price="40000", reduce_only=True)


def test_what_is_forgotten(core: Core) -> None:
    cancelled, waiting, done = place(core), place(core), place(core, trigger_price="49990")
    core.do(CancelAlgoOrder(account=core.account.name, ref=AlgoRef(algo_id=cancelled.algo_id)))
    move(core, "49990")
    assert now(core, done).status == "FINISHED"
    book = core.exchange.algos

    def visible(days: int) -> list[int]:
        end_ms = core.now_ms + days * DAY_MS + 1
        found = book.orders_between(core.account.name, SYMBOL, 0, end_ms, end_ms)
        return [order.algo_id for order in found]

    assert visible(2) == [cancelled.algo_id, waiting.algo_id, done.algo_id]
    assert visible(3) == [waiting.algo_id, done.algo_id]
    assert visible(89) == [waiting.algo_id, done.algo_id]
    assert visible(90) == []
    assert [order.algo_id for order in book.open_orders()] == [waiting.algo_id]


def test_a_market_without_conditional_orders_is_left_alone(core: Core) -> None:
    assert core.exchange.algos.is_idle
    assert [type(event) for event in move(core, "49000")] == [PriceChanged]


def test_time_never_goes_back(core: Core) -> None:
    first = place(core)
    core.now_ms -= 1_000
    second = place(core)
    assert second.created_ms == first.created_ms
