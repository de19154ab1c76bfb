"""Placing and cancelling conditional orders.

Where Binance is silent, and so chosen here: quantity, price and notional are checked when the order
is placed. A trigger price is checked for its decimals alone: on testnet one off the tick was taken.
An order that closes the position is always GTE_GTC, as it came back from testnet, and refused
without a position to close (-4509, which clients report). Margin is not looked at before the
trigger.

Source: developers.binance.com, "New Algo Order", "Cancel Algo Order", "Error Codes".
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from mock_venue.exchange import conditional, errors
from mock_venue.exchange.commands import (
    CancelAlgoOrder,
    CancelAllAlgoOrders,
    ExpireAlgoOrder,
    HoldTriggers,
    PlaceAlgoOrder,
)
from mock_venue.exchange.conditional import LIMIT_TYPES, TAKE_PROFIT_TYPES, AlgoOrder, WorkingType
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.events import AlgoOrderChanged, ExchangeEvent
from mock_venue.exchange.filters import (
    check_client_order_id,
    check_good_till,
    check_notional,
    check_percent_trigger,
    check_price,
    check_quantity,
    check_trigger_price,
)
from mock_venue.exchange.instruments import Price, SymbolSpec
from mock_venue.exchange.names import make_client_order_id
from mock_venue.exchange.order import Order
from mock_venue.exchange.reduce_only import reducible
from mock_venue.exchange.settings import closes

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange

OPEN_MAX = 200
"""Of an account, over all symbols."""
CALLBACK_RATE_MIN = Decimal("0.1")
CALLBACK_RATE_MAX = Decimal(20)
"""In percent; 10 until 2026-10-23."""
CLOSING_TYPES = ("STOP_MARKET", "TAKE_PROFIT_MARKET")


def place(exchange: "Exchange", command: PlaceAlgoOrder, now_ms: int) -> Iterator[ExchangeEvent]:
    """Let an order wait for its condition.

    Raises -1121, -4061, -4015, -1130, -4140, -4141, -4137, -4136, -4130, -4509, -4116, -4045, the
    filters' refusals (a limit too far from its trigger: -4183, -4184), and -2021 where the
    condition is met already.
    """
    spec = exchange.spec(command.symbol)
    exchange.settings.check_position_side(command.account, command.position_side)
    if command.client_algo_id is not None:
        check_client_order_id(command.client_algo_id)
    latest = working_price(exchange.prices[spec.symbol], command.working_type)
    order = _draft(exchange, command, spec, latest, now_ms)
    reduces = order.reduce_only or closes(order.side, order.position_side)
    exchange.statuses.check_order(spec.symbol, reduces=reduces or order.close_position)
    if order.close_position:
        _check_closing(exchange, order)
    elif not reduces:
        at = order.price or order.trigger_price or order.activate_price
        check_notional(spec, order.quantity, at)
    if order.time_in_force == "GTE_GTC" and not closable(exchange, order):
        raise errors.GTE_WITHOUT_POSITION()
    if exchange.algos.has_open_client_id(order.account, order.client_algo_id):
        raise errors.DUPLICATE_CLIENT_ORDER_ID()
    if exchange.algos.open_count(order.account) >= OPEN_MAX:
        raise errors.TOO_MANY_ALGO_ORDERS()
    if command.activate_price is not None:
        activated = latest <= order.activate_price
        if activated if order.side == "BUY" else latest >= order.activate_price:
            raise errors.WOULD_TRIGGER()
    elif conditional.is_reached(order, latest):
        raise errors.WOULD_TRIGGER()

    if order.good_till_ms:
        exchange.agenda.add_algo_order(order)
    yield changed(exchange, order)


def cancel(exchange: "Exchange", command: CancelAlgoOrder, now_ms: int) -> Iterator[ExchangeEvent]:
    """Cancel one order that waits. Raises -2011, -4117."""
    order = exchange.algos.find(command.account, command.ref)
    if order is not None and order.status == "TRIGGERING":
        raise errors.ALGO_ORDER_TRIGGERING()
    if order is None or order.status != "NEW":
        raise errors.UNKNOWN_ORDER()
    yield changed(exchange, conditional.cancel(order, exchange.algos.now(now_ms)))


def cancel_all(
    exchange: "Exchange", command: CancelAllAlgoOrders, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Cancel all orders of an account on a symbol that wait. Raises -1121."""
    exchange.spec(command.symbol)
    for order in exchange.algos.open_orders(command.account, command.symbol):
        if order.status == "NEW":
            yield changed(exchange, conditional.cancel(order, exchange.algos.now(now_ms)))


def expire(exchange: "Exchange", command: ExpireAlgoOrder, now_ms: int) -> Iterator[ExchangeEvent]:
    """Expire an order. It waits."""
    order = exchange.algos.order(command.algo_id)
    assert order is not None
    yield changed(exchange, conditional.expire(order, exchange.algos.now(now_ms)))


def hold_triggers(
    exchange: "Exchange", command: HoldTriggers, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Hold what triggers, or let it go: what was held is placed right after this."""
    exchange.algos.held = command.held
    yield from ()


def changed(
    exchange: "Exchange", algo_order: AlgoOrder, order: Order | None = None
) -> AlgoOrderChanged:
    """Store the newest snapshot of a conditional order and tell of it."""
    exchange.algos.put(algo_order)
    return AlgoOrderChanged(algo_order=algo_order, order=order)


def working_price(price: Price, working_type: WorkingType) -> Decimal:
    """The price that orders of this working type look at."""
    return price.mark if working_type == "MARK_PRICE" else price.last


def closable(exchange: "Exchange", order: AlgoOrder) -> Decimal:
    """How much of its account's position an order could close."""
    position = exchange.ledger.position(order.account, order.symbol, order.position_side)
    return reducible(position, order.side)


def _draft(
    exchange: "Exchange",
    command: PlaceAlgoOrder,
    spec: SymbolSpec,
    latest: Decimal,
    now_ms: int,
) -> AlgoOrder:
    """The order with its fields checked, one by one."""
    limit = command.type in LIMIT_TYPES
    trailing = command.type == "TRAILING_STOP_MARKET"
    if trailing and not CALLBACK_RATE_MIN <= command.callback_rate <= CALLBACK_RATE_MAX:
        raise errors.BAD_PARAMETER("callbackRate")
    activate_price = latest if trailing else ZERO
    if command.activate_price is not None:
        activate_price = check_trigger_price(spec, command.activate_price)
    quantity = command.quantity
    if not command.close_position:
        quantity = check_quantity(spec, "LIMIT" if limit else "MARKET", quantity)
    price, trigger_price = ZERO, ZERO
    if command.price is not None:
        price = check_price(spec, command.price)
    if not trailing:
        trigger_price = check_trigger_price(spec, command.trigger_price)
    if price:
        check_percent_trigger(spec, command.side, price, trigger_price)
    now_ms = exchange.algos.now(now_ms)
    algo_id = exchange.algos.next_id
    return AlgoOrder(
        algo_id=algo_id,
        client_algo_id=command.client_algo_id or make_client_order_id(algo_id),
        account=command.account,
        symbol=spec.symbol,
        side=command.side,
        type=command.type,
        time_in_force="GTE_GTC" if command.close_position else command.time_in_force,
        quantity=quantity,
        price=price,
        price_match=command.price_match,
        good_till_ms=_good_till(command, now_ms),
        trigger_price=trigger_price,
        working_type=command.working_type,
        close_position=command.close_position,
        price_protect=command.price_protect,
        reduce_only=command.reduce_only,
        position_side=command.position_side,
        self_trade_prevention=command.self_trade_prevention,
        activate_price=activate_price,
        callback_rate=command.callback_rate,
        extreme=latest if trailing else ZERO,
        created_ms=now_ms,
        updated_ms=now_ms,
    )


def _good_till(command: PlaceAlgoOrder, now_ms: int) -> int:
    if command.time_in_force != "GTD":
        return 0
    if command.good_till_ms is None:
        raise errors.PARAMETER_MISSING("goodTillDate")
    return check_good_till(command.good_till_ms, now_ms)


def _check_closing(exchange: "Exchange", order: AlgoOrder) -> None:
    """One order a direction and kind."""
    if order.quantity:
        raise errors.QUANTITY_WITH_CLOSE_POSITION()
    if order.type not in CLOSING_TYPES:
        raise errors.BAD_TYPE_FOR_CLOSE_POSITION(order.type)
    takes_profit = order.type in TAKE_PROFIT_TYPES
    for other in exchange.algos.open_orders(order.account, order.symbol):
        direction = (other.side, other.position_side) == (order.side, order.position_side)
        same = direction and (other.type in TAKE_PROFIT_TYPES) == takes_profit
        if other.close_position and same:
            raise errors.CLOSE_POSITION_EXISTS()
