"""Auto-cancel: an account's open orders on a symbol are cancelled if it does not ask in time.

Source: developers.binance.com, "Auto-Cancel All Open Orders". Conditional orders stay.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mock_venue.exchange import errors
from mock_venue.exchange.commands import CancelAllOrders, SetCountdown
from mock_venue.exchange.events import CountdownEnded, ExchangeEvent

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange


def set_countdown(
    exchange: "Exchange", command: SetCountdown, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Start the countdown anew; 0 stops it. Raises -1121, -1130. No event tells of it."""
    spec = exchange.spec(command.symbol)
    if command.countdown_ms < 0:
        raise errors.BAD_PARAMETER("countdownTime")
    due_ms = now_ms + command.countdown_ms if command.countdown_ms else None
    exchange.agenda.set_countdown(command.account, spec.symbol, due_ms)
    yield from ()


def end_countdown(
    exchange: "Exchange", account: str, symbol: str, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Cancel the orders."""
    yield CountdownEnded(account=account, symbol=symbol, time_ms=now_ms)
    yield from exchange.carry_out(CancelAllOrders(account=account, symbol=symbol), now_ms)
