"""What a world is built from."""

from typing import Any

import msgspec

from harness.node.presets import preset
from harness.node.spec import StrategySpec


class InvalidSetup(ValueError):
    """A scenario's configuration that cannot be played."""


class Setup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The configuration of a scenario: everything but its steps.

    `exec_engine` and `exec_client` override single fields of the preset and of NautilusTrader's
    `BinanceExecClientConfig`. `seed` is what generated parts draw from.
    """

    name: str
    covers: str
    preset: str = "quick"
    exec_engine: dict[str, Any] = {}
    exec_client: dict[str, Any] = {}
    instrument_ids: tuple[str, ...] = ("BTCUSDT-PERP.BINANCE", "ETHUSDT-PERP.BINANCE")
    strategies: tuple[StrategySpec, ...] = (StrategySpec(),)
    seed: int = 0
    rate: float = 1.0

    def engine_values(self) -> dict[str, Any]:
        """Return the execution engine settings in force. Raises InvalidSetup."""
        try:
            return preset(self.preset) | self.exec_engine
        except ValueError as error:
            raise InvalidSetup(str(error)) from None
