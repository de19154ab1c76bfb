"""What accounts have chosen: leverage and margin type by symbol, and the position mode.

In one-way mode an account has one position a symbol (`BOTH`); in hedge mode two, `LONG` and
`SHORT`, and every order says which of them it is about.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mock_venue.exchange import errors
from mock_venue.exchange.commands import MarginType, SetLeverage, SetMarginType, SetPositionMode
from mock_venue.exchange.events import ExchangeEvent, LeverageChanged, MarginTypeChanged
from mock_venue.exchange.order import PositionSide, Side

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange

LEVERAGE_MAX = 125


class Settings:
    """The choices of all accounts."""

    def __init__(self, leverage: int) -> None:
        self._default_leverage = leverage
        self._leverage: dict[tuple[str, str], int] = {}
        self._margin_type: dict[tuple[str, str], MarginType] = {}
        self._hedging: set[str] = set()

    def leverage(self, account: str, symbol: str) -> int:
        """An account's leverage on a symbol."""
        return self._leverage.get((account, symbol), self._default_leverage)

    def margin_type(self, account: str, symbol: str) -> MarginType:
        """An account's margin type on a symbol."""
        return self._margin_type.get((account, symbol), "CROSSED")

    def is_hedging(self, account: str) -> bool:
        """Whether the account is in hedge mode."""
        return account in self._hedging

    def position_sides(self, account: str) -> tuple[PositionSide, ...]:
        """The positions that the account has on each symbol."""
        return ("LONG", "SHORT") if account in self._hedging else ("BOTH",)

    def check_position_side(self, account: str, position_side: PositionSide) -> None:
        """Raises -4061 where an order's position side is not one of the account's mode."""
        if position_side not in self.position_sides(account):
            raise errors.POSITION_SIDE_MISMATCH()

    # Writing: for the exchange alone

    def set_leverage(self, account: str, symbol: str, leverage: int) -> None:
        """Set an account's leverage on a symbol."""
        self._leverage[(account, symbol)] = leverage

    def set_margin_type(self, account: str, symbol: str, margin_type: MarginType) -> None:
        """Set an account's margin type on a symbol."""
        self._margin_type[(account, symbol)] = margin_type

    def set_hedging(self, account: str, hedging: bool) -> None:
        """Set an account's position mode."""
        if hedging:
            self._hedging.add(account)
        else:
            self._hedging.discard(account)


def closes(side: Side, position_side: PositionSide) -> bool:
    """Whether an order of hedge mode is to close: it can reduce its position and no more."""
    return (position_side, side) in (("LONG", "SELL"), ("SHORT", "BUY"))


def set_leverage(
    exchange: "Exchange", command: SetLeverage, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Carry out a command. Raises -1121, -4028."""
    exchange.spec(command.symbol)
    if not 1 <= command.leverage <= LEVERAGE_MAX:
        raise errors.BAD_LEVERAGE(command.leverage)
    exchange.settings.set_leverage(command.account, command.symbol, command.leverage)
    yield LeverageChanged(
        account=command.account,
        symbol=command.symbol,
        leverage=command.leverage,
        time_ms=now_ms,
    )


def set_margin_type(
    exchange: "Exchange", command: SetMarginType, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Carry out a command. Raises -1121, -4046, -4047, -4048."""
    exchange.spec(command.symbol)
    account, symbol = command.account, command.symbol
    if exchange.settings.margin_type(account, symbol) == command.margin_type:
        raise errors.MARGIN_TYPE_UNCHANGED()
    if exchange.ledger.open_order_count(account, symbol):
        raise errors.MARGIN_TYPE_OPEN_ORDERS()
    sides = exchange.settings.position_sides(account)
    if any(exchange.ledger.position(account, symbol, side).amount for side in sides):
        raise errors.MARGIN_TYPE_POSITION()
    exchange.settings.set_margin_type(account, symbol, command.margin_type)
    yield MarginTypeChanged(
        account=account, symbol=symbol, margin_type=command.margin_type, time_ms=now_ms
    )


def set_position_mode(
    exchange: "Exchange", command: SetPositionMode, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Carry out a command. Raises -4059, -4067, -4068. No event tells of it, as on Binance."""
    if exchange.settings.is_hedging(command.account) == command.hedging:
        raise errors.POSITION_MODE_UNCHANGED()
    if any(
        exchange.ledger.open_order_count(command.account, symbol) for symbol in exchange.symbols
    ):
        raise errors.POSITION_MODE_OPEN_ORDERS()
    if any(position.amount for position in exchange.ledger.positions(command.account)):
        raise errors.POSITION_MODE_POSITION()
    exchange.settings.set_hedging(command.account, command.hedging)
    yield from ()
