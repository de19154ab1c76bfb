from typing import Any

import msgspec
import pytest

from harness.node.safety import UnsafeNode, require_loopback, require_no_credentials, require_safe
from harness.node.spec import NodeSpec, StrategySpec, Urls

LOOPBACK = "127.0.0.1:5000"
SPEC = NodeSpec(
    run=1,
    trader_id="CHAOS-001",
    api_key="key",
    api_secret="secret",
    urls=Urls(
        rest=f"http://{LOOPBACK}",
        market_stream=f"ws://{LOOPBACK}",
        user_stream=f"ws://{LOOPBACK}/private",
        ws_api=f"ws://{LOOPBACK}/ws-fapi/v1",
    ),
    store_host="127.0.0.1",
    store_port=6379,
    instrument_ids=("BTCUSDT-PERP.BINANCE",),
    exec_engine={},
    exec_client={},
    strategies=(StrategySpec(),),
)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "ws://127.9.9.9/private", "http://[::1]:80"])
def test_a_loopback_url_is_let_through(url: str) -> None:
    require_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://fapi.binance.com",
        "wss://fstream.binance.com/private",
        "http://10.0.0.1",
        "http://localhost:1",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@fapi.binance.com",
        "http://0.0.0.0:1",
        "not a url",
        "",
    ],
)
def test_every_other_url_is_refused(url: str) -> None:
    with pytest.raises(UnsafeNode, match="does not lead to a loopback address"):
        require_loopback(url)


@pytest.mark.parametrize("field", ["rest", "market_stream", "user_stream", "ws_api"])
def test_a_node_with_one_url_that_leads_elsewhere_is_refused(field: str) -> None:
    urls = msgspec.structs.replace(SPEC.urls, **{field: "https://fapi.binance.com"})
    with pytest.raises(UnsafeNode):
        require_safe(msgspec.structs.replace(SPEC, urls=urls))


@pytest.mark.parametrize(
    "change",
    [
        {"store_host": "redis.example.com"},
        {"exec_client": {"base_url_http": "https://fapi.binance.com"}},
        {"exec_client": {"proxy_url": "http://10.0.0.1:3128"}},
    ],
)
def test_a_node_with_a_store_or_override_that_leads_elsewhere_is_refused(
    change: dict[str, Any],
) -> None:
    require_safe(SPEC)
    with pytest.raises(UnsafeNode):
        require_safe(msgspec.structs.replace(SPEC, **change))


@pytest.mark.parametrize(
    "name", ["BINANCE_API_KEY", "BINANCE_FUTURES_API_SECRET", "binance_testnet_api_secret"]
)
def test_credentials_in_the_environment_are_refused_and_never_shown(name: str) -> None:
    with pytest.raises(UnsafeNode) as refused:
        require_no_credentials({name: "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zv", "PATH": "/bin"})
    assert name in str(refused.value)
    assert "vmPUZE6" not in str(refused.value)


def test_an_environment_without_credentials_is_let_through() -> None:
    require_no_credentials({"PATH": "/bin", "BINANCE_API_KEY": ""})
