"""The configuration of a NautilusTrader 2.x node: its URLs and store are the specification's."""

from typing import Any

from nautilus_trader.adapters.binance import (
    BinanceDataClientConfig,
    BinanceDataClientFactory,
    BinanceEnvironment,
    BinanceExecutionClientConfig,
    BinanceExecutionClientFactory,
    BinanceInstrumentProviderConfig,
    BinanceProductType,
)
from nautilus_trader.common import CacheConfig, Environment, LoggerConfig
from nautilus_trader.infrastructure import RedisCacheConfig
from nautilus_trader.live import (
    LiveExecutionEngineConfig,
    LiveNode,
    LiveNodeBuilder,
    LiveRiskEngineConfig,
)
from nautilus_trader.model import AccountId, OmsType, TraderId

from harness.node.fields import known_fields
from harness.node.spec import NodeSpec

ACCOUNT_ID = "BINANCE-USDT_FUTURES-master"

# The begins and ends of the periodic checks are told at this level alone.
_LOGGING = ";".join(
    [
        "stdout=Debug",
        "is_colored=false",
        "nautilus_live::execution::manager=Debug",
        "nautilus_binance::common::execution=Debug",
        *(
            f"{module}::=Info"
            for module in (
                *("nautilus_binance", "nautilus_common", "nautilus_cryptography", "nautilus_data"),
                *("nautilus_execution", "nautilus_infrastructure", "nautilus_live"),
                *("nautilus_network", "nautilus_system"),
                *("hyper_util", "rustls", "rustls_platform_verifier"),
            )
        ),
    ]
)


def node_builder(spec: NodeSpec) -> LiveNodeBuilder:
    """Return the builder of the node that is specified."""
    shared: dict[str, Any] = {
        "api_key": spec.api_key,
        "api_secret": spec.api_secret,
        "product_type": BinanceProductType.USD_M,
        "environment": BinanceEnvironment.LIVE,
        "base_url_http": spec.urls.rest,
        "instrument_provider": BinanceInstrumentProviderConfig(
            load_all=False, load_ids=list(spec.instrument_ids)
        ),
    }
    hedging = any(strategy.hedging for strategy in spec.strategies)
    exec_client: dict[str, Any] = {
        # Orders go by REST, as in 1.x, unless the scenario says otherwise.
        "use_ws_trading": False,
        "oms_type": OmsType.HEDGING if hedging else OmsType.NETTING,
    }
    exec_client |= known_fields(BinanceExecutionClientConfig, spec.exec_client)
    return (
        LiveNode.builder(spec.trader_id, TraderId(spec.trader_id), Environment.LIVE)
        .with_logging(LoggerConfig.from_spec(_LOGGING))
        .with_cache_config(CacheConfig(persist_account_events=True))
        .with_cache_database_factory(RedisCacheConfig(host=spec.store_host, port=spec.store_port))
        .with_exec_engine_config(
            LiveExecutionEngineConfig(**known_fields(LiveExecutionEngineConfig, spec.exec_engine))
        )
        # It denies a MARKET order where no strategy has subscribed to quotes; 1.x lets it pass.
        .with_risk_engine_config(LiveRiskEngineConfig(bypass=True))
        # An unconditional sleep at every stop.
        .with_delay_post_stop_secs(0)
        .add_data_client(
            None,
            BinanceDataClientFactory(),
            BinanceDataClientConfig(base_url_ws=f"{spec.urls.market_stream}/market/ws", **shared),
        )
        .add_exec_client(
            None,
            BinanceExecutionClientFactory(),
            BinanceExecutionClientConfig(
                account_id=AccountId(ACCOUNT_ID),
                base_url_ws=spec.urls.user_stream,
                base_url_ws_trading=spec.urls.ws_api,
                **shared,
                **exec_client,
            ),
        )
    )
