"""Configuration for a node that reconciles with Binance USD-M futures, checked before it starts.

For production code too: importing it brings pydantic and NautilusTrader's configuration classes,
and nothing else of the harness. For NautilusTrader 1.x. The guide is docs/configuration.md.

    node_config = LiveTradingNodeConfig(
        trader_id="TRADER-001",
        instrument_ids=("BTCUSDT-PERP.BINANCE",),
        redis=RedisConfig(host="localhost"),
        reconciliation=ReconciliationConfig.from_preset(ReconciliationPreset.CONSERVATIVE),
    )
    node = TradingNode(node_config.build())
    monitor = ReconciliationMonitor(node.kernel.exec_engine)
    node.trader.add_actor(monitor)
"""

from harness.node.monitor_v1 import STATUS_TOPIC, ReconciliationMonitor
from harness.node.reconciliation.claims import ExternalOrderClaimConfig
from harness.node.reconciliation.config import ReconciliationConfig, ReconciliationPreset
from harness.node.reconciliation.live_config import (
    LiveTradingNodeConfig,
    RedisConfig,
    build_cache_config,
    build_exec_engine_config,
)
from harness.node.status import ReconciliationState, ReconciliationStatus

__all__ = [
    "STATUS_TOPIC",
    "ExternalOrderClaimConfig",
    "LiveTradingNodeConfig",
    "ReconciliationConfig",
    "ReconciliationMonitor",
    "ReconciliationPreset",
    "ReconciliationState",
    "ReconciliationStatus",
    "RedisConfig",
    "build_cache_config",
    "build_exec_engine_config",
]
