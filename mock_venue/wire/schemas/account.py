"""Accounts, positions and balances as REST replies.

Cross margin throughout. Initial margin is notional at mark price (positions) or at the limit price
(open orders that are not reduce-only) divided by leverage; maintenance margin is the first
bracket's 0.4 %. The exchange does not act on any of these figures.
"""

from decimal import Decimal
from typing import Any

import msgspec

from mock_venue.exchange.account import Position
from mock_venue.exchange.decimals import EXACT, ZERO, fixed, trimmed
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.instruments import QUOTE_ASSET
from mock_venue.exchange.order import Order

MAINTENANCE_RATE = Decimal("0.004")
MAX_NOTIONAL = "100000000"
ENTRY_PRICE_PLACES = 12


class _Figures(msgspec.Struct, frozen=True):
    """Margin figures of one position and the open orders that move it."""

    position: Position
    mark: Decimal
    notional: Decimal
    unrealized: Decimal
    position_margin: Decimal
    order_margin: Decimal
    maintenance: Decimal
    bids: Decimal
    asks: Decimal
    is_active: bool
    """Whether there is a position or an open order."""


def account_v2(exchange: Exchange, account: str) -> dict[str, Any]:
    """GET v2/account: configuration, totals, and a position for every symbol."""
    figures = _all_figures(exchange, account, list(exchange.symbols))
    return {
        "feeTier": 0,
        "feeBurn": False,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
        **_totals(exchange, account, figures),
        "assets": [
            {
                **_asset(exchange, account, figures),
                "marginAvailable": True,
                "updateTime": exchange.ledger.balance(account, QUOTE_ASSET).updated_ms,
            }
        ],
        "positions": [
            {
                "symbol": one.position.symbol,
                "initialMargin": fixed(one.position_margin + one.order_margin, 8),
                "maintMargin": fixed(one.maintenance, 8),
                "unrealizedProfit": fixed(one.unrealized, 8),
                "positionInitialMargin": fixed(one.position_margin, 8),
                "openOrderInitialMargin": fixed(one.order_margin, 8),
                "leverage": str(exchange.settings.leverage(account, one.position.symbol)),
                "isolated": _is_isolated(exchange, one.position),
                "entryPrice": entry_price(one.position),
                "maxNotional": MAX_NOTIONAL,
                "bidNotional": trimmed(one.bids, 8),
                "askNotional": trimmed(one.asks, 8),
                "positionSide": one.position.position_side,
                "positionAmt": _amount(exchange, one.position),
                "updateTime": one.position.updated_ms,
            }
            for one in figures
        ],
    }


def account_v3(exchange: Exchange, account: str) -> dict[str, Any]:
    """GET v3/account: totals, and positions only where there is one or an open order."""
    figures = _all_figures(exchange, account, list(exchange.symbols))
    return {
        **_totals(exchange, account, figures),
        "assets": [
            {
                **_asset(exchange, account, figures),
                "updateTime": exchange.ledger.balance(account, QUOTE_ASSET).updated_ms,
            }
        ],
        "positions": [
            {
                "symbol": one.position.symbol,
                "positionSide": one.position.position_side,
                "positionAmt": _amount(exchange, one.position),
                "unrealizedProfit": fixed(one.unrealized, 8),
                "isolatedMargin": "0.00000000",
                "notional": trimmed(one.notional, 8),
                "isolatedWallet": "0",
                "initialMargin": trimmed(one.position_margin + one.order_margin, 8),
                "maintMargin": trimmed(one.maintenance, 8),
                "updateTime": one.position.updated_ms,
            }
            for one in figures
            if one.is_active
        ],
    }


def balances(exchange: Exchange, account: str) -> list[dict[str, Any]]:
    """GET v2/balance and v3/balance."""
    figures = _all_figures(exchange, account, list(exchange.symbols))
    asset = _asset(exchange, account, figures)
    return [
        {
            "accountAlias": "SgsR",
            "asset": QUOTE_ASSET,
            "balance": asset["walletBalance"],
            "crossWalletBalance": asset["crossWalletBalance"],
            "crossUnPnl": asset["crossUnPnl"],
            "availableBalance": asset["availableBalance"],
            "maxWithdrawAmount": asset["maxWithdrawAmount"],
            "marginAvailable": True,
            "updateTime": exchange.ledger.balance(account, QUOTE_ASSET).updated_ms,
        }
    ]


def position_risk_v2(exchange: Exchange, account: str, symbols: list[str]) -> list[dict[str, Any]]:
    """GET v2/positionRisk: every symbol asked for, with leverage and margin type."""
    return [
        {
            "symbol": one.position.symbol,
            "positionAmt": _amount(exchange, one.position),
            "entryPrice": entry_price(one.position),
            "breakEvenPrice": break_even_price(one.position),
            "markPrice": fixed(one.mark, 8),
            "unRealizedProfit": fixed(one.unrealized, 8),
            "liquidationPrice": "0",
            "leverage": str(exchange.settings.leverage(account, one.position.symbol)),
            "maxNotionalValue": MAX_NOTIONAL,
            "marginType": "isolated" if _is_isolated(exchange, one.position) else "cross",
            "isolatedMargin": "0.00000000",
            "isAutoAddMargin": "false",
            "positionSide": one.position.position_side,
            "notional": trimmed(one.notional, 8),
            "isolatedWallet": "0",
            "updateTime": one.position.updated_ms,
        }
        for one in _all_figures(exchange, account, symbols)
    ]


def position_risk_v3(exchange: Exchange, account: str, symbols: list[str]) -> list[dict[str, Any]]:
    """GET v3/positionRisk: only symbols with a position or an open order."""
    return [
        {
            "symbol": one.position.symbol,
            "positionSide": one.position.position_side,
            "positionAmt": _amount(exchange, one.position),
            "entryPrice": entry_price(one.position),
            "breakEvenPrice": break_even_price(one.position),
            "markPrice": fixed(one.mark, 8),
            "unRealizedProfit": fixed(one.unrealized, 8),
            "liquidationPrice": "0",
            "isolatedMargin": "0",
            "notional": trimmed(one.notional, 8),
            "marginAsset": QUOTE_ASSET,
            "isolatedWallet": "0",
            "initialMargin": trimmed(one.position_margin + one.order_margin, 8),
            "maintMargin": trimmed(one.maintenance, 8),
            "positionInitialMargin": trimmed(one.position_margin, 8),
            "openOrderInitialMargin": trimmed(one.order_margin, 8),
            "adl": 2 if one.position.amount else 0,
            "bidNotional": trimmed(one.bids, 8),
            "askNotional": trimmed(one.asks, 8),
            "updateTime": one.position.updated_ms,
        }
        for one in _all_figures(exchange, account, symbols)
        if one.is_active
    ]


def account_config(exchange: Exchange, account: str) -> dict[str, Any]:
    """GET accountConfig."""
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "dualSidePosition": exchange.settings.is_hedging(account),
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
    }


def entry_price(position: Position) -> str:
    """The entry price without padding; "0.0" when flat, as the docs show it."""
    text = trimmed(position.entry_price, ENTRY_PRICE_PLACES)
    return text if position.amount else "0.0"


def break_even_price(position: Position) -> str:
    """The break-even price without padding; "0.0" when flat."""
    text = trimmed(position.break_even_price, ENTRY_PRICE_PLACES)
    return text if position.amount else "0.0"


def _notional(orders: list[Order]) -> Decimal:
    return sum((EXACT.multiply(order.remaining, order.price) for order in orders), ZERO)


def _all_figures(exchange: Exchange, account: str, symbols: list[str]) -> list[_Figures]:
    """The figures of each position that the account's mode has on these symbols."""
    return [
        _figures(exchange, exchange.ledger.position(account, symbol, position_side))
        for symbol in symbols
        for position_side in exchange.settings.position_sides(account)
    ]


def _figures(exchange: Exchange, position: Position) -> _Figures:
    account, symbol = position.account, position.symbol
    mark = exchange.prices[symbol].mark
    notional = EXACT.multiply(position.amount, mark)
    leverage = Decimal(exchange.settings.leverage(account, symbol))
    placed = [
        order
        for order in exchange.ledger.open_orders(account, symbol)
        if order.position_side == position.position_side
    ]
    committed = [order for order in placed if not order.reduce_only]
    return _Figures(
        position=position,
        mark=mark,
        notional=notional,
        unrealized=position.unrealized_pnl(mark),
        position_margin=EXACT.divide(abs(notional), leverage),
        order_margin=EXACT.divide(_notional(committed), leverage),
        maintenance=EXACT.multiply(abs(notional), MAINTENANCE_RATE),
        bids=_notional([order for order in placed if order.side == "BUY"]),
        asks=_notional([order for order in placed if order.side == "SELL"]),
        is_active=bool(position.amount or placed),
    )


def _totals(exchange: Exchange, account: str, figures: list[_Figures]) -> dict[str, Any]:
    asset = _asset(exchange, account, figures)
    return {
        "totalInitialMargin": asset["initialMargin"],
        "totalMaintMargin": asset["maintMargin"],
        "totalWalletBalance": asset["walletBalance"],
        "totalUnrealizedProfit": asset["unrealizedProfit"],
        "totalMarginBalance": asset["marginBalance"],
        "totalPositionInitialMargin": asset["positionInitialMargin"],
        "totalOpenOrderInitialMargin": asset["openOrderInitialMargin"],
        "totalCrossWalletBalance": asset["crossWalletBalance"],
        "totalCrossUnPnl": asset["crossUnPnl"],
        "availableBalance": asset["availableBalance"],
        "maxWithdrawAmount": asset["maxWithdrawAmount"],
    }


def _asset(exchange: Exchange, account: str, figures: list[_Figures]) -> dict[str, Any]:
    wallet = exchange.ledger.balance(account, QUOTE_ASSET).wallet
    unrealized = sum((one.unrealized for one in figures), ZERO)
    position_margin = sum((one.position_margin for one in figures), ZERO)
    order_margin = sum((one.order_margin for one in figures), ZERO)
    available = max(ZERO, wallet + unrealized - position_margin - order_margin)
    return {
        "asset": QUOTE_ASSET,
        "walletBalance": fixed(wallet, 8),
        "unrealizedProfit": fixed(unrealized, 8),
        "marginBalance": fixed(wallet + unrealized, 8),
        "maintMargin": fixed(sum((one.maintenance for one in figures), ZERO), 8),
        "initialMargin": fixed(position_margin + order_margin, 8),
        "positionInitialMargin": fixed(position_margin, 8),
        "openOrderInitialMargin": fixed(order_margin, 8),
        "crossWalletBalance": fixed(wallet, 8),
        "crossUnPnl": fixed(unrealized, 8),
        "availableBalance": fixed(available, 8),
        "maxWithdrawAmount": fixed(min(available, wallet), 8),
    }


def _is_isolated(exchange: Exchange, position: Position) -> bool:
    return exchange.settings.margin_type(position.account, position.symbol) == "ISOLATED"


def _amount(exchange: Exchange, position: Position) -> str:
    return fixed(position.amount, exchange.symbols[position.symbol].quantity_precision)
