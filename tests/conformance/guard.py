"""Clients under test reach this machine and nothing else: what would leave it raises.

Python's sockets and look-ups are stopped before they begin, by an audit hook. NautilusTrader's
network code is Rust's and passes it by; what it has connected to is looked at after each test.
"""

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil

LOOPBACK_NAMES = ("localhost", "")

_active = False
_installed = False


class LeavesThisMachine(AssertionError):
    """A client asked for a host that is not loopback."""


@contextmanager
def loopback_only() -> Iterator[None]:
    """Raise LeavesThisMachine where anything in this process asks for another host."""
    global _active, _installed
    if not _installed:
        sys.addaudithook(_on_audit)  # it cannot be taken away again
        _installed = True
    before, _active = _active, True
    try:
        yield
    finally:
        _active = before
    for connection in psutil.Process().net_connections("inet"):
        if connection.raddr:
            _check(connection.raddr.ip)


def _on_audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _active:
        return
    match event, arguments:
        case (("socket.connect" | "socket.sendto" | "socket.sendmsg"), (_, (host, *_), *_)):
            _check(host)
        case (("socket.getaddrinfo" | "socket.gethostbyname"), (host, *_)):
            _check(host)


def _check(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in LOOPBACK_NAMES:
        return
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        raise LeavesThisMachine(f"a look-up of {name}") from None
    mapped = getattr(address, "ipv4_mapped", None) or address
    if not (mapped.is_loopback or mapped.is_unspecified):
        raise LeavesThisMachine(f"a connection to {name}")
