"""The truth: every order, trade, position and balance, indexed for what clients ask.

Nothing here decides anything; the exchange writes, everybody else reads. Orders of an account on a
symbol are listed by order id, which is also the order of creation times (the exchange sees to
that), and once more without those that the exchange forgets first. So a page is found by bisection
and never by looking at every order.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, islice

import msgspec

from mock_venue.exchange.account import Balance, MarginChange, Position, Trade
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.exposure import Exposure
from mock_venue.exchange.income import Income
from mock_venue.exchange.listed import Listed
from mock_venue.exchange.order import Amendment, Order, PositionSide, Side

DAY_MS = 86_400_000
UNFILLED_KEPT_MS = 3 * DAY_MS
KEPT_MS = 90 * DAY_MS
END_MS = 2**63 - 1


class _OrderBookkeeping(msgspec.Struct):
    """Orders and trades of one account on one symbol."""

    listed: Listed = msgspec.field(default_factory=Listed)
    remembered: Listed = msgspec.field(default_factory=Listed)
    """Those that are open or have a fill: the exchange answers for them longer."""
    open_ids: dict[int, int] = {}
    """When each open order joined the queue, in that order."""
    bids: list[tuple[Decimal, int, int]] = []
    """Open LIMIT orders to buy by rank: the best price first, then who joined earlier; last the id.
    The price of a bid is negative, so that the smallest rank is the best one."""
    asks: list[tuple[Decimal, int, int]] = []
    reduce_only_ids: dict[int, None] = {}
    trades: list[Trade] = []
    trade_ids: list[int] = []
    trade_times: list[int] = []


class Ledger:
    """Orders, trades, positions and balances of all accounts."""

    def __init__(self) -> None:
        self._orders: dict[int, Order] = {}
        self._books: dict[tuple[str, str], _OrderBookkeeping] = {}
        self._open_by_client_id: dict[tuple[str, str], int] = {}
        self._last_by_client_id: dict[tuple[str, str, str], int] = {}
        self._trades_by_order: dict[int, list[Trade]] = {}
        self._positions: dict[tuple[str, str, PositionSide], Position] = {}
        self._balances: dict[tuple[str, str], Balance] = {}
        self._forced: dict[str, list[int]] = {}
        self._movements: dict[str, list[Income]] = {}
        self._margin_changes: dict[tuple[str, str], list[MarginChange]] = {}
        self.exposure = Exposure()
        self._amendments: dict[int, list[Amendment]] = {}
        self._next_amendment_id = 1
        self._joined = 0

    # Reading

    def orders(self) -> list[Order]:
        """All orders, by id."""
        return list(self._orders.values())

    def order(self, order_id: int) -> Order | None:
        """The order with this id, as it is now."""
        return self._orders.get(order_id)

    def open_orders(self, account: str | None = None, symbol: str | None = None) -> list[Order]:
        """Open orders in the order of their queue: an amended order went to the back."""
        return [
            self._orders[order_id]
            for book in self._books_of(account, symbol)
            for order_id in book.open_ids
        ]

    def open_order_count(self, account: str, symbol: str) -> int:
        """How many orders an account has open on a symbol."""
        book = self._books.get((account, symbol))
        return len(book.open_ids) if book else 0

    def resting(self, account: str, symbol: str, side: Side) -> Iterator[Order]:
        """An account's open LIMIT orders of one side: the best price first, then the oldest."""
        book = self._books.get((account, symbol))
        if book is not None:
            for _, _, order_id in book.bids if side == "BUY" else book.asks:
                yield self._orders[order_id]

    def open_reduce_only(self, account: str, symbol: str) -> list[Order]:
        """An account's open reduce-only orders on a symbol, in the order of their queue."""
        book = self._books.get((account, symbol))
        return [self._orders[order_id] for order_id in book.reduce_only_ids] if book else []

    def open_by_client_id(self, account: str, client_order_id: str) -> Order | None:
        """The open order of the account with this client order id; there is at most one."""
        order_id = self._open_by_client_id.get((account, client_order_id))
        return None if order_id is None else self._orders[order_id]

    def last_by_client_id(self, account: str, symbol: str, client_order_id: str) -> Order | None:
        """The newest order with this client order id, open or not."""
        order_id = self._last_by_client_id.get((account, symbol, client_order_id))
        return None if order_id is None else self._orders[order_id]

    def find(self, client_order_id: str) -> list[Order]:
        """The newest order with this client order id of each account and symbol."""
        found = (
            self.last_by_client_id(account, symbol, client_order_id)
            for account, symbol in self._books
        )
        return [order for order in found if order is not None]

    def trades(self, order_id: int | None = None) -> list[Trade]:
        """All trades by id, or those of one order."""
        if order_id is not None:
            return list(self._trades_by_order.get(order_id, ()))
        return sorted(
            (trade for book in self._books.values() for trade in book.trades),
            key=lambda trade: trade.trade_id,
        )

    def amendments(self, order_id: int, start_ms: int, end_ms: int, limit: int) -> list[Amendment]:
        """The last `limit` amendments of an order in [start_ms, end_ms], the newest first."""
        made = self._amendments.get(order_id, [])
        start = bisect_left(made, start_ms, key=lambda one: one.time_ms)
        stop = bisect_right(made, end_ms, key=lambda one: one.time_ms)
        return made[max(start, stop - limit) : stop][::-1]

    def positions(self, account: str | None = None) -> list[Position]:
        """Every position that ever was, flat ones too."""
        return [
            position
            for (owner, _, _), position in self._positions.items()
            if account is None or owner == account
        ]

    def position(self, account: str, symbol: str, position_side: PositionSide = "BOTH") -> Position:
        """The position of an account in a symbol; flat if there never was one."""
        found = self._positions.get((account, symbol, position_side))
        if found is None:
            return Position(account=account, symbol=symbol, position_side=position_side)
        return found

    def balances(self, account: str | None = None) -> list[Balance]:
        """All balances."""
        return [
            balance
            for (owner, _), balance in self._balances.items()
            if account is None or owner == account
        ]

    def balance(self, account: str, asset: str) -> Balance:
        """The balance of an account in an asset; zero if there never was one."""
        found = self._balances.get((account, asset))
        return (
            found if found is not None else Balance(account=account, asset=asset, wallet=Decimal(0))
        )

    def forced_orders(self, account: str) -> list[Order]:
        """The orders with which the exchange closed positions of an account, oldest first."""
        return [self._orders[order_id] for order_id in self._forced.get(account, ())]

    def movements_between(self, account: str, start_ms: int, end_ms: int) -> Iterator[Income]:
        """What moved an account's money without a trade in [start_ms, end_ms]."""
        moved = self._movements.get(account, [])
        start = bisect_left(moved, start_ms, key=lambda one: one.time_ms)
        stop = bisect_right(moved, end_ms, key=lambda one: one.time_ms)
        return islice(moved, start, stop)

    def last_movement_ms(self, account: str) -> int:
        """When an account's money last moved without a trade; 0 if it never did."""
        moved = self._movements.get(account)
        return moved[-1].time_ms if moved else 0

    def margin_changes(self, account: str, symbol: str) -> list[MarginChange]:
        """What an account did to the isolated margin of its positions in a symbol, oldest first."""
        return list(self._margin_changes.get((account, symbol), ()))

    def visible(self, order: Order, now_ms: int) -> bool:
        """Whether the exchange still answers for an order.

        It forgets orders created more than 90 days ago, whatever their status, and orders cancelled
        or expired without a fill after 3 days. An old order that is open is among the open ones
        alone. (Binance: "Query Order", "All Orders".)
        """
        age_ms = now_ms - order.created_ms
        if age_ms <= UNFILLED_KEPT_MS:
            return True
        return age_ms <= KEPT_MS and (order.is_open or order.filled > 0)

    def orders_from(
        self, account: str, symbol: str, order_id: int, limit: int, now_ms: int
    ) -> list[Order]:
        """The first `limit` visible orders with this id or a greater one."""
        return self._page((account, symbol), (order_id, 0, END_MS), limit, now_ms)

    def orders_between(
        self,
        account: str,
        symbol: str,
        start_ms: int,
        end_ms: int,
        limit: int,
        now_ms: int,
        *,
        first_id: int = 0,
    ) -> list[Order]:
        """The first `limit` visible orders created in [start_ms, end_ms], from an id on."""
        return self._page((account, symbol), (first_id, start_ms, end_ms), limit, now_ms)

    def latest_orders(
        self, account: str, symbol: str, start_ms: int, end_ms: int, limit: int, now_ms: int
    ) -> list[Order]:
        """The last `limit` visible orders created in [start_ms, end_ms], oldest first."""
        where = (account, symbol)
        page = self._page(where, (0, start_ms, end_ms), limit, now_ms, latest=True)
        page.reverse()
        return page

    def trades_from(
        self, account: str, symbol: str, trade_id: int, limit: int, *, start_ms: int = 0
    ) -> list[Trade]:
        """The first `limit` trades with this id or a greater one, none made before `start_ms`."""
        book = self._books.get((account, symbol))
        if book is None:
            return []
        start = max(bisect_left(book.trade_ids, trade_id), bisect_left(book.trade_times, start_ms))
        return book.trades[start : start + limit]

    def trades_between(
        self, account: str, symbol: str, start_ms: int, end_ms: int
    ) -> tuple[list[Trade], int, int]:
        """All trades of the account on the symbol, and the slice made in [start_ms, end_ms]."""
        book = self._books.get((account, symbol))
        if book is None:
            return [], 0, 0
        return (
            book.trades,
            bisect_left(book.trade_times, start_ms),
            bisect_right(book.trade_times, end_ms),
        )

    # Writing: for the exchange alone

    def put_order(self, order: Order, *, requeue: bool = False) -> None:
        """Store the newest snapshot of an order; `requeue` puts it at the back of its queue."""
        before = self._orders.get(order.order_id)
        self.exposure.change_order(before, order)
        self._orders[order.order_id] = order
        book = self._book(order.account, order.symbol)
        if before is None:
            book.listed.append(order)
            if order.forced_by is not None:
                self._forced.setdefault(order.account, []).append(order.order_id)
            book.remembered.append(order)
            self._join(book, order)
            if order.reduce_only:
                book.reduce_only_ids[order.order_id] = None
            self._open_by_client_id[order.account, order.client_order_id] = order.order_id
            self._last_by_client_id[(order.account, order.symbol, order.client_order_id)] = (
                order.order_id
            )
        if not order.is_open:
            self._leave(book, before or order)
            if not order.filled:
                book.remembered.remove(order)
            book.reduce_only_ids.pop(order.order_id, None)
            del self._open_by_client_id[order.account, order.client_order_id]
        elif before is not None and requeue:
            self._leave(book, before)
            self._join(book, order)
            if order.reduce_only:
                del book.reduce_only_ids[order.order_id]
                book.reduce_only_ids[order.order_id] = None

    def put_amended(self, amended: Order, modify_id: int | None) -> None:
        """Store an order after an amendment, at the back of its queue, and the amendment."""
        before = self._orders[amended.order_id]
        self._amendments.setdefault(amended.order_id, []).append(
            Amendment(
                amendment_id=self._next_amendment_id,
                order_id=amended.order_id,
                price_before=before.price,
                price=amended.price,
                quantity_before=before.quantity,
                quantity=amended.quantity,
                count=amended.amendments,
                time_ms=amended.updated_ms,
                modify_id=modify_id,
            )
        )
        self._next_amendment_id += 1
        self.put_order(amended, requeue=True)

    def put_trade(self, trade: Trade) -> None:
        """Append a trade."""
        book = self._book(trade.account, trade.symbol)
        assert not book.trade_ids or book.trade_ids[-1] < trade.trade_id
        assert not book.trade_times or book.trade_times[-1] <= trade.time_ms
        book.trades.append(trade)
        book.trade_ids.append(trade.trade_id)
        book.trade_times.append(trade.time_ms)
        self._trades_by_order.setdefault(trade.order_id, []).append(trade)

    def put_position(self, position: Position) -> None:
        """Store the newest state of a position."""
        self.exposure.change_position(position)
        key = (position.account, position.symbol, position.position_side)
        self._positions[key] = position

    def put_balance(self, balance: Balance) -> None:
        """Store the newest state of a balance."""
        self._balances[(balance.account, balance.asset)] = balance

    def _join(self, book: _OrderBookkeeping, order: Order) -> None:
        self._joined += 1
        book.open_ids[order.order_id] = self._joined
        if order.type == "LIMIT":
            insort(book.bids if order.side == "BUY" else book.asks, _rank(order, self._joined))

    def _leave(self, book: _OrderBookkeeping, order: Order) -> None:
        joined = book.open_ids.pop(order.order_id)
        if order.type == "LIMIT":
            ranks = book.bids if order.side == "BUY" else book.asks
            del ranks[bisect_left(ranks, _rank(order, joined))]

    def change_balance(
        self,
        account: str,
        asset: str,
        amount: Decimal,
        now_ms: int,
        isolated: Decimal = ZERO,
    ) -> Balance:
        """Add to a wallet, and to how much of it is isolated; returns the balance after it."""
        before = self.balance(account, asset)
        after = msgspec.structs.replace(
            before,
            wallet=before.wallet + amount,
            isolated=before.isolated + isolated,
            updated_ms=now_ms,
        )
        self.put_balance(after)
        return after

    def put_movement(self, income: Income) -> None:
        """Append a movement of money."""
        self._movements.setdefault(income.account, []).append(income)

    def put_margin_change(self, change: MarginChange) -> None:
        """Append a change of isolated margin."""
        key = (change.account, change.symbol)
        self._margin_changes.setdefault(key, []).append(change)

    def _book(self, account: str, symbol: str) -> _OrderBookkeeping:
        book = self._books.get((account, symbol))
        if book is None:
            self._books[account, symbol] = book = _OrderBookkeeping()
        return book

    def _books_of(self, account: str | None, symbol: str | None) -> Iterator[_OrderBookkeeping]:
        if account is not None and symbol is not None:
            book = self._books.get((account, symbol))
            if book is not None:
                yield book
            return
        for (owner, name), book in self._books.items():
            if account in (None, owner) and symbol in (None, name):
                yield book

    def _page(
        self,
        where: tuple[str, str],
        asked: tuple[int, int, int],
        limit: int,
        now_ms: int,
        *,
        latest: bool = False,
    ) -> list[Order]:
        """The first visible orders, or the last ones backwards, of an id, start and end.

        None is looked at that is not visible (see `visible`): before one time it is none, from then
        on it is the open ones and those with a fill, and of the last days all.
        """
        book = self._books.get(where)
        if book is None:
            return []
        first_id, start_ms, end_ms = asked
        filled_ms, all_ms = now_ms - KEPT_MS, now_ms - UNFILLED_KEPT_MS
        older = book.remembered.indices(first_id, max(start_ms, filled_ms), min(end_ms, all_ms - 1))
        newer = book.listed.indices(first_id, max(start_ms, all_ms), end_ms)
        parts = [(book.remembered.ids, older), (book.listed.ids, newer)]
        if latest:
            parts = [(ids, indices[::-1]) for ids, indices in reversed(parts)]
        found = chain.from_iterable(map(ids.__getitem__, indices) for ids, indices in parts)
        return [self._orders[order_id] for order_id in islice(found, limit)]


def _rank(order: Order, joined: int) -> tuple[Decimal, int, int]:
    return (-order.price if order.side == "BUY" else order.price, joined, order.order_id)
