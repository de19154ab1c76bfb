"""What keeps a node on this machine: loopback addresses only, no credentials from outside."""

import ipaddress
import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from harness.node.spec import NodeSpec

_CREDENTIAL = re.compile(r"BINANCE.*(KEY|SECRET|PASSPHRASE|TOKEN)", re.IGNORECASE)


class UnsafeNode(ValueError):
    """A node that could reach a real exchange, or carry real credentials, is not started."""


def require_loopback(url: str) -> None:
    """Raise UnsafeNode unless the URL's host is a loopback address in digits."""
    host = urlsplit(url).hostname
    try:
        loopback = host is not None and ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
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


def require_safe(spec: NodeSpec) -> None:
    """Raise UnsafeNode unless every address of the node is loopback."""
    for url in (spec.urls.rest, spec.urls.market_stream, spec.urls.user_stream, spec.urls.ws_api):
        require_loopback(url)
    require_loopback(f"redis://{spec.store_host}:{spec.store_port}")
    require_loopback_overrides(spec.exec_client)
