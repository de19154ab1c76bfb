"""What differs between NautilusTrader's 1.x releases where the driver touches it: one table."""

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from harness.node.capabilities import (
    ALGO_ORDERS,
    NEW_LISTEN_KEY,
    NEW_LISTEN_KEY_BY_WS_API,
    TRADES_AT_START,
    each,
)


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """How one release is addressed.

    `user_stream_field` is the field of `BinanceExecClientConfig` that leads to the user stream, and
    `ws_api_field` to the WebSocket API, where it trades there at all. `checks` are the methods of
    `LiveExecutionEngine` that are its periodic checks, by the check's name. `does` is what it does
    by itself, see `harness.node.capabilities`.
    """

    user_stream_field: str
    ws_api_field: str | None
    checks: Mapping[str, str]
    does: frozenset[str]


_OPEN_ORDERS = {
    "in_flight": "_check_inflight_orders",
    "open_orders": "_check_orders_consistency",
}

_KEEPALIVE_5 = each("keepalive", ["5"])
_SINCE_1_223 = each("keepalive", ["30"]) | {ALGO_ORDERS, TRADES_AT_START, NEW_LISTEN_KEY}

# What each release changed, from the first that is supported; the rest is as in the one before.
_CHANGES: Mapping[tuple[int, int], Mapping[str, Any]] = MappingProxyType(
    {
        # Its checks begin before startup reconciliation has finished.
        (1, 220): {
            "user_stream_field": "base_url_ws",
            "ws_api_field": None,
            "checks": {},
            "does": _KEEPALIVE_5,
        },
        (1, 221): {"checks": _OPEN_ORDERS},
        (1, 222): {
            "checks": _OPEN_ORDERS | {"positions": "_check_positions_consistency"},
            "does": _KEEPALIVE_5 | {ALGO_ORDERS, TRADES_AT_START},
        },
        (1, 223): {
            "user_stream_field": "base_url_ws_stream",
            "ws_api_field": "base_url_ws",
            "does": _SINCE_1_223,
        },
        (1, 226): {"does": _SINCE_1_223 | {NEW_LISTEN_KEY_BY_WS_API}},
    }
)


@functools.cache
def traits_of(release: str) -> Traits:
    """Return the traits of a 1.x release. Raises RuntimeError for one before 1.220."""
    major, minor = (int(number) for number in release.split(".")[:2])
    values: dict[str, Any] = {}
    for since, changes in _CHANGES.items():
        if since <= (major, minor):
            values |= changes
    if not values:
        raise RuntimeError(f"no driver for NautilusTrader {release}: must be 1.220.0 or later")
    return Traits(**values)
