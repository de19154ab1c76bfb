"""What happened in the exchange, each event with the state after it."""

from decimal import Decimal

import msgspec

from mock_venue.exchange.account import AccountReason, Balance, Position, Trade
from mock_venue.exchange.commands import MarginType, SymbolStatus
from mock_venue.exchange.conditional import AlgoOrder
from mock_venue.exchange.income import Income
from mock_venue.exchange.instruments import Price
from mock_venue.exchange.margin import Figures
from mock_venue.exchange.order import Execution, Order
from mock_venue.exchange.path import MarketTrade


class OrderChanged(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order was accepted, amended, cancelled or expired; `execution` is Binance's `x`.

    `modify_id` is the one of an amendment that was given one.
    """

    order: Order
    execution: Execution
    time_ms: int
    modify_id: int | None = None


class OrderTraded(msgspec.Struct, frozen=True, gc=False):
    """An order traded: the trade, and order, position and balance after it.

    `is_public` is False for the maker's side of a self-trade, which the tape has from the taker's,
    and for ADL and settlement, which no market trade comes of.
    """

    order: Order
    trade: Trade
    position: Position
    balance: Balance
    fee_balance: Balance | None
    """Of the asset that the commission was paid in, where that is another one."""
    time_ms: int
    is_public: bool = True


class AlgoOrderChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A conditional order was accepted or changed its status.

    `order` is its regular order: as it was placed where the status is TRIGGERED, as it ended where
    it is FINISHED.
    """

    algo_order: AlgoOrder
    order: Order | None


class PriceChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The reference prices of a symbol moved."""

    price: Price


class MarketTraded(msgspec.Struct, frozen=True, kw_only=True):
    """Others traded with each other."""

    symbol: str
    trade_id: int
    trade: MarketTrade
    time_ms: int


class LeverageChanged(msgspec.Struct, frozen=True, kw_only=True):
    """An account's leverage on a symbol was set."""

    account: str
    symbol: str
    leverage: int
    time_ms: int


class MarginTypeChanged(msgspec.Struct, frozen=True, kw_only=True):
    """An account's margin type on a symbol was set."""

    account: str
    symbol: str
    margin_type: MarginType
    time_ms: int


class MultiAssetsChanged(msgspec.Struct, frozen=True, kw_only=True):
    """An account's multi-assets margin was switched on or off."""

    account: str
    multi_assets: bool
    time_ms: int


class MarginCalled(msgspec.Struct, frozen=True, kw_only=True):
    """An account's margin is called: for its cross positions, or for one isolated one."""

    account: str
    cross_wallet: Decimal | None
    """None for an isolated position."""
    positions: tuple[Figures, ...]
    time_ms: int


class StatusChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A symbol's status changed."""

    symbol: str
    status: SymbolStatus
    time_ms: int


class AccountChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Balances and positions changed, and no order of the account made them."""

    account: str
    reason: AccountReason
    balances: tuple[Balance, ...]
    positions: tuple[Position, ...]
    income: Income | None = None
    """What moved, where money did."""
    time_ms: int


class CountdownEnded(msgspec.Struct, frozen=True, kw_only=True):
    """A countdown was not set anew in time: the account's orders on the symbol are cancelled."""

    account: str
    symbol: str
    time_ms: int


ExchangeEvent = (
    OrderChanged
    | OrderTraded
    | AlgoOrderChanged
    | PriceChanged
    | MarketTraded
    | LeverageChanged
    | MarginTypeChanged
    | MultiAssetsChanged
    | AccountChanged
    | MarginCalled
    | StatusChanged
    | CountdownEnded
)
