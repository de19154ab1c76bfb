"""Acts: what happens at the venue without a client asking for it.

Amounts may be Decimal, int or str, never float. Every bad argument raises VenueScriptError with one
line that says what it was.
"""

from decimal import Decimal
from itertools import count
from typing import Any, cast

from mock_venue.exchange.account import Trade
from mock_venue.exchange.commands import (
    Advance,
    CancelOrder,
    Command,
    ExpireOrder,
    FillOrder,
    OrderRef,
    PlaceOrder,
    SetPositionMode,
    SetPrice,
    TradeMarket,
)
from mock_venue.exchange.decimals import ZERO, plain, to_decimal
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.events import ExchangeEvent, OrderTraded
from mock_venue.exchange.filters import check_quantity
from mock_venue.exchange.instruments import Price, SymbolSpec
from mock_venue.exchange.order import Order, PositionSide, Side
from mock_venue.exchange.path import MarketTrade
from mock_venue.executor import Executor
from mock_venue.recording import Record
from mock_venue.script.errors import VenueScriptError
from mock_venue.script.history import History

Amount = Decimal | int | str
OrderName = str | int
"""A client order id, or Binance's order id as int."""
EXPIRY_REASONS = tuple("0123456789")
"""Binance's `er`."""
HISTORY_ORDERS_MAX = 1_000_000
STEPS_MAX = 100_000


class Acts:
    """Carries out acts and records each."""

    def __init__(self, executor: Executor, record: Record) -> None:
        self._executor = executor
        self._exchange = executor.exchange
        self._record = record
        self._external_names = (f"web_{number}" for number in count(1))

    def fill(self, name: OrderName, quantity: Amount | None, price: Amount | None) -> Trade:
        """Fill a resting order as maker; see `Venue.fill`."""
        order = self._open_order("fill", name)
        spec = self._exchange.symbols[order.symbol]
        filled = (
            order.remaining
            if quantity is None
            else multiple("fill", "quantity", quantity, spec.step_size)
        )
        if filled > order.remaining:
            raise VenueScriptError(
                f"fill: quantity must be at most {plain(order.remaining)}, what remains of order"
                f" {name!r}, was {plain(filled)}"
            )
        at = order.price if price is None else multiple("fill", "price", price, spec.tick_size)
        events = self.do(
            "fill",
            FillOrder(order_id=order.order_id, quantity=filled, price=at),
            order=order.client_order_id,
            order_id=order.order_id,
            quantity=plain(filled),
            price=plain(at),
        )
        return _trade(events)

    def cancel(self, name: OrderName) -> Order:
        """Cancel an order; see `Venue.cancel`."""
        order = self._open_order("cancel", name)
        self.do(
            "cancel",
            CancelOrder(
                account=order.account,
                symbol=order.symbol,
                ref=OrderRef(order_id=order.order_id),
            ),
            order=order.client_order_id,
            order_id=order.order_id,
        )
        return self._now(order)

    def expire(self, name: OrderName, reason: str) -> Order:
        """Expire an order; see `Venue.expire`."""
        order = self._open_order("expire", name)
        if reason not in EXPIRY_REASONS:
            raise VenueScriptError(
                f"expire: reason must be Binance's er, '0' to '9', was {reason!r}"
            )
        self.do(
            "expire",
            ExpireOrder(order_id=order.order_id, reason=reason),
            order=order.client_order_id,
            order_id=order.order_id,
            reason=reason,
        )
        return self._now(order)

    def external_order(
        self,
        symbol: str,
        side: str,
        quantity: Amount,
        price: Amount | None,
        client_order_id: str | None,
        account: str | None,
        position_side: PositionSide,
    ) -> Order:
        """Place an order that no API client sent; see `Venue.external_order`."""
        self.spec("external_order", symbol)
        if side not in ("BUY", "SELL"):
            raise VenueScriptError(f"external_order: side must be BUY or SELL, was {side!r}")
        owner = self.owner("external_order", account)
        if client_order_id is None:
            client_order_id = next(self._external_names)
        amount = positive_amount("external_order", "quantity", quantity)
        limit = None if price is None else positive_amount("external_order", "price", price)
        events = self.do(
            "external_order",
            PlaceOrder(
                account=owner,
                symbol=symbol,
                side=cast(Side, side),
                type="MARKET" if limit is None else "LIMIT",
                quantity=amount,
                price=limit,
                client_order_id=client_order_id,
                position_side=position_side,
                external=True,
            ),
            symbol=symbol,
            side=side,
            quantity=plain(amount),
            price=None if limit is None else plain(limit),
            client_order_id=client_order_id,
            position_side=position_side,
        )
        first = events[0]
        assert not isinstance(first, OrderTraded)
        found = self._exchange.ledger.last_by_client_id(owner, symbol, client_order_id)
        assert found is not None
        return found

    def set_price(self, symbol: str, bid: Amount, ask: Amount, mark: Amount | None) -> Price:
        """Move the reference prices; see `Venue.set_price`."""
        spec = self.spec("set_price", symbol)
        low = multiple("set_price", "bid", bid, spec.tick_size)
        high = multiple("set_price", "ask", ask, spec.tick_size)
        if low >= high:
            raise VenueScriptError(
                f"set_price: bid must be below ask, were {plain(low)} and {plain(high)}"
            )
        middle = (low + high) / 2 if mark is None else positive_amount("set_price", "mark", mark)
        self.do(
            "set_price",
            SetPrice(symbol=symbol, bid=low, ask=high, mark=middle),
            symbol=symbol,
            bid=plain(low),
            ask=plain(high),
            mark=plain(middle),
        )
        return self._exchange.prices[symbol]

    def market_trade(self, symbol: str, side: str, quantity: Amount, price: Amount | None) -> None:
        """Let others trade; see `Venue.market_trade`."""
        spec = self.spec("market_trade", symbol)
        taker = _side("market_trade", side)
        book = self._exchange.books[symbol]
        best = book.ask if taker == "BUY" else book.bid
        at = best if price is None else multiple("market_trade", "price", price, spec.tick_size)
        amount = multiple("market_trade", "quantity", quantity, spec.step_size)
        self.do(
            "market_trade",
            TradeMarket(symbol=symbol, trade=MarketTrade(side=taker, price=at, quantity=amount)),
            symbol=symbol,
            side=taker,
            quantity=plain(amount),
            price=plain(at),
        )

    def advance(self, steps: int, symbol: str | None) -> None:
        """Go on along the price path; see `Venue.advance`. Not recorded as an act: time passes."""
        if symbol is not None:
            self.spec("advance", symbol)
        if not 1 <= steps <= STEPS_MAX:
            raise VenueScriptError(f"advance: steps must be 1 to {STEPS_MAX}, was {steps}")
        names = list(self._exchange.symbols) if symbol is None else [symbol]
        for _ in range(steps):
            for name in names:
                self._executor.execute(Advance(symbol=name))

    def generate_history(
        self, symbol: str, orders: int, seed: int, end_ms: int, span_ms: int, net: Amount
    ) -> None:
        """Give the first account a past; see `Venue.generate_history`."""
        spec = self.spec("generate_history", symbol)
        account = next(iter(self._exchange.accounts))
        if self._exchange.matching != "scripted":
            raise VenueScriptError("generate_history: needs scripted matching, was auto")
        if not 1 <= orders <= HISTORY_ORDERS_MAX:
            raise VenueScriptError(
                f"generate_history: orders must be 1 to {HISTORY_ORDERS_MAX}, was {orders}"
            )
        if span_ms < 0 or end_ms > self._executor.now_ms():
            raise VenueScriptError(
                "generate_history: span_ms must not be negative and end_ms not in the future,"
                f" were {span_ms} and {end_ms}"
            )
        if end_ms - span_ms < self._exchange.last_ms(symbol):
            raise VenueScriptError(
                f"generate_history: must begin after the last change of an order of {symbol} at"
                f" {self._exchange.last_ms(symbol)}, was {end_ms - span_ms}"
            )
        if self._exchange.ledger.open_order_count(account, symbol):
            raise VenueScriptError(f"generate_history: {symbol} has open orders")
        if self._exchange.settings.is_hedging(account):
            raise VenueScriptError("generate_history: needs one-way mode, was hedge mode")
        try:
            left = check_quantity(spec, "LIMIT", abs(to_decimal(net))) if to_decimal(net) else ZERO
        except (ValueError, ExchangeError) as error:
            raise VenueScriptError(f"generate_history: net {net!r}: {error}") from None
        self.note(
            "generate_history",
            symbol=symbol,
            orders=orders,
            seed=seed,
            end_ms=end_ms,
            span_ms=span_ms,
            net=plain(to_decimal(net)),
        )
        signed = left if to_decimal(net) > 0 else -left
        history = History(self._exchange, self._record, account, symbol, seed)
        history.write(orders, signed, end_ms - span_ms, span_ms, self._external_names)

    def set_position_mode(self, hedging: bool, account: str | None) -> None:
        """Change an account's position mode; see `Venue.set_position_mode`."""
        owner = self.owner("set_position_mode", account)
        command = SetPositionMode(account=owner, hedging=hedging)
        self.do("set_position_mode", command, hedging=hedging, account=owner)

    def owner(self, act: str, account: str | None) -> str:
        """The account an act is about: the first one unless told. Raises VenueScriptError."""
        known = self._exchange.accounts
        if account is None:
            return next(iter(known))
        if account not in known:
            names = ", ".join(known)
            raise VenueScriptError(f"{act}: account must be one of {names}, was {account!r}")
        return account

    def note(self, act: str, **arguments: Any) -> None:
        """Record that an act was carried out."""
        self._record("venue", "act", {"act": act, **arguments})

    def do(self, act: str, command: Command, **arguments: Any) -> list[ExchangeEvent]:
        """Carry out a command and record the act. Raises VenueScriptError."""
        try:
            return self._executor.execute(command, lambda: self.note(act, **arguments))
        except ExchangeError as error:
            raise VenueScriptError(
                f"{act}: the exchange refuses it: {error.code} {error.msg}"
            ) from None

    def spec(self, act: str, symbol: str) -> SymbolSpec:
        """The symbol an act is about. Raises VenueScriptError."""
        spec = self._exchange.symbols.get(symbol)
        if spec is None:
            known = ", ".join(self._exchange.symbols)
            raise VenueScriptError(f"{act}: symbol must be one of {known}, was {symbol!r}")
        return spec

    def mark(self, symbol: str) -> Decimal:
        """A symbol's mark price."""
        return self._exchange.prices[symbol].mark

    def _open_order(self, act: str, name: OrderName) -> Order:
        self._executor.pass_time()
        ledger = self._exchange.ledger
        if isinstance(name, int):
            known = ledger.order(name)
            found = [] if known is None else [known]
        else:
            found = ledger.find(name)
        is_open = [order for order in found if order.is_open]
        if len(is_open) == 1:
            return is_open[0]
        if is_open:
            raise VenueScriptError(
                f"{act}: {len(is_open)} accounts have an open order {name!r}, give its order id"
            )
        if found:
            raise VenueScriptError(f"{act}: order {name!r} is {found[-1].status}, not open")
        raise VenueScriptError(f"{act}: there is no order {name!r}")

    def _now(self, order: Order) -> Order:
        now = self._exchange.ledger.order(order.order_id)
        assert now is not None
        return now


def _trade(events: list[ExchangeEvent]) -> Trade:
    first = events[0]
    assert isinstance(first, OrderTraded)
    return first.trade


def _side(act: str, side: str) -> Side:
    if side not in ("BUY", "SELL"):
        raise VenueScriptError(f"{act}: side must be BUY or SELL, was {side!r}")
    return cast(Side, side)


def signed_amount(act: str, name: str, value: Amount) -> Decimal:
    """The amount of an argument. Raises VenueScriptError."""
    try:
        return to_decimal(value)
    except ValueError as error:
        raise VenueScriptError(f"{act}: {name} {error}") from None


def positive_amount(act: str, name: str, value: Amount) -> Decimal:
    """The same, above 0."""
    amount = signed_amount(act, name, value)
    if amount <= 0:
        raise VenueScriptError(f"{act}: {name} must be positive, was {plain(amount)}")
    return amount


def multiple(act: str, name: str, value: Amount, unit: Decimal) -> Decimal:
    """The same, a multiple of `unit`."""
    amount = positive_amount(act, name, value)
    if amount % unit:
        raise VenueScriptError(
            f"{act}: {name} must be a multiple of {plain(unit)}, was {plain(amount)}"
        )
    return amount.quantize(unit)
