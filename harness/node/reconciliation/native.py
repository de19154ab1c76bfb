"""What the two major versions of NautilusTrader have different names or types for."""

import importlib.metadata
from typing import Any

from nautilus_trader.model import InstrumentId

__all__ = ["MAJOR", "ExecEngineConfig", "instrument_id"]

MAJOR = int(importlib.metadata.version("nautilus_trader").partition(".")[0])

if MAJOR == 1:
    from nautilus_trader.config import LiveExecEngineConfig as ExecEngineConfig
else:
    from nautilus_trader.live import LiveExecutionEngineConfig as ExecEngineConfig


def instrument_id(value: str) -> Any:
    """Return an instrument id as `ExecEngineConfig` takes it: in 2.x, as the string it is."""
    return InstrumentId.from_str(value) if MAJOR == 1 else value
