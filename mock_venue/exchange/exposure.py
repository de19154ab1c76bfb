"""What each account has at stake, kept as running totals so that no check looks at every order."""

from decimal import Decimal
from typing import get_args

import msgspec

from mock_venue.exchange.account import Position
from mock_venue.exchange.decimals import EXACT, ZERO
from mock_venue.exchange.order import Order, PositionSide, Side

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

    def change(self, order: Order, sign: int) -> None:
        """Count an open order in (1) or out (-1)."""
        self.orders += sign
        value = EXACT.multiply(order.remaining, order.price) * sign
        if order.side == "BUY":
            self.bids += value
            self.opening_bids += ZERO if order.reduce_only else value
        else:
            self.asks += value
            self.opening_asks += ZERO if order.reduce_only else value


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

    def notional(self, account: str, symbol: str, side: Side) -> Decimal:
        """What is open to `side` on any position of the account in a symbol."""
        on_account = self._open.get(account)
        if not on_account:
            return ZERO
        total = ZERO
        for position_side in POSITION_SIDES:
            found = on_account.get((symbol, position_side))
            if found is not None:
                total += found.bids if side == "BUY" else found.asks
        return total

    def stakes(self, account: str) -> list[Stake]:
        """Where the account has a position or an open order."""
        return list(self._open.get(account, {}) | self._positions.get(account, {}))

    def holders(self, symbol: str) -> list[str]:
        """The accounts that have a position in a symbol."""
        return list(self._holders.get(symbol, ()))

    # Writing: for the ledger alone

    def change_order(self, before: Order | None, after: Order) -> None:
        """An order is not as it was."""
        on_account = self._open.setdefault(after.account, {})
        stake = (after.symbol, after.position_side)
        total = on_account.setdefault(stake, OpenNotional())
        if before is not None and before.is_open:
            total.change(before, -1)
        if after.is_open:
            total.change(after, 1)
        if not total.orders:
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
