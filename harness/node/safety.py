"""What keeps a node on this machine: loopback addresses only, no credentials from outside."""

import ipaddress
import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from harness.node.spec import NodeSpec

DEPTH_MAX = 50

_CREDENTIAL = re.compile(r"BINANCE.*(KEY|SECRET|PASSPHRASE|TOKEN)", re.IGNORECASE)
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>]*", re.IGNORECASE)
_HOST = re.compile(r"(.*_)?host(name)?", re.IGNORECASE)


class NodeRefused(ValueError):
    """A node that is not started; the message says why in one line."""


class UnsafeNode(NodeRefused):
    """A node that could reach a real exchange, or carry real credentials, is not started."""


def is_loopback(url: str) -> bool:
    """Return whether the URL's host is a loopback address in digits."""
    try:
        host = urlsplit(url).hostname
        return host is not None and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_loopback(url: str) -> None:
    """Raise UnsafeNode unless the URL's host is a loopback address in digits."""
    if not is_loopback(url):
        raise UnsafeNode(
            f"the URL {url!r} does not lead to a loopback address: must be in 127.0.0.0/8 or [::1]"
        )


def require_no_credentials(environ: Mapping[str, str] = os.environ) -> None:
    """Raise UnsafeNode where the environment holds an exchange's credentials; never shows one."""
    found = sorted(name for name, value in environ.items() if value and _CREDENTIAL.search(name))
    if found:
        raise UnsafeNode(
            f"the environment holds exchange credentials ({', '.join(found)}): "
            "unset them, the harness brings its own"
        )


def require_loopback_overrides(exec_client: Mapping[str, object]) -> None:
    """Raise UnsafeNode unless every URL among the execution client's fields is loopback."""
    for name, value in exec_client.items():
        if "url" in name:
            require_loopback(str(value))


def leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every value within a configuration, with its path: `("exec_engine.qsize", 1000)`.

    Raises UnsafeNode for one so deep that it cannot be seen through.
    """
    if name.count(".") > DEPTH_MAX:
        raise UnsafeNode(f"{name[:60]}... is more than {DEPTH_MAX} levels deep")
    inner: list[tuple[Any, Any]]
    match value:
        case msgspec.Struct():
            inner = [(field, getattr(value, field)) for field in value.__struct_fields__]
        case Mapping():
            inner = list(value.items())
        case list() | tuple() | set() | frozenset():
            inner = list(enumerate(value))
        case _:
            yield name, value
            return
    for key, item in inner:
        yield from leaves(f"{name}.{key}" if name else str(key), item)


def require_loopback_everywhere(name: str, config: Any) -> None:
    """Raise UnsafeNode where any URL or host within a configuration is not a loopback address.

    Says of a URL what it leads to and no more: the rest of it may be secret.
    """
    for path, value in leaves(name, config):
        if value is None or isinstance(value, bool | int | float):
            continue
        text = str(value)
        urls = _URL.findall(text)
        if not urls and text and _HOST.fullmatch(path.rpartition(".")[2]):
            urls = [f"//{text}"]
        for url in urls:
            if not (is_loopback(url) or url.lower().startswith("file:///")):
                raise UnsafeNode(
                    f"{path} leads to {_host(url)}, which is not a loopback address: "
                    "must be in 127.0.0.0/8 or [::1]"
                )


def _host(url: str) -> str:
    try:
        return repr(urlsplit(url).hostname or "")
    except ValueError:
        return "an address that cannot be read"


def forbid_leaving() -> None:
    """Have this process refuse, for good, to look for or connect to what is not loopback.

    It is for the sockets of Python code; those of NautilusTrader's Rust go where its configuration
    says.
    """
    sys.addaudithook(_refuse_leaving)


def _refuse_leaving(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    name = host.decode(errors="replace") if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return
    if not is_loopback(f"//[{name}]" if ":" in name else f"//{name}"):
        raise UnsafeNode(f"a connection to {name!r} was refused: a node may not leave this machine")


def require_safe(spec: NodeSpec) -> None:
    """Raise UnsafeNode unless every address of the node is loopback."""
    for url in (spec.urls.rest, spec.urls.market_stream, spec.urls.user_stream, spec.urls.ws_api):
        require_loopback(url)
    require_loopback(f"redis://{spec.store_host}:{spec.store_port}")
    require_loopback_overrides(spec.exec_client)
