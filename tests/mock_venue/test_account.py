"""The arithmetic of positions and wallets."""

from decimal import Decimal

import pytest

from mock_venue import AccountSpec
from mock_venue.exchange.account import Position, commission, trade_position
from mock_venue.exchange.order import Side

FLAT = Position(account="main", symbol="BTCUSDT")


def decimals(*values: int) -> list[Decimal]:
    return [Decimal(value) for value in values]


def after(*trades: tuple[Side, str, str]) -> tuple[Position, Decimal]:
    """The position after trades (side, quantity, price) without fees, and what they realized."""
    position, realized = FLAT, Decimal(0)
    for side, quantity, price in trades:
        position, gain = trade_position(
            position, side, Decimal(quantity), Decimal(price), Decimal(0), 1
        )
        realized += gain
    return position, realized


def test_adding_averages_the_entry_price() -> None:
    position, realized = after(("BUY", "1", "100"), ("BUY", "3", "108"))

    assert [position.amount, position.entry_price, realized] == decimals(4, 106, 0)


def test_reducing_realizes_and_keeps_the_entry_price() -> None:
    position, realized = after(("SELL", "4", "106"), ("BUY", "1", "100"))

    assert [position.amount, position.entry_price, realized] == decimals(-3, 106, 6)


def test_a_flip_closes_all_and_opens_the_rest_at_the_new_price() -> None:
    position, realized = after(("BUY", "1", "100"), ("SELL", "3", "90"))

    assert [position.amount, position.entry_price, realized] == decimals(-2, 90, -10)


def test_flat_has_no_prices() -> None:
    position, _ = after(("BUY", "1", "100"), ("SELL", "1", "90"))

    assert [position.entry_price, position.break_even_price, position.cost] == decimals(0, 0, 0)


def test_an_entry_price_that_does_not_end_loses_nothing_over_the_round_trip() -> None:
    trips: list[tuple[Side, str, str]] = [("BUY", "0.001", "50000.1"), ("BUY", "0.002", "50000.3")]
    closing: list[tuple[Side, str, str]] = [("SELL", "0.001", "50000.2")] * 3

    position, realized = after(*trips, *closing)

    assert position.amount == 0
    assert realized == Decimal("-0.0001")


def test_break_even_repays_the_fee_of_opening() -> None:
    """The figures of a recording: entry 91739.9, paid 0.05 %."""
    fee = commission(Decimal("0.002"), Decimal("91739.9"), Decimal("0.0005"))

    position, _ = trade_position(FLAT, "BUY", Decimal("0.002"), Decimal("91739.9"), fee, 1)

    assert position.break_even_price == Decimal("91785.76995")


def test_a_rebate_is_a_negative_commission() -> None:
    assert commission(Decimal("0.1"), Decimal("50000"), Decimal("-0.0001")) == Decimal("-0.5")


def test_a_wallet_is_no_float() -> None:
    with pytest.raises(ValueError, match=r"account main: wallet must be .* was 1\.5"):
        AccountSpec(wallet=1.5)  # type: ignore[arg-type]
