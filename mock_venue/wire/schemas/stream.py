"""The frames of the user stream, keys in the order of recorded production frames (2024-2026).

The frames of one trade carry the same transaction time `T` and event time `E`, as recorded.
"""

from decimal import Decimal
from typing import Any

import msgspec

from mock_venue.exchange.account import Balance, Position, Trade
from mock_venue.exchange.decimals import ZERO, fixed, padded, trimmed
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


def order_trade_update(
    spec: SymbolSpec,
    order: Order,
    execution: Execution,
    trade: Trade | None,
    time_ms: int,
    bids: Decimal,
    asks: Decimal,
) -> dict[str, Any]:
    """ORDER_TRADE_UPDATE; `trade` where the execution is TRADE.

    `bids` and `asks` are the notional of what the account has open on the symbol.
    """
    prices, quantities = spec.price_precision, spec.quantity_precision
    return {
        "e": "ORDER_TRADE_UPDATE",
        "T": time_ms,
        "E": time_ms,
        "o": {
            "s": order.symbol,
            "c": order.client_order_id,
            "S": order.side,
            "o": order.type,
            "f": order.time_in_force,
            "q": fixed(order.quantity, quantities),
            "p": padded(order.price, prices),
            "ap": stream_average_price(order),
            "sp": "0",
            "x": execution,
            "X": order.status,
            "i": order.order_id,
            "l": padded(trade.quantity, quantities) if trade else "0",
            "z": padded(order.filled, quantities),
            "L": padded(trade.price, prices) if trade else "0",
            "n": fixed(trade.commission, 8) if trade else "0",
            "N": trade.commission_asset if trade else QUOTE_ASSET,
            "T": time_ms,
            "t": trade.trade_id if trade else 0,
            "b": trimmed(bids, 8),
            "a": trimmed(asks, 8),
            "m": trade.maker if trade else False,
            "R": order.reduce_only,
            "wt": "CONTRACT_PRICE",
            "ot": order.type,
            "ps": order.position_side,
            "cp": False,
            "rp": padded(trade.realized_pnl, 8) if trade else "0",
            "pP": False,
            "si": 0,
            "ss": 0,
            "V": order.self_trade_prevention,
            "pm": order.price_match,
            "gtd": order.good_till_ms,
            "er": order.expiry_reason,
        },
    }


def account_update(
    reason: str,
    balances: tuple[Balance, ...],
    positions: tuple[HeldPosition, ...],
    time_ms: int,
    income: Income | None = None,
) -> dict[str, Any]:
    """ACCOUNT_UPDATE: the balances and the positions that changed, and why (`m`).

    `bc` is what moved without a trade; a funding fee names its symbol (`S`).
    """
    moved = ZERO if income is None else income.amount
    funded = {"S": income.symbol} if income is not None and income.type == "FUNDING_FEE" else {}
    return {
        "e": "ACCOUNT_UPDATE",
        "T": time_ms,
        "E": time_ms,
        "a": {
            "B": [_balance(balance, moved) for balance in balances],
            "P": [_position(held) for held in positions],
            **funded,
            "m": reason,
        },
    }


def _balance(balance: Balance, moved: Decimal) -> dict[str, Any]:
    return {
        "a": balance.asset,
        "wb": fixed(balance.wallet, 8),
        "cw": fixed(balance.cross, 8),
        "bc": padded(moved, 8),
    }


def _position(held: HeldPosition) -> dict[str, Any]:
    position = held.position
    return {
        "s": position.symbol,
        "pa": padded(position.amount, held.spec.quantity_precision),
        "ep": trimmed(position.entry_price, ENTRY_PRICE_PLACES),
        "cr": padded(position.realized_pnl, 8),
        "up": padded(position.unrealized_pnl(held.mark), 8),
        "mt": "isolated" if held.isolated else "cross",
        "iw": padded(position.isolated_wallet, 8),
        "ps": position.position_side,
        "ma": QUOTE_ASSET,
        "bep": trimmed(position.break_even_price, ENTRY_PRICE_PLACES),
    }


def trade_lite(spec: SymbolSpec, order: Order, trade: Trade) -> dict[str, Any]:
    """TRADE_LITE: the short form of a trade, sent before everything else about it."""
    return {
        "e": "TRADE_LITE",
        "E": trade.time_ms,
        "T": trade.time_ms,
        "s": order.symbol,
        "q": fixed(order.quantity, spec.quantity_precision),
        "p": fixed(order.price, spec.price_precision),
        "m": trade.maker,
        "c": order.client_order_id,
        "S": order.side,
        "L": fixed(trade.price, spec.price_precision),
        "l": fixed(trade.quantity, spec.quantity_precision),
        "t": trade.trade_id,
        "i": order.order_id,
    }


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
