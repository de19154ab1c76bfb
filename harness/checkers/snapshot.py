"""A node's state at one moment, as its cache held it. Statuses are NautilusTrader's."""

from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from typing import Self

import msgspec

from harness.checkers.ledger import Ledger, LedgerOrder, position_side_of, signed
from harness.history.event import Event

IN_FLIGHT_STATUSES = frozenset({"SUBMITTED", "PENDING_UPDATE", "PENDING_CANCEL"})


class NodeFill(msgspec.Struct, frozen=True, kw_only=True):
    """One fill of an order. `commission` is an amount and its currency, "0.1 USDT"."""

    trade_id: str
    quantity: Decimal
    price: Decimal
    liquidity_side: str
    ts_event: int
    commission: str | None = None
    position_id: str | None = None
    reconciliation: bool = False


class NodeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One order. The venue gave `venue_order_id`; it is missing until the order is accepted."""

    client_order_id: str
    instrument_id: str
    strategy_id: str
    side: str
    status: str
    quantity: Decimal
    filled: Decimal
    is_open: bool
    is_inflight: bool
    is_closed: bool
    venue_order_id: str | None = None
    price: Decimal | None = None
    average_price: Decimal | None = None
    tags: tuple[str, ...] | None = None
    fills: tuple[NodeFill, ...] = ()

    @property
    def in_flight(self) -> bool:
        """Whether the node waits for the venue's answer."""
        return self.is_inflight or self.status in IN_FLIGHT_STATUSES

    def signed(self, quantity: Decimal) -> Decimal:
        """Return `quantity` with the sign of the order's side."""
        return signed(self.side, quantity)


class NodePosition(msgspec.Struct, frozen=True, kw_only=True):
    """One position; in hedging a node may hold several of an instrument.

    `average_price` is that of its opening. `realized_pnl`, an amount and its currency, counts from
    when it was last flat, after commissions.
    """

    position_id: str
    instrument_id: str
    strategy_id: str
    signed_quantity: Decimal
    is_open: bool
    average_price: Decimal | None = None
    realized_pnl: str | None = None


class NodeBalance(msgspec.Struct, frozen=True, kw_only=True):
    """What an account holds of a currency."""

    currency: str
    total: Decimal
    free: Decimal
    locked: Decimal


class _State(msgspec.Struct, frozen=True, kw_only=True):
    run: int
    reason: str
    orders: tuple[NodeOrder, ...]
    positions: tuple[NodePosition, ...]
    balances: tuple[NodeBalance, ...] = ()


class Snapshot:
    """What one `snapshot` event holds; `seq` is its number in the history.

    `purged` are orders that the node held before and may hold no more: they count as its own.
    """

    def __init__(self, event: Event, purged: Iterable[NodeOrder] = ()) -> None:
        """Raises msgspec.ValidationError where the event's data is not a snapshot."""
        state = msgspec.convert(event.data, _State)
        self.seq = event.seq
        self.ts = event.ts
        self.run = state.run
        self.reason = state.reason
        self.orders = (*state.orders, *purged)
        self.positions = state.positions
        self.balances = state.balances

    @cached_property
    def open_positions(self) -> dict[tuple[str, str], list[NodePosition]]:
        """The open positions by instrument id and position side."""
        by_side: dict[tuple[str, str], list[NodePosition]] = {}
        for position in self.positions:
            if position.is_open and position.signed_quantity:
                side = position_side_of(position.position_id)
                by_side.setdefault((position.instrument_id, side), []).append(position)
        return by_side


class Matching:
    """Which order of a node is which order of the ledger.

    An order is known by the venue's id; where the node has none that the ledger knows, by the
    client order id, of which the latest order at the venue counts. A node's order without a
    counterpart (never reached the venue, or synthetic) is in `unmatched`.
    """

    def __init__(self, ledger: Ledger, orders: Iterable[NodeOrder]) -> None:
        self.unmatched: list[NodeOrder] = []
        self.pairs: list[tuple[NodeOrder, LedgerOrder]] = []
        self._node_orders: dict[int, list[NodeOrder]] = {}
        for order in orders:
            counterpart = counterpart_of(ledger, order)
            if counterpart is None:
                self.unmatched.append(order)
            else:
                self.pairs.append((order, counterpart))
                self._node_orders.setdefault(counterpart.order_id, []).append(order)

    @classmethod
    def of(cls, ledger: Ledger, snapshot: Snapshot) -> Self:
        """Return the matching of all of the snapshot's orders."""
        return cls(ledger, snapshot.orders)

    def node_orders(self, order: LedgerOrder) -> list[NodeOrder]:
        """Return the node's orders that are this one of the ledger: none, one, wrongly more."""
        return self._node_orders.get(order.order_id, [])


def counterpart_of(ledger: Ledger, order: NodeOrder) -> LedgerOrder | None:
    """Return the order of the ledger that a node's order is, if there is one."""
    if order.venue_order_id is not None:
        known = ledger.orders.get(order.venue_order_id)
        if known is not None:
            return known
    same_id = ledger.by_client_order_id(order.client_order_id)
    return same_id[-1] if same_id else None
