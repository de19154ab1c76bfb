"""Isolated margin that its owner adds to a position or takes out of it.

Source: developers.binance.com, "Modify Isolated Position Margin", "Get Position Margin Change
History".
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from mock_venue.exchange import errors, margin
from mock_venue.exchange.account import MarginChange
from mock_venue.exchange.commands import ChangePositionMargin
from mock_venue.exchange.decimals import ZERO, money
from mock_venue.exchange.events import AccountChanged, ExchangeEvent
from mock_venue.exchange.instruments import QUOTE_ASSET

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange


def change_position_margin(
    exchange: "Exchange", command: ChangePositionMargin, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Carry out a command. Raises -1121, -4061, -4055, -4049, -4054, -4050, -4051.

    Out of the isolated wallet goes at most what leaves the position its initial margin.
    """
    exchange.spec(command.symbol)
    account, symbol = command.account, command.symbol
    exchange.settings.check_position_side(account, command.position_side)
    if money(command.amount) <= ZERO:
        raise errors.AMOUNT_NOT_POSITIVE()
    amount = money(command.amount if command.adds else -command.amount)
    now = margin.figures(exchange, account, symbol, command.position_side)
    if not now.isolated:
        raise errors.MARGIN_NOT_ISOLATED()
    if not now.position.amount:
        raise errors.NO_POSITION_TO_MARGIN()
    if amount > margin.standing(exchange, account).available:
        raise errors.CROSS_BALANCE_INSUFFICIENT()
    if -amount > min(now.position.isolated_wallet, now.isolated_margin - now.position_margin):
        raise errors.ISOLATED_BALANCE_INSUFFICIENT()
    position = msgspec.structs.replace(
        now.position, isolated_wallet=now.position.isolated_wallet + amount, updated_ms=now_ms
    )
    exchange.ledger.put_position(position)
    balance = exchange.ledger.change_balance(account, QUOTE_ASSET, ZERO, now_ms, amount)
    exchange.ledger.put_margin_change(
        MarginChange(
            account=account,
            symbol=symbol,
            position_side=command.position_side,
            amount=amount,
            time_ms=now_ms,
        )
    )
    yield AccountChanged(
        account=account,
        reason="MARGIN_TRANSFER",
        balances=(balance,),
        positions=(position,),
        time_ms=now_ms,
    )
