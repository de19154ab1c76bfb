"""The configuration of a NautilusTrader 1.x node: its URLs and store are the specification's."""

from typing import Any

from nautilus_trader.adapters.binance import BINANCE
from nautilus_trader.adapters.binance.common.enums import BinanceAccountType
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

from harness.node.driver import nautilus_version
from harness.node.fields import known_fields
from harness.node.spec import NodeSpec, Urls
from harness.node.traits_v1 import traits_of


def exec_urls(urls: Urls) -> dict[str, str]:
    """Return the fields of `BinanceExecClientConfig` that lead to the venue's WebSockets."""
    traits = traits_of(nautilus_version())
    fields = {traits.user_stream_field: urls.user_stream}
    if traits.ws_api_field is not None:
        fields[traits.ws_api_field] = urls.ws_api
    return fields


def node_config(spec: NodeSpec) -> TradingNodeConfig:
    """Return the configuration of the node that is specified."""
    shared: dict[str, Any] = {
        "api_key": spec.api_key,
        "api_secret": spec.api_secret,
        "account_type": BinanceAccountType.USDT_FUTURES,
        "base_url_http": spec.urls.rest,
        "instrument_provider": InstrumentProviderConfig(
            load_ids=frozenset(InstrumentId.from_str(value) for value in spec.instrument_ids)
        ),
    }
    # An account in hedge mode refuses `reduceOnly`: the position side says it.
    hedging = any(strategy.hedging for strategy in spec.strategies)
    client = ({"use_reduce_only": False} if hedging else {}) | spec.exec_client
    return TradingNodeConfig(
        trader_id=spec.trader_id,
        logging=LoggingConfig(log_level="INFO", log_colors=False),
        cache=CacheConfig(
            database=DatabaseConfig(host=spec.store_host, port=spec.store_port),
            persist_account_events=True,
        ),
        exec_engine=LiveExecEngineConfig(**known_fields(LiveExecEngineConfig, spec.exec_engine)),
        data_clients={
            BINANCE: BinanceDataClientConfig(base_url_ws=spec.urls.market_stream, **shared)
        },
        exec_clients={BINANCE: BinanceExecClientConfig(**exec_urls(spec.urls), **shared, **client)},
        # An unconditional sleep at every stop.
        timeout_post_stop=0.0,
    )
