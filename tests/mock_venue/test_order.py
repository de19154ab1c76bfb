"""The life of an order."""

from decimal import Decimal

import pytest

from mock_venue.exchange import order as orders
from mock_venue.exchange.order import IllegalTransition, Order

NEW = Order(
    order_id=1,
    client_order_id="a",
    account="main",
    symbol="BTCUSDT",
    side="BUY",
    type="LIMIT",
    time_in_force="GTC",
    quantity=Decimal("0.010"),
    price=Decimal("50000"),
    reduce_only=False,
    external=False,
    created_ms=1,
    updated_ms=1,
)


def test_parts_then_the_rest_fill_an_order_at_the_average_price() -> None:
    part = orders.fill(NEW, Decimal("0.004"), Decimal("50000"), 2)
    whole = orders.fill(part, Decimal("0.006"), Decimal("49990"), 3)

    assert (part.status, part.remaining, part.updated_ms) == (
        "PARTIALLY_FILLED",
        Decimal("0.006"),
        2,
    )
    assert (whole.status, whole.average_price) == ("FILLED", Decimal("49994"))


def test_a_cancelled_order_keeps_its_fills() -> None:
    part = orders.fill(NEW, Decimal("0.004"), Decimal("50000"), 2)

    cancelled = orders.cancel(part, 3)

    assert (cancelled.status, cancelled.filled) == ("CANCELED", Decimal("0.004"))


@pytest.mark.parametrize("status", ["FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"])
def test_a_terminal_status_has_no_way_out(status: orders.OrderStatus) -> None:
    assert not [row for row in orders.TRANSITIONS if row[0] == status]


def test_what_is_not_in_the_table_cannot_happen() -> None:
    with pytest.raises(IllegalTransition, match="is CANCELED: no EXPIRE"):
        orders.expire(orders.cancel(NEW, 2), "2", 3)
