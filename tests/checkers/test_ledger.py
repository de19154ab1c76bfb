from decimal import Decimal

import pytest

from harness.checkers.ledger import Ledger, instrument_of, plus, symbol_of
from tests.checkers.histories import VENUE_ID, Story


def _in_scope(story: Story) -> list[str]:
    return [order.client_order_id for order in Ledger.of(story.events).orders_in_scope()]


def test_it_holds_what_the_venue_told_last() -> None:
    story = Story().order("O-1").trade("O-1", 1001, "0.004").trade("O-1", 1002)
    ledger = Ledger.of(story.events)
    (order,) = ledger.orders.values()
    assert (order.order_id, order.status, order.filled) == (VENUE_ID, "FILLED", Decimal("0.010"))
    assert [trade.trade_id for trade in ledger.trades_of(order)] == [1001, 1002]
    assert ledger.position("BTCUSDT") == Decimal("0.010")
    assert ledger.position("ETHUSDT") == 0
    assert ledger.open_orders() == []


def test_open_orders_are_those_that_can_still_fill() -> None:
    story = Story()
    for name in ("new", "partial", "filled", "cancelled"):
        story.order(name)
    story.trade("partial", 1, "0.001").trade("filled", 2).end_order("cancelled")
    assert [order.client_order_id for order in Ledger.of(story.events).open_orders()] == [
        "new",
        "partial",
    ]


def test_orders_closed_before_the_first_start_are_out_of_scope() -> None:
    story = Story().order("old").trade("old", 1).order("open")
    assert _in_scope(story) == []
    story.fork().order("later").trade("open", 2).fork().order("last")
    assert _in_scope(story) == ["open", "later", "last"]


def test_the_count_begins_again_with_the_first_start_after_a_flush() -> None:
    story = Story().fork().order("closed").trade("closed", 1).order("open").kill()
    story.event("store", "flushed").order("down").trade("down", 2)
    assert _in_scope(story) == ["closed", "open", "down"]
    story.fork()
    assert _in_scope(story) == ["open"]


def test_a_client_order_id_may_be_several_orders() -> None:
    story = Story().order("O-1", order_id=1).trade("O-1", 1).order("O-1", order_id=2)
    same = Ledger.of(story.events).by_client_order_id("O-1")
    assert [order.order_id for order in same] == [1, 2]


@pytest.mark.parametrize(
    ("instrument_id", "symbol"),
    [("BTCUSDT-PERP.BINANCE", "BTCUSDT"), ("BTCUSDT.BINANCE", "BTCUSDT"), ("BTCUSDT", "BTCUSDT")],
)
def test_symbols_and_instruments(instrument_id: str, symbol: str) -> None:
    assert symbol_of(instrument_id) == symbol
    assert instrument_of(symbol) == "BTCUSDT-PERP.BINANCE"


@pytest.mark.parametrize(("quantity", "text"), [("0.10", "+0.10"), ("-1", "-1"), ("-0.00", "0")])
def test_a_signed_quantity_shows_its_sign(quantity: str, text: str) -> None:
    assert plus(Decimal(quantity)) == text


def _algo(story: Story, status: str, order_id: int | None = None) -> Story:
    return story.event(
        "venue",
        "algo_order",
        symbol="BTCUSDT",
        algo_id=77,
        client_order_id="O-1",
        order_id=order_id,
        side="SELL",
        type="STOP_MARKET",
        status=status,
        quantity="0.010",
        price="0",
        reduce_only=False,
    )


def test_a_conditional_order_is_an_order_until_it_triggers() -> None:
    story = Story().fork()
    for status in ("NEW", "TRIGGERING"):
        (order,) = Ledger.of(_algo(story, status).events).open_orders()
        assert (order.order_id, order.status) == (77, "NEW")

    story.order("O-1")
    _algo(story, "TRIGGERED", VENUE_ID)
    story.trade("O-1", 1001)
    ledger = Ledger.of(_algo(story, "FINISHED", VENUE_ID).events)

    (order,) = ledger.orders_in_scope()
    assert (order.order_id, order.status) == (VENUE_ID, "FILLED")
    assert ledger.by_client_order_id("O-1") == [order]
    assert ledger.open_orders() == []


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED", "REJECTED"])
def test_a_conditional_order_may_end_without_a_regular_one(status: str) -> None:
    ledger = Ledger.of(_algo(_algo(Story().fork(), "NEW"), status).events)
    (order,) = ledger.orders_in_scope()
    assert (order.status, ledger.open_orders()) == (status, [])
