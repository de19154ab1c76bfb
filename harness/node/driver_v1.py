"""The driver of NautilusTrader 1.x: a `TradingNode` with the Binance USD-M futures adapter."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, get_args

import msgspec
from nautilus_trader.adapters.binance.config import BinanceExecClientConfig
from nautilus_trader.adapters.binance.factories import (
    BinanceLiveDataClientFactory,
    BinanceLiveExecClientFactory,
)
from nautilus_trader.common.enums import ComponentState
from nautilus_trader.config import LiveExecEngineConfig, TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.identifiers import ClientOrderId

from harness.node.capabilities import each
from harness.node.channel import Channel
from harness.node.commands import carry_out
from harness.node.config_v1 import node_config
from harness.node.driver import nautilus_version
from harness.node.fields import field_names
from harness.node.monitor_v1 import STATUS_TOPIC, ReconciliationMonitor
from harness.node.own_node import call
from harness.node.own_node_v1 import OwnNodeV1
from harness.node.planted_v1 import PLANTED, plant
from harness.node.snapshot_v1 import order_state, position_event, take_snapshot
from harness.node.spec import Command, Description, NodeSpec, OrderType
from harness.node.status import ReconciliationStatus
from harness.node.strategy_v1 import ChaosStrategy
from harness.node.traits_v1 import traits_of


def capabilities() -> frozenset[str]:
    """Return what the installed release can do."""
    traits = traits_of(nautilus_version())
    client_fields = field_names(BinanceExecClientConfig)
    return frozenset({"hedging", "claims", "monitor", "own_node"}).union(
        traits.does,
        each("check", traits.checks),
        each("start_query", {"/fapi/v1/allOrders"}),
        each("order", get_args(OrderType)),
        each("command", (command.__name__ for command in get_args(Command))),
        each("exec_engine", field_names(LiveExecEngineConfig)),
        each("exec_client", client_fields),
        each("ws_api", {"user_stream"} if "base_url_ws_stream" in client_fields else ()),
        each("planted", PLANTED),
    )


_STRATEGY_STATES = {
    ComponentState.RUNNING: "strategy_started",
    ComponentState.STOPPED: "strategy_stopped",
}


class DriverV1:
    """Builds, observes and commands one `TradingNode`.

    Observation is by the message bus, and by timing four coroutines of the execution engine
    (`reconcile_execution_state` and the three periodic checks), which are called unchanged.
    """

    def __init__(self, spec: NodeSpec, channel: Channel) -> None:
        self._spec = spec
        self._channel = channel
        self._reconciling = False
        self._strategies: dict[str, ChaosStrategy] = {}
        self._node: TradingNode

    def describe(self) -> Description:
        """Return what the user's node is, without building its clients. Raises NodeRefused."""
        assert self._spec.own is not None
        own = OwnNodeV1(self._spec, self._spec.own)
        loop = asyncio.get_running_loop()
        node = call("the TradingNode cannot be made", TradingNode, own.storeless(), loop)
        call("the strategies cannot be added", own.add_components, node.trader)
        return own.describe(node.trader)

    def build(self) -> None:
        """Build the node from its specification."""
        if self._spec.own is None:
            config = node_config(self._spec)
            self._node = self._make_node(config)
            for spec in self._spec.strategies:
                strategy = ChaosStrategy(spec)
                self._strategies[spec.strategy_id] = strategy
                self._node.trader.add_strategy(strategy)
        else:
            own = OwnNodeV1(self._spec, self._spec.own)
            config = own.config
            self._node = self._make_node(config)
            own.add_components(self._node.trader)
        for name in {key.partition("-")[0] for key in config.data_clients}:
            self._node.add_data_client_factory(name, BinanceLiveDataClientFactory)
        for name in {key.partition("-")[0] for key in config.exec_clients}:
            self._node.add_exec_client_factory(name, BinanceLiveExecClientFactory)
        self._node.build()
        if self._spec.planted is not None:
            plant(self._spec.planted, self._node)
        self._observe()
        self._channel.send("built")

    def _make_node(self, config: TradingNodeConfig) -> TradingNode:
        node = TradingNode(config=config, loop=asyncio.get_running_loop())
        # Before a component is added: earlier releases deliver no topic to who subscribes after
        # its first message.
        node.kernel.msgbus.subscribe("events.system.*", self._on_component_state)
        return node

    async def run(self, obey: Callable[[], bool]) -> None:
        """Start the node and return when it has ended. The event loop runs all the while."""
        await self._node.run_async()

    async def stop(self) -> None:
        """Stop the node gracefully, and tell its state then: strategies may trade as they stop."""
        await self._node.stop_async()
        self._send_snapshot("stopped")

    def dispose(self) -> None:
        """Write everything out and let go of all resources, after the node has ended."""
        self._node.kernel.dispose()

    def execute(self, command: Command) -> None:
        """Carry out a command. Raises ValueError for an unknown order or strategy."""
        carry_out(command, self._strategies, self._find_order, self._send_snapshot)

    def _find_order(self, client_order_id: str) -> Any:
        return self._node.cache.order(ClientOrderId(client_order_id))

    def _send_snapshot(self, reason: str) -> None:
        self._channel.send("snapshot", {"reason": reason} | take_snapshot(self._node.cache))

    def _observe(self) -> None:
        bus = self._node.kernel.msgbus
        bus.subscribe("events.order.*", self._on_order_event)
        bus.subscribe("events.position.*", self._on_position_event)
        bus.subscribe("events.account.*", self._on_account_event)
        bus.subscribe(STATUS_TOPIC, self._on_status)
        engine = self._node.kernel.exec_engine
        if self._spec.own is None:
            self._node.trader.add_actor(ReconciliationMonitor(engine))
        for check, name in traits_of(nautilus_version()).checks.items():
            setattr(engine, name, self._timed(check, getattr(engine, name)))
        reconcile = engine.reconcile_execution_state

        async def observed(*args: Any, **kwargs: Any) -> bool:
            self._reconciling = True
            self._channel.send("reconciliation_started")
            success: bool = False
            try:
                success = await reconcile(*args, **kwargs)
            finally:
                self._reconciling = False
                self._channel.send("reconciliation_finished", {"success": success})
                self._send_snapshot("reconciled")
            return success

        engine.reconcile_execution_state = observed

    def _timed(
        self, check: str, method: Callable[[], Awaitable[None]]
    ) -> Callable[[], Awaitable[None]]:
        async def timed() -> None:
            self._channel.send("check_started", {"check": check})
            error = None
            try:
                await method()
            except Exception as exception:
                error = repr(exception)
                raise
            finally:
                self._channel.send("check_finished", {"check": check, "error": error})

        return timed

    def _on_component_state(self, event: Any) -> None:
        kind = _STRATEGY_STATES.get(event.state)
        component = str(event.component_id)
        if kind is not None and component in map(str, self._node.trader.strategy_ids()):
            self._channel.send(kind, {"strategy_id": component})

    def _on_order_event(self, event: Any) -> None:
        self._channel.send(
            "order_event",
            {
                "type": type(event).__name__,
                "reconciling": self._reconciling,
                "event": type(event).to_dict(event),
            },
        )
        order = None if self._reconciling else self._node.cache.order(event.client_order_id)
        if order is not None and order.is_closed:
            # The cache may purge it before the next snapshot.
            self._channel.send("order_closed", {"order": order_state(order)})

    def _on_position_event(self, event: Any) -> None:
        self._channel.send("position_event", position_event(event))

    def _on_account_event(self, event: Any) -> None:
        self._channel.send("account_event", {"event": type(event).to_dict(event)})

    def _on_status(self, status: ReconciliationStatus) -> None:
        self._channel.send("reconciliation_status", msgspec.structs.asdict(status))
