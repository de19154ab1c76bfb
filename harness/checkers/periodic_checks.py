"""The periodic checks that a node is configured to make. All settings are NautilusTrader's."""

from collections.abc import Mapping
from typing import Any

# NautilusTrader's own, where a field is left out; the other checks are then not made.
INFLIGHT_INTERVAL_DEFAULT_MS = 2_000


def intervals_secs(values: Mapping[str, Any]) -> dict[str, float]:
    """Return how often each check is made, of those that settings of the engine ask for."""
    inflight_ms = values.get("inflight_check_interval_ms", INFLIGHT_INTERVAL_DEFAULT_MS)
    intervals = {
        "in_flight": (inflight_ms or 0) / 1000,
        "open_orders": values.get("open_check_interval_secs") or 0,
        "positions": values.get("position_check_interval_secs") or 0,
    }
    return {check: float(interval) for check, interval in intervals.items() if interval}
