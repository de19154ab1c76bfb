"""What each account has at stake, kept as running totals so that no check looks at every order."""

from decimal import Decimal
from typing import get_args

import msgspec

from mock_venue.exchange.account import Position
from mock_venue.exchange.decimals import EXACT, ZERO
from mock_venue.exchange.order import Order, PositionSide

POSITION_SIDES: tuple[PositionSide, ...] = get_args(PositionSide)

Stake = tuple[str, PositionSide]
"""Symbol and position side."""


class OpenNotional(msgspec.Struct):
    """What remains of the open orders on a position, at their limit prices."""

    bids: Decimal = ZERO
    asks: Decimal = ZERO
    opening_bids: Decimal = ZERO
    """Of those that are not reduce-only."""
    opening_asks: Decimal = ZERO
    orders: int = 0

    def change(self, order: Order, value: Decimal) -> None:
        """Add to what is open to an order's side."""
        if order.side == "BUY":
            self.bids += value
            if not order.reduce_only:
                self.opening_bids += value
        else:
            self.asks += value
            if not order.reduce_only:
                self.opening_asks += value


NOTHING_OPEN = OpenNotional()


class Exposure:
    """Open orders by position, the accounts' stakes, and who holds a symbol."""

    def __init__(self) -> None:
        self._open: dict[str, dict[Stake, OpenNotional]] = {}
        self._positions: dict[str, dict[Stake, None]] = {}
        self._holders: dict[str, dict[str, int]] = {}

    def open_notional(self, account: str, symbol: str, position_side: PositionSide) -> OpenNotional:
        """What is open on a position. To read."""
        return self._open.get(account, {}).get((symbol, position_side), NOTHING_OPEN)

    def notional(self, account: str, symbol: str) -> tuple[Decimal, Decimal]:
        """The bids and the asks that are open on any position of the account in a symbol."""
        bids = asks = ZERO
        if on_account := self._open.get(account):
            for position_side in POSITION_SIDES:
                if found := on_account.get((symbol, position_side)):
                    bids += found.bids
                    asks += found.asks
        return bids, asks

    def stakes(self, account: str) -> list[Stake]:
        """Where the account has a position or an open order."""
        return list(self._open.get(account, {}) | self._positions.get(account, {}))

    def holders(self, symbol: str) -> list[str]:
        """The accounts that have a position in a symbol."""
        return list(self._holders.get(symbol, ()))

    # Writing: for the ledger alone

    def change_order(self, before: Order | None, after: Order) -> None:
        """An order is not as it was."""
        on_account = self._open.get(after.account)
        if on_account is None:
            on_account = self._open[after.account] = {}
        stake = (after.symbol, after.position_side)
        total = on_account.get(stake)
        if total is None:
            total = on_account[stake] = OpenNotional()
        value = ZERO
        if before is not None and before.is_open:
            total.orders -= 1
            value -= EXACT.multiply(before.remaining, before.price)
        if after.is_open:
            total.orders += 1
            value += EXACT.multiply(after.remaining, after.price)
        if total.orders:
            total.change(after, value)
        else:
            del on_account[stake]

    def change_position(self, position: Position) -> None:
        """A position is not as it was."""
        held = self._positions.setdefault(position.account, {})
        stake = (position.symbol, position.position_side)
        if bool(position.amount) == (stake in held):
            return
        holders = self._holders.setdefault(position.symbol, {})
        sides = holders.pop(position.account, 0)
        if position.amount:
            held[stake] = None
            holders[position.account] = sides + 1
        else:
            del held[stake]
            if sides > 1:
                holders[position.account] = sides - 1
