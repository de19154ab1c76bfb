"""What both major versions tell of a cache in the same way, as plain data."""

from typing import Any


def text(value: Any) -> str | None:
    """Return a value as text; None where there is none."""
    return None if value is None else str(value)


def balance_data(balance: Any) -> dict[str, str]:
    """Return an account's balance in one currency; amounts are decimal strings."""
    return {
        "currency": str(balance.currency),
        "total": str(balance.total.as_decimal()),
        "free": str(balance.free.as_decimal()),
        "locked": str(balance.locked.as_decimal()),
    }
