"""What came into wallets and went out of them, as Binance lists it.

Movements are kept as they happen. The two rows of a trade (realized PnL, commission) are made of
the trade when asked for, so trades cost no memory twice.

Source: developers.binance.com, "Get Income History".
"""

from collections.abc import Iterator
from decimal import Decimal
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

from mock_venue.exchange.account import Trade
from mock_venue.exchange.instruments import QUOTE_ASSET

if TYPE_CHECKING:
    from mock_venue.exchange.ledger import Ledger

IncomeType = Literal[
    "TRANSFER",
    "WELCOME_BONUS",
    "REALIZED_PNL",
    "FUNDING_FEE",
    "COMMISSION",
    "INSURANCE_CLEAR",
    "REFERRAL_KICKBACK",
    "COMMISSION_REBATE",
    "API_REBATE",
    "CONTEST_REWARD",
    "CROSS_COLLATERAL_TRANSFER",
    "OPTIONS_PREMIUM_FEE",
    "OPTIONS_SETTLE_PROFIT",
    "INTERNAL_TRANSFER",
    "AUTO_EXCHANGE",
    "DELIVERED_SETTELMENT",
    "COIN_SWAP_DEPOSIT",
    "COIN_SWAP_WITHDRAW",
    "POSITION_LIMIT_INCREASE_FEE",
    "STRATEGY_UMFUTURES_TRANSFER",
    "FEE_RETURN",
    "BFUSD_REWARD",
]
INCOME_TYPES: tuple[IncomeType, ...] = get_args(IncomeType)
OF_TRADES = frozenset({"REALIZED_PNL", "COMMISSION"})


class Income(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row; negative where it went out. `tran_id` is unique among an account's of a type."""

    account: str
    type: IncomeType
    asset: str
    amount: Decimal
    tran_id: int
    time_ms: int
    symbol: str = ""
    trade_id: int | None = None


def page_of_income(
    ledger: "Ledger",
    account: str,
    *,
    symbols: list[str],
    symbol: str | None,
    income_type: str | None,
    start_ms: int,
    end_ms: int,
    page: int,
    limit: int,
) -> list[Income]:
    """Page `page` (from 1) of the rows in [start_ms, end_ms], the oldest first."""
    rows: list[Iterator[Income]] = []
    if income_type not in OF_TRADES:
        rows.append(
            one
            for one in ledger.movements_between(account, start_ms, end_ms)
            if symbol in (None, one.symbol)
        )
    if income_type is None or income_type in OF_TRADES:
        rows.extend(
            _of_trades(ledger, account, name, start_ms, end_ms)
            for name in (symbols if symbol is None else [symbol])
        )
    merged = merge(*rows, key=lambda one: one.time_ms)
    wanted = (one for one in merged if income_type in (None, one.type))
    return list(islice(wanted, (page - 1) * limit, page * limit))


def _of_trades(
    ledger: "Ledger", account: str, symbol: str, start_ms: int, end_ms: int
) -> Iterator[Income]:
    trades, start, stop = ledger.trades_between(account, symbol, start_ms, end_ms)
    for index in range(start, stop):
        yield from of_trade(trades[index])


def of_trade(trade: Trade) -> Iterator[Income]:
    """The rows of a trade: realized PnL where there is any, and the commission."""
    if trade.realized_pnl:
        yield _row(trade, "REALIZED_PNL", QUOTE_ASSET, trade.realized_pnl)
    yield _row(trade, "COMMISSION", trade.commission_asset, -trade.commission)


def _row(trade: Trade, income_type: IncomeType, asset: str, amount: Decimal) -> Income:
    return Income(
        account=trade.account,
        type=income_type,
        asset=asset,
        amount=amount,
        tran_id=trade.trade_id,
        time_ms=trade.time_ms,
        symbol=trade.symbol,
        trade_id=trade.trade_id,
    )
