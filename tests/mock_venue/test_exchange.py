"""The exchange's commands, one behaviour a test."""

from decimal import Decimal

import pytest

from mock_venue.exchange.commands import (
    AmendOrder,
    CancelAllOrders,
    CancelOrder,
    FillOrder,
    OrderRef,
    SetLeverage,
    SetMarginType,
)
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.events import ExchangeEvent, OrderTraded
from mock_venue.exchange.order import Order
from tests.mock_venue.helpers import SYMBOL, Core


def executions(events: list[ExchangeEvent]) -> list[str]:
    return [
        "TRADE" if isinstance(event, OrderTraded) else getattr(event, "execution", "")
        for event in events
    ]


def amend(core: Core, order: Order, quantity: str, price: str) -> list[ExchangeEvent]:
    return core.do(
        AmendOrder(
            account="main",
            symbol=SYMBOL,
            ref=OrderRef(order_id=order.order_id),
            side=order.side,
            quantity=Decimal(quantity),
            price=Decimal(price),
        )
    )


def fill(core: Core, order: Order, quantity: str) -> list[ExchangeEvent]:
    return core.do(
        FillOrder(order_id=order.order_id, quantity=Decimal(quantity), price=order.price)
    )


def position(core: Core) -> Decimal:
    return core.exchange.ledger.position("main", SYMBOL).amount


def test_a_limit_order_rests_and_a_crossing_one_takes_at_the_better_price(core: Core) -> None:
    assert core.place(price="49999.9").status == "NEW"

    taken = core.place(price="50100")

    assert (taken.status, taken.average_price) == ("FILLED", Decimal("50000.10"))


@pytest.mark.parametrize(("side", "price"), [("BUY", "50000.1"), ("SELL", "50000.0")])
def test_a_limit_at_the_opposite_price_takes_and_a_tick_off_rests(
    core: Core, side: str, price: str
) -> None:
    off = Decimal("-0.1") if side == "BUY" else Decimal("0.1")

    assert core.place(side, price=price).status == "FILLED"
    assert core.place(side, price=str(Decimal(price) + off)).status == "NEW"


def test_a_market_order_takes_at_the_bid_or_the_ask(core: Core) -> None:
    assert core.place("BUY", type="MARKET").average_price == Decimal("50000.10")
    assert core.place("SELL", type="MARKET").average_price == Decimal("50000.00")
    assert position(core) == 0


def test_the_wallet_changes_by_pnl_minus_commission(core: Core) -> None:
    core.place("BUY", type="MARKET")
    core.place("SELL", type="MARKET")

    trades = core.exchange.ledger.trades()
    assert [trade.commission for trade in trades] == [
        Decimal("0.25000050"),
        Decimal("0.25000000"),
    ]
    assert trades[1].realized_pnl == Decimal("-0.001")
    assert core.exchange.ledger.balance("main", "USDT").wallet == Decimal("99999.49899950")


def test_an_ioc_order_that_does_not_cross_is_accepted_and_expires(core: Core) -> None:
    order = core.place(time_in_force="IOC")

    assert (order.status, order.expiry_reason) == ("EXPIRED", "2")


@pytest.mark.parametrize(
    ("time_in_force", "price", "code"),
    [("GTX", "50100", -5022), ("RPI", "50100", -5022), ("FOK", "49000", -5021)],
)
def test_post_only_that_would_take_and_fok_that_would_not_leave_no_trace(
    core: Core, time_in_force: str, price: str, code: int
) -> None:
    with pytest.raises(ExchangeError) as caught:
        core.place(time_in_force=time_in_force, price=price)

    assert caught.value.code == code
    assert core.exchange.ledger.orders() == []


def test_gtx_rests_and_fok_takes(core: Core) -> None:
    assert core.place(time_in_force="GTX").status == "NEW"
    assert core.place(time_in_force="FOK", price="50100").status == "FILLED"


def test_a_client_order_id_is_unique_among_open_orders_only(core: Core) -> None:
    first = core.place(client_order_id="a")
    with pytest.raises(ExchangeError, match="-4116"):
        core.place(client_order_id="a")

    fill(core, first, "0.010")
    second = core.place(client_order_id="a")

    assert second.order_id > first.order_id
    assert core.exchange.ledger.last_by_client_id("main", SYMBOL, "a") == second


def test_order_ids_do_not_fit_a_float(core: Core) -> None:
    order_id = core.place().order_id

    assert int(float(order_id)) != order_id


def test_small_orders_are_refused_unless_reduce_only(core: Core) -> None:
    with pytest.raises(ExchangeError, match=r"-4164 .* no smaller than 50 \(unless"):
        core.place(quantity="0.001")
    core.place("SELL", type="MARKET")

    assert core.place(quantity="0.001", reduce_only=True).status == "NEW"


def test_a_reduce_only_order_is_cut_to_the_position(core: Core) -> None:
    core.place("BUY", type="MARKET")

    order = core.place("SELL", "0.050", price="51000", reduce_only=True)

    assert order.quantity == Decimal("0.010")


@pytest.mark.parametrize("side", [None, "BUY"])
def test_a_reduce_only_order_needs_something_to_reduce(core: Core, side: str | None) -> None:
    if side:
        core.place(side, type="MARKET")
    with pytest.raises(ExchangeError, match="-2022"):
        core.place("BUY", reduce_only=True)


def test_a_reduce_only_order_is_knocked_out_when_the_position_is_gone(core: Core) -> None:
    core.place("BUY", type="MARKET")
    resting = core.place("SELL", price="51000", reduce_only=True)

    core.place("SELL", "0.005", type="MARKET")

    knocked_out = core.order(resting.order_id)
    assert (knocked_out.status, knocked_out.expiry_reason) == ("EXPIRED", "4")


def test_an_amended_order_keeps_its_ids_and_goes_to_the_back(core: Core) -> None:
    first = core.place(client_order_id="a")
    second = core.place(client_order_id="b")

    events = amend(core, first, "0.020", "49100")

    assert executions(events) == ["AMENDMENT"]
    changed = core.order(first.order_id)
    assert (changed.client_order_id, changed.quantity, changed.price) == (
        "a",
        Decimal("0.020"),
        Decimal("49100"),
    )
    queue = core.exchange.ledger.open_orders("main", SYMBOL)
    assert [order.order_id for order in queue] == [second.order_id, first.order_id]


def test_an_amended_reduce_only_order_is_cut_to_the_position(core: Core) -> None:
    core.place("BUY", type="MARKET")
    order = core.place("SELL", "0.005", price="51000", reduce_only=True)

    amend(core, order, "0.050", "51000")

    assert core.order(order.order_id).quantity == Decimal("0.010")


def test_amending_to_the_same_is_refused(core: Core) -> None:
    order = core.place()
    with pytest.raises(ExchangeError, match="-5027"):
        amend(core, order, "0.0100", "49000.0")


def test_amending_to_what_is_filled_cancels(core: Core) -> None:
    order = core.place()
    fill(core, order, "0.004")

    events = amend(core, order, "0.004", "49000")

    assert executions(events) == ["CANCELED"]
    assert core.order(order.order_id).status == "CANCELED"


@pytest.mark.parametrize("time_in_force", ["GTX", "RPI"])
def test_amending_a_post_only_order_into_taking_cancels_it(core: Core, time_in_force: str) -> None:
    order = core.place(time_in_force=time_in_force)

    assert executions(amend(core, order, "0.010", "50100")) == ["CANCELED"]


def test_amending_into_the_market_takes_the_rest(core: Core) -> None:
    order = core.place()
    fill(core, order, "0.004")

    events = amend(core, order, "0.010", "50100")

    assert executions(events) == ["AMENDMENT", "TRADE"]
    assert position(core) == Decimal("0.010")


def test_a_refused_amendment_changes_nothing(core: Core) -> None:
    order = core.place()
    with pytest.raises(ExchangeError, match="-4014"):
        amend(core, order, "0.010", "49000.05")

    assert core.order(order.order_id) == order


def test_amending_what_is_not_open_is_refused(core: Core) -> None:
    order = core.place(type="MARKET")
    with pytest.raises(ExchangeError, match="-2013"):
        amend(core, order, "0.020", "49000")


def test_cancelling_twice_is_unknown(core: Core) -> None:
    order = core.place()
    cancel = CancelOrder(
        account="main", symbol=SYMBOL, ref=OrderRef(client_order_id=order.client_order_id)
    )
    assert executions(core.do(cancel)) == ["CANCELED"]

    with pytest.raises(ExchangeError, match=r"-2011 Unknown order sent\."):
        core.do(cancel)


def test_cancel_all_takes_the_symbols_open_orders(core: Core) -> None:
    core.place(), core.place(), core.place(type="MARKET")

    events = core.do(CancelAllOrders(account="main", symbol=SYMBOL))

    assert executions(events) == ["CANCELED", "CANCELED"]
    assert core.exchange.ledger.open_orders() == []


def test_time_never_goes_back_on_a_symbol(core: Core) -> None:
    first = core.place()
    core.now_ms -= 10_000

    assert core.place().created_ms == first.created_ms


def test_leverage_is_bounded(core: Core) -> None:
    core.do(SetLeverage(account="main", symbol=SYMBOL, leverage=125))
    with pytest.raises(ExchangeError, match="-4028"):
        core.do(SetLeverage(account="main", symbol=SYMBOL, leverage=126))

    assert core.exchange.settings.leverage("main", SYMBOL) == 125


def test_the_margin_type_changes_only_where_nothing_is_open(core: Core) -> None:
    def change(margin_type: str) -> None:
        to_isolated = margin_type == "ISOLATED"
        core.do(
            SetMarginType(
                account="main",
                symbol=SYMBOL,
                margin_type="ISOLATED" if to_isolated else "CROSSED",
            )
        )

    with pytest.raises(ExchangeError, match="-4046"):
        change("CROSSED")
    change("ISOLATED")
    core.place()
    with pytest.raises(ExchangeError, match="-4047"):
        change("CROSSED")
    core.do(CancelAllOrders(account="main", symbol=SYMBOL))
    core.place(type="MARKET")
    with pytest.raises(ExchangeError, match="-4048"):
        change("CROSSED")
