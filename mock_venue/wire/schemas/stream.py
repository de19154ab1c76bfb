"""The frames of the user stream, keys in the order of recorded production frames (2024-2026).

The frames of one trade carry the same transaction time `T` and event time `E`, as recorded.
"""

from decimal import Decimal
from typing import Any

import msgspec

from mock_venue.exchange.account import Balance, Position, Trade
from mock_venue.exchange.decimals import fixed, padded, trimmed
from mock_venue.exchange.events import MarginCalled
from mock_venue.exchange.income import Income
from mock_venue.exchange.instruments import QUOTE_ASSET, SymbolSpec
from mock_venue.exchange.order import Execution, Order
from mock_venue.wire.schemas.account import ENTRY_PRICE_PLACES
from mock_venue.wire.schemas.orders import stream_average_price


class HeldPosition(msgspec.Struct, frozen=True, gc=False):
    """A position, and what of the exchange its frame tells."""

    position: Position
    spec: SymbolSpec
    isolated: bool
    mark: Decimal


class Frame(msgspec.Struct, gc=False):
    """What Binance sends, its keys in Binance's order.

    The frames of a trade are structs, filled by position, since every trade makes three of them:
    encoding takes half of the time that it takes for dictionaries.
    """


class OrderUpdate(Frame):
    """`o` of ORDER_TRADE_UPDATE."""

    s: str
    c: str
    S: str
    o: str
    f: str
    q: str
    p: str
    ap: str
    sp: str
    x: str
    X: str
    i: int
    M: str | msgspec.UnsetType
    l: str
    z: str
    L: str
    n: str
    N: str
    T: int
    t: int
    b: str
    a: str
    m: bool
    R: bool
    wt: str
    ot: str
    ps: str
    cp: bool
    rp: str
    pP: bool
    si: int
    ss: int
    V: str
    pm: str
    gtd: int
    er: str


class OrderTradeUpdate(Frame):
    """ORDER_TRADE_UPDATE."""

    e: str
    T: int
    E: int
    o: OrderUpdate


class BalanceUpdate(Frame):
    """An item of `B` of ACCOUNT_UPDATE."""

    a: str
    wb: str
    cw: str
    bc: str


class PositionUpdate(Frame):
    """An item of `P` of ACCOUNT_UPDATE."""

    s: str
    pa: str
    ep: str
    cr: str
    up: str
    mt: str
    iw: str
    ps: str
    ma: str
    bep: str


class Updates(Frame):
    """`a` of ACCOUNT_UPDATE."""

    B: list[BalanceUpdate]
    P: list[PositionUpdate]
    S: str | msgspec.UnsetType
    m: str


class AccountUpdate(Frame):
    """ACCOUNT_UPDATE."""

    e: str
    T: int
    E: int
    a: Updates


class TradeLite(Frame):
    """TRADE_LITE."""

    e: str
    E: int
    T: int
    s: str
    q: str
    p: str
    m: bool
    c: str
    S: str
    L: str
    l: str
    t: int
    i: int


def order_trade_update(
    spec: SymbolSpec,
    order: Order,
    execution: Execution,
    trade: Trade | None,
    time_ms: int,
    bids: Decimal,
    asks: Decimal,
    modify_id: int | None = None,
) -> OrderTradeUpdate:
    """ORDER_TRADE_UPDATE; `trade` where the execution is TRADE.

    `bids` and `asks` are the notional of what the account has open on the symbol. `modify_id` goes
    out as `M`, a string, with AMENDMENT alone (the official SDK's model; not in recorded frames,
    and where it stands among the keys is the model's order: unconfirmed).
    """
    prices, quantities = spec.price_precision, spec.quantity_precision
    update = OrderUpdate(
        order.symbol,
        order.client_order_id,
        order.side,
        order.type,
        order.time_in_force,
        fixed(order.quantity, quantities),
        padded(order.price, prices),
        stream_average_price(order),
        "0",
        execution,
        order.status,
        order.order_id,
        msgspec.UNSET if modify_id is None else str(modify_id),
        fixed(trade.quantity, quantities) if trade else "0",
        padded(order.filled, quantities),
        fixed(trade.price, prices) if trade else "0",
        fixed(trade.commission, 8) if trade else "0",
        trade.commission_asset if trade else QUOTE_ASSET,
        time_ms,
        trade.trade_id if trade else 0,
        trimmed(bids, 8),
        trimmed(asks, 8),
        trade.maker if trade else False,
        order.reduce_only,
        "CONTRACT_PRICE",
        order.type,
        order.position_side,
        False,
        padded(trade.realized_pnl, 8) if trade else "0",
        False,
        0,
        0,
        order.self_trade_prevention,
        order.price_match,
        order.good_till_ms,
        order.expiry_reason,
    )
    return OrderTradeUpdate("ORDER_TRADE_UPDATE", time_ms, time_ms, update)


def account_update(
    reason: str,
    balances: tuple[Balance, ...],
    positions: tuple[HeldPosition, ...],
    time_ms: int,
    income: Income | None = None,
) -> AccountUpdate:
    """ACCOUNT_UPDATE: the balances and the positions that changed, and why (`m`).

    `bc` is what moved without a trade; a funding fee names its symbol (`S`).
    """
    updates = Updates(
        [_balance(balance, income) for balance in balances],
        [_position(held) for held in positions],
        income.symbol if income and income.type == "FUNDING_FEE" else msgspec.UNSET,
        reason,
    )
    return AccountUpdate("ACCOUNT_UPDATE", time_ms, time_ms, updates)


def _balance(balance: Balance, income: Income | None) -> BalanceUpdate:
    return BalanceUpdate(
        balance.asset,
        fixed(balance.wallet, 8),
        fixed(balance.cross, 8),
        "0" if income is None else padded(income.amount, 8),
    )


def _position(held: HeldPosition) -> PositionUpdate:
    position = held.position
    return PositionUpdate(
        position.symbol,
        padded(position.amount, held.spec.quantity_precision),
        trimmed(position.entry_price, ENTRY_PRICE_PLACES),
        padded(position.realized_pnl, 8),
        padded(position.unrealized_pnl(held.mark), 8),
        "isolated" if held.isolated else "cross",
        padded(position.isolated_wallet, 8),
        position.position_side,
        QUOTE_ASSET,
        trimmed(position.break_even_price, ENTRY_PRICE_PLACES),
    )


def trade_lite(spec: SymbolSpec, order: Order, trade: Trade) -> TradeLite:
    """TRADE_LITE: the short form of a trade, sent before everything else about it."""
    return TradeLite(
        "TRADE_LITE",
        trade.time_ms,
        trade.time_ms,
        order.symbol,
        fixed(order.quantity, spec.quantity_precision),
        fixed(order.price, spec.price_precision),
        trade.maker,
        order.client_order_id,
        order.side,
        fixed(trade.price, spec.price_precision),
        fixed(trade.quantity, spec.quantity_precision),
        trade.trade_id,
        order.order_id,
    )


def leverage_update(symbol: str, leverage: int, now_ms: int) -> dict[str, Any]:
    """ACCOUNT_CONFIG_UPDATE for a leverage."""
    return {
        "e": "ACCOUNT_CONFIG_UPDATE",
        "E": now_ms,
        "T": now_ms,
        "ac": {"s": symbol, "l": leverage},
    }


def multi_assets_update(multi_assets: bool, now_ms: int) -> dict[str, Any]:
    """ACCOUNT_CONFIG_UPDATE for multi-assets margin."""
    return {
        "e": "ACCOUNT_CONFIG_UPDATE",
        "E": now_ms,
        "T": now_ms,
        "ai": {"j": multi_assets},
    }


def margin_call(event: MarginCalled) -> dict[str, Any]:
    """MARGIN_CALL; it has no transaction time."""
    cross = {} if event.cross_wallet is None else {"cw": fixed(event.cross_wallet, 8)}
    return {
        "e": "MARGIN_CALL",
        "E": event.time_ms,
        **cross,
        "p": [
            {
                "s": one.position.symbol,
                "ps": one.position.position_side,
                "pa": fixed(one.position.amount, one.spec.quantity_precision),
                "mt": "ISOLATED" if one.isolated else "CROSSED",
                "iw": padded(one.position.isolated_wallet, 8),
                "mp": fixed(one.mark, 8),
                "up": trimmed(one.unrealized, 8),
                "mm": trimmed(one.maintenance, 8),
            }
            for one in event.positions
        ],
    }


def listen_key_expired(listen_key: str, now_ms: int) -> dict[str, Any]:
    """`listenKeyExpired`: the last frame that a listen key brings."""
    return {"e": "listenKeyExpired", "E": now_ms, "listenKey": listen_key}
