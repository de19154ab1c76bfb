"""Pages and what the exchange forgets."""

from mock_venue.exchange.commands import CancelOrder, FillOrder, OrderRef
from mock_venue.exchange.ledger import DAY_MS, Ledger
from mock_venue.exchange.order import Order
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


def test_an_open_order_is_never_forgotten(core: Core) -> None:
    assert core.exchange.ledger.visible(core.place(), START_MS + 365 * DAY_MS)


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
