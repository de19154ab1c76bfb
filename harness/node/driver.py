"""What the harness asks of a NautilusTrader node, whatever its major version."""

import importlib.metadata
from collections.abc import Callable
from typing import Protocol

from harness.node.channel import Channel
from harness.node.spec import Command, Description, NodeSpec


class Driver(Protocol):
    """One driver a major version; the only place that knows NautilusTrader's insides.

    A driver observes and passes commands on; it never changes what the node does.
    """

    def describe(self) -> Description:
        """Return what the user's node is, without building its clients. Raises NodeRefused."""

    def build(self) -> None:
        """Build the node from its specification."""

    async def run(self, obey: Callable[[], bool]) -> None:
        """Start the node and return when it has ended.

        A driver that keeps the event loop from running calls `obey` now and then, which carries out
        what commands have come; where it returns False the node is to stop.
        """

    async def stop(self) -> None:
        """Stop the node gracefully, if it has not ended."""

    def dispose(self) -> None:
        """Write everything out and let go of all resources, after the node has ended."""

    def execute(self, command: Command) -> None:
        """Carry out a command. `Stop` is the session's own."""


def nautilus_version() -> str:
    """Return the version of the installed NautilusTrader."""
    return importlib.metadata.version("nautilus_trader")


def capabilities() -> frozenset[str]:
    """Import the installed release's driver and return its capabilities.

    Raises RuntimeError where there is no driver.
    """
    version = nautilus_version()
    if version.startswith("1."):
        from harness.node import driver_v1

        return driver_v1.capabilities()
    if version.startswith("2."):
        from harness.node import driver_v2

        return driver_v2.capabilities()
    raise _no_driver(version)


def driver_for(spec: NodeSpec, channel: Channel) -> Driver:
    """Return the driver of the installed release. Raises RuntimeError where there is none."""
    version = nautilus_version()
    if version.startswith("1."):
        from harness.node.driver_v1 import DriverV1

        return DriverV1(spec, channel)
    if version.startswith("2."):
        from harness.node.driver_v2 import DriverV2

        return DriverV2(spec, channel)
    raise _no_driver(version)


def _no_driver(version: str) -> RuntimeError:
    return RuntimeError(f"no driver for NautilusTrader {version}: must be 1.x or 2.x")
