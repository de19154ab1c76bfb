"""`ReconciliationMonitor` on NautilusTrader's own bus, clock and cache, with a given engine."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from nautilus_trader.common.component import TestClock
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import GeneratePositionStatusReports, QueryOrder
from nautilus_trader.model.identifiers import (
    ClientId,
    ClientOrderId,
    InstrumentId,
    StrategyId,
    TraderId,
)
from nautilus_trader.portfolio.portfolio import Portfolio
from nautilus_trader.test_kit.stubs.component import TestComponentStubs

from harness.node.monitor_v1 import STATUS_TOPIC, ReconciliationMonitor
from harness.node.status import ReconciliationStatus

SECOND_NS = 1_000_000_000


class Client:
    """An execution client whose answers are given."""

    def __init__(self) -> None:
        self.answer: Callable[[], list[Any]] = list

    async def generate_order_status_reports(self, command: Any) -> list[Any]:
        return self.answer()

    async def generate_position_status_reports(self, command: Any) -> list[Any]:
        return self.answer()


class Engine:
    """As `LiveExecutionEngine` where the monitor looks at it."""

    def __init__(self, *, reconciliation: bool = True, interval_ms: int = 2_000) -> None:
        self.reconciliation = reconciliation
        self.reconciliation_instrument_ids: list[InstrumentId] = []
        self.reconciliation_startup_delay_secs = 10.0
        self.inflight_check_interval_ms = interval_ms
        self.open_check_interval_secs = None
        self._clients = {"BINANCE": Client()}
        self.outcome: Callable[[], bool] = lambda: True

    @property
    def client(self) -> Client:
        return self._clients["BINANCE"]

    async def reconcile_execution_state(self, timeout_secs: float = 10.0) -> bool:
        return self.outcome()


class Node:
    """A monitor in a node, and what it has published."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = TestClock()
        self.bus = TestComponentStubs.msgbus()
        cache = TestComponentStubs.cache()
        self.told: list[ReconciliationStatus] = []
        self.bus.subscribe(STATUS_TOPIC, self.told.append)
        self.monitor = ReconciliationMonitor(engine)
        self.monitor.register_base(
            Portfolio(self.bus, cache, self.clock), self.bus, cache, self.clock
        )

    @property
    def states(self) -> list[str]:
        return [str(status.state) for status in self.told]

    def reconcile(self) -> bool:
        return asyncio.run(self.engine.reconcile_execution_state(timeout_secs=5.0))

    def advance(self, secs: float) -> None:
        until_ns = self.clock.timestamp_ns() + int(secs * SECOND_NS)
        for handler in self.clock.advance_time(until_ns):
            handler.handle()

    def check_positions(self) -> None:
        command = GeneratePositionStatusReports(
            instrument_id=None, start=None, end=None, command_id=UUID4(), ts_init=0
        )
        asyncio.run(self.engine.client.generate_position_status_reports(command))


def raising(error: Exception) -> Callable[[], Any]:
    def answer() -> Any:
        raise error

    return answer


def test_a_start_is_followed_until_the_periodic_checks_begin() -> None:
    node = Node(Engine())
    assert node.monitor.status == ReconciliationStatus()
    assert node.reconcile() is True
    assert node.states == ["RECONCILING", "RECONCILED"]
    assert node.monitor.status.is_reconciled
    node.advance(9.999)
    assert node.monitor.status.state == "RECONCILED"
    node.advance(0.001)
    assert node.states == ["RECONCILING", "RECONCILED", "MONITORING"]


def test_without_periodic_checks_nothing_is_monitored() -> None:
    node = Node(Engine(interval_ms=0))
    node.reconcile()
    node.advance(60.0)
    assert node.monitor.status.state == "RECONCILED"


def test_a_failed_start_is_an_error() -> None:
    node = Node(Engine())
    node.engine.outcome = lambda: False
    assert node.reconcile() is False
    assert node.states == ["RECONCILING", "ERROR"]
    assert not node.monitor.status.is_reconciled
    assert node.monitor.status.error == "startup reconciliation failed"


def test_a_start_that_raises_is_an_error_and_raises() -> None:
    node = Node(Engine())
    node.engine.outcome = raising(ValueError("no venue"))
    with pytest.raises(ValueError, match="no venue"):
        node.reconcile()
    assert node.monitor.status.error == "startup reconciliation failed: ValueError('no venue')"


def test_a_node_that_reconciles_again_goes_through_it_again() -> None:
    node = Node(Engine())
    node.engine.outcome = lambda: False
    node.reconcile()
    node.engine.outcome = lambda: True
    node.reconcile()
    node.advance(10.0)
    assert node.states == ["RECONCILING", "ERROR", "RECONCILING", "RECONCILED", "MONITORING"]


def test_of_two_reconciliations_at_a_time_the_first_that_ends_tells() -> None:
    node = Node(Engine())
    outcomes = [False, True]
    node.engine.outcome = lambda: outcomes.pop(0)
    reconcile = node.monitor._reconcile

    async def after_the_other(timeout_secs: float = 10.0) -> bool:
        await asyncio.sleep(0)
        return await reconcile(timeout_secs)  # type: ignore[no-any-return]

    async def both() -> list[bool]:
        node.monitor._reconcile = after_the_other
        calls = (node.engine.reconcile_execution_state() for _ in range(2))
        return await asyncio.gather(*calls)

    assert asyncio.run(both()) == [False, True]
    assert node.states == ["RECONCILING", "ERROR"]


def test_the_start_of_the_strategies_does_not_end_the_delay() -> None:
    node = Node(Engine())
    node.reconcile()
    node.monitor.start()
    assert node.monitor.status.state == "RECONCILED"


def test_a_node_that_does_not_reconcile_can_be_started_again() -> None:
    node = Node(Engine(reconciliation=False))
    for _ in range(2):
        node.monitor.start()
        node.monitor.stop()
    assert node.states == ["MONITORING"]


@pytest.mark.parametrize(("interval_ms", "state"), [(2_000, "MONITORING"), (0, "INITIALIZING")])
def test_a_node_that_does_not_reconcile_at_its_start(interval_ms: int, state: str) -> None:
    node = Node(Engine(reconciliation=False, interval_ms=interval_ms))
    node.monitor.start()
    assert node.monitor.status.state == state
    assert not node.monitor.status.is_reconciled


def monitoring() -> Node:
    node = Node(Engine())
    node.reconcile()
    node.advance(10.0)
    node.told.clear()
    return node


def test_an_answered_check_is_noted_with_its_time_and_not_published_by_itself() -> None:
    node = monitoring()
    node.advance(5.0)
    assert node.monitor.status.last_check_time is None
    node.check_positions()
    last = node.monitor.status.last_check_time
    assert last is not None
    assert last.timestamp() == pytest.approx(15.0)
    assert node.told == []


def test_a_query_of_an_order_in_flight_is_a_check() -> None:
    node = monitoring()
    query = QueryOrder(
        trader_id=TraderId("TESTER-000"),
        strategy_id=StrategyId("S-001"),
        instrument_id=InstrumentId.from_str("BTCUSDT-PERP.BINANCE"),
        client_order_id=ClientOrderId("O-1"),
        venue_order_id=None,
        command_id=UUID4(),
        ts_init=0,
    )
    node.bus.publish(f"commands.trading.{ClientId('BINANCE')}", query)
    assert node.monitor.status.last_check_time is not None


def test_a_check_that_fails_is_an_error_until_one_is_answered() -> None:
    node = monitoring()
    node.engine.client.answer = raising(ConnectionError("reset"))
    with pytest.raises(ConnectionError):
        node.check_positions()
    assert node.states == ["ERROR"]
    assert node.monitor.status.error == "a check failed: ConnectionError('reset')"
    assert node.monitor.status.last_check_time is None
    node.engine.client.answer = list
    node.check_positions()
    assert node.states == ["ERROR", "MONITORING"]
    assert node.monitor.status.error is None


def test_what_is_asked_at_the_start_is_no_periodic_check() -> None:
    node = Node(Engine())

    async def start() -> bool:
        command = SimpleNamespace(instrument_id=None, start=None)
        await node.engine.client.generate_position_status_reports(command)
        return True

    async def reconcile(timeout_secs: float = 10.0) -> bool:
        return await start()

    node.monitor._reconcile = reconcile
    node.reconcile()
    assert node.monitor.status.last_check_time is None
    assert node.states == ["RECONCILING", "RECONCILED"]
