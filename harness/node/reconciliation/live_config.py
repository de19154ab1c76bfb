"""The whole configuration of a live node that trades Binance USD-M futures (NautilusTrader 1.x)."""

import logging
import re
from typing import Annotated, Any

from nautilus_trader.adapters.binance import BINANCE
from nautilus_trader.adapters.binance.common.enums import BinanceAccountType
from nautilus_trader.adapters.binance.config import BinanceDataClientConfig, BinanceExecClientConfig
from nautilus_trader.config import (
    CacheConfig,
    DatabaseConfig,
    InstrumentProviderConfig,
    TradingNodeConfig,
)
from nautilus_trader.model.identifiers import InstrumentId
from pydantic import AfterValidator, ConfigDict, SecretStr

from harness.node.reconciliation.config import ReconciliationConfig, ReconciliationPreset
from harness.node.reconciliation.exec_engine import build_exec_engine_config
from harness.node.reconciliation.model import SOME, ConfigModel, InstrumentIdText

_TRADER_ID = re.compile(r"[^\s-]\S*-[^\s-]+")
_log = logging.getLogger(__name__)


def _require_trader_id(value: str) -> str:
    # NautilusTrader aborts the process on one.
    if not _TRADER_ID.fullmatch(value):
        raise ValueError(f"{value!r} is no trader id: must be NAME-TAG, as in 'TRADER-001'")
    return value


def _require_binance(value: str) -> str:
    if not value.endswith(f".{BINANCE}"):
        raise ValueError(f"{value!r} is not of the venue {BINANCE}: must end in .{BINANCE}")
    return value


def _require_port(value: int) -> int:
    if not 1 <= value <= 65_535:
        raise ValueError(f"the port was {value}: must be from 1 to 65535")
    return value


class _SecretiveModel(ConfigModel):
    """Its errors show a value only where the rule itself does: the others may be secrets."""

    model_config = ConfigDict(hide_input_in_errors=True)


class RedisConfig(_SecretiveModel):
    """Where the node's cache is stored. NautilusTrader needs Redis 6.2 or later, or Valkey."""

    host: str = "127.0.0.1"
    port: Annotated[int, AfterValidator(_require_port)] = 6379
    username: str | None = None
    password: SecretStr | None = None
    ssl: bool = False


def build_cache_config(redis: RedisConfig) -> CacheConfig:
    """Return the configuration of a cache that a node can be restarted on.

    Account events are persisted, and the store is not flushed at a start.
    """
    return CacheConfig(
        database=DatabaseConfig(
            type="redis",
            host=redis.host,
            port=redis.port,
            username=redis.username,
            password=_revealed(redis.password),
            ssl=redis.ssl,
        ),
        persist_account_events=True,
        flush_on_start=False,
    )


class LiveTradingNodeConfig(_SecretiveModel):
    """Builds the `TradingNodeConfig` of a live node on Binance USD-M futures.

    - `instrument_ids` are what is loaded, and so all that can be traded or reconciled.
    - Without `api_key` and `api_secret` NautilusTrader takes them from the environment.

    The account must be in one-way mode. NETTING is a matter of the release: in NautilusTrader 1.x
    the adapter's client for futures is a HEDGING one whatever is configured, and one-way mode gives
    one position for an instrument all the same, because Binance names them all `BOTH`.
    Raises pydantic's ValidationError.
    """

    trader_id: Annotated[str, AfterValidator(_require_trader_id)]
    instrument_ids: Annotated[
        tuple[Annotated[InstrumentIdText, AfterValidator(_require_binance)], ...], SOME
    ]
    redis: RedisConfig = RedisConfig()
    reconciliation: ReconciliationConfig = ReconciliationConfig.from_preset(
        ReconciliationPreset.STANDARD
    )
    api_key: SecretStr | None = None
    api_secret: SecretStr | None = None
    graceful_shutdown_on_exception: bool = True

    def build(self) -> TradingNodeConfig:
        """Return the node's configuration, and log what is in force, without any secret."""
        config = TradingNodeConfig(
            trader_id=self.trader_id,
            cache=build_cache_config(self.redis),
            exec_engine=build_exec_engine_config(
                self.reconciliation,
                graceful_shutdown_on_exception=self.graceful_shutdown_on_exception,
            ),
            data_clients={BINANCE: BinanceDataClientConfig(**self._client_fields())},
            exec_clients={BINANCE: BinanceExecClientConfig(**self._client_fields())},
        )
        in_force = ", ".join(
            f"{field}={getattr(config.exec_engine, field)}"
            for field in self.reconciliation.to_live_exec_engine_config()
            if hasattr(config.exec_engine, field)
        )
        _log.info("%s reconciles with %s", self.trader_id, in_force)
        return config

    def _client_fields(self) -> dict[str, Any]:
        # The same in both clients, which share what they connect by.
        return {
            "api_key": _revealed(self.api_key),
            "api_secret": _revealed(self.api_secret),
            "account_type": BinanceAccountType.USDT_FUTURES,
            "instrument_provider": InstrumentProviderConfig(
                load_ids=frozenset(InstrumentId.from_str(value) for value in self.instrument_ids)
            ),
        }


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
