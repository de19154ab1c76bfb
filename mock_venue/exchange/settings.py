"""What accounts have chosen: leverage, margin type, position mode, margin assets, fees in BNB.

In one-way mode an account has one position a symbol (`BOTH`); in hedge mode two, `LONG` and
`SHORT`, and every order says which of them it is about.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from mock_venue.exchange import errors, margin
from mock_venue.exchange.brackets import max_notional
from mock_venue.exchange.commands import (
    MarginType,
    SetFeeBurn,
    SetLeverage,
    SetMarginType,
    SetMultiAssets,
    SetPositionMode,
)
from mock_venue.exchange.decimals import EXACT, ZERO
from mock_venue.exchange.events import (
    AccountChanged,
    ExchangeEvent,
    LeverageChanged,
    MarginTypeChanged,
    MultiAssetsChanged,
)
from mock_venue.exchange.instruments import ASSETS, QUOTE_ASSET
from mock_venue.exchange.order import PositionSide, Side

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange


class Settings:
    """The choices of all accounts."""

    def __init__(self, leverage: int) -> None:
        self._default_leverage = leverage
        self._leverage: dict[tuple[str, str], int] = {}
        self._margin_type: dict[tuple[str, str], MarginType] = {}
        self._hedging: set[str] = set()
        self._multi_assets: set[str] = set()
        self._fee_burn: set[str] = set()

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

    def has_multi_assets(self, account: str) -> bool:
        """Whether all assets of the account count as margin."""
        return account in self._multi_assets

    def burns_fees(self, account: str) -> bool:
        """Whether the account pays its fees in BNB while it has enough."""
        return account in self._fee_burn

    def isolated_symbols(self, account: str) -> list[str]:
        """The symbols on which the account has isolated margin."""
        return [
            symbol
            for (owner, symbol), margin_type in self._margin_type.items()
            if owner == account and margin_type == "ISOLATED"
        ]

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
        _switch(self._hedging, account, hedging)

    def set_multi_assets(self, account: str, multi_assets: bool) -> None:
        """Set whether all assets of an account count as margin."""
        _switch(self._multi_assets, account, multi_assets)

    def set_fee_burn(self, account: str, fee_burn: bool) -> None:
        """Set whether an account pays its fees in BNB."""
        _switch(self._fee_burn, account, fee_burn)


def _switch(members: set[str], account: str, on: bool) -> None:
    if on:
        members.add(account)
    else:
        members.discard(account)


def closes(side: Side, position_side: PositionSide) -> bool:
    """Whether an order of hedge mode is to close: it can reduce its position and no more."""
    return (position_side, side) in (("LONG", "SELL"), ("SHORT", "BUY"))


def set_leverage(
    exchange: "Exchange", command: SetLeverage, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Carry out a command. Raises -1121, -4028, -4161, -2027, -2028."""
    spec = exchange.spec(command.symbol)
    account, symbol, leverage = command.account, command.symbol, command.leverage
    if not 1 <= leverage <= spec.brackets[0].leverage:
        raise errors.BAD_LEVERAGE(leverage)
    sides = exchange.settings.position_sides(account)
    stakes = [margin.figures(exchange, account, symbol, side) for side in sides]
    before = exchange.settings.leverage(account, symbol)
    if leverage < before:
        if any(one.isolated and one.position.amount for one in stakes):
            raise errors.ISOLATED_LEVERAGE_REDUCED()
        worst = sum((one.worst for one in stakes), ZERO)
        added = EXACT.divide(worst, Decimal(leverage)) - EXACT.divide(worst, Decimal(before))
        if added > margin.standing(exchange, account).available:
            raise errors.LEVERAGE_TOO_LOW()
    if any(one.worst > max_notional(spec.brackets, leverage) for one in stakes):
        raise errors.POSITION_TOO_LARGE()
    exchange.settings.set_leverage(account, symbol, leverage)
    yield LeverageChanged(account=account, symbol=symbol, leverage=leverage, time_ms=now_ms)


def set_margin_type(
    exchange: "Exchange", command: SetMarginType, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Carry out a command. Raises -1121, -4046, -4047, -4048, -4168."""
    exchange.spec(command.symbol)
    account, symbol = command.account, command.symbol
    if exchange.settings.margin_type(account, symbol) == command.margin_type:
        raise errors.MARGIN_TYPE_UNCHANGED()
    if exchange.ledger.open_order_count(account, symbol):
        raise errors.MARGIN_TYPE_OPEN_ORDERS()
    sides = exchange.settings.position_sides(account)
    positions = tuple(exchange.ledger.position(account, symbol, side) for side in sides)
    if any(position.amount for position in positions):
        raise errors.MARGIN_TYPE_POSITION()
    if command.margin_type == "ISOLATED" and exchange.settings.has_multi_assets(account):
        raise errors.ISOLATED_MULTI_ASSETS()
    exchange.settings.set_margin_type(account, symbol, command.margin_type)
    yield MarginTypeChanged(
        account=account, symbol=symbol, margin_type=command.margin_type, time_ms=now_ms
    )
    yield AccountChanged(
        account=account,
        reason="MARGIN_TYPE_CHANGE",
        balances=(exchange.ledger.balance(account, QUOTE_ASSET),),
        positions=positions,
        time_ms=now_ms,
    )


def set_position_mode(
    exchange: "Exchange", command: SetPositionMode, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Carry out a command. Raises -4059, -4067, -4068. No event tells of it, as on Binance."""
    if exchange.settings.is_hedging(command.account) == command.hedging:
        raise errors.POSITION_MODE_UNCHANGED()
    if _has_open_orders(exchange, command.account):
        raise errors.POSITION_MODE_OPEN_ORDERS()
    if exchange.ledger.exposure.stakes(command.account):
        raise errors.POSITION_MODE_POSITION()
    exchange.settings.set_hedging(command.account, command.hedging)
    yield from ()


def set_multi_assets(
    exchange: "Exchange", command: SetMultiAssets, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Carry out a command. Raises -4167, -4169, -4170, -4171, -4172.

    Back to one asset goes whoever has enough of it: its wallet must carry the cross positions.
    """
    account = command.account
    if exchange.settings.has_multi_assets(account) == command.multi_assets:
        raise errors.MULTI_ASSETS_UNCHANGED()
    if exchange.settings.isolated_symbols(account):
        raise errors.MULTI_ASSETS_ISOLATED()
    if _has_open_orders(exchange, account):
        raise errors.MULTI_ASSETS_OPEN_ORDERS()
    if any(exchange.ledger.balance(account, asset).wallet < ZERO for asset in ASSETS):
        raise errors.MULTI_ASSETS_NEGATIVE()
    alone = margin.standing(exchange, account, QUOTE_ASSET)
    if alone.cross_margin < alone.position_margin:
        raise errors.MULTI_ASSETS_MARGIN()
    exchange.settings.set_multi_assets(account, command.multi_assets)
    yield MultiAssetsChanged(account=account, multi_assets=command.multi_assets, time_ms=now_ms)


def set_fee_burn(exchange: "Exchange", command: SetFeeBurn, now_ms: int) -> Iterator[ExchangeEvent]:
    """Carry out a command. No event tells of it, as on Binance."""
    exchange.settings.set_fee_burn(command.account, command.fee_burn)
    yield from ()


def _has_open_orders(exchange: "Exchange", account: str) -> bool:
    """Conditional orders count: what they wait to place would be of the other mode."""
    return bool(exchange.algos.open_count(account)) or any(
        exchange.ledger.open_order_count(account, symbol) for symbol in exchange.symbols
    )
