"""What a configuration leads to, whatever it holds and however deep."""

from typing import Any

import msgspec
import pytest

from harness.node.own_node import check_build_path
from harness.node.safety import UnsafeNode, leaves, require_loopback_everywhere


class Part(msgspec.Struct):
    url: Any = None
    host: str | None = None
    parts: tuple[Any, ...] = ()


@pytest.mark.parametrize(
    "config",
    [
        Part(),
        Part(url="http://127.0.0.1:8000/a", host="127.0.0.1"),
        Part(url="file:///tmp/catalog"),
        {"ghost": "of the past", "hosts": 3, "prices": [1, 2.5, True]},
        {"ws": frozenset({"ws://[::1]:1"})},
    ],
)
def test_a_configuration_that_stays_here_is_let_through(config: Any) -> None:
    require_loopback_everywhere("", config)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (Part(url="https://example.com/T/SECRET"), "url leads to 'example.com'"),
        (Part(url=b"wss://example.com"), "url leads to 'example.com'"),
        (Part(host="cache.example.com"), "host leads to 'cache.example.com'"),
        (Part(host="cache.example.com:6379"), "host leads to 'cache.example.com'"),
        ({"redis_host": "10.0.0.1"}, "redis_host leads to '10.0.0.1'"),
        (Part(parts=({"a": [Part(url="x ws://SECRET@h/")]},)), "parts.0.a.0.url leads to 'h'"),
        ({"a": "http://127.0.0.1,https://b"}, "a leads to "),
        ({"a": "http://[::1"}, "a leads to an address that cannot be read"),
        ({"a": "file://server/share"}, "a leads to 'server'"),
    ],
)
def test_anything_that_leads_elsewhere_is_refused_and_not_shown_whole(
    config: Any, said: str
) -> None:
    with pytest.raises(UnsafeNode, match=r"must be in 127\.0\.0\.0/8 or \[::1\]") as refused:
        require_loopback_everywhere("", config)
    assert str(refused.value).startswith(said)
    assert "SECRET" not in str(refused.value)


def test_a_configuration_without_end_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["a"] = endless
    with pytest.raises(UnsafeNode, match="more than 50 levels deep"):
        list(leaves("", endless))


@pytest.mark.parametrize("path", ["a:b", "my_package.my_node:build", "a.b.c:d_1"])
def test_a_build_path_is_a_module_and_a_function(path: str) -> None:
    check_build_path(path)
