"""Positions that the exchange closes: liquidation, auto-deleveraging, settlement; and margin calls.

Whenever the mark price of a symbol moves or funding is charged, every account with a position in it
is looked at. An isolated position is liquidated when its isolated margin is below its maintenance
margin; cross positions when all of the cross margin is below theirs, the one with the largest
maintenance margin first, until what is left carries the rest. The orders on the symbol expire first
(er 5). A MARGIN_CALL comes once when the maintenance margin reaches 80 % of the margin, and again
only after it was below that.

The closing order is the exchange's own: LIMIT IOC with a client order id `autoclose-...`
(`adl_autoclose`, LIMIT GTC; `settlement_autoclose-...`, MARKET), told as x=NEW and then, with its
trade, as x=CALCULATED. It trades whole at the best price, at the taker's fee; it takes nothing from
the book. Only a liquidation's trade is one of the market: the public does not see the others. A
liquidation fee is not charged.

The insurance fund (INSURANCE_CLEAR) pays what the liquidation of an isolated position takes beyond
its isolated margin, and what the cross wallet lacks when no cross position is left; before that
what the others have gained may carry a negative wallet.

Source: developers.binance.com, "Event: Order Update", "User's Force Orders", "Event: Margin Call".
Unconfirmed: the order of cross positions, the threshold of the margin call, when the fund pays.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from mock_venue.exchange import errors, margin
from mock_venue.exchange.account import Position
from mock_venue.exchange.commands import CallMargin, ClosePosition
from mock_venue.exchange.decimals import EXACT, ZERO
from mock_venue.exchange.events import ExchangeEvent, MarginCalled, OrderChanged, OrderTraded
from mock_venue.exchange.instruments import QUOTE_ASSET
from mock_venue.exchange.margin import Figures
from mock_venue.exchange.movements import move
from mock_venue.exchange.order import (
    OFF_MARKET,
    ForcedBy,
    Order,
    OrderType,
    Side,
    TimeInForce,
)

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange

EXPIRED_LIQUIDATION = "5"
MARGIN_CALL_RATIO = Decimal("0.8")

FORMS: dict[ForcedBy, tuple[str, OrderType, TimeInForce]] = {
    "LIQUIDATION": ("autoclose-", "LIMIT", "IOC"),
    "ADL": ("adl_autoclose", "LIMIT", "GTC"),
    "SETTLEMENT": ("settlement_autoclose-", "MARKET", "GTC"),
}
"""How each kind of closing order looks: its client order id begins with the text."""


class MarginCalls:
    """Which margins are being called: of an account's cross positions, or of one position."""

    def __init__(self) -> None:
        self._called: set[tuple[str, str, str]] = set()

    def is_new(self, key: tuple[str, str, str], called: bool) -> bool:
        """Note whether a margin is called now; True where it was not before."""
        before = key in self._called
        if called:
            self._called.add(key)
        else:
            self._called.discard(key)
        return called and not before


def close_position(
    exchange: "Exchange", command: ClosePosition, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Carry out a command. Raises -1121, -4061, -2024 where there is not so much to close."""
    exchange.spec(command.symbol)
    exchange.settings.check_position_side(command.account, command.position_side)
    position = exchange.ledger.position(command.account, command.symbol, command.position_side)
    quantity = abs(position.amount) if command.quantity is None else command.quantity
    if not ZERO < quantity <= abs(position.amount):
        raise errors.POSITION_INSUFFICIENT()
    if command.by == "LIQUIDATION":
        yield from _expire_orders(exchange, command.account, command.symbol, now_ms)
        yield from _liquidate(exchange, position, quantity, command.price, now_ms)
    else:
        yield from _close(exchange, position, command.by, quantity, command.price, now_ms)


def call_margin(exchange: "Exchange", command: CallMargin, now_ms: int) -> Iterator[ExchangeEvent]:
    """Carry out a command: a call for the cross positions, and one for each isolated one.

    Raises -2024 without a position.
    """
    held = [one for one in margin.stakes(exchange, command.account) if one.position.amount]
    if not held:
        raise errors.POSITION_INSUFFICIENT()
    crossed = [one for one in held if not one.isolated]
    if crossed:
        yield _call(exchange, command.account, crossed, now_ms)
    for one in held:
        if one.isolated:
            yield _call(exchange, command.account, [one], now_ms)


def look(exchange: "Exchange", symbol: str, now_ms: int) -> Iterator[ExchangeEvent]:
    """Liquidate and call what the mark price of a symbol has made insufficient."""
    for account in exchange.ledger.exposure.holders(symbol):
        yield from _look_at_isolated(exchange, account, symbol, now_ms)
        if exchange.settings.margin_type(account, symbol) == "CROSSED":
            yield from _look_at_cross(exchange, account, now_ms)


def _call(exchange: "Exchange", account: str, called: list[Figures], now_ms: int) -> MarginCalled:
    crossed = not called[0].isolated
    balance = exchange.ledger.balance(account, QUOTE_ASSET)
    return MarginCalled(
        account=account,
        cross_wallet=balance.cross if crossed else None,
        positions=tuple(called),
        time_ms=now_ms,
    )


def _look_at_isolated(
    exchange: "Exchange", account: str, symbol: str, now_ms: int
) -> Iterator[ExchangeEvent]:
    for side in exchange.settings.position_sides(account):
        one = margin.figures(exchange, account, symbol, side)
        if not one.isolated:
            return
        key = (account, symbol, side)
        if one.position.amount and one.isolated_margin < one.maintenance:
            exchange.margin_calls.is_new(key, False)
            yield from _expire_orders(exchange, account, symbol, now_ms)
            yield from _liquidate(exchange, one.position, abs(one.position.amount), None, now_ms)
        elif exchange.margin_calls.is_new(key, _is_short(one.isolated_margin, one.maintenance)):
            yield _call(exchange, account, [one], now_ms)


def _look_at_cross(exchange: "Exchange", account: str, now_ms: int) -> Iterator[ExchangeEvent]:
    total = margin.standing(exchange, account)
    held = [
        one for one in margin.stakes(exchange, account) if one.position.amount and not one.isolated
    ]
    called = _is_short(total.cross_margin, total.cross_maintenance)
    is_new = exchange.margin_calls.is_new((account, "", ""), called)
    if total.cross_margin >= total.cross_maintenance:
        if is_new:
            yield _call(exchange, account, held, now_ms)
        return
    for symbol in {one.position.symbol: None for one in held}:
        yield from _expire_orders(exchange, account, symbol, now_ms)
    for one in sorted(held, key=lambda one: one.maintenance, reverse=True):
        yield from _liquidate(exchange, one.position, abs(one.position.amount), None, now_ms)
        total = margin.standing(exchange, account)
        if total.cross_margin >= total.cross_maintenance:
            return


def _is_short(held: Decimal, maintenance: Decimal) -> bool:
    return bool(maintenance) and maintenance >= EXACT.multiply(held, MARGIN_CALL_RATIO)


def _liquidate(
    exchange: "Exchange",
    position: Position,
    quantity: Decimal,
    price: Decimal | None,
    now_ms: int,
) -> Iterator[ExchangeEvent]:
    account, symbol = position.account, position.symbol
    before = exchange.ledger.balance(account, QUOTE_ASSET).cross
    yield from _close(exchange, position, "LIQUIDATION", quantity, price, now_ms)
    after = exchange.ledger.balance(account, QUOTE_ASSET).cross
    if exchange.settings.margin_type(account, symbol) == "ISOLATED":
        lacking = before - after
    elif exchange.settings.has_multi_assets(account) or _has_cross_position(exchange, account):
        return
    else:
        lacking = -after
    if lacking > ZERO:
        yield move(exchange, account, QUOTE_ASSET, lacking, "INSURANCE_CLEAR", now_ms)


def _has_cross_position(exchange: "Exchange", account: str) -> bool:
    stakes = margin.stakes(exchange, account)
    return any(one.position.amount and not one.isolated for one in stakes)


def _close(
    exchange: "Exchange",
    position: Position,
    by: ForcedBy,
    quantity: Decimal,
    price: Decimal | None,
    now_ms: int,
) -> Iterator[ExchangeEvent]:
    side: Side = "SELL" if position.amount > 0 else "BUY"
    best = exchange.prices[position.symbol]
    at = price or (best.bid if side == "SELL" else best.ask)
    now_ms = exchange.advance(position.symbol, now_ms)
    prefix, order_type, time_in_force = FORMS[by]
    order_id = exchange.take_order_id()
    order = Order(
        order_id=order_id,
        client_order_id=f"{prefix}{now_ms}{order_id % 1_000_000:06}" if by != "ADL" else prefix,
        account=position.account,
        symbol=position.symbol,
        side=side,
        type=order_type,
        time_in_force=time_in_force,
        quantity=quantity,
        price=at if order_type == "LIMIT" else ZERO,
        reduce_only=False,
        position_side=position.position_side,
        external=True,
        created_ms=now_ms,
        updated_ms=now_ms,
        forced_by=by,
    )
    exchange.ledger.put_order(order)
    yield OrderChanged(order=order, execution="NEW", time_ms=now_ms)
    for event in exchange.trade(order, quantity, at, now_ms, maker=False):
        unseen = by in OFF_MARKET and isinstance(event, OrderTraded)
        yield msgspec.structs.replace(event, is_public=False) if unseen else event


def _expire_orders(
    exchange: "Exchange", account: str, symbol: str, now_ms: int
) -> Iterator[ExchangeEvent]:
    now_ms = exchange.advance(symbol, now_ms)
    for order in exchange.ledger.open_orders(account, symbol):
        yield exchange.expire(order, EXPIRED_LIQUIDATION, now_ms)
