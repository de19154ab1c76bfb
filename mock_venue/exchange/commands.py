"""What the exchange can be told to do. Quantities and prices are Decimals on entry, unchecked."""

from decimal import Decimal
from typing import Literal

import msgspec

from mock_venue.exchange.account import AccountReason
from mock_venue.exchange.conditional import AlgoTimeInForce, AlgoType, WorkingType
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.order import (
    ForcedBy,
    OrderType,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from mock_venue.exchange.path import MarketTrade

MarginType = Literal["CROSSED", "ISOLATED"]


class OrderRef(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order as clients name it: by Binance's id, else by client order id. The id prevails."""

    order_id: int | None = None
    client_order_id: str | None = None


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A new order. Without a client order id the exchange makes one.

    A LIMIT order has a price or a price match.
    """

    account: str
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None = None
    time_in_force: TimeInForce = "GTC"
    reduce_only: bool = False
    client_order_id: str | None = None
    position_side: PositionSide = "BOTH"
    self_trade_prevention: SelfTradePrevention = "EXPIRE_MAKER"
    price_match: PriceMatch = "NONE"
    good_till_ms: int | None = None
    external: bool = False
    past: bool = False
    """Of a time before anybody looked: the margin is not checked."""


class AmendOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Another quantity (of the whole order, fills included) and price for an open LIMIT order.

    The price is given, or matched. `reduce_only` says that the order is, and changes nothing of it.
    `modify_id` is the client's own number for it, which need not be unique.
    """

    account: str
    symbol: str
    ref: OrderRef
    side: Side
    quantity: Decimal
    price: Decimal | None = None
    price_match: PriceMatch = "NONE"
    reduce_only: bool = False
    modify_id: int | None = None


class CancelOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Cancel one open order."""

    account: str
    symbol: str
    ref: OrderRef


class CancelAllOrders(msgspec.Struct, frozen=True, kw_only=True):
    """Cancel every open order of an account on a symbol."""

    account: str
    symbol: str


class FillOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Trade a resting order. The order is open, `quantity` is at most what remains."""

    order_id: int
    quantity: Decimal
    price: Decimal
    maker: bool = True


class ExpireOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Expire an open order for Binance's reason `er`."""

    order_id: int
    reason: str


class PassTime(msgspec.Struct, frozen=True, kw_only=True):
    """Do what is due by now, of itself and all accounts."""


class AlgoRef(msgspec.Struct, frozen=True, kw_only=True):
    """A conditional order as clients name it: by id, else by client algo id. The id prevails."""

    algo_id: int | None = None
    client_algo_id: str | None = None


class PlaceAlgoOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A new conditional order. What its type does not have is left out; `callback_rate` is in %.

    Without an activation price a trailing stop is active at once, without a client algo id the
    exchange makes one.
    """

    account: str
    symbol: str
    side: Side
    type: AlgoType
    quantity: Decimal = ZERO
    price: Decimal | None = None
    price_match: PriceMatch = "NONE"
    trigger_price: Decimal = ZERO
    activate_price: Decimal | None = None
    callback_rate: Decimal = ZERO
    time_in_force: AlgoTimeInForce = "GTC"
    working_type: WorkingType = "CONTRACT_PRICE"
    close_position: bool = False
    price_protect: bool = False
    reduce_only: bool = False
    client_algo_id: str | None = None
    position_side: PositionSide = "BOTH"
    self_trade_prevention: SelfTradePrevention = "EXPIRE_MAKER"
    good_till_ms: int | None = None


class CancelAlgoOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Cancel one conditional order that has not triggered."""

    account: str
    ref: AlgoRef


class CancelAllAlgoOrders(msgspec.Struct, frozen=True, kw_only=True):
    """Cancel every conditional order of an account on a symbol that has not triggered."""

    account: str
    symbol: str


class ExpireAlgoOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Expire a conditional order that has not triggered."""

    algo_id: int


class SetCountdown(msgspec.Struct, frozen=True, kw_only=True):
    """Cancel an account's orders on a symbol when this has passed; 0 for never."""

    account: str
    symbol: str
    countdown_ms: int


class HoldTriggers(msgspec.Struct, frozen=True, kw_only=True):
    """Let conditional orders that trigger stay TRIGGERING, or place what was held."""

    held: bool


class SetPrice(msgspec.Struct, frozen=True, kw_only=True):
    """Move the reference prices of a symbol. Resting orders stay."""

    symbol: str
    bid: Decimal
    ask: Decimal
    mark: Decimal


class TradeMarket(msgspec.Struct, frozen=True, kw_only=True):
    """Others trade with each other, and under automatic matching with whose turn it is."""

    symbol: str
    trade: MarketTrade


class Advance(msgspec.Struct, frozen=True, kw_only=True):
    """The next step of the symbol's price path."""

    symbol: str


class SetLeverage(msgspec.Struct, frozen=True, kw_only=True):
    """Change an account's leverage on a symbol."""

    account: str
    symbol: str
    leverage: int


class SetMarginType(msgspec.Struct, frozen=True, kw_only=True):
    """Change an account's margin type on a symbol."""

    account: str
    symbol: str
    margin_type: MarginType


class SetPositionMode(msgspec.Struct, frozen=True, kw_only=True):
    """Change an account's position mode: hedge, else one-way."""

    account: str
    hedging: bool


class SetMultiAssets(msgspec.Struct, frozen=True, kw_only=True):
    """Let all assets of an account count as margin, or the quote asset alone."""

    account: str
    multi_assets: bool


class SetFeeBurn(msgspec.Struct, frozen=True, kw_only=True):
    """Let an account pay its fees in BNB, or not."""

    account: str
    fee_burn: bool


class ChangePositionMargin(msgspec.Struct, frozen=True, kw_only=True):
    """Add to the isolated margin of a position, else take out of it."""

    account: str
    symbol: str
    amount: Decimal
    adds: bool
    position_side: PositionSide = "BOTH"


class MoveMoney(msgspec.Struct, frozen=True, kw_only=True):
    """Add to a wallet, or take out of it, for Binance's reason `m`."""

    account: str
    asset: str
    amount: Decimal
    reason: AccountReason


class TransferMoney(msgspec.Struct, frozen=True, kw_only=True):
    """Move money from one account to another."""

    account: str
    receiver: str
    asset: str
    amount: Decimal


class ChargeFunding(msgspec.Struct, frozen=True, kw_only=True):
    """Charge funding on a symbol now; without a rate at the last one."""

    symbol: str
    rate: Decimal | None = None


SymbolStatus = Literal["PENDING_TRADING", "TRADING", "PRE_SETTLE", "SETTLING", "CLOSE"]


class ClosePosition(msgspec.Struct, frozen=True, kw_only=True):
    """Let the exchange close a position, or a part of it, at a price, else at the best one."""

    account: str
    symbol: str
    by: ForcedBy
    position_side: PositionSide = "BOTH"
    quantity: Decimal | None = None
    price: Decimal | None = None


class CallMargin(msgspec.Struct, frozen=True, kw_only=True):
    """Call an account's margin, whatever it is."""

    account: str


class SetStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Change a symbol's status."""

    symbol: str
    status: SymbolStatus


class SettleSymbol(msgspec.Struct, frozen=True, kw_only=True):
    """End a symbol: orders expire, positions are closed at the price, and it is closed."""

    symbol: str
    price: Decimal


Command = (
    PlaceOrder
    | AmendOrder
    | CancelOrder
    | CancelAllOrders
    | FillOrder
    | ExpireOrder
    | PassTime
    | PlaceAlgoOrder
    | CancelAlgoOrder
    | CancelAllAlgoOrders
    | ExpireAlgoOrder
    | SetCountdown
    | HoldTriggers
    | SetPrice
    | TradeMarket
    | Advance
    | SetLeverage
    | SetMarginType
    | SetPositionMode
    | SetMultiAssets
    | SetFeeBurn
    | ChangePositionMargin
    | MoveMoney
    | TransferMoney
    | ChargeFunding
    | ClosePosition
    | CallMargin
    | SetStatus
    | SettleSymbol
)
