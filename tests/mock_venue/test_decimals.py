"""Amounts as text: never an exponent, digits as the exchange has them."""

from decimal import Decimal

import pytest

from mock_venue.exchange.decimals import fixed, plain, trimmed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.00000001", "0.00000001"),
        ("-0.00000001", "-0.00000001"),
        ("0E-8", "0.00000000"),
        ("1E+3", "1000"),
        ("49000.10", "49000.10"),
        ("Infinity", "Infinity"),
    ],
)
def test_plain_has_no_exponent(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ("0", 8, "0.00000000"),
        ("0.00000001", 8, "0.00000001"),
        ("0.000000005", 8, "0.00000001"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("1E+3", 2, "1000.00"),
        ("49000.1", 2, "49000.10"),
        ("49000.10", 2, "49000.10"),
    ],
)
def test_fixed_rounds_half_up_to_its_places(value: str, places: int, text: str) -> None:
    assert fixed(Decimal(value), places) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("0E-8", "0"), ("10.50", "10.5"), ("100", "100"), ("0.00000001", "0.00000001")],
)
def test_trimmed_has_no_trailing_zeros(value: str, text: str) -> None:
    assert trimmed(Decimal(value), 8) == text
