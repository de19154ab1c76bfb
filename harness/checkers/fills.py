"""The fills a node holds, told apart: those of the ledger's trades, and those the node inferred."""

from decimal import Decimal

import msgspec

from harness.checkers.ledger import ZERO, Ledger, LedgerOrder, LedgerTrade, symbol_of
from harness.checkers.snapshot import NodeFill, NodeOrder, Snapshot


class HeldFill(msgspec.Struct, frozen=True):
    """A fill with the node's order it belongs to."""

    order: NodeOrder
    fill: NodeFill

    @property
    def symbol(self) -> str:
        """The venue's symbol of the order."""
        return symbol_of(self.order.instrument_id)

    @property
    def signed_quantity(self) -> Decimal:
        """The fill's effect on the position."""
        return self.order.signed(self.fill.quantity)


class Fills:
    """All fills of a snapshot.

    `by_trade` holds, for each trade of the ledger that the node knows by its id, where the node
    holds it: once, or wrongly more often. `inferred` are the fills whose trade id the ledger does
    not know: NautilusTrader makes them up from quantities when it cannot see the trade.
    """

    def __init__(self, ledger: Ledger, snapshot: Snapshot) -> None:
        self.by_trade: dict[tuple[str, str], list[HeldFill]] = {}
        self.inferred: list[HeldFill] = []
        for order in snapshot.orders:
            symbol = symbol_of(order.instrument_id)
            for fill in order.fills:
                key = (symbol, fill.trade_id)
                if key in ledger.trades:
                    self.by_trade.setdefault(key, []).append(HeldFill(order, fill))
                else:
                    self.inferred.append(HeldFill(order, fill))

    def holds(self, trade: LedgerTrade) -> bool:
        """Return whether the node knows `trade` by its id."""
        return (trade.symbol, str(trade.trade_id)) in self.by_trade

    def missing_trades(self, ledger: Ledger, order: LedgerOrder) -> list[LedgerTrade]:
        """Return the trades of `order` that the node does not know by id, oldest first."""
        return [trade for trade in ledger.trades_of(order) if not self.holds(trade)]


def total(fills: list[HeldFill]) -> Decimal:
    """Return the sum of the quantities, without sign."""
    return sum((held.fill.quantity for held in fills), ZERO)
