"""The node as it trades in production: its configuration and its strategies."""

from decimal import Decimal

from my_strategy import Cross, CrossConfig
from nautilus_trader.adapters.binance import BINANCE
from nautilus_trader.adapters.binance.common.enums import BinanceAccountType
from nautilus_trader.adapters.binance.config import BinanceDataClientConfig, BinanceExecClientConfig
from nautilus_trader.config import (
    CacheConfig,
    DatabaseConfig,
    InstrumentProviderConfig,
    LiveExecEngineConfig,
    TradingNodeConfig,
)
from nautilus_trader.model.identifiers import InstrumentId

INSTRUMENT = InstrumentId.from_str("ETHUSDT-PERP.BINANCE")


def build() -> tuple[TradingNodeConfig, list[Cross]]:
    """Return what a `TradingNode` is made of; the keys come from the environment, as usual."""
    instruments = InstrumentProviderConfig(load_ids=frozenset({INSTRUMENT}))
    futures = BinanceAccountType.USDT_FUTURES
    config = TradingNodeConfig(
        trader_id="CROSS-001",
        cache=CacheConfig(database=DatabaseConfig(host="redis.internal", port=6379)),
        exec_engine=LiveExecEngineConfig(
            reconciliation_startup_delay_secs=2.0,
            open_check_interval_secs=2.0,
            position_check_interval_secs=5.0,
        ),
        data_clients={
            BINANCE: BinanceDataClientConfig(account_type=futures, instrument_provider=instruments)
        },
        exec_clients={
            BINANCE: BinanceExecClientConfig(account_type=futures, instrument_provider=instruments)
        },
        timeout_post_stop=1.0,
    )
    return config, [Cross(CrossConfig(instrument_id=INSTRUMENT, quantity=Decimal("0.100")))]
