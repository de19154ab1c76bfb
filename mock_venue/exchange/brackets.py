"""Leverage brackets: the larger a position, the lower its highest leverage, the more must be kept.

The maintenance margin of a position is `notional x rate - cum` of its bracket; `cum` makes it
continuous where one bracket ends and the next begins.

Source: developers.binance.com, "Notional and Leverage Brackets"; the figures are BTCUSDT's.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import msgspec

from mock_venue.exchange.decimals import EXACT, ZERO, to_decimal


class Bracket(msgspec.Struct, frozen=True, kw_only=True):
    """One bracket: up to `cap` of notional, in the quote asset. Decimals may be given as str."""

    cap: Decimal
    leverage: int
    """The highest that is allowed."""
    rate: Decimal
    """Maintenance margin rate."""

    def __post_init__(self) -> None:
        """Turn text into Decimals. Raises ValueError naming what is wrong."""
        for name in ("cap", "rate"):
            try:
                value = to_decimal(getattr(self, name))
            except ValueError as error:
                raise ValueError(f"bracket: {name} {error}") from None
            if value <= 0:
                raise ValueError(f"bracket: {name} must be positive, was {value}")
            msgspec.structs.force_setattr(self, name, value)
        if self.leverage < 1:
            raise ValueError(f"bracket: leverage must be at least 1, was {self.leverage}")


def check_brackets(brackets: tuple[Bracket, ...]) -> None:
    """Raises ValueError unless caps and rates rise and leverages fall."""
    if not brackets:
        raise ValueError("brackets must not be empty")
    for low, high in pairwise(brackets):
        if not (low.cap < high.cap and low.rate < high.rate and low.leverage > high.leverage):
            raise ValueError(
                "brackets must have rising caps, falling leverages and rising rates,"
                f" {low} is before {high}"
            )


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """A bracket among the others: its number from 1, where it begins, and its `cum`."""

    number: int
    floor: Decimal
    cum: Decimal
    bracket: Bracket

    def maintenance(self, notional: Decimal) -> Decimal:
        """The maintenance margin of a position of this tier."""
        return EXACT.multiply(notional, self.bracket.rate) - self.cum


def tiers(brackets: tuple[Bracket, ...]) -> Iterator[Tier]:
    """The brackets with what follows from their order, the lowest first."""
    floor, cum, rate = ZERO, ZERO, brackets[0].rate
    for number, bracket in enumerate(brackets, start=1):
        cum += EXACT.multiply(floor, bracket.rate - rate)
        yield Tier(number=number, floor=floor, cum=cum, bracket=bracket)
        floor, rate = bracket.cap, bracket.rate


def tier_of(brackets: tuple[Bracket, ...], notional: Decimal) -> Tier:
    """The bracket of a position; beyond the last one, the last one."""
    for tier in tiers(brackets):
        if notional <= tier.bracket.cap:
            break
    return tier


def max_notional(brackets: tuple[Bracket, ...], leverage: int) -> Decimal:
    """The largest position at a leverage; 0 where no bracket allows it."""
    for one in reversed(brackets):
        if one.leverage >= leverage:
            return one.cap
    return ZERO


def _bracket(cap: int, leverage: int, rate: str) -> Bracket:
    return Bracket(cap=Decimal(cap), leverage=leverage, rate=Decimal(rate))


DEFAULT_BRACKETS = (
    _bracket(300_000, 125, "0.004"),
    _bracket(800_000, 100, "0.005"),
    _bracket(3_000_000, 75, "0.0065"),
    _bracket(12_000_000, 50, "0.01"),
    _bracket(70_000_000, 25, "0.02"),
    _bracket(100_000_000, 20, "0.025"),
    _bracket(230_000_000, 10, "0.05"),
    _bracket(480_000_000, 5, "0.1"),
    _bracket(600_000_000, 4, "0.125"),
    _bracket(800_000_000, 3, "0.15"),
    _bracket(1_200_000_000, 2, "0.25"),
    _bracket(1_800_000_000, 1, "0.5"),
)
