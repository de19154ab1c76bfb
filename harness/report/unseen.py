"""What a run did not see, as words."""

from harness.checkers.money import Money


def unseen_words(money: Money) -> str:
    """Return "1500.00 USDT unseen (1000.00 of phantom positions), 750.00 USDT-seconds"."""
    phantom = money.phantom_usdt_max
    of_phantoms = f" ({phantom:.2f} of phantom positions)" if phantom else ""
    return (
        f"{money.unseen_usdt_max:.2f} USDT unseen{of_phantoms}, "
        f"{money.unseen_usdt_seconds:.2f} USDT-seconds"
    )
