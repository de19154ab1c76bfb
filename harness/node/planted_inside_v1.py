"""Bugs planted inside a 1.x node: in its engine, its cache, its requests and its process."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from types import MappingProxyType
from typing import Any

from nautilus_trader.adapters.binance.common.enums import (
    BinanceOrderSide,
    BinanceOrderType,
    BinanceTimeInForce,
)
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.events import OrderCanceled, OrderFilled
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId

from harness.node.planted_messages_v1 import (
    ONE_LOT,
    PlantedBug,
    a_lot_less,
    changed,
    fill_altered,
    order_events,
)

INSTRUMENT_ID = "BTCUSDT-PERP.BINANCE"
LEAK_BYTES = 1 << 20
LEAK_INTERVAL_SECS = 0.5
APPLIED_SECS = 0.2
FILL_LATE_SECS = 20.0
LATE_START_SECS = 31.0
SLOW_CHECK_SECS = 6.0
STORM_REQUESTS = 300


def _both(one: PlantedBug, other: PlantedBug) -> PlantedBug:
    def bug(node: TradingNode) -> None:
        one(node)
        other(node)

    return bug


def _after(type_: type, act: Callable[[TradingNode, Any], None]) -> PlantedBug:
    """Return the bug that does something shortly after each event of a type was applied."""

    def alter(node: TradingNode, event: Any) -> Iterator[Any]:
        yield event
        if isinstance(event, type_):
            node.kernel.loop.call_later(APPLIED_SECS, act, node, event)

    return order_events(alter)


def _position_applies(*fills: dict[str, str]) -> PlantedBug:
    """Return the bug that has a position apply made-up fills of one lot after each real one."""

    def bug(node: TradingNode) -> None:
        def apply(event: Any) -> None:
            position = node.cache.position(event.position_id)
            fill = position.last_event
            for number, values in enumerate(fills):
                trade_id = f"{fill.trade_id}-{number}"
                made_up = {"trade_id": trade_id, "last_qty": str(ONE_LOT), "commission": "0 USDT"}
                position.apply(changed(fill, **made_up | values))

        node.kernel.msgbus.subscribe("events.position.*", apply)

    return bug


def _fill_persisted_twice(node: TradingNode, event: OrderFilled) -> None:
    node.cache.update_order(node.cache.order(event.client_order_id))


def _index_entry_orphaned(node: TradingNode, event: OrderFilled) -> None:
    nobody = ClientOrderId("O-99")
    venue = event.instrument_id.venue
    node.cache.add_position_id(event.position_id, venue, nobody, event.strategy_id)


def _order_purged(node: TradingNode, event: OrderCanceled) -> None:
    node.cache.purge_order(event.client_order_id)


def _fill_late(node: TradingNode) -> None:
    async def blind() -> None:
        await _client(node)._http_account.query_open_orders()

    node.kernel.exec_engine._check_orders_consistency = blind
    node.kernel.exec_engine._check_positions_consistency = blind
    handle = node.kernel.exec_engine.process

    def later(_: TradingNode, event: Any) -> Iterator[Any]:
        if isinstance(event, OrderFilled):
            node.kernel.loop.call_later(FILL_LATE_SECS, handle, event)
        else:
            yield event

    order_events(later)(node)


def _checks_stopped(node: TradingNode) -> None:
    async def never() -> None:
        return

    node.kernel.exec_engine._continuous_reconciliation_loop = never


def _checks_too_early(node: TradingNode) -> None:
    node.kernel.exec_engine.reconciliation_startup_delay_secs = 0.0


def _check_failed(node: TradingNode) -> None:
    async def failed() -> None:
        raise RuntimeError("planted")

    node.kernel.exec_engine._check_orders_consistency = failed


def _engine_delayed(name: str, seconds: float) -> PlantedBug:
    def bug(node: TradingNode) -> None:
        method: Callable[..., Awaitable[Any]] = getattr(node.kernel.exec_engine, name)

        async def delayed(*args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(seconds)
            return await method(*args, **kwargs)

        setattr(node.kernel.exec_engine, name, delayed)

    return bug


def _reconciliation_skipped(node: TradingNode) -> None:
    async def skipped(*_: Any, **__: Any) -> bool:
        return True

    node.kernel.exec_engine.reconcile_execution_state = skipped


def _claimed_by_a_strategy_that_does_not(node: TradingNode) -> None:
    (strategy,) = node.trader.strategies()
    strategy.external_order_claims.append(InstrumentId.from_str(INSTRUMENT_ID))
    node.kernel.exec_engine.register_external_order_claims(strategy)


def _order_before_reconciliation(node: TradingNode) -> None:
    reconcile = node.kernel.exec_engine.reconcile_execution_state

    async def too_late(*args: Any, **kwargs: Any) -> bool:
        await _client(node)._http_account.new_order(
            symbol="BTCUSDT",
            side=BinanceOrderSide.BUY,
            order_type=BinanceOrderType.LIMIT,
            time_in_force=BinanceTimeInForce.GTC,
            quantity="0.010",
            price="40000",
            new_client_order_id="early",
        )
        succeeded: bool = await reconcile(*args, **kwargs)
        return succeeded

    node.kernel.exec_engine.reconcile_execution_state = too_late


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


INSIDE: MappingProxyType[str, PlantedBug] = MappingProxyType(
    {
        "checks_stopped": _checks_stopped,
        "check_slow": _engine_delayed("_check_orders_consistency", SLOW_CHECK_SECS),
        "start_late": _engine_delayed("reconcile_execution_state", LATE_START_SECS),
        "fill_late": _fill_late,
        "order_purged": _after(OrderCanceled, _order_purged),
        "position_off_by_one_lot": _position_applies({}),
        "position_without_a_fill": _both(fill_altered(a_lot_less), _position_applies({})),
        "entry_price_off": _position_applies(
            {"last_px": "60000.00", "order_side": "BUY"}, {"order_side": "SELL"}
        ),
        "realized_pnl_off_by_a_cent": _position_applies(
            {"commission": "0.01 USDT", "order_side": "BUY"}, {"order_side": "SELL"}
        ),
        "fill_persisted_twice": _after(OrderFilled, _fill_persisted_twice),
        "index_entry_orphaned": _after(OrderFilled, _index_entry_orphaned),
        "order_attributed_without_a_claim": _claimed_by_a_strategy_that_does_not,
        "order_before_reconciliation": _order_before_reconciliation,
        "checks_too_early": _checks_too_early,
        "check_failed": _check_failed,
        "reconciliation_skipped": _reconciliation_skipped,
        "memory_leaked": _memory_leaked,
        "order_sent_twice": _order_sent_twice,
        "request_storm": _request_storm,
        "error_logged": _error_logged,
        "process_exited": _after(OrderFilled, lambda *_: os._exit(1)),
    }
)
