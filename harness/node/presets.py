"""Named execution engine settings. A preset holds what differs from NautilusTrader's defaults."""

from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    # NautilusTrader as it comes: in-flight checks only, no open check, no position check.
    "default": {},
    # What production nodes run with.
    "standard": {
        "reconciliation_startup_delay_secs": 10.0,
        "inflight_check_interval_ms": 2_000,
        "inflight_check_threshold_ms": 5_000,
        "inflight_check_retries": 5,
        "open_check_interval_secs": 5.0,
        "open_check_threshold_ms": 5_000,
        "open_check_lookback_mins": 60,
        "position_check_interval_secs": 10.0,
        "position_check_threshold_ms": 5_000,
        "position_check_lookback_mins": 60,
        "purge_closed_orders_interval_mins": 10,
        "purge_closed_orders_buffer_mins": 60,
    },
    # `standard` with its delays, intervals and thresholds at a tenth: the same checks in the same
    # proportion, in seconds that a scenario can wait for.
    "quick": {
        "reconciliation_startup_delay_secs": 1.0,
        "inflight_check_interval_ms": 200,
        "inflight_check_threshold_ms": 500,
        "inflight_check_retries": 5,
        "open_check_interval_secs": 0.5,
        "open_check_threshold_ms": 500,
        "open_check_lookback_mins": 60,
        "position_check_interval_secs": 1.0,
        "position_check_threshold_ms": 500,
        "position_check_lookback_mins": 60,
        "purge_closed_orders_interval_mins": 10,
        "purge_closed_orders_buffer_mins": 60,
    },
}

PACES: dict[str, float] = {"quick": 10.0}
"""How many times as often as in NautilusTrader's own proportions a preset's checks come."""


def preset(name: str) -> dict[str, Any]:
    """Return a copy of the preset. Raises ValueError naming the presets there are."""
    if name not in PRESETS:
        raise ValueError(f"unknown preset {name!r}: must be one of {', '.join(PRESETS)}")
    return dict(PRESETS[name])
