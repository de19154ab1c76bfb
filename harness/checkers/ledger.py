"""The venue's ledger, folded from the history: the truth that a node is compared to.

`Ledger.apply` takes one event at a time, so a runner can keep a ledger by listening to a history
while a checker folds a finished one: the same code, the same answer.

**Scope.** A node answers for orders that were open when its store began to count, or came later. An
order closed before that is history a cold start may legitimately know in part or as one synthetic
fill, so it is *out of scope*: its trades need not be in the node one by one. The count begins with
the first `forked` of all, and again with the first `forked` after the store was emptied.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Self

import msgspec

from harness.history.event import Event, Kinds

OPEN_STATUSES = frozenset({"NEW", "PARTIALLY_FILLED"})
EMPTYING_KINDS = ("flushed", "emptied")
LEDGER_KINDS: Kinds = {
    "venue": ("order", "algo_order", "trade", "position", "balance"),
    "store": EMPTYING_KINDS,
    "node": ("forked",),
}
"""What a ledger takes in; the other events say nothing to it."""
ZERO = Decimal(0)


def symbol_of(instrument_id: str) -> str:
    """Return the venue's symbol: "BTCUSDT" for "BTCUSDT-PERP.BINANCE"."""
    return instrument_id.partition(".")[0].removesuffix("-PERP")


def instrument_of(symbol: str) -> str:
    """Return the instrument id of a perpetual: "BTCUSDT-PERP.BINANCE" for "BTCUSDT"."""
    return f"{symbol}-PERP.BINANCE"


def position_side_of(position_id: str) -> str:
    """Return the position side that a node's position id names: "LONG", "SHORT", else "BOTH"."""
    suffix = position_id.rpartition("-")[2]
    return suffix if suffix in ("LONG", "SHORT") else "BOTH"


def signed(side: str, quantity: Decimal) -> Decimal:
    """Return `quantity` with the sign of `side` ("BUY" or "SELL")."""
    return quantity if side == "BUY" else -quantity


def plus(quantity: Decimal) -> str:
    """Return a signed quantity as text with its sign always shown; "0" for any zero."""
    return f"{quantity:+f}" if quantity else "0"


class LedgerOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the venue holds it. `seq` and `ts` are of the event that told its state."""

    seq: int
    ts: int
    order_id: int
    client_order_id: str
    symbol: str
    side: str
    type: str
    status: str
    quantity: Decimal
    filled: Decimal
    average_price: Decimal
    price: Decimal | None = None
    reduce_only: bool = False
    external: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the order can still fill."""
        return self.status in OPEN_STATUSES


class LedgerTrade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade as the venue made it. A trade id is unique within its symbol.

    `realized_pnl` is before `commission`, which a maker may be paid: then it is negative.
    """

    seq: int
    trade_id: int
    order_id: int
    client_order_id: str
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    commission: Decimal
    commission_asset: str
    realized_pnl: Decimal
    maker: bool
    time_ms: int
    position_side: str = "BOTH"

    @property
    def signed_quantity(self) -> Decimal:
        """The trade's effect on the position."""
        return signed(self.side, self.quantity)


class LedgerPosition(msgspec.Struct, frozen=True, kw_only=True):
    """The venue's one position in a symbol, or in hedge mode the one of a side of it."""

    seq: int
    symbol: str
    position_side: str = "BOTH"
    amount: Decimal
    entry_price: Decimal = ZERO


class Ledger:
    """What the venue holds after the events applied so far.

    Nothing of it is ever forgotten but conditional orders that triggered: the regular order that
    each has become stands for it.
    """

    def __init__(self) -> None:
        self.orders: dict[str, LedgerOrder] = {}
        self.trades: dict[tuple[str, str], LedgerTrade] = {}
        self.positions: dict[tuple[str, str], LedgerPosition] = {}
        self.balances: dict[str, Decimal] = {}
        self.first_in_scope_seq: int | None = None
        self._in_scope: set[str] = set()
        self._by_client_id: dict[str, list[str]] = defaultdict(list)
        self._trades_by_order: dict[str, list[LedgerTrade]] = defaultdict(list)
        self._open: set[str] = set()
        self._store_is_empty = True

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """Return the ledger after `events`."""
        ledger = cls()
        for event in events:
            ledger.apply(event)
        return ledger

    def apply(self, event: Event) -> None:
        """Take in one event; those that say nothing of the ledger or its scope are ignored."""
        if event.source == "venue":
            if event.kind == "order":
                self._apply_order(event)
            elif event.kind == "algo_order":
                self._apply_algo_order(event)
            elif event.kind == "trade":
                self._apply_trade(event)
            elif event.kind == "position":
                position = msgspec.convert({**event.data, "seq": event.seq}, LedgerPosition)
                self.positions[position.symbol, position.position_side] = position
            elif event.kind == "balance":
                self.balances[event.data["asset"]] = Decimal(event.data["wallet"])
        elif event.source == "store":
            if event.kind in EMPTYING_KINDS:
                self._store_is_empty = True
        elif event.source == "node" and event.kind == "forked" and self._store_is_empty:
            self._store_is_empty = False
            self.first_in_scope_seq = event.seq
            self._in_scope = set(self._open)

    def _apply_algo_order(self, event: Event) -> None:
        """A conditional order is an order under its own id, until a regular one stands for it."""
        status, algo_id = event.data["status"], event.data["algo_id"]
        if status == "TRIGGERED":
            self._forget(str(algo_id))
        elif event.data["order_id"] is None:
            untriggered = {
                "order_id": algo_id,
                "status": "NEW" if status == "TRIGGERING" else status,
                "filled": "0",
                "average_price": "0",
            }
            told = {**event.data, **untriggered, "seq": event.seq, "ts": event.ts}
            self._put_order(msgspec.convert(told, LedgerOrder))

    def _forget(self, order_id: str) -> None:
        order = self.orders.pop(order_id)
        self._by_client_id[order.client_order_id].remove(order_id)
        self._in_scope.discard(order_id)
        self._open.discard(order_id)

    def _apply_order(self, event: Event) -> None:
        told = {**event.data, "seq": event.seq, "ts": event.ts}
        self._put_order(msgspec.convert(told, LedgerOrder))

    def _put_order(self, order: LedgerOrder) -> None:
        order_id = str(order.order_id)
        if order_id not in self.orders:
            self._by_client_id[order.client_order_id].append(order_id)
            if self.first_in_scope_seq is not None:
                self._in_scope.add(order_id)
        self.orders[order_id] = order
        if order.is_open:
            self._open.add(order_id)
        else:
            self._open.discard(order_id)

    def _apply_trade(self, event: Event) -> None:
        trade = msgspec.convert({**event.data, "seq": event.seq}, LedgerTrade)
        self.trades[trade.symbol, str(trade.trade_id)] = trade
        self._trades_by_order[str(trade.order_id)].append(trade)

    def open_orders(self) -> list[LedgerOrder]:
        """Return the orders that can still fill, oldest id first."""
        return [self.orders[order_id] for order_id in sorted(self._open, key=int)]

    def orders_in_scope(self) -> list[LedgerOrder]:
        """Return the orders a node answers for, in the order they came."""
        return [order for order_id, order in self.orders.items() if order_id in self._in_scope]

    def in_scope(self, order: LedgerOrder) -> bool:
        """Return whether a node answers for `order`."""
        return str(order.order_id) in self._in_scope

    def by_client_order_id(self, client_order_id: str) -> list[LedgerOrder]:
        """Return the orders that came with this id, oldest first; the venue may hold several."""
        return [self.orders[order_id] for order_id in self._by_client_id.get(client_order_id, ())]

    def trades_of(self, order: LedgerOrder) -> list[LedgerTrade]:
        """Return the trades of `order` in the order they were made."""
        return self._trades_by_order.get(str(order.order_id), [])

    def position(self, symbol: str, position_side: str = "BOTH") -> Decimal:
        """Return the signed amount held in `symbol`, zero when there never was a position."""
        position = self.positions.get((symbol, position_side))
        return position.amount if position is not None else ZERO
