"""Bugs planted in a running node of NautilusTrader 1.x, on which the checkers are proven.

A bug is a function of a built node that changes what it does from then on. Most alter what the
venue's client tells the engines, so that the node goes on as it would with a faulty adapter.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.events import (
    AccountState,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderUpdated,
)

PlantedBug = Callable[[TradingNode], None]

ONE_LOT = Decimal("0.001")
ONE_TICK = Decimal("0.10")
LEAK_BYTES = 1 << 20
LEAK_INTERVAL_SECS = 0.5
FILL_LATE_SECS = 20.0
LATE_START_SECS = 31.0
SLOW_CHECK_SECS = 6.0
STORM_REQUESTS = 300


def plant(name: str, node: TradingNode) -> None:
    """Plant a bug in a node that is built and does not run. Raises ValueError, naming them all."""
    if name not in PLANTED:
        raise ValueError(f"unknown planted bug {name!r}: must be one of {', '.join(PLANTED)}")
    PLANTED[name](node)


def _replace_endpoint(
    node: TradingNode,
    endpoint: str,
    handler: Callable[[Any], None],
    alter: Callable[[Any], Iterator[Any]],
) -> None:
    def altered(message: Any) -> None:
        for one in alter(message):
            handler(one)

    node.kernel.msgbus.deregister(endpoint, handler)
    node.kernel.msgbus.register(endpoint, altered)


def _order_events(alter: Callable[[TradingNode, Any], Iterator[Any]]) -> PlantedBug:
    """Return the bug that passes every order event of the venue's client through `alter`."""

    def bug(node: TradingNode) -> None:
        engine = node.kernel.exec_engine
        _replace_endpoint(
            node, "ExecEngine.process", engine.process, lambda event: alter(node, event)
        )

    return bug


def _account_states(alter: Callable[[Any], Iterator[Any]]) -> PlantedBug:
    def bug(node: TradingNode) -> None:
        portfolio = node.kernel.portfolio
        _replace_endpoint(node, "Portfolio.update_account", portfolio.update_account, alter)

    return bug


def _dropped(type_: type) -> PlantedBug:
    def alter(_: TradingNode, event: Any) -> Iterator[Any]:
        if not isinstance(event, type_):
            yield event

    return _order_events(alter)


def _changed(event: Any, **values: Any) -> Any:
    values.setdefault("event_id", str(UUID4()))
    return type(event).from_dict(type(event).to_dict(event) | values)


def _fill_altered(change: Callable[[dict[str, Any]], dict[str, Any]]) -> PlantedBug:
    def alter(_: TradingNode, event: Any) -> Iterator[Any]:
        if isinstance(event, OrderFilled):
            yield _changed(event, **change(OrderFilled.to_dict(event)))
        else:
            yield event

    return _order_events(alter)


def _fill_doubled(_: TradingNode, event: Any) -> Iterator[Any]:
    yield event
    if isinstance(event, OrderFilled):
        yield _changed(event, trade_id=f"{event.trade_id}-again")


def _fill_misattributed(node: TradingNode, event: Any) -> Iterator[Any]:
    if not isinstance(event, OrderFilled):
        yield event
        return
    other = next(
        order
        for order in node.cache.orders(instrument_id=event.instrument_id)
        if order.client_order_id != event.client_order_id and not order.is_closed
    )
    venue_order_id = other.venue_order_id or event.venue_order_id
    yield _changed(
        event, client_order_id=str(other.client_order_id), venue_order_id=str(venue_order_id)
    )


def _invented(type_: type, **values: Any) -> PlantedBug:
    """Return the bug that tells an order's end right after its acceptance."""

    def alter(_: TradingNode, event: Any) -> Iterator[Any]:
        yield event
        if isinstance(event, OrderAccepted):
            known = OrderAccepted.to_dict(event) | {"event_id": str(UUID4())} | values
            known.pop("type")
            yield type_.from_dict(known)  # type: ignore[attr-defined]

    return _order_events(alter)


def _reject_invented(_: TradingNode, event: Any) -> Iterator[Any]:
    if isinstance(event, OrderAccepted):
        known = OrderAccepted.to_dict(event) | {"reason": "planted", "due_post_only": False}
        yield OrderRejected.from_dict(known)
    else:
        yield event


def _balances_off_by_a_cent(state: AccountState) -> Iterator[AccountState]:
    values = AccountState.to_dict(state)
    for balance in values["balances"]:
        for field in ("total", "free"):
            balance[field] = str(Decimal(balance[field]) + Decimal("0.01"))
    yield AccountState.from_dict(values)


def _after_the_first(state_class: type) -> Callable[[Any], Iterator[Any]]:
    seen: list[Any] = []

    def alter(state: Any) -> Iterator[Any]:
        if not seen:
            seen.append(state)
            yield state

    return alter


def _checks_stopped(node: TradingNode) -> None:
    async def never() -> None:
        return

    node.kernel.exec_engine._continuous_reconciliation_loop = never


def _engine_delayed(name: str, seconds: float) -> PlantedBug:
    def bug(node: TradingNode) -> None:
        method: Callable[..., Awaitable[Any]] = getattr(node.kernel.exec_engine, name)

        async def delayed(*args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(seconds)
            return await method(*args, **kwargs)

        setattr(node.kernel.exec_engine, name, delayed)

    return bug


def _fill_late(node: TradingNode) -> None:
    async def blind() -> None:
        return

    node.kernel.exec_engine._check_orders_consistency = blind
    node.kernel.exec_engine._check_positions_consistency = blind
    handle = node.kernel.exec_engine.process

    def later(_: TradingNode, event: Any) -> Iterator[Any]:
        if isinstance(event, OrderFilled):
            node.kernel.loop.call_later(FILL_LATE_SECS, handle, event)
        else:
            yield event

    _order_events(later)(node)


def _order_purged(node: TradingNode) -> None:
    def purge(_: TradingNode, event: Any) -> Iterator[Any]:
        yield event
        if isinstance(event, OrderCanceled):
            node.kernel.loop.call_later(0.2, node.cache.purge_order, event.client_order_id)

    _order_events(purge)(node)


def _reconciliation_skipped(node: TradingNode) -> None:
    async def skipped(*_: Any, **__: Any) -> bool:
        return True

    node.kernel.exec_engine.reconcile_execution_state = skipped


def _memory_leaked(node: TradingNode) -> None:
    leaked: list[bytes] = []

    async def leak() -> None:
        while True:
            await asyncio.sleep(LEAK_INTERVAL_SECS)
            leaked.append(os.urandom(LEAK_BYTES))

    node._planted = node.kernel.loop.create_task(leak())


def _client(node: TradingNode) -> Any:
    return next(iter(node.kernel.exec_engine._clients.values()))


def _order_sent_twice(node: TradingNode) -> None:
    account = _client(node)._http_account
    send = account.new_order

    async def send_twice(*args: Any, **kwargs: Any) -> Any:
        reply = await send(*args, **kwargs)
        await send(*args, **kwargs)
        return reply

    account.new_order = send_twice


def _request_storm(node: TradingNode) -> None:
    check = node.kernel.exec_engine._check_orders_consistency

    async def stormy() -> None:
        for _ in range(STORM_REQUESTS):
            await _client(node)._http_account.query_open_orders()
        await check()

    node.kernel.exec_engine._check_orders_consistency = stormy


def _error_logged(node: TradingNode) -> None:
    node.kernel.loop.call_later(0.5, node.kernel.logger.error, "planted")


def _exited(node: TradingNode) -> None:
    def exit_after_a_fill(_: TradingNode, event: Any) -> Iterator[Any]:
        yield event
        if isinstance(event, OrderFilled):
            node.kernel.loop.call_later(0.1, os._exit, 1)

    _order_events(exit_after_a_fill)(node)


PLANTED: MappingProxyType[str, PlantedBug] = MappingProxyType(
    {
        "fill_dropped": _dropped(OrderFilled),
        "fill_doubled": _order_events(_fill_doubled),
        "fill_quantity_off_by_one_lot": _fill_altered(
            lambda fill: {"last_qty": str(Decimal(fill["last_qty"]) - ONE_LOT)}
        ),
        "fill_price_off_by_one_tick": _fill_altered(
            lambda fill: {"last_px": str(Decimal(fill["last_px"]) + ONE_TICK)}
        ),
        "fill_commission_off": _fill_altered(lambda _: {"commission": "0.01000000 USDT"}),
        "fill_liquidity_side_swapped": _fill_altered(
            lambda fill: {
                "liquidity_side": "MAKER" if fill["liquidity_side"] == "TAKER" else "TAKER"
            }
        ),
        "fill_trade_id_altered": _fill_altered(lambda fill: {"trade_id": f"{fill['trade_id']}0"}),
        "fill_time_altered": _fill_altered(
            lambda fill: {"ts_event": fill["ts_event"] - 60_000_000_000}
        ),
        "fill_misattributed": _order_events(_fill_misattributed),
        "cancel_dropped": _dropped(OrderCanceled),
        "update_dropped": _dropped(OrderUpdated),
        "acceptance_dropped": _dropped(OrderAccepted),
        "reject_invented": _order_events(_reject_invented),
        "cancel_invented": _invented(OrderCanceled),
        "expiry_invented": _invented(OrderExpired),
        "balances_off_by_a_cent": _account_states(_balances_off_by_a_cent),
        "balances_never_updated": _account_states(_after_the_first(AccountState)),
        "checks_stopped": _checks_stopped,
        "check_slow": _engine_delayed("_check_orders_consistency", SLOW_CHECK_SECS),
        "start_late": _engine_delayed("reconcile_execution_state", LATE_START_SECS),
        "fill_late": _fill_late,
        "order_purged": _order_purged,
        "reconciliation_skipped": _reconciliation_skipped,
        "memory_leaked": _memory_leaked,
        "order_sent_twice": _order_sent_twice,
        "request_storm": _request_storm,
        "error_logged": _error_logged,
        "process_exited": _exited,
    }
)
"""Every bug by its name."""
