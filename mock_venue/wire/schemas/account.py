"""Accounts, positions and balances as REST replies.

Figures are the exchange's (`exchange.margin`), written as Binance writes them.
"""

from typing import Any

from mock_venue.exchange.account import Position
from mock_venue.exchange.brackets import max_notional
from mock_venue.exchange.decimals import fixed, trimmed
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.instruments import ASSETS, QUOTE_ASSET
from mock_venue.exchange.margin import (
    Figures,
    Standing,
    figures,
    liquidation_price,
    standing,
    withdrawable,
)
from mock_venue.exchange.order import PositionSide

ENTRY_PRICE_PLACES = 12


def account_v2(exchange: Exchange, account: str) -> dict[str, Any]:
    """GET v2/account: configuration, totals, and a position for every symbol."""
    config = account_config(exchange, account)
    del config["dualSidePosition"]
    return {
        **config,
        "feeBurn": exchange.settings.burns_fees(account),
        **_totals(standing(exchange, account)),
        "assets": [{**asset, "marginAvailable": True} for asset in _assets(exchange, account)],
        "positions": [
            {
                "symbol": one.position.symbol,
                "initialMargin": fixed(one.position_margin + one.order_margin, 8),
                "maintMargin": fixed(one.maintenance, 8),
                "unrealizedProfit": fixed(one.unrealized, 8),
                "positionInitialMargin": fixed(one.position_margin, 8),
                "openOrderInitialMargin": fixed(one.order_margin, 8),
                "leverage": str(one.leverage),
                "isolated": one.isolated,
                "entryPrice": entry_price(one.position),
                "breakEvenPrice": break_even_price(one.position),
                "maxNotional": trimmed(one.max_notional, 8),
                "bidNotional": trimmed(one.open.bids, 8),
                "askNotional": trimmed(one.open.asks, 8),
                "positionSide": one.position.position_side,
                "positionAmt": _amount(one),
                "updateTime": one.position.updated_ms,
            }
            for one in _all_figures(exchange, account, list(exchange.symbols))
        ],
    }


def account_v3(exchange: Exchange, account: str) -> dict[str, Any]:
    """GET v3/account: totals, and positions only where there is one or an open order."""
    return {
        **_totals(standing(exchange, account)),
        "assets": _assets(exchange, account),
        "positions": [
            {
                "symbol": one.position.symbol,
                "positionSide": one.position.position_side,
                "positionAmt": _amount(one),
                "unrealizedProfit": fixed(one.unrealized, 8),
                "isolatedMargin": fixed(one.isolated_margin, 8),
                "notional": trimmed(one.notional, 8),
                "isolatedWallet": trimmed(one.position.isolated_wallet, 8),
                "initialMargin": trimmed(one.position_margin + one.order_margin, 8),
                "maintMargin": trimmed(one.maintenance, 8),
                "updateTime": one.position.updated_ms,
            }
            for one in _all_figures(exchange, account, list(exchange.symbols))
            if one.is_active
        ],
    }


def account_config(exchange: Exchange, account: str) -> dict[str, Any]:
    """GET accountConfig."""
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "dualSidePosition": exchange.settings.is_hedging(account),
        "updateTime": 0,
        "multiAssetsMargin": exchange.settings.has_multi_assets(account),
        "tradeGroupId": -1,
    }


def balances(exchange: Exchange, account: str) -> list[dict[str, Any]]:
    """GET v2/balance and v3/balance."""
    return [
        {
            "accountAlias": "SgsR",
            "asset": asset["asset"],
            "balance": asset["walletBalance"],
            "crossWalletBalance": asset["crossWalletBalance"],
            "crossUnPnl": asset["crossUnPnl"],
            "availableBalance": asset["availableBalance"],
            "maxWithdrawAmount": asset["maxWithdrawAmount"],
            "marginAvailable": True,
            "updateTime": asset["updateTime"],
        }
        for asset in _assets(exchange, account)
    ]


def adl_quantile(
    exchange: Exchange, account: str, symbol: str, quantiles: dict[PositionSide, int]
) -> dict[str, Any]:
    """GET adlQuantile. HEDGE stands for BOTH where the two positions are one in the queue."""
    settings = exchange.settings
    crossed = settings.margin_type(account, symbol) == "CROSSED"
    third = "HEDGE" if crossed and settings.is_hedging(account) else "BOTH"
    return {"symbol": symbol, "adlQuantile": {"LONG": 0, "SHORT": 0, third: 0, **quantiles}}


def position_risk_v2(exchange: Exchange, account: str, symbols: list[str]) -> list[dict[str, Any]]:
    """GET v2/positionRisk: every symbol asked for, with leverage and margin type."""
    return [
        {
            "symbol": one.position.symbol,
            "positionAmt": _amount(one),
            "entryPrice": entry_price(one.position),
            "breakEvenPrice": break_even_price(one.position),
            "markPrice": fixed(one.mark, 8),
            "unRealizedProfit": fixed(one.unrealized, 8),
            "liquidationPrice": _liquidation_price(exchange, one),
            "leverage": str(one.leverage),
            "maxNotionalValue": trimmed(one.max_notional, 8),
            "marginType": "isolated" if one.isolated else "cross",
            "isolatedMargin": fixed(one.isolated_margin, 8),
            "isAutoAddMargin": "false",
            "positionSide": one.position.position_side,
            "notional": trimmed(one.notional, 8),
            "isolatedWallet": trimmed(one.position.isolated_wallet, 8),
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
            "positionAmt": _amount(one),
            "entryPrice": entry_price(one.position),
            "breakEvenPrice": break_even_price(one.position),
            "markPrice": fixed(one.mark, 8),
            "unRealizedProfit": fixed(one.unrealized, 8),
            "liquidationPrice": _liquidation_price(exchange, one),
            "isolatedMargin": trimmed(one.isolated_margin, 8),
            "notional": trimmed(one.notional, 8),
            "marginAsset": QUOTE_ASSET,
            "isolatedWallet": trimmed(one.position.isolated_wallet, 8),
            "initialMargin": trimmed(one.position_margin + one.order_margin, 8),
            "maintMargin": trimmed(one.maintenance, 8),
            "positionInitialMargin": trimmed(one.position_margin, 8),
            "openOrderInitialMargin": trimmed(one.order_margin, 8),
            "adl": 2 if one.position.amount else 0,
            "bidNotional": trimmed(one.open.bids, 8),
            "askNotional": trimmed(one.open.asks, 8),
            "updateTime": one.position.updated_ms,
        }
        for one in _all_figures(exchange, account, symbols)
        if one.is_active
    ]


def symbol_config(exchange: Exchange, account: str, symbol: str) -> dict[str, Any]:
    """An item of GET symbolConfig."""
    leverage = exchange.settings.leverage(account, symbol)
    return {
        "symbol": symbol,
        "marginType": exchange.settings.margin_type(account, symbol),
        "isAutoAddMargin": False,
        "leverage": leverage,
        "maxNotionalValue": max_notional_value(exchange, symbol, leverage),
    }


def max_notional_value(exchange: Exchange, symbol: str, leverage: int) -> str:
    """The largest position at a leverage."""
    return trimmed(max_notional(exchange.symbols[symbol].brackets, leverage), 8)


def entry_price(position: Position) -> str:
    """The entry price without padding; "0.0" when flat, as the docs show it."""
    text = trimmed(position.entry_price, ENTRY_PRICE_PLACES)
    return text if position.amount else "0.0"


def break_even_price(position: Position) -> str:
    """The break-even price without padding; "0.0" when flat."""
    text = trimmed(position.break_even_price, ENTRY_PRICE_PLACES)
    return text if position.amount else "0.0"


def _all_figures(exchange: Exchange, account: str, symbols: list[str]) -> list[Figures]:
    """The figures of each position that the account's mode has on these symbols."""
    return [
        figures(exchange, account, symbol, position_side)
        for symbol in symbols
        for position_side in exchange.settings.position_sides(account)
    ]


def _totals(total: Standing) -> dict[str, Any]:
    return {
        "totalInitialMargin": fixed(total.position_margin + total.order_margin, 8),
        "totalMaintMargin": fixed(total.maintenance, 8),
        "totalWalletBalance": fixed(total.wallet, 8),
        "totalUnrealizedProfit": fixed(total.unrealized, 8),
        "totalMarginBalance": fixed(total.wallet + total.unrealized, 8),
        "totalPositionInitialMargin": fixed(total.position_margin, 8),
        "totalOpenOrderInitialMargin": fixed(total.order_margin, 8),
        "totalCrossWalletBalance": fixed(total.cross_wallet, 8),
        "totalCrossUnPnl": fixed(total.cross_unrealized, 8),
        "availableBalance": fixed(total.available, 8),
        "maxWithdrawAmount": fixed(total.withdrawable, 8),
    }


def _assets(exchange: Exchange, account: str) -> list[dict[str, Any]]:
    """The quote asset, and every other that the account ever had."""
    rows = []
    together = standing(exchange, account)
    shared = exchange.settings.has_multi_assets(account)
    for asset in ASSETS:
        balance = exchange.ledger.balance(account, asset)
        if asset != QUOTE_ASSET and not balance.updated_ms:
            continue
        one = standing(exchange, account, asset)
        rows.append(
            {
                "asset": asset,
                "walletBalance": fixed(one.wallet, 8),
                "unrealizedProfit": fixed(one.unrealized, 8),
                "marginBalance": fixed(one.wallet + one.unrealized, 8),
                "maintMargin": fixed(one.maintenance, 8),
                "initialMargin": fixed(one.position_margin + one.order_margin, 8),
                "positionInitialMargin": fixed(one.position_margin, 8),
                "openOrderInitialMargin": fixed(one.order_margin, 8),
                "crossWalletBalance": fixed(one.cross_wallet, 8),
                "crossUnPnl": fixed(one.cross_unrealized, 8),
                "availableBalance": fixed((together if shared else one).available, 8),
                "maxWithdrawAmount": fixed(withdrawable(exchange, account, asset), 8),
                "updateTime": balance.updated_ms,
            }
        )
    return rows


def _liquidation_price(exchange: Exchange, one: Figures) -> str:
    price = liquidation_price(exchange, one)
    return fixed(price, 8) if price else "0"


def _amount(one: Figures) -> str:
    return fixed(one.position.amount, one.spec.quantity_precision)
