"""Pushes to the user stream: what happened to an account, in Binance's order, and its mishaps.

One command makes its pushes at once, in the order recorded in production: every TRADE_LITE first,
then each event in turn, ACCOUNT_UPDATE before the ORDER_TRADE_UPDATE of its trade. A change of a
conditional order stands between what was before it and what comes after.

A push goes to every connection that listens to the account's active listen key. Rules strike at the
push, for all connections alike, whether or not anybody listens.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from mock_venue.exchange.account import Position, Trade
from mock_venue.exchange.events import (
    AccountChanged,
    AlgoOrderChanged,
    ExchangeEvent,
    LeverageChanged,
    MarginCalled,
    MultiAssetsChanged,
    OrderChanged,
    OrderTraded,
)
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.order import Execution, Order
from mock_venue.executor import Executor
from mock_venue.recording import Late, Record
from mock_venue.script.altered_push import altered
from mock_venue.script.misbehaviour import Misbehaviours
from mock_venue.script.rules import PushRule
from mock_venue.wire.connection import Connections, Message
from mock_venue.wire.listen_keys import ListenKeys
from mock_venue.wire.push import Push, push_data
from mock_venue.wire.schemas import stream as schemas
from mock_venue.wire.schemas.algo import algo_update
from mock_venue.wire.schemas.stream import Frame

CONFIG_UPDATE = "ACCOUNT_CONFIG_UPDATE"
NOBODY = (None,)


class UserStream:
    """Turns the exchange's events into pushes and delivers them."""

    def __init__(
        self,
        executor: Executor,
        listen_keys: ListenKeys,
        connections: Connections,
        misbehaviours: Misbehaviours,
        record: Record,
    ) -> None:
        self._exchange: Exchange = executor.exchange
        self._executor = executor
        self._listen_keys = listen_keys
        self._connections = connections
        self._misbehaviours = misbehaviours
        self._record = record
        self._swapped: dict[str, Push] = {}
        executor.listen(self._on_events)

    def expire(self, account: str) -> None:
        """End the account's listen key: one last frame, then nothing more comes on it."""
        key = self._listen_keys.active(account)
        if key is None:
            return
        about = (key, self._executor.now_ms())
        self._push(Push(account, "listenKeyExpired", schemas.listen_key_expired, about))
        self._listen_keys.expire(account)

    def expire_due(self) -> None:
        """End the listen keys whose life is over."""
        for account in self._listen_keys.due(self._executor.now_ms()):
            self.expire(account)

    def _on_events(self, events: list[ExchangeEvent]) -> None:
        self.expire_due()
        if len(events) == 1:
            self._push_events(events)
            return
        for _, part in groupby(events, lambda event: isinstance(event, AlgoOrderChanged)):
            self._push_events(list(part))

    def _push_events(self, events: list[ExchangeEvent]) -> None:
        is_free = self._misbehaviours.is_idle and not self._swapped
        push = self._deliver if is_free else self._push
        for event in events:
            if isinstance(event, OrderTraded):
                push(self._trade_lite(event))
        for event in events:
            match event:
                case OrderTraded():
                    push(self._account_update(event))
                    push(self._order_traded(event))
                case OrderChanged():
                    push(self._order_changed(event))
                case AlgoOrderChanged():
                    push(self._algo_order_changed(event))
                case LeverageChanged():
                    about = (event.symbol, event.leverage, event.time_ms)
                    push(Push(event.account, CONFIG_UPDATE, schemas.leverage_update, about))
                case MultiAssetsChanged():
                    change = (event.multi_assets, event.time_ms)
                    push(Push(event.account, CONFIG_UPDATE, schemas.multi_assets_update, change))
                case MarginCalled():
                    push(Push(event.account, "MARGIN_CALL", schemas.margin_call, (event,)))
                case AccountChanged():
                    push(self._account_changed(event))

    def _trade_lite(self, event: OrderTraded) -> Push:
        spec = self._exchange.symbols[event.order.symbol]
        about = (spec, event.order, event.trade)
        return _of_trade(event, "TRADE_LITE", schemas.trade_lite, about)

    def _account_update(self, event: OrderTraded) -> Push:
        fee = event.fee_balance
        balances = (event.balance,) if fee is None else (event.balance, fee)
        about = ("ORDER", balances, (self._held(event.position),), event.time_ms)
        return _of_trade(event, "ACCOUNT_UPDATE", schemas.account_update, about)

    def _account_changed(self, event: AccountChanged) -> Push:
        held = tuple(self._held(position) for position in event.positions)
        about = (event.reason, event.balances, held, event.time_ms, event.income)
        return Push(event.account, "ACCOUNT_UPDATE", schemas.account_update, about)

    def _order_traded(self, event: OrderTraded) -> Push:
        execution: Execution = "TRADE" if event.order.forced_by is None else "CALCULATED"
        about = self._about_order(event.order, execution, event.trade, event.time_ms)
        make = schemas.order_trade_update
        return _of_trade(event, "ORDER_TRADE_UPDATE", make, about, execution)

    def _order_changed(self, event: OrderChanged) -> Push:
        order = event.order
        return Push(
            order.account,
            "ORDER_TRADE_UPDATE",
            schemas.order_trade_update,
            (*self._about_order(order, event.execution, None, event.time_ms), event.modify_id),
            event.execution,
            order.order_id,
            order.client_order_id,
        )

    def _algo_order_changed(self, event: AlgoOrderChanged) -> Push:
        algo_order = event.algo_order
        return Push(
            algo_order.account,
            "ALGO_UPDATE",
            algo_update,
            (algo_order, event.order, self._exchange.symbols[algo_order.symbol]),
            algo_order.status,
            algo_order.order_id,
            algo_order.client_algo_id,
        )

    def _about_order(
        self, order: Order, execution: Execution, trade: Trade | None, time_ms: int
    ) -> tuple[Any, ...]:
        spec = self._exchange.symbols[order.symbol]
        bids, asks = self._exchange.ledger.exposure.notional(order.account, order.symbol)
        return (spec, order, execution, trade, time_ms, bids, asks)

    def _held(self, position: Position) -> schemas.HeldPosition:
        symbol = position.symbol
        return schemas.HeldPosition(
            position,
            self._exchange.symbols[symbol],
            self._exchange.settings.margin_type(position.account, symbol) == "ISOLATED",
            self._exchange.prices[symbol].mark,
        )

    def _push(self, push: Push) -> None:
        handle = self._misbehaviours.for_push(push.event, push.execution, push.client_order_id)
        rule = handle.rule if handle is not None and isinstance(handle.rule, PushRule) else None
        action = rule.action if rule is not None else None
        if handle is not None and action == "hold" and self._misbehaviours.has_room:
            handle.hold(lambda: self._deliver(push, "released"))
            self._note_withheld(push, "held")
            return
        if action == "drop":
            self._note_withheld(push, "dropped")
            return
        if action == "swap" and push.account not in self._swapped:
            self._swapped[push.account] = push
            self._note_withheld(push, "held")
            return
        if rule is not None and action == "alter":
            self._deliver(_altered(push, rule), "altered")
        else:
            self._deliver(push)
        if rule is not None and action == "duplicate":
            again = _altered(push, rule)
            same = again.payload == push.payload
            self._deliver(again, "duplicated" if same else "altered")
        if (swapped := self._swapped.pop(push.account, None)) is not None:
            self._deliver(swapped, "released")

    def _deliver(self, push: Push, outcome: str = "sent") -> None:
        key = self._listen_keys.active(push.account)
        reached: list[int | None] = []
        if key is not None and (hearing := self._connections.hearing(key, push.event)):
            message = Message(key, push.text)
            reached = [one.number for one in hearing if one.send(message.framed(one.wrapped))]
        if reached:
            self._note(push, reached, outcome)
        else:
            self._note(push, NOBODY, "no_subscriber")

    def _note_withheld(self, push: Push, outcome: str) -> None:
        key = self._listen_keys.active(push.account)
        hearing = self._connections.hearing(key, push.event) if key is not None else []
        self._note(push, [connection.number for connection in hearing] or NOBODY, outcome)

    def _note(self, push: Push, connections: Sequence[int | None], outcome: str) -> None:
        for number in connections:
            self._record("wire", "push", Late(push_data, (push, number, outcome)))


def _of_trade(
    event: OrderTraded,
    name: str,
    make: Callable[..., Frame],
    about: tuple[Any, ...],
    execution: Execution | None = None,
) -> Push:
    order = event.order
    return Push(
        order.account,
        name,
        make,
        about,
        execution,
        order.order_id,
        order.client_order_id,
        event.trade.trade_id,
    )


def _altered(push: Push, rule: PushRule) -> Push:
    return push.saying(altered, (push.payload, rule))
