"""Pushes to the user stream: what happened to an account, in Binance's order, and its mishaps.

One command makes its pushes at once, in the order recorded in production: every TRADE_LITE first,
then each event in turn, ACCOUNT_UPDATE before the ORDER_TRADE_UPDATE of its trade. A change of a
conditional order stands between what was before it and what comes after.

A push goes to every connection that listens to the account's active listen key. Rules strike at the
push, for all connections alike, whether or not anybody listens.
"""

from itertools import groupby
from typing import Any

import msgspec

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
from mock_venue.recording import Late, Record, made
from mock_venue.script.altered_push import altered
from mock_venue.script.misbehaviour import Misbehaviours
from mock_venue.script.rules import PushRule
from mock_venue.wire.connection import Connections, Message
from mock_venue.wire.listen_keys import ListenKeys
from mock_venue.wire.schemas import stream as schemas
from mock_venue.wire.schemas.algo import algo_update


class Push(msgspec.Struct, kw_only=True, gc=False):
    """One frame for one account, and the order and trade it is about.

    The payload is made when the frame is sent, or when somebody reads the history.
    """

    account: str
    event: str
    content: Late | bytes
    """The payload; once it was sent, its text."""
    execution: str | None = None
    order_id: int | None = None
    client_order_id: str | None = None
    trade_id: int | None = None

    @property
    def text(self) -> bytes:
        """The payload as it is sent."""
        if isinstance(self.content, Late):
            self.content = _encoder.encode(made(self.content))
        return self.content

    @property
    def payload(self) -> dict[str, Any]:
        """The payload as data."""
        if isinstance(self.content, Late):
            return made(self.content)
        payload: dict[str, Any] = _decoder.decode(self.content)
        return payload


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


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
        content = Late(schemas.listen_key_expired, (key, self._executor.now_ms()))
        self._push(Push(account=account, event="listenKeyExpired", content=content))
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
        for event in events:
            if isinstance(event, OrderTraded):
                self._push(self._trade_lite(event))
        for event in events:
            match event:
                case OrderTraded():
                    self._push(self._account_update(event))
                    self._push(self._order_traded(event))
                case OrderChanged():
                    self._push(self._order_changed(event))
                case AlgoOrderChanged():
                    self._push(self._algo_order_changed(event))
                case LeverageChanged():
                    about = (event.symbol, event.leverage, event.time_ms)
                    content = Late(schemas.leverage_update, about)
                    self._push(
                        Push(account=event.account, event="ACCOUNT_CONFIG_UPDATE", content=content)
                    )
                case MultiAssetsChanged():
                    content = Late(schemas.multi_assets_update, (event.multi_assets, event.time_ms))
                    self._push(
                        Push(account=event.account, event="ACCOUNT_CONFIG_UPDATE", content=content)
                    )
                case MarginCalled():
                    content = Late(schemas.margin_call, (event,))
                    self._push(Push(account=event.account, event="MARGIN_CALL", content=content))
                case AccountChanged():
                    held = tuple(self._held(position) for position in event.positions)
                    content = Late(
                        schemas.account_update,
                        (event.reason, event.balances, held, event.time_ms, event.income),
                    )
                    self._push(Push(account=event.account, event="ACCOUNT_UPDATE", content=content))

    def _trade_lite(self, event: OrderTraded) -> Push:
        spec = self._exchange.symbols[event.order.symbol]
        content = Late(schemas.trade_lite, (spec, event.order, event.trade))
        return _traded(event, "TRADE_LITE", content, None)

    def _account_update(self, event: OrderTraded) -> Push:
        fee = event.fee_balance
        balances = (event.balance,) if fee is None else (event.balance, fee)
        held = (self._held(event.position),)
        content = Late(schemas.account_update, ("ORDER", balances, held, event.time_ms))
        return _traded(event, "ACCOUNT_UPDATE", content, None)

    def _order_traded(self, event: OrderTraded) -> Push:
        execution: Execution = "TRADE" if event.order.forced_by is None else "CALCULATED"
        content = self._order_trade_update(event.order, execution, event.trade, event.time_ms)
        return _traded(event, "ORDER_TRADE_UPDATE", content, execution)

    def _order_changed(self, event: OrderChanged) -> Push:
        order = event.order
        return Push(
            account=order.account,
            event="ORDER_TRADE_UPDATE",
            content=self._order_trade_update(order, event.execution, None, event.time_ms),
            execution=event.execution,
            order_id=order.order_id,
            client_order_id=order.client_order_id,
        )

    def _algo_order_changed(self, event: AlgoOrderChanged) -> Push:
        algo_order = event.algo_order
        spec = self._exchange.symbols[algo_order.symbol]
        return Push(
            account=algo_order.account,
            event="ALGO_UPDATE",
            content=Late(algo_update, (algo_order, event.order, spec)),
            execution=algo_order.status,
            order_id=algo_order.order_id,
            client_order_id=algo_order.client_algo_id,
        )

    def _order_trade_update(
        self, order: Order, execution: Execution, trade: Trade | None, time_ms: int
    ) -> Late:
        spec = self._exchange.symbols[order.symbol]
        bids, asks = self._exchange.ledger.exposure.notional(order.account, order.symbol)
        about = (spec, order, execution, trade, time_ms, bids, asks)
        return Late(schemas.order_trade_update, about)

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
        if handle is None and not self._swapped:
            self._deliver(push, "sent")
            return
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
            self._deliver(push, "sent")
        if rule is not None and action == "duplicate":
            again = _altered(push, rule)
            same = again.payload == push.payload
            self._deliver(again, "duplicated" if same else "altered")
        if (swapped := self._swapped.pop(push.account, None)) is not None:
            self._deliver(swapped, "released")

    def _deliver(self, push: Push, outcome: str) -> None:
        sent = False
        key = self._listen_keys.active(push.account)
        if key is not None and (hearing := self._connections.hearing(key, push.event)):
            message = Message(key, push.text)
            for connection in hearing:
                if connection.send(message):
                    self._note(push, connection.number, outcome)
                    sent = True
        if not sent:
            self._note(push, None, "no_subscriber")

    def _note_withheld(self, push: Push, outcome: str) -> None:
        key = self._listen_keys.active(push.account)
        hearing = [] if key is None else self._connections.hearing(key, push.event)
        numbers: list[int | None] = [connection.number for connection in hearing]
        for number in numbers or [None]:
            self._note(push, number, outcome)

    def _note(self, push: Push, connection: int | None, outcome: str) -> None:
        self._record("wire", "push", Late(_push_data, (push, connection, outcome)))


def _traded(event: OrderTraded, name: str, content: Late, execution: str | None) -> Push:
    return Push(
        account=event.order.account,
        event=name,
        content=content,
        execution=execution,
        order_id=event.order.order_id,
        client_order_id=event.order.client_order_id,
        trade_id=event.trade.trade_id,
    )


def _push_data(push: Push, connection: int | None, outcome: str) -> dict[str, Any]:
    return {
        "event": push.event,
        "execution": push.execution,
        "order_id": push.order_id,
        "client_order_id": push.client_order_id,
        "trade_id": push.trade_id,
        "connection": connection,
        "outcome": outcome,
        "payload": push.payload,
    }


def _altered(push: Push, rule: PushRule) -> Push:
    return msgspec.structs.replace(push, content=Late(altered, (push.payload, rule)))
