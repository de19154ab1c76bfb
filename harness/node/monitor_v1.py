"""An actor that keeps the status of its node's reconciliation (NautilusTrader 1.x).

For production nodes and the harness's alike:

    monitor = ReconciliationMonitor(node.kernel.exec_engine)
    node.trader.add_actor(monitor)      # before the node runs
    ...
    monitor.status.pending_discrepancies

Other components hear of each change by subscribing to `STATUS_TOPIC` on the message bus.

Orders and positions are followed on the message bus. That the engine reconciles and what the venue
answers to its periodic checks is published nowhere: for that, the engine's
`reconcile_execution_state` and its clients' report methods are called through the monitor,
unchanged. A query whose failure the adapter hides (Binance's gives an empty answer) is an answer
here too. It does not see that the check for orders in flight was made, unless it asked the venue.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.config import ActorConfig
from nautilus_trader.execution.messages import QueryOrder

from harness.node.discrepancies_v1 import VenueAnswers, is_external
from harness.node.status import ReconciliationState, ReconciliationStatus

STATUS_TOPIC = "reconciliation.status"

_DELAY_TIMER = "reconciliation-monitoring"
_QUERIES = ("generate_order_status_reports", "generate_position_status_reports")
_INTERVALS = (
    "inflight_check_interval_ms",
    "open_check_interval_secs",
    "position_check_interval_secs",
)

_STATE = ReconciliationState


class ReconciliationMonitor(Actor):  # type: ignore[misc]
    """Keeps a `ReconciliationStatus`; it never changes what the node does."""

    def __init__(self, exec_engine: Any) -> None:
        super().__init__(ActorConfig(component_id="ReconciliationMonitor"))
        self._engine = exec_engine
        self._status = self._told = ReconciliationStatus()
        self._observed: set[Any] = set()
        self._external: set[Any] = set()
        self._answers: VenueAnswers
        self._reconcile = exec_engine.reconcile_execution_state
        exec_engine.reconcile_execution_state = self._reconcile_observed

    @property
    def status(self) -> ReconciliationStatus:
        """The status now, with counts as the cache has them now."""
        return msgspec.structs.replace(
            self._status,
            pending_discrepancies=self._answers.differing(),
            external_orders_count=len(self._external),
            inflight_orders_count=self.cache.orders_inflight_count(),
        )

    def register_base(self, portfolio: Any, msgbus: Any, cache: Any, clock: Any) -> None:
        """Take part in a node; it is then that the status is kept, not only from the start on."""
        super().register_base(portfolio, msgbus, cache, clock)
        self._answers = VenueAnswers(cache, self._engine.reconciliation_instrument_ids)
        msgbus.subscribe("events.order.*", self._on_order_event)
        msgbus.subscribe("events.position.*", self._on_change)
        msgbus.subscribe("commands.trading.*", self._on_command)

    def on_start(self) -> None:
        """Follow a node whose startup reconciliation is off."""
        self._observe_clients()
        if not self._engine.reconciliation and self._checks:
            self._go(_STATE.MONITORING)

    def on_stop(self) -> None:
        """Wait for no delay any more."""
        self.clock.cancel_timers()

    @property
    def _checks(self) -> bool:
        return any(getattr(self._engine, interval, None) for interval in _INTERVALS)

    def _observe_clients(self) -> None:
        for client_id, client in self._engine._clients.items():
            if client_id not in self._observed:
                self._observed.add(client_id)
                for name in _QUERIES:
                    setattr(client, name, partial(self._ask_observed, getattr(client, name)))

    async def _reconcile_observed(self, *args: Any, **kwargs: Any) -> bool:
        self._observe_clients()
        self._go(_STATE.RECONCILING)
        error = "startup reconciliation failed"
        success: bool = False
        try:
            success = await self._reconcile(*args, **kwargs)
        except Exception as failure:
            error = f"{error}: {failure!r}"
            raise
        finally:
            # Of two at a time, the first that ends tells.
            if self._status.state is _STATE.RECONCILING:
                self._on_reconciled(None if success else error)
        return success

    def _on_reconciled(self, error: str | None) -> None:
        self._external = {
            order.client_order_id for order in self.cache.orders() if is_external(order)
        }
        self._go(_STATE.RECONCILED if error is None else _STATE.ERROR, error)
        if error is None and self._checks:
            # 1.220 has none.
            delay_secs = getattr(self._engine, "reconciliation_startup_delay_secs", 0.0)
            delay_ns = int(delay_secs * 1e9)
            if not delay_ns:
                self._go(_STATE.MONITORING)
                return
            self.clock.set_time_alert_ns(
                _DELAY_TIMER, self.clock.timestamp_ns() + delay_ns, self._on_delay_over
            )

    def _on_delay_over(self, _: Any) -> None:
        if self._status.state is _STATE.RECONCILED:
            self._go(_STATE.MONITORING)

    async def _ask_observed(
        self, ask: Callable[[Any], Awaitable[list[Any]]], command: Any
    ) -> list[Any]:
        asked_ns = self.clock.timestamp_ns()
        try:
            reports = await ask(command)
        except Exception as failure:
            if self._status.state is _STATE.MONITORING:
                self._go(_STATE.ERROR, f"a check failed: {failure!r}")
            raise
        if command.instrument_id is None:
            self._answers.take(command, reports, asked_ns)
            self._on_checked()
        return reports

    def _on_checked(self) -> None:
        if self._status.state is _STATE.RECONCILING:
            return
        now = datetime.fromtimestamp(self.clock.timestamp_ns() / 1e9, UTC)
        self._status = msgspec.structs.replace(self._status, last_check_time=now)
        self._external = {
            client_order_id
            for client_order_id in self._external
            if self.cache.order(client_order_id) is not None
        }
        if self._status.state is _STATE.ERROR:
            self._go(_STATE.MONITORING)
        elif self.status != msgspec.structs.replace(self._told, last_check_time=now):
            self._tell(self.status)

    def _on_command(self, command: Any) -> None:
        if isinstance(command, QueryOrder):
            self._on_checked()

    def _on_order_event(self, event: Any) -> None:
        order = self.cache.order(event.client_order_id)
        if order is not None and is_external(order):
            self._external.add(event.client_order_id)
        self._on_change(event)

    def _on_change(self, _: Any) -> None:
        status = self.status
        if self._status.state is not _STATE.RECONCILING and (
            status.pending_discrepancies,
            status.external_orders_count,
        ) != (self._told.pending_discrepancies, self._told.external_orders_count):
            self._tell(status)

    def _go(self, state: ReconciliationState, error: str | None = None) -> None:
        if state is not self._status.state:
            self._status = self._status.to(state, error)
            self._tell(self.status)

    def _tell(self, status: ReconciliationStatus) -> None:
        self._told = status
        self.msgbus.publish(STATUS_TOPIC, status, external_pub=False)
