"""The configuration of a live node, as NautilusTrader takes it."""

import logging
import subprocess
import sys
import warnings
from typing import Any

import pytest
from nautilus_trader.adapters.binance.common.enums import BinanceAccountType
from nautilus_trader.model.identifiers import InstrumentId
from pydantic import SecretStr, ValidationError

from harness.node.reconciliation import (
    LiveTradingNodeConfig,
    ReconciliationConfig,
    ReconciliationPreset,
    RedisConfig,
    build_cache_config,
    build_exec_engine_config,
)
from harness.node.reconciliation import exec_engine as module

BTC = "BTCUSDT-PERP.BINANCE"
SECRET = "never-shown"


def node_config(**values: Any) -> LiveTradingNodeConfig:
    defaults: dict[str, Any] = {
        "trader_id": "TRADER-001",
        "instrument_ids": (BTC,),
        "api_key": SecretStr("key"),
        "api_secret": SecretStr(SECRET),
    }
    return LiveTradingNodeConfig(**defaults | values)


def test_the_execution_engine_is_configured_with_every_field() -> None:
    reconciliation = ReconciliationConfig(lookback_mins=90)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        config = build_exec_engine_config(reconciliation)
    native = reconciliation.to_live_exec_engine_config()
    assert {field: getattr(config, field) for field in native} == native
    assert config.graceful_shutdown_on_exception is True


def test_a_shutdown_on_an_exception_can_be_left_to_the_process() -> None:
    config = build_exec_engine_config(ReconciliationConfig(), graceful_shutdown_on_exception=False)
    assert config.graceful_shutdown_on_exception is False


def test_a_release_without_position_checks_gets_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    class Older:
        def __init__(self, reconciliation: bool, graceful_shutdown_on_exception: bool) -> None:
            self.given = (reconciliation, graceful_shutdown_on_exception)

    monkeypatch.setattr(module, "ExecEngineConfig", Older)
    with pytest.warns(UserWarning, match="position_check_interval_secs") as warned:
        config: Any = build_exec_engine_config(ReconciliationConfig())
    assert config.given == (True, True)
    assert len(warned) == 1


def test_the_cache_is_in_redis_and_outlives_the_node() -> None:
    config = build_cache_config(
        RedisConfig(host="redis", port=6380, username="me", password=SecretStr("p"), ssl=True)
    )
    database = config.database
    assert (database.type, database.host, database.port) == ("redis", "redis", 6380)
    assert (database.username, database.password, database.ssl) == ("me", "p", True)
    assert config.persist_account_events is True
    assert config.flush_on_start is False


@pytest.mark.parametrize("port", [1, 65_535])
def test_a_port_at_the_edge_is_taken(port: int) -> None:
    assert RedisConfig(port=port).port == port


@pytest.mark.parametrize("port", [0, 65_536])
def test_a_port_out_of_bounds_is_refused(port: int) -> None:
    with pytest.raises(ValidationError, match=f"the port was {port}: must be from 1 to 65535"):
        RedisConfig(port=port)


def test_the_node_has_both_clients_for_usd_m_futures_with_the_same_key() -> None:
    config = node_config().build()
    assert str(config.trader_id) == "TRADER-001"
    for clients in (config.data_clients, config.exec_clients):
        (client,) = clients.values()
        assert list(clients) == ["BINANCE"]
        assert client.account_type is BinanceAccountType.USDT_FUTURES
        assert (client.api_key, client.api_secret) == ("key", SECRET)
        assert client.instrument_provider.load_ids == frozenset({InstrumentId.from_str(BTC)})
    assert config.exec_engine == build_exec_engine_config(
        ReconciliationConfig.from_preset(ReconciliationPreset.STANDARD)
    )
    assert config.cache == build_cache_config(RedisConfig())


def test_the_parts_are_those_it_was_given() -> None:
    reconciliation = ReconciliationConfig(reconciliation_instrument_ids=(BTC,))
    redis = RedisConfig(port=6380)
    config = node_config(
        reconciliation=reconciliation, redis=redis, graceful_shutdown_on_exception=False
    ).build()
    assert config.exec_engine == build_exec_engine_config(
        reconciliation, graceful_shutdown_on_exception=False
    )
    assert config.cache == build_cache_config(redis)


BUILT = """
import asyncio, msgspec, os
from nautilus_trader.adapters.binance import factories
from nautilus_trader.live.node import TradingNode
from harness.node.reconciliation import LiveTradingNodeConfig, ReconciliationConfig

config = LiveTradingNodeConfig(
    trader_id="TRADER-001",
    instrument_ids=("BTCUSDT-PERP.BINANCE",),
    reconciliation=ReconciliationConfig(lookback_mins=90),
    api_key="key",
    api_secret="secret",
).build()

async def main():
    node = TradingNode(msgspec.structs.replace(config, cache=None), loop=asyncio.get_running_loop())
    node.add_data_client_factory("BINANCE", factories.BinanceLiveDataClientFactory)
    node.add_exec_client_factory("BINANCE", factories.BinanceLiveExecClientFactory)
    node.build()
    engine = node.kernel.exec_engine
    assert engine.reconciliation_lookback_mins == 90, engine.reconciliation_lookback_mins
    os._exit(0)  # NautilusTrader's threads can hang the interpreter's own exit

asyncio.run(main())
"""


def test_nautilus_trader_builds_a_node_of_it() -> None:
    run_python(BUILT)


def test_what_is_in_force_is_logged_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    node_config(redis=RedisConfig(password=SecretStr(SECRET))).build()
    (message,) = [record.getMessage() for record in caplog.records]
    assert message.startswith("TRADER-001 reconciles with reconciliation=True, ")
    for field in ReconciliationConfig().to_live_exec_engine_config():
        assert f"{field}=" in message
    assert SECRET not in message


@pytest.mark.parametrize("value", ["TRADER", "-001", "TRADER-", "TRADER -", ""])
def test_a_trader_id_that_would_abort_the_process_is_refused(value: str) -> None:
    message = f"{value!r} is no trader id: must be NAME-TAG, as in 'TRADER-001'"
    with pytest.raises(ValidationError, match=message):
        node_config(trader_id=value)


@pytest.mark.parametrize("value", ["A-1", "MY-DESK-001"])
def test_a_trader_id_with_a_tag_is_taken(value: str) -> None:
    assert str(node_config(trader_id=value).build().trader_id) == value


def test_no_instruments_are_refused() -> None:
    with pytest.raises(ValidationError, match="no instrument was named: must be one or more"):
        node_config(instrument_ids=())


def test_an_instrument_of_another_venue_is_refused() -> None:
    message = "'BTCUSDT.BYBIT' is not of the venue BINANCE: must end in .BINANCE"
    with pytest.raises(ValidationError, match=message):
        node_config(instrument_ids=(BTC, "BTCUSDT.BYBIT"))


def test_no_error_and_no_text_shows_a_secret() -> None:
    with pytest.raises(ValidationError) as refusal:
        LiveTradingNodeConfig.model_validate({"instrument_ids": [BTC], "api_secret": SECRET})
    assert "trader_id" in str(refusal.value)
    assert SECRET not in str(refusal.value)
    assert SECRET not in repr(node_config())


ONLY_ITSELF = """
import sys
import harness.node.reconciliation
unwanted = ("pytest", "_pytest", "aiohttp", "mock_venue", "redis", "hypothesis", "toxiproxy")
print(sorted(name for name in sys.modules
    if name.split(".")[0] in unwanted
    or name.startswith("harness.") and not name.startswith("harness.node")))
"""


def run_python(program: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_importing_it_brings_nothing_else_of_the_harness() -> None:
    assert run_python(ONLY_ITSELF) == "[]\n"
