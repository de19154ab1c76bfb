"""Ports for servers that must get the same port back after an outage."""

import random
import socket
from pathlib import Path

_FIRST = 10_000
_TRIES_MAX = 200
_EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


class NoFreePort(OSError):
    """No free port was found."""


def free_port() -> int:
    """Return a port that is free now and lies below the kernel's ephemeral range.

    An outgoing connection can therefore never take it while its server is down.
    Another process may still take it first: whoever binds it must be ready to ask again.
    """
    try:
        ephemeral_first = int(_EPHEMERAL_RANGE.read_text().split()[0])
    except OSError:
        ephemeral_first = 32_768
    choose = random.SystemRandom()
    for _ in range(_TRIES_MAX):
        port = choose.randrange(_FIRST, max(ephemeral_first, _FIRST + 1000))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NoFreePort(f"no free port was found between {_FIRST} and {ephemeral_first}")
