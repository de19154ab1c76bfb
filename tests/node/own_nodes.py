"""Build functions of users' nodes, good and bad, as modules to write."""

GOOD = '''\
from decimal import Decimal

from nautilus_trader.adapters.binance import BINANCE
from nautilus_trader.adapters.binance.common.enums import BinanceAccountType, BinanceKeyType
from nautilus_trader.adapters.binance.config import (
    BinanceDataClientConfig,
    BinanceExecClientConfig,
)
from nautilus_trader.config import (
    CacheConfig,
    DatabaseConfig,
    ImportableConfig,
    ImportableStrategyConfig,
    InstrumentProviderConfig,
    LiveExecEngineConfig,
    MessageBusConfig,
    StrategyConfig,
    StreamingConfig,
    TradingNodeConfig,
)
from nautilus_trader.adapters.sandbox.config import SandboxExecutionClientConfig
from nautilus_trader.common.actor import Actor
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.trading.strategy import Strategy

ADA = InstrumentId.from_str("ADAUSDT-PERP.BINANCE")
ETH = InstrumentId.from_str("ETHUSDT-PERP.BINANCE")
FUTURES = BinanceAccountType.USDT_FUTURES


class MakerConfig(StrategyConfig, frozen=True):
    instrument_id: InstrumentId
    webhook: str = ""


class Maker(Strategy):
    """Keeps a buy and a sell order at the best prices."""

    def __init__(self, config):
        super().__init__(config)

    def on_start(self):
        self.subscribe_quote_ticks(self.config.instrument_id)

    def on_stop(self):
        self.cancel_all_orders(self.config.instrument_id)

    def on_quote_tick(self, tick):
        if self.cache.orders_open_count() or self.cache.orders_inflight_count():
            return
        instrument = self.cache.instrument(self.config.instrument_id)
        quantity = instrument.make_qty(Decimal("0.100"))
        for side, price in ((OrderSide.BUY, tick.bid_price), (OrderSide.SELL, tick.ask_price)):
            order = self.order_factory.limit(instrument.id, side, quantity, price)
            self.submit_order(order)


def clients(**fields):
    shared = {
        "api_key": "the-users-own-key",
        "api_secret": "the-users-own-secret",
        "account_type": FUTURES,
        "instrument_provider": InstrumentProviderConfig(load_ids=frozenset({ETH})),
    } | fields
    return {
        "data_clients": {BINANCE: BinanceDataClientConfig(**shared)},
        "exec_clients": {BINANCE: BinanceExecClientConfig(**shared)},
    }


def config(**fields):
    return TradingNodeConfig(
        **{
            "trader_id": "MAKER-007",
            "cache": CacheConfig(database=DatabaseConfig(host="cache.example.com", password="x")),
            "exec_engine": LiveExecEngineConfig(
                open_check_interval_secs=0.5, reconciliation_startup_delay_secs=0.5
            ),
            "timeout_post_stop": 5.0,
        }
        | clients()
        | fields
    )


def maker(**fields):
    return Maker(MakerConfig(instrument_id=ETH, **fields))


def build():
    return config(), [maker(order_id_tag="M1", external_order_claims=[ADA])]
'''
