"""The state machine: (state, command, now) -> events.

`Exchange.apply` carries out one command whole or raises `ExchangeError` and changes nothing. It
reads no clock: `now_ms` comes with the command. A symbol's time never goes back: a `now_ms` before
the last one is taken as the last one, so the ids and the times of its orders have the same order.

Left out: margin checks (-2019), mark-price multipliers, isolated margin as money (the margin type
is kept, the arithmetic is cross), hedge mode.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from mock_venue.exchange import errors
from mock_venue.exchange import order as orders
from mock_venue.exchange.account import (
    AccountSpec,
    Balance,
    Trade,
    commission,
    trade_position,
)
from mock_venue.exchange.commands import (
    AmendOrder,
    CancelAllOrders,
    CancelOrder,
    Command,
    ExpireOrder,
    FillOrder,
    MarginType,
    OrderRef,
    PlaceOrder,
    SetLeverage,
    SetMarginType,
    SetPrice,
)
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.events import (
    ExchangeEvent,
    LeverageChanged,
    MarginTypeChanged,
    OrderChanged,
    OrderTraded,
    PriceChanged,
)
from mock_venue.exchange.filters import (
    check_client_order_id,
    check_notional,
    check_price,
    check_quantity,
)
from mock_venue.exchange.instruments import QUOTE_ASSET, Price, SymbolSpec
from mock_venue.exchange.ledger import Ledger
from mock_venue.exchange.matching import taker_price
from mock_venue.exchange.order import Order

AMENDMENTS_MAX = 10_000
LEVERAGE_MAX = 125
EXPIRED_IOC = "2"
EXPIRED_REDUCE_ONLY = "4"

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Exchange:
    """Symbols, accounts and the ledger, and the one way to change them: `apply`."""

    def __init__(
        self,
        *,
        symbols: tuple[SymbolSpec, ...],
        accounts: tuple[AccountSpec, ...],
        maker_fee: Decimal,
        taker_fee: Decimal,
        leverage: int,
        first_order_id: int,
        first_trade_id: int,
        now_ms: int,
    ) -> None:
        self.symbols = {spec.symbol: spec for spec in symbols}
        self.accounts = {account.name: account for account in accounts}
        self.maker_fee = maker_fee
        self.taker_fee = taker_fee
        self.ledger = Ledger()
        self.prices: dict[str, Price] = {}
        self._default_leverage = leverage
        self._leverage: dict[tuple[str, str], int] = {}
        self._margin_type: dict[tuple[str, str], MarginType] = {}
        self._next_order_id = first_order_id
        self._next_trade_id = first_trade_id
        self._update_id = 0
        self._last_ms: dict[str, int] = {}
        self._handlers: dict[type[Any], Callable[[Any, int], Iterator[ExchangeEvent]]] = {
            PlaceOrder: self._place,
            AmendOrder: self._amend,
            CancelOrder: self._cancel,
            CancelAllOrders: self._cancel_all,
            FillOrder: self._fill_resting,
            ExpireOrder: self._expire_resting,
            SetPrice: self._set_price,
            SetLeverage: self._set_leverage,
            SetMarginType: self._set_margin_type,
        }
        for spec in symbols:
            self.prices[spec.symbol] = self._price(
                spec.symbol, spec.bid, spec.ask, (spec.bid + spec.ask) / 2, now_ms
            )
        for account in accounts:
            self.ledger.put_balance(
                Balance(
                    account=account.name,
                    asset=QUOTE_ASSET,
                    wallet=account.wallet,
                    updated_ms=now_ms,
                )
            )

    def last_ms(self, symbol: str) -> int:
        """The symbol's time: when one of its orders last changed; 0 if none ever has."""
        return self._last_ms.get(symbol, 0)

    def apply(self, command: Command, now_ms: int) -> list[ExchangeEvent]:
        """Carry out a command and return what happened, in order. Raises ExchangeError."""
        return list(self._handlers[type(command)](command, now_ms))

    def spec(self, symbol: str) -> SymbolSpec:
        """The symbol's specification. Raises -1121."""
        found = self.symbols.get(symbol)
        if found is None:
            raise errors.BAD_SYMBOL()
        return found

    def leverage(self, account: str, symbol: str) -> int:
        """An account's leverage on a symbol."""
        return self._leverage.get((account, symbol), self._default_leverage)

    def margin_type(self, account: str, symbol: str) -> MarginType:
        """An account's margin type on a symbol."""
        return self._margin_type.get((account, symbol), "CROSSED")

    def find(self, account: str, symbol: str, ref: OrderRef) -> Order | None:
        """The order that a client means: by id, else the newest with the client order id."""
        if ref.order_id is not None:
            order = self.ledger.order(ref.order_id)
            matches = order is not None and (order.account, order.symbol) == (account, symbol)
            return order if matches else None
        assert ref.client_order_id is not None
        return self.ledger.last_by_client_id(account, symbol, ref.client_order_id)

    # Commands. Every check stands before the first write.

    def _place(self, command: PlaceOrder, now_ms: int) -> Iterator[ExchangeEvent]:
        spec = self.spec(command.symbol)
        if command.position_side != "BOTH":
            raise errors.POSITION_SIDE_MISMATCH()
        client_order_id = command.client_order_id
        if client_order_id is not None:
            check_client_order_id(client_order_id)
        quantity = check_quantity(spec, command.type, command.quantity)
        limit = ZERO
        if command.type == "LIMIT":
            if command.price is None:
                raise errors.PARAMETER_MISSING("price")
            limit = check_price(spec, command.price)
        if client_order_id is not None and self.ledger.open_by_client_id(
            command.account, client_order_id
        ):
            raise errors.DUPLICATE_CLIENT_ORDER_ID()
        if command.reduce_only:
            quantity = self._reducible(command, quantity)
        taking = taker_price(command.side, command.type, limit, self.prices[command.symbol])
        if not command.reduce_only:
            check_notional(spec, quantity, limit or taking or ZERO)
        count = self.ledger.open_order_count(command.account, command.symbol)
        if count >= spec.max_open_orders:
            raise errors.TOO_MANY_OPEN_ORDERS()
        if command.time_in_force == "GTX" and taking is not None:
            raise errors.GTX_WOULD_TAKE()
        if command.time_in_force == "FOK" and taking is None:
            raise errors.FOK_NOT_FILLED()

        now_ms = self._advance(command.symbol, now_ms)
        order_id = self._next_order_id
        self._next_order_id += 1
        order = Order(
            order_id=order_id,
            client_order_id=client_order_id or _make_client_order_id(order_id),
            account=command.account,
            symbol=command.symbol,
            side=command.side,
            type=command.type,
            time_in_force=command.time_in_force,
            quantity=quantity,
            price=limit,
            reduce_only=command.reduce_only,
            external=command.external,
            created_ms=now_ms,
            updated_ms=now_ms,
            self_trade_prevention=command.self_trade_prevention,
        )
        self.ledger.put_order(order)
        yield OrderChanged(order=order, execution="NEW", time_ms=now_ms)
        if taking is not None:
            yield from self._trade(order, order.quantity, taking, now_ms, maker=False)
        elif command.time_in_force == "IOC":
            yield self._expire(order, EXPIRED_IOC, now_ms)

    def _amend(self, command: AmendOrder, now_ms: int) -> Iterator[ExchangeEvent]:
        spec = self.spec(command.symbol)
        order = self.find(command.account, command.symbol, command.ref)
        if order is None or not order.is_open:
            raise errors.NO_SUCH_ORDER()
        if order.type != "LIMIT":
            raise errors.LIMIT_ORDER_ONLY()
        if command.side != order.side:
            raise errors.BAD_PARAMETER("side")
        if order.amendments >= AMENDMENTS_MAX:
            raise errors.TOO_MANY_AMENDMENTS()
        quantity = check_quantity(spec, order.type, command.quantity)
        limit = check_price(spec, command.price)
        if (quantity, limit) == (order.quantity, order.price):
            raise errors.NOTHING_TO_AMEND()
        taking = taker_price(order.side, order.type, limit, self.prices[order.symbol])
        would_take = order.time_in_force == "GTX" and taking is not None
        if quantity <= order.filled or would_take:
            now_ms = self._advance(command.symbol, now_ms)
            yield self._cancel_one(order, now_ms)
            return
        if order.reduce_only:
            held = abs(self.ledger.position(order.account, order.symbol).amount)
            quantity = min(quantity, order.filled + held)
        else:
            check_notional(spec, quantity, limit)

        now_ms = self._advance(command.symbol, now_ms)
        amended = orders.amend(order, quantity, limit, now_ms)
        self.ledger.put_order(amended, requeue=True)
        yield OrderChanged(order=amended, execution="AMENDMENT", time_ms=now_ms)
        if taking is not None:
            yield from self._trade(amended, amended.remaining, taking, now_ms, maker=False)

    def _cancel(self, command: CancelOrder, now_ms: int) -> Iterator[ExchangeEvent]:
        self.spec(command.symbol)
        order = self.find(command.account, command.symbol, command.ref)
        if order is None or not order.is_open:
            raise errors.UNKNOWN_ORDER()
        yield self._cancel_one(order, self._advance(command.symbol, now_ms))

    def _cancel_all(self, command: CancelAllOrders, now_ms: int) -> Iterator[ExchangeEvent]:
        self.spec(command.symbol)
        now_ms = self._advance(command.symbol, now_ms)
        for order in self.ledger.open_orders(command.account, command.symbol):
            yield self._cancel_one(order, now_ms)

    def _fill_resting(self, command: FillOrder, now_ms: int) -> Iterator[ExchangeEvent]:
        order = self.ledger.order(command.order_id)
        assert order is not None
        now_ms = self._advance(order.symbol, now_ms)
        yield from self._trade(order, command.quantity, command.price, now_ms, maker=command.maker)

    def _expire_resting(self, command: ExpireOrder, now_ms: int) -> Iterator[ExchangeEvent]:
        order = self.ledger.order(command.order_id)
        assert order is not None
        yield self._expire(order, command.reason, self._advance(order.symbol, now_ms))

    def _set_price(self, command: SetPrice, now_ms: int) -> Iterator[ExchangeEvent]:
        self.spec(command.symbol)
        price = self._price(command.symbol, command.bid, command.ask, command.mark, now_ms)
        self.prices[command.symbol] = price
        yield PriceChanged(price=price)

    def _set_leverage(self, command: SetLeverage, now_ms: int) -> Iterator[ExchangeEvent]:
        self.spec(command.symbol)
        if not 1 <= command.leverage <= LEVERAGE_MAX:
            raise errors.BAD_LEVERAGE(command.leverage)
        self._leverage[(command.account, command.symbol)] = command.leverage
        yield LeverageChanged(
            account=command.account,
            symbol=command.symbol,
            leverage=command.leverage,
            time_ms=now_ms,
        )

    def _set_margin_type(self, command: SetMarginType, now_ms: int) -> Iterator[ExchangeEvent]:
        self.spec(command.symbol)
        if self.margin_type(command.account, command.symbol) == command.margin_type:
            raise errors.MARGIN_TYPE_UNCHANGED()
        if self.ledger.open_order_count(command.account, command.symbol):
            raise errors.MARGIN_TYPE_OPEN_ORDERS()
        if self.ledger.position(command.account, command.symbol).amount:
            raise errors.MARGIN_TYPE_POSITION()
        self._margin_type[(command.account, command.symbol)] = command.margin_type
        yield MarginTypeChanged(
            account=command.account,
            symbol=command.symbol,
            margin_type=command.margin_type,
            time_ms=now_ms,
        )

    # What commands are made of

    def _reducible(self, command: PlaceOrder, quantity: Decimal) -> Decimal:
        amount = self.ledger.position(command.account, command.symbol).amount
        reducible = amount if command.side == "SELL" else -amount
        if reducible <= 0:
            raise errors.REDUCE_ONLY_REJECTED()
        return min(quantity, reducible)

    def _trade(
        self, order: Order, quantity: Decimal, price: Decimal, now_ms: int, *, maker: bool
    ) -> Iterator[ExchangeEvent]:
        filled = orders.fill(order, quantity, price, now_ms)
        fee = commission(quantity, price, self.maker_fee if maker else self.taker_fee)
        position, gain = trade_position(
            self.ledger.position(order.account, order.symbol),
            order.side,
            quantity,
            price,
            fee,
            now_ms,
        )
        old = self.ledger.balance(order.account, QUOTE_ASSET)
        balance = msgspec.structs.replace(old, wallet=old.wallet + gain - fee, updated_ms=now_ms)
        trade = Trade(
            trade_id=self._next_trade_id,
            order_id=order.order_id,
            client_order_id=order.client_order_id,
            account=order.account,
            symbol=order.symbol,
            side=order.side,
            quantity=quantity,
            price=price,
            commission=fee,
            commission_asset=QUOTE_ASSET,
            realized_pnl=gain,
            maker=maker,
            position_side=order.position_side,
            time_ms=now_ms,
        )
        self._next_trade_id += 1
        self.ledger.put_order(filled)
        self.ledger.put_trade(trade)
        self.ledger.put_position(position)
        self.ledger.put_balance(balance)
        yield OrderTraded(
            order=filled, trade=trade, position=position, balance=balance, time_ms=now_ms
        )
        yield from self._knock_out(order.account, order.symbol, position.amount, now_ms)

    def _knock_out(
        self, account: str, symbol: str, amount: Decimal, now_ms: int
    ) -> Iterator[ExchangeEvent]:
        """Expire reduce-only orders that could now open or flip a position."""
        for order in self.ledger.open_orders(account, symbol):
            reducible = amount if order.side == "SELL" else -amount
            if order.reduce_only and order.remaining > max(reducible, ZERO):
                yield self._expire(order, EXPIRED_REDUCE_ONLY, now_ms)

    def _cancel_one(self, order: Order, now_ms: int) -> OrderChanged:
        cancelled = orders.cancel(order, now_ms)
        self.ledger.put_order(cancelled)
        return OrderChanged(order=cancelled, execution="CANCELED", time_ms=now_ms)

    def _expire(self, order: Order, reason: str, now_ms: int) -> OrderChanged:
        expired = orders.expire(order, reason, now_ms)
        self.ledger.put_order(expired)
        return OrderChanged(order=expired, execution="EXPIRED", time_ms=now_ms)

    def _price(self, symbol: str, bid: Decimal, ask: Decimal, mark: Decimal, now_ms: int) -> Price:
        self._update_id += 1
        return Price(
            symbol=symbol,
            bid=bid,
            ask=ask,
            mark=mark,
            updated_ms=now_ms,
            update_id=self._update_id,
        )

    def _advance(self, symbol: str, now_ms: int) -> int:
        latest = max(self.last_ms(symbol), now_ms)
        self._last_ms[symbol] = latest
        return latest


def _make_client_order_id(order_id: int) -> str:
    """A client order id like those Binance makes: 22 letters and digits, unique to the order."""
    # The multiplier is odd, so different ids stay different modulo the power of two.
    number = (order_id * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2**128
    text = ""
    for _ in range(22):
        number, digit = divmod(number, 62)
        text += _BASE62[digit]
    return text
