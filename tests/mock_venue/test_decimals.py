"""Amounts as text: never an exponent, digits as the exchange has them."""

from decimal import Decimal

import pytest

from mock_venue.exchange.decimals import fixed, has_places, plain, trimmed


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
        ("0.000", 0, "0"),
        ("-0", 2, "-0.00"),
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


@pytest.mark.parametrize(
    ("value", "places", "has"),
    [
        ("0.010", 2, True),
        ("0.011", 2, False),
        ("1E+3", 0, True),
        ("0.5", 0, False),
        ("99999999999999999999.1", 8, True),
        ("99999999999999999999.00000000000000000001", 8, False),
    ],
)
def test_zeros_at_the_end_are_no_decimals(value: str, places: int, *, has: bool) -> None:
    assert has_places(Decimal(value), places) is has
