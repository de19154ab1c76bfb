"""Money that moves without a trade: deposits, withdrawals, transfers, rebates, adjustments.

Source: developers.binance.com, "Event: Balance and Position Update" (the reasons), "Get Income
History" (the types). Which type goes with which reason is unconfirmed, TRANSFER aside.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from mock_venue.exchange import errors, margin
from mock_venue.exchange.account import AccountReason, Position
from mock_venue.exchange.commands import MoveMoney, TransferMoney
from mock_venue.exchange.decimals import ZERO, money
from mock_venue.exchange.events import AccountChanged, ExchangeEvent
from mock_venue.exchange.income import Income, IncomeType

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange

INCOME_TYPES: dict[AccountReason, IncomeType] = {
    "DEPOSIT": "TRANSFER",
    "WITHDRAW": "TRANSFER",
    "WITHDRAW_REJECT": "TRANSFER",
    "ADJUSTMENT": "INTERNAL_TRANSFER",
    "INSURANCE_CLEAR": "INSURANCE_CLEAR",
    "ADMIN_DEPOSIT": "REFERRAL_KICKBACK",
    "ADMIN_WITHDRAW": "INTERNAL_TRANSFER",
    "ASSET_TRANSFER": "INTERNAL_TRANSFER",
    "OPTIONS_PREMIUM_FEE": "OPTIONS_PREMIUM_FEE",
    "OPTIONS_SETTLE_PROFIT": "OPTIONS_SETTLE_PROFIT",
    "AUTO_EXCHANGE": "AUTO_EXCHANGE",
    "COIN_SWAP_DEPOSIT": "COIN_SWAP_DEPOSIT",
    "COIN_SWAP_WITHDRAW": "COIN_SWAP_WITHDRAW",
    "FUNDING_FEE": "FUNDING_FEE",
}
"""The reasons that move money, and what Binance calls the rows."""
OWNERS = frozenset({"WITHDRAW", "ASSET_TRANSFER"})
"""Moves that an account's owner makes: limited to what can be withdrawn."""


def move_money(exchange: "Exchange", command: MoveMoney, now_ms: int) -> Iterator[ExchangeEvent]:
    """Carry out a command. Raises -4055, -2018."""
    amount = money(command.amount)
    if not amount:
        raise errors.AMOUNT_NOT_POSITIVE()
    if command.reason in OWNERS and amount < ZERO:
        _check_withdrawal(exchange, command.account, command.asset, -amount)
    yield move(exchange, command.account, command.asset, amount, command.reason, now_ms)


def transfer_money(
    exchange: "Exchange", command: TransferMoney, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Carry out a command: what one account loses the other gets. Raises -4055, -2018."""
    amount = money(command.amount)
    if amount <= ZERO:
        raise errors.AMOUNT_NOT_POSITIVE()
    _check_withdrawal(exchange, command.account, command.asset, amount)
    yield move(exchange, command.account, command.asset, -amount, "ASSET_TRANSFER", now_ms)
    yield move(exchange, command.receiver, command.asset, amount, "ASSET_TRANSFER", now_ms)


def move(
    exchange: "Exchange",
    account: str,
    asset: str,
    amount: Decimal,
    reason: AccountReason,
    now_ms: int,
    *,
    symbol: str = "",
    positions: tuple[Position, ...] = (),
    isolated: Decimal = ZERO,
) -> AccountChanged:
    """Change a wallet, and its isolated part, and list it as income."""
    balance = exchange.ledger.change_balance(account, asset, amount, now_ms, isolated)
    income = Income(
        account=account,
        type=INCOME_TYPES[reason],
        asset=asset,
        amount=amount,
        tran_id=exchange.take_tran_id(),
        time_ms=max(now_ms, exchange.ledger.last_movement_ms(account)),
        symbol=symbol,
    )
    exchange.ledger.put_movement(income)
    return AccountChanged(
        account=account,
        reason=reason,
        balances=(balance,),
        positions=positions,
        income=income,
        time_ms=now_ms,
    )


def _check_withdrawal(exchange: "Exchange", account: str, asset: str, amount: Decimal) -> None:
    if amount > margin.withdrawable(exchange, account, asset):
        raise errors.BALANCE_INSUFFICIENT()
