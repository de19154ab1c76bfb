"""Pages and what the exchange forgets, and sums that say what looking at every order would."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from mock_venue.exchange.commands import AmendOrder, CancelOrder, FillOrder, OrderRef
from mock_venue.exchange.ledger import DAY_MS, Ledger
from mock_venue.exchange.order import Order, Side
from tests.mock_venue.helpers import START_MS, SYMBOL, Core

WHERE = ("main", SYMBOL)


def cancelled(core: Core) -> Order:
    order = core.place()
    ref = OrderRef(order_id=order.order_id)
    core.do(CancelOrder(account="main", symbol=SYMBOL, ref=ref))
    return core.order(order.order_id)


def test_an_unfilled_cancelled_order_is_forgotten_after_3_days(core: Core) -> None:
    order, ledger = cancelled(core), core.exchange.ledger

    assert ledger.visible(order, START_MS + 3 * DAY_MS)
    assert not ledger.visible(order, START_MS + 3 * DAY_MS + 1)
    assert ledger.latest_orders(*WHERE, 0, 2 * START_MS, 10, START_MS + 4 * DAY_MS) == []


def test_a_filled_order_is_forgotten_after_90_days(core: Core) -> None:
    order = core.place()
    core.do(FillOrder(order_id=order.order_id, quantity=order.quantity, price=order.price))
    filled, ledger = core.order(order.order_id), core.exchange.ledger

    assert ledger.visible(filled, START_MS + 90 * DAY_MS)
    assert not ledger.visible(filled, START_MS + 90 * DAY_MS + 1)


def test_an_open_order_is_among_the_open_ones_alone_after_90_days(core: Core) -> None:
    order, ledger = core.place(), core.exchange.ledger
    kept_ms = START_MS + 90 * DAY_MS
    pages: list[Callable[[int], list[Order]]] = [
        lambda now_ms: ledger.orders_from(*WHERE, 0, 10, now_ms),
        lambda now_ms: ledger.orders_between(*WHERE, 0, now_ms, 10, now_ms),
        lambda now_ms: ledger.latest_orders(*WHERE, 0, now_ms, 10, now_ms),
    ]

    assert ledger.visible(order, kept_ms)
    assert not ledger.visible(order, kept_ms + 1)
    assert [page(kept_ms) for page in pages] == [[order]] * 3
    assert [page(kept_ms + 1) for page in pages] == [[]] * 3
    assert ledger.open_orders(*WHERE) == [order]


def test_a_page_begins_at_an_id_or_ends_at_the_latest(core: Core) -> None:
    placed = []
    for _ in range(5):
        placed.append(core.place())
        core.now_ms += 1_000
    ledger, now_ms = core.exchange.ledger, core.now_ms

    assert ledger.orders_from(*WHERE, placed[1].order_id, 2, now_ms) == placed[1:3]
    assert ledger.latest_orders(*WHERE, 0, now_ms, 2, now_ms) == placed[3:]
    between = (placed[1].created_ms, placed[3].created_ms)
    assert ledger.orders_between(*WHERE, *between, 10, now_ms) == placed[1:4]


def test_of_what_never_was_there_is_nothing() -> None:
    ledger = Ledger()

    assert ledger.position(*WHERE).amount == 0
    assert ledger.orders_from(*WHERE, 0, 10, START_MS) == []
    assert ledger.trades_from(*WHERE, 0, 10) == []


class Counting(dict[Any, Any]):
    """Counts how often something is looked up."""

    looked_up = 0

    def __getitem__(self, key: Any) -> Any:
        self.looked_up += 1
        return super().__getitem__(key)


def orders_looked_at(past: int, ask: str) -> int:
    """How many orders a page of 10 touches: one in ten has a fill, the rest is cancelled."""
    core = Core()
    ledger = core.exchange.ledger
    for number in range(past):
        if number % 10:
            cancelled(core)
        else:
            fill(core, core.place(), "0.010")
        core.now_ms += DAY_MS // 10
    core.place()
    counting = Counting(ledger._orders)
    ledger._orders = counting
    now_ms = core.now_ms
    match ask:
        case "from":
            page = ledger.orders_from(*WHERE, 0, 10, now_ms)
        case "between":
            page = ledger.orders_between(*WHERE, now_ms - 95 * DAY_MS, now_ms, 10, now_ms)
        case "latest":
            page = ledger.latest_orders(*WHERE, 0, now_ms - 4 * DAY_MS, 10, now_ms)
        case "open":
            page = ledger.open_orders(*WHERE)
    assert len(page) == (1 if ask == "open" else 10)
    return counting.looked_up


@pytest.mark.parametrize("ask", ["from", "between", "latest", "open"])
def test_a_page_costs_the_same_however_many_orders_there_are(ask: str) -> None:
    assert orders_looked_at(2_000, ask) == orders_looked_at(200, ask) <= 20


def test_a_page_is_all_that_is_visible(core: Core) -> None:
    ledger = core.exchange.ledger
    too_old = core.place(quantity="0.003")
    for number in range(1_000):
        cancelled(core) if number % 3 else fill(core, core.place(), "0.010")
        core.now_ms += DAY_MS // 10
        if number == 100:
            still_open = core.place(quantity="0.003")
        if number == 500:
            partly = core.place()
            fill(core, partly, "0.001")
            ref = OrderRef(order_id=partly.order_id)
            core.do(CancelOrder(account="main", symbol=SYMBOL, ref=ref))
    now_ms = core.now_ms
    visible = [order for order in ledger.orders() if ledger.visible(order, now_ms)]
    assert (
        too_old not in visible
        and visible[0] == still_open
        and core.order(partly.order_id) in visible
    )

    assert ledger.orders_from(*WHERE, 0, 10_000, now_ms) == visible
    assert ledger.latest_orders(*WHERE, 0, now_ms, 50, now_ms) == visible[-50:]
    between = [order for order in visible if visible[5].created_ms <= order.created_ms]
    assert ledger.orders_between(*WHERE, visible[5].created_ms, now_ms, 50, now_ms) == between[:50]


def open_notional(core: Core, side: Side) -> Decimal:
    bids, asks = core.exchange.ledger.exposure.notional(core.account.name, SYMBOL)
    return bids if side == "BUY" else asks


def fill(core: Core, order: Order, quantity: str) -> None:
    core.do(FillOrder(order_id=order.order_id, quantity=Decimal(quantity), price=Decimal("49000")))


def test_open_notional_is_what_remains_of_the_open_orders_of_a_side() -> None:
    core = Core()
    first, second = core.place(), core.place(quantity="0.020", price="48000")
    core.place("SELL", quantity="0.005", price="51000")
    assert open_notional(core, "BUY") == Decimal("490") + Decimal("960")
    assert open_notional(core, "SELL") == Decimal("255")
    fill(core, first, "0.004")
    assert open_notional(core, "BUY") == Decimal("294") + Decimal("960")
    core.do(
        AmendOrder(
            account=core.account.name,
            symbol=SYMBOL,
            ref=OrderRef(order_id=second.order_id),
            side="BUY",
            quantity=Decimal("0.030"),
            price=Decimal("47000"),
        )
    )
    assert open_notional(core, "BUY") == Decimal("294") + Decimal("1410")
    fill(core, first, "0.006")
    ref = OrderRef(order_id=second.order_id)
    core.do(CancelOrder(account=core.account.name, symbol=SYMBOL, ref=ref))
    assert open_notional(core, "BUY") == 0
