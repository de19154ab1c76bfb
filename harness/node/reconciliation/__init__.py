"""Configuration for a node that reconciles with Binance USD-M futures, checked before it starts.

For production code too: importing it brings pydantic and NautilusTrader's configuration classes,
and nothing else of the harness. In 2.x there are the execution engine's configuration and claims.
The guide is docs/configuration.md.

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

from harness.node.reconciliation.claims import ExternalOrderClaimConfig
from harness.node.reconciliation.config import ReconciliationConfig, ReconciliationPreset
from harness.node.reconciliation.exec_engine import build_exec_engine_config
from harness.node.reconciliation.native import MAJOR

__all__ = [
    "ExternalOrderClaimConfig",
    "ReconciliationConfig",
    "ReconciliationPreset",
    "build_exec_engine_config",
]

if MAJOR == 1:
    from harness.node.monitor_v1 import STATUS_TOPIC, ReconciliationMonitor
    from harness.node.reconciliation.live_config import (
        LiveTradingNodeConfig,
        RedisConfig,
        build_cache_config,
    )
    from harness.node.status import ReconciliationState, ReconciliationStatus

    __all__ += [
        "STATUS_TOPIC",
        "LiveTradingNodeConfig",
        "ReconciliationMonitor",
        "ReconciliationState",
        "ReconciliationStatus",
        "RedisConfig",
        "build_cache_config",
    ]
