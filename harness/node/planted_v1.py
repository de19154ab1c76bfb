"""Bugs planted in a running node of NautilusTrader 1.x, on which the checkers are proven.

A bug is a function of a built node that changes what it does from then on.
"""

from types import MappingProxyType

from nautilus_trader.live.node import TradingNode

from harness.node.planted_inside_v1 import INSIDE
from harness.node.planted_messages_v1 import IN_MESSAGES, PlantedBug

PLANTED: MappingProxyType[str, PlantedBug] = MappingProxyType({**IN_MESSAGES, **INSIDE})
"""Every bug by its name."""


def plant(name: str, node: TradingNode) -> None:
    """Plant a bug in a node that is built and does not run. Raises ValueError, naming them all."""
    if name not in PLANTED:
        raise ValueError(f"unknown planted bug {name!r}: must be one of {', '.join(PLANTED)}")
    PLANTED[name](node)
