"""Decimal amounts: exact arithmetic, rounding where the exchange rounds, plain text."""

from decimal import ROUND_HALF_UP, Context, Decimal

ZERO = Decimal(0)
MONEY_UNIT = Decimal("0.00000001")
"""Balances, commissions and realized PnL are multiples of this."""

# Exponents of the first digit of an amount that anybody may give.
SMALLEST_DIGIT = -18
LARGEST_DIGIT = 15

# 60 digits hold every product of this package exactly; the default 28 would round large positions.
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)

PLACES_MAX = 40
_AMOUNTS = (Decimal, int, str)
_UNITS = tuple(Decimal(1).scaleb(-places) for places in range(PLACES_MAX + 1))
_NOTHING = tuple(format(ZERO, f".{places}f") for places in range(PLACES_MAX + 1))


def money(value: Decimal) -> Decimal:
    """Round to `MONEY_UNIT`, half up."""
    return EXACT.quantize(value, MONEY_UNIT)


def has_places(value: Decimal, places: int) -> bool:
    """Whether the value has at most `places` decimals, trailing zeros aside."""
    return not EXACT.remainder(value, _UNITS[places])


def fixed(value: Decimal, places: int) -> str:
    """Write with exactly `places` decimals, rounded half up."""
    if not value and not value.is_signed():
        return _NOTHING[places]
    text = str(value)
    if len(text) > places and text[-1 - places] == "." and "E" not in text:
        return text
    return plain(EXACT.quantize(value, _UNITS[places]))


def padded(value: Decimal, places: int) -> str:
    """The same, but "0" for nothing."""
    return fixed(value, places) if value else "0"


def plain(value: Decimal) -> str:
    """Write without exponent, digits as they are."""
    text = str(value)  # much faster than format, but has an exponent where that is shorter
    return format(value, "f") if "E" in text else text


def trimmed(value: Decimal, places: int) -> str:
    """Write with at most `places` decimals and without trailing zeros."""
    if not value:
        return "0"
    text = plain(value)
    if "." not in text:
        return text
    if len(text) - text.index(".") - 1 > places:
        text = fixed(value, places)
    return text.rstrip("0").rstrip(".")


def to_decimal(value: object) -> Decimal:
    """Return a finite Decimal from a Decimal, int or str.

    Raises ValueError for anything else, floats included: a float has lost its digits already; and
    for numbers too large or too small to be an amount.
    """
    if isinstance(value, bool) or not isinstance(value, _AMOUNTS):
        raise ValueError(f"must be a Decimal, int or str, was {value!r}")
    try:
        result = Decimal(value)
    except ArithmeticError:
        raise ValueError(f"must be a decimal number, was {value!r}") from None
    if not result.is_finite():
        raise ValueError(f"must be finite, was {value!r}")
    if result and not SMALLEST_DIGIT <= result.adjusted() <= LARGEST_DIGIT:
        raise ValueError(f"must be between 1e{SMALLEST_DIGIT} and 1e{LARGEST_DIGIT}, was {value!r}")
    return result
