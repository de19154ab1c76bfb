"""What the exchange takes, and with which code it refuses the rest."""

from decimal import Decimal

import pytest

from mock_venue import SymbolSpec
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.filters import check_client_order_id, check_price, check_quantity

SPEC = SymbolSpec(
    symbol="XYZUSDT",
    base_asset="XYZ",
    bid=Decimal("10.0"),
    ask=Decimal("10.5"),
    tick_size=Decimal("0.5"),
    step_size=Decimal("0.005"),
    min_quantity=Decimal("0.010"),
    max_quantity=Decimal("100"),
    market_max_quantity=Decimal("10"),
    min_price=Decimal("1.0"),
    max_price=Decimal("100.0"),
)


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        ("0", -4003),
        ("-1", -4003),
        ("0.0051", -1111),
        ("0.005", -4004),
        ("100.005", -4005),
        ("0.012", -4023),
    ],
)
def test_quantities_refused(quantity: str, code: int) -> None:
    with pytest.raises(ExchangeError) as caught:
        check_quantity(SPEC, "LIMIT", Decimal(quantity))
    assert caught.value.code == code


def test_a_market_order_has_a_limit_of_its_own() -> None:
    check_quantity(SPEC, "LIMIT", Decimal("11"))
    with pytest.raises(ExchangeError, match="-4005"):
        check_quantity(SPEC, "MARKET", Decimal("11"))


@pytest.mark.parametrize(
    ("price", "code"),
    [("0", -4001), ("10.05", -1111), ("0.5", -4013), ("100.5", -4002), ("10.3", -4014)],
)
def test_prices_refused(price: str, code: int) -> None:
    with pytest.raises(ExchangeError) as caught:
        check_price(SPEC, Decimal(price))
    assert caught.value.code == code


def test_amounts_come_back_in_the_symbols_decimals() -> None:
    assert str(check_quantity(SPEC, "LIMIT", Decimal("1.50000"))) == "1.500"
    assert str(check_price(SPEC, Decimal("20"))) == "20.0"


@pytest.mark.parametrize("client_order_id", ["a", "A.B:/c_1-2", "x" * 36])
def test_client_order_ids_taken(client_order_id: str) -> None:
    assert check_client_order_id(client_order_id) == client_order_id


@pytest.mark.parametrize("client_order_id", ["", "x" * 37, "a b", "ä", "a\n"])
def test_client_order_ids_refused(client_order_id: str) -> None:
    with pytest.raises(ExchangeError, match="-4015"):
        check_client_order_id(client_order_id)


def test_a_symbol_is_checked() -> None:
    with pytest.raises(ValueError, match="symbol A: bid must be below ask, were 2 and 1"):
        SymbolSpec(
            symbol="A",
            base_asset="A",
            bid=Decimal(2),
            ask=Decimal(1),
            tick_size=Decimal(1),
            step_size=Decimal(1),
        )
