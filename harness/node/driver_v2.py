"""The driver of NautilusTrader 2.x: a `LiveNode` with the Binance USD-M futures adapter."""

from collections.abc import Callable
from typing import Any, get_args

from nautilus_trader.adapters.binance import BinanceExecutionClientConfig
from nautilus_trader.live import LiveExecutionEngineConfig, LiveNode
from nautilus_trader.model import ClientOrderId

from harness.node.capabilities import ALGO_ORDERS, NEW_LISTEN_KEY, TRADES_AT_START, each
from harness.node.channel import Channel
from harness.node.commands import carry_out
from harness.node.config_v2 import ACCOUNT_ID, node_builder
from harness.node.fields import field_names
from harness.node.log_v2 import LogTap
from harness.node.observer_v2 import Observer
from harness.node.safety import NodeRefused
from harness.node.spec import Command, Description, NodeSpec, OrderType
from harness.node.strategy_v2 import ChaosStrategy

PULSE = "harness"
PULSE_NS = 50_000_000
# Before anything comes from the venue.
FIRST_PULSE_NS = 5_000_000


def capabilities() -> frozenset[str]:
    """Return what the installed release can do.

    Its in-flight check leaves no trace where nothing is in flight, so it cannot be told of.
    """
    return frozenset({"hedging", "claims", ALGO_ORDERS, NEW_LISTEN_KEY, TRADES_AT_START}).union(
        each("check", {"open_orders", "positions"}),
        each("ws_api", {"orders"}),
        each("keepalive", {"30"}),
        each("order", get_args(OrderType)),
        each("command", (command.__name__ for command in get_args(Command))),
        each("exec_engine", field_names(LiveExecutionEngineConfig)),
        each("exec_client", field_names(BinanceExecutionClientConfig)),
    )


class DriverV2:
    """Builds, observes and commands one `LiveNode`.

    A node with a store owns its thread (`LiveNode.run`; on an event loop of Python's, 2.x refuses a
    store), so a timer of the node's is where this looks for commands and for news. No timer is
    served while startup reconciliation waits for the venue.
    """

    def __init__(self, spec: NodeSpec, channel: Channel) -> None:
        self._spec = spec
        self._channel = channel
        self._strategies: dict[str, ChaosStrategy] = {}
        self._obey: Callable[[], bool]
        self._node: LiveNode
        self._observer: Observer

    def describe(self) -> Description:
        """Raise NodeRefused: a user's node is a `TradingNodeConfig`, which 2.x does not have."""
        raise NodeRefused("it is a TradingNodeConfig, which NautilusTrader 2.x does not have")

    def build(self) -> None:
        """Build the node from its specification. Raises ValueError where a bug is to be planted."""
        if self._spec.planted is not None:
            raise ValueError(f"the bug {self._spec.planted} can be planted in a node of 1.x alone")
        self._log = LogTap(self._channel)
        self._node = node_builder(self._spec).build()
        self._handle = self._node.handle()
        self._cache = self._node.cache
        self._observer = Observer(self._cache, ACCOUNT_ID, self._channel)
        for spec in self._spec.strategies:
            strategy = ChaosStrategy(
                spec,
                self._channel,
                self._on_trader_started,
                self._observer.look,
                self._on_trader_stopped,
            )
            self._strategies[spec.strategy_id] = strategy
            self._node.add_strategy(strategy)
        self._channel.send("built")

    async def run(self, obey: Callable[[], bool]) -> None:
        """Start the node and return when it has ended. The running event loop stands still."""
        self._obey = obey
        first_ns = self._clock.timestamp_ns() + FIRST_PULSE_NS
        self._clock.set_timer_ns(
            PULSE, PULSE_NS, first_ns, callback=self._on_pulse, fire_immediately=True
        )
        try:
            self._node.run()
        except Exception:
            if self._observer.reconciling:
                self._finish_reconciliation(success=False)
            raise
        self._observer.look(everything=True)

    async def stop(self) -> None:
        """Nothing is left to do: `run` has returned when this is called."""

    def dispose(self) -> None:
        """Write everything out and let go of all resources, after the node has ended."""
        self._node.dispose()
        self._log.close()

    def execute(self, command: Command) -> None:
        """Carry out a command. Raises ValueError for an unknown order or strategy."""
        carry_out(command, self._strategies, self._find_order, self._observer.send_snapshot)

    @property
    def _clock(self) -> Any:
        return next(iter(self._strategies.values())).clock

    def _find_order(self, client_order_id: str) -> Any:
        return self._cache.order(ClientOrderId(client_order_id))

    def _on_pulse(self, _: Any) -> None:
        self._observer.begin()
        if not self._obey():
            self._handle.stop()
        self._observer.look()

    def _on_trader_started(self) -> None:
        """The first strategy starts as soon as startup reconciliation has succeeded."""
        if self._observer.reconciling:
            self._finish_reconciliation(success=True)

    def _on_trader_stopped(self) -> None:
        if PULSE in self._clock.timer_names():
            self._clock.cancel_timer(PULSE)

    def _finish_reconciliation(self, *, success: bool) -> None:
        self._observer.look(everything=True)
        self._observer.reconciling = False
        self._channel.send("reconciliation_finished", {"success": success})
        self._observer.send_snapshot("reconciled")
