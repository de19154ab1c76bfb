"""Named execution engine settings, in NautilusTrader's own names.

A preset holds what is set; every other field is as NautilusTrader has it. The values are here and
nowhere else: `ReconciliationConfig.from_preset` reads them too.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

STANDARD: dict[str, Any] = {
    "reconciliation": True,
    "reconciliation_startup_delay_secs": 10.0,
    "reconciliation_lookback_mins": 60,
    "inflight_check_interval_ms": 2_000,
    "inflight_check_threshold_ms": 5_000,
    "inflight_check_retries": 5,
    "open_check_interval_secs": 5.0,
    "open_check_lookback_mins": 60,
    "open_check_threshold_ms": 5_000,
    "position_check_interval_secs": 10.0,
    "position_check_lookback_mins": 60,
    "position_check_threshold_ms": 5_000,
    "position_check_retries": 3,
    "purge_closed_orders_interval_mins": 10,
    "purge_closed_orders_buffer_mins": 60,
}

PACES: dict[str, float] = {"quick": 10.0}
"""How many times as often as in NautilusTrader's own proportions a preset's checks come."""


def _tenth(field: str, value: Any) -> Any:
    """Return a delay, interval or threshold at a tenth, in its own type; else the value as is."""
    short = field.endswith(("_secs", "_ms"))
    return type(value)(value / 10) if short else value


PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        # For an account whose node may be down for longer.
        "conservative": STANDARD
        | {"reconciliation_startup_delay_secs": 15.0, "reconciliation_lookback_mins": 120},
        # What production nodes run with.
        "standard": STANDARD,
        # Asks for the least history at its start.
        "aggressive": STANDARD | {"reconciliation_lookback_mins": 30},
        # Nothing is asked of the venue by itself, but for an order that is in flight for too long.
        "disabled": STANDARD
        | {
            "reconciliation": False,
            "open_check_interval_secs": None,
            "position_check_interval_secs": None,
        },
        # NautilusTrader as it comes: startup and in-flight checks only.
        "default": {},
        # `standard` with its delays, intervals and thresholds at a tenth: the same checks in the
        # same proportion, in seconds that a scenario can wait for. It looks back without a limit.
        "quick": {field: _tenth(field, value) for field, value in STANDARD.items()}
        | {"reconciliation_lookback_mins": None},
    }
)


def preset(name: str) -> dict[str, Any]:
    """Return a copy of the preset. Raises ValueError naming the presets there are."""
    if name not in PRESETS:
        raise ValueError(f"unknown preset {name!r}: must be one of {', '.join(PRESETS)}")
    return dict(PRESETS[name])
