"""A user's node is described, or refused in one line, before anything is played on it."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.node.safety import NodeRefused
from harness.node.spec import DescribedStrategy
from harness.world import own_node
from harness.world.own_node import describe
from harness.world.zygote import Zygote, nodes_of
from tests.node.own_nodes import GOOD

NAMES = itertools.count(1)


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    started = Zygote.start(tmp_path_factory.mktemp("zygote"), None)
    yield started
    started.stop()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's module, to be written."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / f"node_{next(NAMES)}.py"


def refusal(zygote: Zygote, module: Path, source: str, function: str = "build") -> str:
    module.write_text(GOOD + source)
    build = f"{module.stem}:{function}"
    with pytest.raises(NodeRefused) as refused:
        describe(zygote, build)
    message = str(refused.value)
    assert "\n" not in message
    assert message.startswith(f"the node {build}: ")
    return message.removeprefix(f"the node {build}: ")


def test_a_node_is_described_as_the_user_configured_it(zygote: Zygote, module: Path) -> None:
    module.write_text(GOOD)
    described = describe(zygote, f"{module.stem}:build")
    assert described.trader_id == "MAKER-007"
    assert described.instrument_ids == ("ADAUSDT-PERP.BINANCE", "ETHUSDT-PERP.BINANCE")
    assert described.strategies == (
        DescribedStrategy(strategy_id="Maker-M1", claims=("ADAUSDT-PERP.BINANCE",)),
    )
    assert described.exec_engine["open_check_interval_secs"] == 0.5
    assert described.exec_engine["inflight_check_threshold_ms"] == 5000
    assert described.store_prefix == "trader-MAKER-007"
    assert not described.forgets
    assert described.rewritten == (
        "data_clients.BINANCE.base_url_http",
        "data_clients.BINANCE.base_url_ws",
        "data_clients.BINANCE.api_key",
        "data_clients.BINANCE.api_secret",
        "exec_clients.BINANCE.base_url_http",
        "exec_clients.BINANCE.base_url_ws_stream",
        "exec_clients.BINANCE.base_url_ws",
        "exec_clients.BINANCE.api_key",
        "exec_clients.BINANCE.api_secret",
        "cache.database.host",
        "cache.database.port",
        "cache.database.password",
    )
    assert "the-users-own" not in str(described)
    assert nodes_of(zygote.pid) == []


@pytest.mark.parametrize(
    ("returned", "strategies"),
    [
        ("config(), maker()", ["Maker-000"]),
        ("config(), maker", ["Maker-000"]),
        ("[config(), (maker, lambda: maker(order_id_tag='9'))]", ["Maker-000", "Maker-9"]),
        ("config(), maker(), Actor()", ["Maker-000"]),
        (
            "config(strategies=[ImportableStrategyConfig(strategy_path=f'{__name__}:Maker', "
            "config_path=f'{__name__}:MakerConfig', config={'instrument_id': str(ETH)})])",
            ["Maker-000"],
        ),
    ],
)
def test_strategies_come_as_instances_factories_or_configurations(
    zygote: Zygote, module: Path, returned: str, strategies: list[str]
) -> None:
    module.write_text(f"{GOOD}\ndef build():\n    return {returned}\n")
    described = describe(zygote, f"{module.stem}:build")
    assert [strategy.strategy_id for strategy in described.strategies] == strategies


@pytest.mark.parametrize(
    ("fields", "ed25519"),
    [
        ("", False),
        ("api_secret='-----BEGIN PRIVATE KEY-----\\nMC4C'", True),
        ("api_secret='MC4CAQAwBQYDK2VwBCIEIA'", True),
        ("key_type=BinanceKeyType.ED25519", True),
    ],
)
def test_the_type_of_its_key_is_kept(
    zygote: Zygote, module: Path, fields: str, ed25519: bool
) -> None:
    module.write_text(f"{GOOD}\ndef build():\n    return config(**clients({fields})), maker()\n")
    assert describe(zygote, f"{module.stem}:build").ed25519 is ed25519


@pytest.mark.parametrize(
    ("cache", "prefix", "forgets"),
    [
        ("None", None, True),
        ("CacheConfig()", None, True),
        (
            "CacheConfig(database=DatabaseConfig(), encoding='json', use_trader_prefix=False)",
            "MAKER-007",
            False,
        ),
        (
            "CacheConfig(database=DatabaseConfig(), flush_on_start=True)",
            "trader-MAKER-007",
            True,
        ),
        ("CacheConfig(database=DatabaseConfig(), use_instance_id=True)", None, True),
    ],
)
def test_what_its_store_keeps_is_known(
    zygote: Zygote, module: Path, cache: str, prefix: str | None, forgets: bool
) -> None:
    module.write_text(f"{GOOD}\ndef build():\n    return config(cache={cache}), maker()\n")
    described = describe(zygote, f"{module.stem}:build")
    assert (described.store_prefix, described.forgets) == (prefix, forgets)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_library", "cannot be imported: ModuleNotFoundError: No module named"),
        ("def build(:", "cannot be imported: SyntaxError: "),
        ("raise SystemExit(3)", "cannot be imported: SystemExit: 3 ("),
        ("def build():\n    {}['BINANCE_API_KEY']", "build failed: KeyError: 'BINANCE_API_KEY' ("),
        ("build = 3", "has no function 'build'"),
        ("def build():\n    return {}", "returned a dict: must be a TradingNodeConfig, or one and"),
        ("async def build(): ...", "returned a coroutine: must be a TradingNodeConfig"),
        ("def build():\n    return config()", "the node has no strategy: must have at least one"),
        (
            "def build():\n    return config(), 'Maker'",
            "returned a str for a strategy: must be a TradingNodeConfig",
        ),
        ("def build():\n    return config(), Maker", "the factory Maker failed: TypeError: "),
        (
            "def build():\n    return config(), maker(order_id_tag='1'), maker(order_id_tag='1')",
            "the strategies cannot be added: RuntimeError: Already registered a strategy",
        ),
        (
            "import urllib.request\ndef build():\n    urllib.request.urlopen('http://192.0.2.1')",
            "UnsafeNode: a connection to '192.0.2.1' was refused: a node may not leave",
        ),
        (
            "import socket\nsocket.getaddrinfo('api.example.com', 443)",
            "a connection to 'api.example.com' was refused",
        ),
        ("import os\nos._exit(3)", "its process ended before it was built"),
    ],
)
def test_what_is_wrong_with_the_users_code_is_told_in_one_line(
    zygote: Zygote, module: Path, source: str, reason: str
) -> None:
    assert reason in refusal(zygote, module, source)
    assert nodes_of(zygote.pid) == []


def test_the_line_of_the_users_code_is_named(zygote: Zygote, module: Path) -> None:
    line = len(GOOD.splitlines()) + 2
    said = refusal(zygote, module, "def build():\n    raise ValueError('no\\nsuch')\n")
    assert said == f"build failed: ValueError: no such ({module.name}, line {line})"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            "exec_clients={'SANDBOX': SandboxExecutionClientConfig(venue='BINANCE', "
            "starting_balances=['1 USDT'])}",
            "exec_clients.SANDBOX was a SandboxExecutionClientConfig, which cannot be kept on "
            "this machine: must be a BinanceExecClientConfig",
        ),
        ("exec_clients={}", "exec_clients must hold one Binance USD-M futures client, were none"),
        (
            "**clients(account_type=BinanceAccountType.SPOT)",
            "data_clients.BINANCE.account_type was SPOT: must be USDT_FUTURES",
        ),
        (
            "**clients(key_type=BinanceKeyType.RSA)",
            "data_clients.BINANCE.key_type was RSA: must be",
        ),
        ("**clients(proxy_url='http://127.0.0.1:1')", "data_clients.BINANCE.proxy_url was set"),
        (
            "cache=CacheConfig(database=DatabaseConfig(type='postgres'))",
            "cache.database.type was 'postgres': must be 'redis'",
        ),
        ("message_bus=MessageBusConfig(database=DatabaseConfig())", "message_bus.database was set"),
        ("streaming=StreamingConfig(catalog_path='catalog')", "streaming was set, and simulated"),
        (
            "strategies=[ImportableStrategyConfig(strategy_path='a:B', config_path='a:C', "
            "config={'hook': {'url': 'https://hooks.example.com/T000/SECRET'}})]",
            "strategies.0.config.hook.url leads to 'hooks.example.com', which is not a loopback",
        ),
    ],
)
def test_what_cannot_be_made_safe_is_refused(
    zygote: Zygote, module: Path, fields: str, reason: str
) -> None:
    said = refusal(zygote, module, f"def build():\n    return config(**dict({fields})), maker()\n")
    assert said.startswith(reason)
    assert "SECRET" not in said


def test_a_url_in_a_strategys_own_configuration_is_refused(zygote: Zygote, module: Path) -> None:
    source = "def build():\n    return config(), maker(webhook='wss://fstream.binance.com/ws')\n"
    assert refusal(zygote, module, source).startswith(
        "Maker.webhook leads to 'fstream.binance.com'"
    )


def test_a_module_that_never_ends_is_given_up(
    zygote: Zygote, module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_node, "DESCRIBE_DEADLINE_SECS", 0.5)
    said = refusal(zygote, module, "while True:\n    pass\n")
    assert said.startswith("its process ended before it was built, or was not done within 0.5 s")
