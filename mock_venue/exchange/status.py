"""Whether a symbol trades, and the end of one.

A symbol that is not TRADING takes no order that could open a position (-4140) and no amendment
(-5024); one that is CLOSE takes none at all (-4141). Cancelling always works. At its settlement the
open orders expire (er 7), every position is closed at the settlement price, and the symbol is
CLOSE.

Source: developers.binance.com, "Error Codes", "Event: Order Update", "Common Definition".
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mock_venue.exchange import errors
from mock_venue.exchange.commands import ClosePosition, SetStatus, SettleSymbol, SymbolStatus
from mock_venue.exchange.events import ExchangeEvent, StatusChanged
from mock_venue.exchange.liquidation import close_position

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange

EXPIRED_DELISTED = "7"


class Statuses:
    """The status of each symbol."""

    def __init__(self) -> None:
        self._changed: dict[str, SymbolStatus] = {}

    def __getitem__(self, symbol: str) -> SymbolStatus:
        return self._changed.get(symbol, "TRADING")

    def set(self, symbol: str, status: SymbolStatus) -> None:
        """Set a symbol's status. For the exchange alone."""
        self._changed[symbol] = status

    def check_order(self, symbol: str, *, reduces: bool) -> None:
        """Raises -4141 or -4140 where the symbol takes no such order now."""
        status = self[symbol]
        if status == "CLOSE":
            raise errors.SYMBOL_CLOSED()
        if status != "TRADING" and not reduces:
            raise errors.SYMBOL_NOT_OPENING()

    def check_amendment(self, symbol: str) -> None:
        """Raises -5024 where the symbol does not trade."""
        if self[symbol] != "TRADING":
            raise errors.SYMBOL_NOT_TRADING()


def set_status(exchange: "Exchange", command: SetStatus, now_ms: int) -> Iterator[ExchangeEvent]:
    """Carry out a command. Raises -1121."""
    exchange.spec(command.symbol)
    exchange.statuses.set(command.symbol, command.status)
    yield StatusChanged(symbol=command.symbol, status=command.status, time_ms=now_ms)


def settle_symbol(
    exchange: "Exchange", command: SettleSymbol, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Carry out a command. Raises -1121."""
    symbol = exchange.spec(command.symbol).symbol
    exchange.statuses.set(symbol, "SETTLING")
    yield StatusChanged(symbol=symbol, status="SETTLING", time_ms=now_ms)
    now_ms = exchange.advance(symbol, now_ms)
    for order in exchange.ledger.open_orders(symbol=symbol):
        yield exchange.expire(order, EXPIRED_DELISTED, now_ms)
    for account in exchange.ledger.exposure.holders(symbol):
        for side in exchange.settings.position_sides(account):
            if exchange.ledger.position(account, symbol, side).amount:
                close = ClosePosition(
                    account=account,
                    symbol=symbol,
                    position_side=side,
                    by="SETTLEMENT",
                    price=command.price,
                )
                yield from close_position(exchange, close, now_ms)
    exchange.statuses.set(symbol, "CLOSE")
    yield StatusChanged(symbol=symbol, status="CLOSE", time_ms=now_ms)
