"""The configuration of a NautilusTrader 1.x node: its URLs and store are the specification's."""

from typing import Any

from nautilus_trader.adapters.binance import BINANCE
from nautilus_trader.adapters.binance.common.enums import BinanceAccountType, BinanceEnvironment
from nautilus_trader.adapters.binance.config import BinanceDataClientConfig, BinanceExecClientConfig
from nautilus_trader.config import (
    CacheConfig,
    DatabaseConfig,
    InstrumentProviderConfig,
    LiveExecEngineConfig,
    LoggingConfig,
    TradingNodeConfig,
)
from nautilus_trader.model.identifiers import InstrumentId

from harness.node.spec import NodeSpec


def node_config(spec: NodeSpec) -> TradingNodeConfig:
    """Return the configuration of the node that is specified."""
    shared: dict[str, Any] = {
        "api_key": spec.api_key,
        "api_secret": spec.api_secret,
        "account_type": BinanceAccountType.USDT_FUTURES,
        "environment": BinanceEnvironment.LIVE,
        "base_url_http": spec.urls.rest,
        "instrument_provider": InstrumentProviderConfig(
            load_ids=frozenset(InstrumentId.from_str(value) for value in spec.instrument_ids)
        ),
    }
    return TradingNodeConfig(
        trader_id=spec.trader_id,
        logging=LoggingConfig(log_level="INFO", log_colors=False),
        cache=CacheConfig(
            database=DatabaseConfig(host=spec.store_host, port=spec.store_port),
            persist_account_events=True,
        ),
        exec_engine=LiveExecEngineConfig(**spec.exec_engine),
        data_clients={
            BINANCE: BinanceDataClientConfig(base_url_ws=spec.urls.market_stream, **shared)
        },
        exec_clients={
            BINANCE: BinanceExecClientConfig(
                base_url_ws=spec.urls.ws_api,
                base_url_ws_stream=spec.urls.user_stream,
                **shared,
                **spec.exec_client,
            )
        },
        # An unconditional sleep at every stop.
        timeout_post_stop=0.0,
    )
