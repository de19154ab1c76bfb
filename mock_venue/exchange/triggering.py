"""What conditional orders do about what happens.

`react` looks at the events of a command. A price that meets an order's condition triggers it, a
regular order that is over finishes its conditional one, a position that is closed takes the GTE_GTC
orders with it that were to close it, and a symbol that is settled or closed all that wait. What
comes of that is events too, and looked at in turn. A price counts the moment it occurs: one that
came back by the end of the command triggers.

The order of the events of a trigger is that of clients' logs (NautilusTrader issues 3287 and 3664):
TRIGGERING; the regular order's events; TRIGGERED, which tells of no fill even if there was one;
FINISHED. Whether TRIGGERED can come before the regular order's events is unconfirmed
(NautilusTrader issue 4682 has it so): a swap rule at ALGO_UPDATE brings that about.

Under price protection an order waits on while last and mark price are too far apart. What
Binance's difference rate is a share of is not documented; here, of the mark price.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from mock_venue.exchange import conditional, errors
from mock_venue.exchange.account import Position
from mock_venue.exchange.algo_orders import changed, closable
from mock_venue.exchange.commands import PlaceOrder
from mock_venue.exchange.conditional import AlgoOrder
from mock_venue.exchange.decimals import EXACT
from mock_venue.exchange.events import (
    ExchangeEvent,
    MarketTraded,
    OrderChanged,
    OrderTraded,
    PriceChanged,
    StatusChanged,
)
from mock_venue.exchange.order import Order

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange

REDUCE_ONLY_REASON = "Reduce Only reject"


def react(exchange: "Exchange", events: list[ExchangeEvent], now_ms: int) -> None:
    """Append to the events what conditional orders do about them."""
    seen = 0
    while True:
        while seen < len(events):
            events.extend(_about(exchange, events[seen], now_ms))
            seen += 1
        order = exchange.algos.next_triggering()
        if order is None:
            return
        events.extend(_fire(exchange, order, now_ms))


def _about(exchange: "Exchange", event: ExchangeEvent, now_ms: int) -> Iterator[ExchangeEvent]:
    match event:
        case PriceChanged(price=price):
            yield from _trigger(exchange, price.symbol, price.last, price.mark, now_ms)
        case MarketTraded(symbol=symbol, trade=others):
            mark = exchange.prices[symbol].mark
            yield from _trigger(exchange, symbol, others.price, mark, now_ms)
        case StatusChanged(symbol=symbol, status="SETTLING" | "CLOSE"):
            for waiting in exchange.algos.open_orders(symbol=symbol):
                if waiting.status == "NEW":
                    expired = conditional.expire(waiting, exchange.algos.now(now_ms))
                    yield changed(exchange, expired)
        case OrderChanged(order=order):
            yield from _finish(exchange, order, now_ms)
        case OrderTraded(order=order, trade=trade, position=position):
            yield from _finish(exchange, order, now_ms)
            yield from _expire_closing(exchange, position, now_ms)
            if event.is_public:
                mark = exchange.prices[trade.symbol].mark
                yield from _trigger(exchange, trade.symbol, trade.price, mark, now_ms)


def _trigger(
    exchange: "Exchange", symbol: str, last: Decimal, mark: Decimal, now_ms: int
) -> Iterator[ExchangeEvent]:
    apart_max = EXACT.multiply(mark, exchange.symbols[symbol].trigger_protect)
    for order in exchange.algos.reached(symbol, last, mark):
        if not order.price_protect or abs(mark - last) <= apart_max:
            yield changed(exchange, conditional.trigger(order, exchange.algos.now(now_ms)))


def _fire(exchange: "Exchange", order: AlgoOrder, now_ms: int) -> list[ExchangeEvent]:
    """Place the regular order of one that triggers."""
    try:
        events = exchange.carry_out(_regular(exchange, order), now_ms)
    except errors.ExchangeError as error:
        reduces = error.code == errors.REDUCE_ONLY_REJECTED.code
        reason = REDUCE_ONLY_REASON if reduces else error.msg
        return [changed(exchange, conditional.reject(order, reason, exchange.algos.now(now_ms)))]
    first = events[0]
    assert isinstance(first, OrderChanged)
    placed = conditional.place(order, first.order.order_id, exchange.algos.now(now_ms))
    return [*events, changed(exchange, placed, first.order)]


def _regular(exchange: "Exchange", order: AlgoOrder) -> PlaceOrder:
    """The order to place. Raises -2022 where a position is to be closed and there is none."""
    quantity = closable(exchange, order) if order.close_position else order.quantity
    if not quantity:
        raise errors.REDUCE_ONLY_REJECTED()
    limit = order.order_type == "LIMIT"
    matched = order.price_match != "NONE"
    return PlaceOrder(
        account=order.account,
        symbol=order.symbol,
        side=order.side,
        type=order.order_type,
        quantity=quantity,
        price=order.price if limit and not matched else None,
        price_match=order.price_match,
        time_in_force=order.time_in_force if limit and order.time_in_force != "GTE_GTC" else "GTC",
        good_till_ms=order.good_till_ms or None,
        reduce_only=order.reduce_only or order.close_position,
        client_order_id=order.client_algo_id,
        position_side=order.position_side,
        self_trade_prevention=order.self_trade_prevention,
    )


def _finish(exchange: "Exchange", order: Order, now_ms: int) -> Iterator[ExchangeEvent]:
    algo_order = exchange.algos.triggered_by(order.order_id)
    if algo_order is not None and not order.is_open:
        finished = conditional.finish(algo_order, exchange.algos.now(now_ms))
        yield changed(exchange, finished, order)


def _expire_closing(
    exchange: "Exchange", position: Position, now_ms: int
) -> Iterator[ExchangeEvent]:
    for order in exchange.algos.open_orders(position.account, position.symbol):
        waits = order.status == "NEW" and order.time_in_force == "GTE_GTC"
        if waits and not closable(exchange, order):
            yield changed(exchange, conditional.expire(order, exchange.algos.now(now_ms)))
