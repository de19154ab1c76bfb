"""The ledger's sums and indexes say what looking at every order would."""

from decimal import Decimal

from mock_venue.exchange.commands import AmendOrder, CancelOrder, FillOrder, OrderRef
from mock_venue.exchange.order import Order, Side
from tests.mock_venue.helpers import SYMBOL, Core


def open_notional(core: Core, side: Side) -> Decimal:
    return core.exchange.ledger.open_notional(core.account.name, SYMBOL, side)


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
