"""The state machine: (state, command, now) -> events.

`Exchange.apply` carries out one command whole or raises `ExchangeError` and changes nothing. It
reads no clock: `now_ms` comes with the command. A symbol's time never goes back: a `now_ms` before
the last one is taken as the last one, so the ids and the times of its orders have the same order.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec

from mock_venue.exchange import (
    algo_orders,
    errors,
    funding,
    isolated,
    liquidation,
    margin,
    movements,
    settings,
    settlement,
    status,
)
from mock_venue.exchange import order as orders
from mock_venue.exchange.account import (
    AccountSpec,
    Position,
)
from mock_venue.exchange.agenda import Agenda, pass_time
from mock_venue.exchange.algo_book import AlgoBook
from mock_venue.exchange.book import Book
from mock_venue.exchange.commands import (
    Advance,
    AmendOrder,
    CallMargin,
    CancelAlgoOrder,
    CancelAllAlgoOrders,
    CancelAllOrders,
    CancelOrder,
    ChangePositionMargin,
    ChargeFunding,
    ClosePosition,
    Command,
    ExpireAlgoOrder,
    ExpireOrder,
    FillOrder,
    HoldTriggers,
    MoveMoney,
    OrderRef,
    PassTime,
    PlaceAlgoOrder,
    PlaceOrder,
    SetCountdown,
    SetFeeBurn,
    SetLeverage,
    SetMarginType,
    SetMultiAssets,
    SetPositionMode,
    SetPrice,
    SetStatus,
    SettleSymbol,
    TradeMarket,
    TransferMoney,
)
from mock_venue.exchange.countdown import set_countdown
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.events import (
    ExchangeEvent,
    MarketTraded,
    OrderChanged,
    OrderTraded,
    PriceChanged,
)
from mock_venue.exchange.filters import (
    check_client_order_id,
    check_good_till,
    check_notional,
    check_percent_market,
    check_percent_price,
    check_price,
    check_quantity,
)
from mock_venue.exchange.funding import Funding
from mock_venue.exchange.instruments import FEE_ASSET, QUOTE_ASSET, Price, SymbolSpec
from mock_venue.exchange.ledger import Ledger
from mock_venue.exchange.liquidation import MarginCalls
from mock_venue.exchange.matching import Matching, taker_price
from mock_venue.exchange.names import make_client_order_id
from mock_venue.exchange.order import Order, Side, opposite
from mock_venue.exchange.path import Constant, MarketTrade, PricePath, next_move
from mock_venue.exchange.prevention import EXPIRED_SELF_TRADE, expiry_reason, mode_of
from mock_venue.exchange.price_match import matched_price
from mock_venue.exchange.queue import Queue
from mock_venue.exchange.reduce_only import EXPIRED_REDUCE_ONLY, knocked_out, room
from mock_venue.exchange.settings import Settings
from mock_venue.exchange.status import Statuses
from mock_venue.exchange.triggering import react

FIRST_TRAN_ID = 9_689_322_392
AMENDMENTS_MAX = 10_000
EXPIRED_IOC = "2"
EXPIRED_MARKET_REST = "9"


class Exchange:
    """Symbols, accounts and the ledger, and the one way to change them: `apply`."""

    def __init__(
        self,
        *,
        symbols: tuple[SymbolSpec, ...],
        accounts: tuple[AccountSpec, ...],
        maker_fee: Decimal,
        taker_fee: Decimal,
        bnb_price: Decimal,
        leverage: int,
        first_order_id: int,
        first_trade_id: int,
        first_algo_id: int = 1,
        now_ms: int,
        matching: Matching = "scripted",
        path: PricePath | None = None,
        seed: int = 1,
    ) -> None:
        self.symbols = {spec.symbol: spec for spec in symbols}
        self.accounts = {account.name: account for account in accounts}
        self.maker_fee = maker_fee
        self.taker_fee = taker_fee
        self.bnb_price = bnb_price
        self.ledger = Ledger()
        self.algos = AlgoBook(first_algo_id)
        self.matching: Matching = matching
        self.path: PricePath = path if path is not None else Constant()
        self.seed = seed
        self.books = {
            spec.symbol: Book(spec, seed if matching == "auto" else None) for spec in symbols
        }
        self._queue = Queue()
        self._steps: dict[str, int] = {}
        self.prices: dict[str, Price] = {}
        self.settings = Settings(leverage)
        self.agenda = Agenda(now_ms)
        self._next_order_id = first_order_id
        self._next_trade_id = first_trade_id
        self._next_tran_id = FIRST_TRAN_ID
        self.funding = Funding(now_ms)
        self.margin_calls = MarginCalls()
        self.statuses = Statuses()
        self._update_id = 0
        self._last_ms: dict[str, int] = {}
        self._handlers: dict[type[Any], Callable[[Any, int], Iterable[ExchangeEvent]]] = {
            PlaceOrder: self._place,
            AmendOrder: self._amend,
            CancelOrder: self._cancel,
            CancelAllOrders: self._cancel_all,
            FillOrder: self._fill_resting,
            ExpireOrder: self._expire_resting,
            PassTime: partial(pass_time, self),
            PlaceAlgoOrder: partial(algo_orders.place, self),
            CancelAlgoOrder: partial(algo_orders.cancel, self),
            CancelAllAlgoOrders: partial(algo_orders.cancel_all, self),
            ExpireAlgoOrder: partial(algo_orders.expire, self),
            SetCountdown: partial(set_countdown, self),
            HoldTriggers: partial(algo_orders.hold_triggers, self),
            SetPrice: self._set_price,
            TradeMarket: self._trade_market,
            Advance: self._advance_path,
            SetLeverage: partial(settings.set_leverage, self),
            SetMarginType: partial(settings.set_margin_type, self),
            SetPositionMode: partial(settings.set_position_mode, self),
            SetMultiAssets: partial(settings.set_multi_assets, self),
            SetFeeBurn: partial(settings.set_fee_burn, self),
            ChangePositionMargin: partial(isolated.change_position_margin, self),
            MoveMoney: partial(movements.move_money, self),
            TransferMoney: partial(movements.transfer_money, self),
            ChargeFunding: partial(funding.charge_funding, self),
            ClosePosition: partial(liquidation.close_position, self),
            CallMargin: partial(liquidation.call_margin, self),
            SetStatus: partial(status.set_status, self),
            SettleSymbol: partial(status.settle_symbol, self),
        }
        for spec in symbols:
            self.prices[spec.symbol] = self._price(
                spec.symbol, spec.bid, spec.ask, spec.mark, spec.bid, now_ms
            )
        for account in accounts:
            self.ledger.change_balance(account.name, QUOTE_ASSET, account.wallet, now_ms)
            if account.bnb:
                self.ledger.change_balance(account.name, FEE_ASSET, account.bnb, now_ms)
            self.settings.set_fee_burn(account.name, account.fee_burn)

    def last_ms(self, symbol: str) -> int:
        """The symbol's time: when one of its orders last changed; 0 if none ever has."""
        return self._last_ms.get(symbol, 0)

    def apply(self, command: Command, now_ms: int) -> list[ExchangeEvent]:
        """Carry out a command and return what happened, in order. Raises ExchangeError."""
        events = self.carry_out(command, now_ms)
        if not self.algos.is_idle:
            react(self, events, now_ms)
        return events

    def carry_out(self, command: Command, now_ms: int) -> list[ExchangeEvent]:
        """`apply` without what conditional orders do about it."""
        return list(self._handlers[type(command)](command, now_ms))

    def fee_rates(self, account: str) -> tuple[Decimal, Decimal]:
        """An account's rates as maker and as taker."""
        spec = self.accounts[account]
        return (
            self.maker_fee if spec.maker_fee is None else spec.maker_fee,
            self.taker_fee if spec.taker_fee is None else spec.taker_fee,
        )

    def asset_price(self, asset: str) -> Decimal:
        """What an asset is worth in the quote asset."""
        return self.bnb_price if asset == FEE_ASSET else Decimal(1)

    def take_order_id(self) -> int:
        """The next order id, which then is used."""
        taken = self._next_order_id
        self._next_order_id += 1
        return taken

    def take_trade_id(self) -> int:
        """The next trade id, which then is used."""
        taken = self._next_trade_id
        self._next_trade_id += 1
        return taken

    def take_tran_id(self) -> int:
        """The next id of a movement of money, which then is used."""
        taken = self._next_tran_id
        self._next_tran_id += 1
        return taken

    def spec(self, symbol: str) -> SymbolSpec:
        """The symbol's specification. Raises -1121."""
        found = self.symbols.get(symbol)
        if found is None:
            raise errors.BAD_SYMBOL()
        return found

    def find(self, account: str, symbol: str, ref: OrderRef) -> Order | None:
        """The order that a client means: by id, else the newest with the client order id."""
        if ref.order_id is not None:
            order = self.ledger.order(ref.order_id)
            matches = order is not None and (order.account, order.symbol) == (account, symbol)
            return order if matches else None
        assert ref.client_order_id is not None
        return self.ledger.last_by_client_id(account, symbol, ref.client_order_id)

    def accepted(self, command: PlaceOrder, now_ms: int) -> tuple[Order, bool]:
        """The order as it would be accepted now, and whether it takes at once. Changes nothing.

        Raises whatever the exchange refuses orders with.
        """
        spec = self.spec(command.symbol)
        self.settings.check_position_side(command.account, command.position_side)
        reduce_only = command.reduce_only or settings.closes(command.side, command.position_side)
        self.statuses.check_order(command.symbol, reduces=reduce_only)
        client_order_id = command.client_order_id
        if client_order_id is not None:
            check_client_order_id(client_order_id)
        quantity = check_quantity(spec, command.type, command.quantity)
        limit = ZERO
        if command.type == "LIMIT":
            limit = self._limit(command, command.side)
        if client_order_id is not None and self.ledger.open_by_client_id(
            command.account, client_order_id
        ):
            raise errors.DUPLICATE_CLIENT_ORDER_ID()
        if reduce_only:
            reducing = self.ledger.open_reduce_only(command.account, command.symbol)
            there = room(self._position(command), command.side, command.type, reducing)
            quantity = min(quantity, there)
        price = self.prices[command.symbol]
        taking = taker_price(command.side, command.type, limit, price)
        if taking is not None and command.type == "MARKET":
            check_percent_market(spec, command.side, taking, price.mark)
        good_till_ms = 0
        if command.time_in_force == "GTD":
            if command.good_till_ms is None:
                raise errors.PARAMETER_MISSING("goodTillDate")
            good_till_ms = check_good_till(command.good_till_ms, now_ms)
        if not reduce_only:
            check_notional(spec, quantity, limit or price.mark)
            if not command.past:
                margin.check_order(self, command, quantity, limit)
        count = self.ledger.open_order_count(command.account, command.symbol)
        if count >= spec.max_open_orders:
            raise errors.TOO_MANY_OPEN_ORDERS()
        crosses = taking is not None or self._crosses_own(
            command.account, command.symbol, command.side, limit
        )
        if crosses and command.time_in_force in orders.POST_ONLY:
            raise errors.GTX_WOULD_TAKE()
        if command.time_in_force == "FOK" and not self._has_depth(command, quantity, limit):
            raise errors.FOK_NOT_FILLED()

        now_ms = max(self.last_ms(command.symbol), now_ms)
        order = Order(
            order_id=self._next_order_id,
            client_order_id=client_order_id or make_client_order_id(self._next_order_id),
            account=command.account,
            symbol=spec.symbol,
            side=command.side,
            type=command.type,
            time_in_force=command.time_in_force,
            quantity=quantity,
            price=limit,
            reduce_only=reduce_only,
            position_side=command.position_side,
            external=command.external,
            created_ms=now_ms,
            updated_ms=now_ms,
            self_trade_prevention=command.self_trade_prevention,
            price_match=command.price_match,
            good_till_ms=good_till_ms,
        )
        return order, crosses

    # Commands. Every check stands before the first write.

    def _place(self, command: PlaceOrder, now_ms: int) -> Iterator[ExchangeEvent]:
        order, crosses = self.accepted(command, now_ms)
        now_ms = self.advance(command.symbol, now_ms)
        self._next_order_id += 1
        self.ledger.put_order(order)
        if order.good_till_ms:
            self.agenda.add_order(order)
        yield OrderChanged(order=order, execution="NEW", time_ms=now_ms)
        if crosses:
            yield from self._take(order, now_ms)
        elif command.time_in_force == "IOC":
            yield self.expire(order, EXPIRED_IOC, now_ms)
        self._join_queue(order)

    def _amend(self, command: AmendOrder, now_ms: int) -> Iterator[ExchangeEvent]:
        spec = self.spec(command.symbol)
        order = self.find(command.account, command.symbol, command.ref)
        if order is None or not order.is_open:
            raise errors.NO_SUCH_ORDER()
        if order.type != "LIMIT":
            raise errors.LIMIT_ORDER_ONLY()
        self.statuses.check_amendment(command.symbol)
        if command.side != order.side:
            raise errors.BAD_PARAMETER("side")
        if command.reduce_only and not order.reduce_only:
            raise errors.NOT_REDUCE_ONLY()
        if order.amendments >= AMENDMENTS_MAX:
            raise errors.TOO_MANY_AMENDMENTS()
        quantity = check_quantity(spec, order.type, command.quantity)
        limit = self._limit(command, order.side)
        if (quantity, limit) == (order.quantity, order.price):
            raise errors.NOTHING_TO_AMEND()
        taking = taker_price(order.side, order.type, limit, self.prices[order.symbol])
        crosses = taking is not None or self._crosses_own(
            order.account, order.symbol, order.side, limit
        )
        if quantity <= order.filled or (crosses and order.time_in_force in orders.POST_ONLY):
            now_ms = self.advance(command.symbol, now_ms)
            yield self._cancel_one(order, now_ms)
            return
        if order.reduce_only:
            reducing = self.ledger.open_reduce_only(order.account, order.symbol)
            others = [one for one in reducing if one.order_id != order.order_id]
            there = room(self._position(order), order.side, order.type, others)
            quantity = min(quantity, order.filled + there)
        if not command.reduce_only:
            check_notional(spec, quantity, limit, amended=True)
        if not order.reduce_only:
            margin.check_order(self, order, quantity - order.filled, limit)

        now_ms = self.advance(command.symbol, now_ms)
        amended = orders.amend(order, quantity, limit, command.price_match, now_ms)
        self.ledger.put_amended(amended, command.modify_id)
        yield OrderChanged(
            order=amended, execution="AMENDMENT", time_ms=now_ms, modify_id=command.modify_id
        )
        if crosses:
            yield from self._take(amended, now_ms)
        self._join_queue(amended)

    def _cancel(self, command: CancelOrder, now_ms: int) -> Iterator[ExchangeEvent]:
        self.spec(command.symbol)
        order = self.find(command.account, command.symbol, command.ref)
        if order is None or not order.is_open:
            raise errors.UNKNOWN_ORDER()
        yield self._cancel_one(order, self.advance(command.symbol, now_ms))

    def _cancel_all(self, command: CancelAllOrders, now_ms: int) -> Iterator[ExchangeEvent]:
        self.spec(command.symbol)
        now_ms = self.advance(command.symbol, now_ms)
        for order in self.ledger.open_orders(command.account, command.symbol):
            yield self._cancel_one(order, now_ms)

    def _fill_resting(self, command: FillOrder, now_ms: int) -> list[ExchangeEvent]:
        order = self.ledger.order(command.order_id)
        assert order is not None
        now_ms = self.advance(order.symbol, now_ms)
        return self.trade(order, command.quantity, command.price, now_ms, maker=command.maker)

    def _expire_resting(self, command: ExpireOrder, now_ms: int) -> Iterator[ExchangeEvent]:
        order = self.ledger.order(command.order_id)
        assert order is not None
        yield self.expire(order, command.reason, self.advance(order.symbol, now_ms))

    def _set_price(self, command: SetPrice, now_ms: int) -> Iterator[ExchangeEvent]:
        self.spec(command.symbol)
        self.books[command.symbol].move(command.bid, command.ask)
        yield self._quote(command.symbol, command.mark, now_ms)
        if self.matching == "auto":
            yield from self._match_resting(command.symbol, now_ms)
        yield from liquidation.look(self, command.symbol, now_ms)

    def _trade_market(self, command: TradeMarket, now_ms: int) -> Iterator[ExchangeEvent]:
        self.spec(command.symbol)
        yield from self._trade_others(command.symbol, command.trade, now_ms)
        if self.books[command.symbol].is_limited:
            yield self._quote(command.symbol, self.prices[command.symbol].mark, now_ms)

    def _advance_path(self, command: Advance, now_ms: int) -> Iterator[ExchangeEvent]:
        spec = self.spec(command.symbol)
        number = self._steps.get(spec.symbol, 0)
        move = next_move(self.path, spec, self.prices[spec.symbol], self.seed, number)
        if move is None:
            return
        self._steps[spec.symbol] = number + 1
        for trade in move.trades:
            yield from self._trade_others(spec.symbol, trade, now_ms)
        mark = (move.bid + move.ask) / 2 if move.mark is None else move.mark
        moved = SetPrice(symbol=spec.symbol, bid=move.bid, ask=move.ask, mark=mark)
        yield from self._set_price(moved, now_ms)

    # What commands are made of

    def _limit(self, command: PlaceOrder | AmendOrder, side: Side) -> Decimal:
        """The price of a LIMIT order, given or matched, checked."""
        spec = self.spec(command.symbol)
        if command.price_match != "NONE":
            price = matched_price(self.books[spec.symbol], side, command.price_match)
        elif command.price is None:
            raise errors.PARAMETER_MISSING("price")
        else:
            price = command.price
        limit = check_price(spec, price)
        check_percent_price(spec, side, limit, self.prices[spec.symbol].mark)
        return limit

    def _position(self, order: Order | PlaceOrder) -> Position:
        """The position that an order moves."""
        return self.ledger.position(order.account, order.symbol, order.position_side)

    def _has_depth(self, command: PlaceOrder, quantity: Decimal, limit: Decimal) -> bool:
        book = self.books[command.symbol]
        reachable = book.takeable(command.side, limit if command.type == "LIMIT" else None)
        if reachable and not book.is_limited:
            return True
        own = self._crossed(command.account, command.symbol, command.side, limit)
        there = sum((quantity for _, quantity in reachable), ZERO)
        return there + sum((order.remaining for order in own), ZERO) >= quantity

    def _crossed(self, account: str, symbol: str, side: Side, limit: Decimal) -> Iterator[Order]:
        """The account's own orders that one to `side` would meet, best first; limit 0 meets all."""
        for order in self.ledger.resting(account, symbol, opposite(side)):
            if limit and (order.price > limit if side == "BUY" else order.price < limit):
                return
            yield order

    def _crosses_own(self, account: str, symbol: str, side: Side, limit: Decimal) -> bool:
        return next(self._crossed(account, symbol, side, limit), None) is not None

    def _take(self, order: Order, now_ms: int) -> Iterator[ExchangeEvent]:
        """Trade what there is for an order that crosses; what remains rests or expires."""
        book = self.books[order.symbol]
        for own in list(self._crossed(order.account, order.symbol, order.side, order.price)):
            before = book.before(own.side, own.price, self._queue.ahead(own))
            yield from self._take_book(order, own.price, before, now_ms)
            if not self._now(order).is_open:
                break
            if self.matching == "auto":
                self._queue.set_ahead(own, ZERO)
            yield from self._meet_own(self._now(order), self._now(own), now_ms)
        limit = order.price if order.type == "LIMIT" else None
        yield from self._take_book(order, limit, order.remaining, now_ms)
        if book.is_limited:
            yield self._quote(order.symbol, self.prices[order.symbol].mark, now_ms)
        current = self._now(order)
        if current.is_open and order.type == "MARKET":
            yield self.expire(current, EXPIRED_MARKET_REST, now_ms)
        elif current.is_open and order.time_in_force == "IOC":
            yield self.expire(current, EXPIRED_IOC, now_ms)

    def _take_book(
        self, order: Order, limit: Decimal | None, most: Decimal, now_ms: int
    ) -> Iterator[ExchangeEvent]:
        """Trade up to `most` with what others have in the book."""
        current = self._now(order)
        if not current.is_open:
            return
        book = self.books[order.symbol]
        for price, quantity in book.take(order.side, limit, min(most, current.remaining)):
            current = self._now(order)
            if current.is_open:
                yield from self.trade(current, quantity, price, now_ms, maker=False)

    def _meet_own(self, taker: Order, maker: Order, now_ms: int) -> Iterator[ExchangeEvent]:
        """Prevent a self-trade as the taker's mode has it, or let it happen."""
        mode = mode_of(taker)
        if mode == "NONE":
            quantity = min(taker.remaining, maker.remaining)
            yield from self.trade(taker, quantity, maker.price, now_ms, maker=False)
            for event in self.trade(maker, quantity, maker.price, now_ms, maker=True):
                own = isinstance(event, OrderTraded)
                yield msgspec.structs.replace(event, is_public=False) if own else event
        if mode in ("EXPIRE_MAKER", "EXPIRE_BOTH"):
            yield self._prevent(maker, EXPIRED_SELF_TRADE, now_ms)
        if mode in ("EXPIRE_TAKER", "EXPIRE_BOTH"):
            yield self._prevent(taker, expiry_reason(taker), now_ms)

    def _prevent(self, order: Order, reason: str, now_ms: int) -> OrderChanged:
        prevented = orders.prevent(order, reason, now_ms)
        self.ledger.put_order(prevented)
        return OrderChanged(order=prevented, execution="EXPIRED", time_ms=now_ms)

    def _join_queue(self, order: Order) -> None:
        if self.matching == "auto" and self._now(order).is_open:
            self._queue.join(order, self.books[order.symbol])

    def _resting(self, symbol: str, side: Side) -> list[Order]:
        resting = [one for one in self.ledger.open_orders(symbol=symbol) if one.side == side]
        return self._queue.in_turn(resting)

    def _match_resting(self, symbol: str, now_ms: int) -> Iterator[ExchangeEvent]:
        """Fill the orders that the market came to or went through, as far as its depth goes."""
        book = self.books[symbol]
        sides: tuple[Side, Side] = ("BUY", "SELL")
        resting = [order for side in sides for order in self._resting(symbol, side)]
        took = False
        for order in resting:
            current = self._now(order)
            if not current.is_open or not book.takeable(order.side, order.price):
                continue
            for _, quantity in book.take(order.side, order.price, current.remaining):
                took = True
                current = self._now(order)
                if current.is_open:
                    yield from self._fill_in_market(current, quantity, now_ms)
        if took:
            yield self._quote(symbol, self.prices[symbol].mark, now_ms)
        self._queue.shrink(self.ledger.open_orders(symbol=symbol), book)
        self._queue.forget({order.order_id for order in self.ledger.open_orders()})

    def _trade_others(
        self, symbol: str, trade: MarketTrade, now_ms: int
    ) -> Iterator[ExchangeEvent]:
        """Others take `trade.quantity`: from whoever of the accounts is first, else each other."""
        maker: Side = "SELL" if trade.side == "BUY" else "BUY"
        left, passed = trade.quantity, ZERO
        for order in self._resting(symbol, maker) if self.matching == "auto" else ():
            current = self._now(order)
            better = order.price > trade.price if maker == "BUY" else order.price < trade.price
            if not current.is_open or not (better or order.price == trade.price):
                continue
            if not better:
                before = min(left, max(self._queue.ahead(order) - passed, ZERO))
                passed += before
                left -= before
            part = min(left, current.remaining)
            if part > ZERO:
                left -= part
                yield from self._fill_in_market(current, part, now_ms)
        behind = self.books[symbol].side(maker).get(trade.price, ZERO) - passed
        passed += min(left, max(behind, ZERO))
        if self.matching == "auto":
            for order in self._resting(symbol, maker):
                if order.price == trade.price:
                    self._queue.set_ahead(order, max(self._queue.ahead(order) - passed, ZERO))
            shown = self.books[symbol].side(maker).get(trade.price, ZERO)
            self.books[symbol].reduce(maker, trade.price, min(passed, shown))
        else:
            passed = trade.quantity
        if passed > ZERO:
            self._print(symbol, trade.price)
            yield MarketTraded(
                symbol=symbol,
                trade_id=self._next_trade_id,
                trade=msgspec.structs.replace(trade, quantity=passed),
                time_ms=self.advance(symbol, now_ms),
            )
            self._next_trade_id += 1

    def _fill_in_market(
        self, order: Order, quantity: Decimal, now_ms: int
    ) -> Iterator[ExchangeEvent]:
        now_ms = self.advance(order.symbol, now_ms)
        yield from self.trade(order, quantity, order.price, now_ms, maker=True)

    def _now(self, order: Order) -> Order:
        current = self.ledger.order(order.order_id)
        assert current is not None
        return current

    def trade(
        self, order: Order, quantity: Decimal, price: Decimal, now_ms: int, *, maker: bool
    ) -> list[ExchangeEvent]:
        """Fill an open order, and knock out what then could open a position."""
        traded = settlement.fill(self, order, quantity, price, now_ms, maker=maker)
        if order.forced_by not in orders.OFF_MARKET:
            self._print(order.symbol, price)
        events: list[ExchangeEvent] = [traded]
        if reducing := self.ledger.open_reduce_only(order.account, order.symbol):
            for one in knocked_out(traded.position, reducing):
                events.append(self.expire(one, EXPIRED_REDUCE_ONLY, now_ms))
        return events

    def _cancel_one(self, order: Order, now_ms: int) -> OrderChanged:
        cancelled = orders.cancel(order, now_ms)
        self.ledger.put_order(cancelled)
        return OrderChanged(order=cancelled, execution="CANCELED", time_ms=now_ms)

    def expire(self, order: Order, reason: str, now_ms: int) -> OrderChanged:
        """Expire an open order for Binance's reason `er`."""
        expired = orders.expire(order, reason, now_ms)
        self.ledger.put_order(expired)
        return OrderChanged(order=expired, execution="EXPIRED", time_ms=now_ms)

    def _quote(self, symbol: str, mark: Decimal, now_ms: int) -> PriceChanged:
        """Take the reference prices from the book."""
        book = self.books[symbol]
        last = min(max(self.prices[symbol].last, book.bid), book.ask)
        self.prices[symbol] = price = self._price(symbol, book.bid, book.ask, mark, last, now_ms)
        return PriceChanged(price=price)

    def _print(self, symbol: str, last: Decimal) -> None:
        """There was a trade at this price."""
        self.prices[symbol] = msgspec.structs.replace(self.prices[symbol], last=last)

    def _price(
        self, symbol: str, bid: Decimal, ask: Decimal, mark: Decimal, last: Decimal, now_ms: int
    ) -> Price:
        self._update_id += 1
        return Price(
            symbol=symbol,
            bid=bid,
            ask=ask,
            mark=mark,
            last=last,
            updated_ms=now_ms,
            update_id=self._update_id,
        )

    def advance(self, symbol: str, now_ms: int) -> int:
        """The symbol's time, which from now on is not before `now_ms`."""
        latest = max(self.last_ms(symbol), now_ms)
        self._last_ms[symbol] = latest
        return latest
