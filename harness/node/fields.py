"""Configuration across releases: fields that the installed NautilusTrader does not have."""

import difflib
import importlib.metadata
import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

# All that the execution engine's configuration has had, from 1.221.0 to 1.231.0 and in 2.0.0rc6.
# fmt: off
EXEC_ENGINE_FIELDS = frozenset({
    "allow_overfills", "convert_quote_qty_to_base", "debug", "external_clients",
    "filter_position_reports", "filter_unclaimed_external_orders", "filtered_client_order_ids",
    "generate_missing_orders", "graceful_shutdown_on_exception", "inflight_check_interval_ms",
    "inflight_check_retries", "inflight_check_threshold_ms", "load_cache", "manage_own_order_books",
    "max_single_order_queries_per_cycle", "open_check_interval_secs", "open_check_lookback_mins",
    "open_check_missing_retries", "open_check_open_only", "open_check_threshold_ms",
    "own_books_audit_interval_secs", "position_check_interval_secs", "position_check_lookback_mins",
    "position_check_retries", "position_check_threshold_ms", "purge_account_events_interval_mins",
    "purge_account_events_lookback_mins", "purge_closed_orders_buffer_mins",
    "purge_closed_orders_interval_mins", "purge_closed_positions_buffer_mins",
    "purge_closed_positions_interval_mins", "purge_from_database", "qsize", "reconciliation",
    "reconciliation_instrument_ids", "reconciliation_lookback_mins",
    "reconciliation_startup_delay_secs", "single_order_query_delay_ms", "snapshot_orders",
    "snapshot_positions", "snapshot_positions_interval_secs", "submission_recovery_policy",
})
# fmt: on

# The same of Binance's execution client, in version 2 `BinanceExecutionClientConfig`.
# fmt: off
EXEC_CLIENT_FIELDS = frozenset({
    "account_id", "account_type", "api_key", "api_secret", "base_url_http", "base_url_ws",
    "base_url_ws_stream", "base_url_ws_trading", "bnfcr_currency", "default_taker_fee",
    "environment", "futures_leverages", "futures_margin_types", "instrument_provider",
    "instrument_refresh_interval_secs", "key_type", "listen_key_ping_max_failures",
    "log_rejected_due_post_only_as_warning", "max_retries", "oms_type", "product_type",
    "proxy_url", "recv_window_ms", "retry_delay_initial_ms", "retry_delay_max_ms", "routing",
    "testnet", "transport_backend", "treat_expired_as_canceled", "us", "use_gtd",
    "use_position_ids", "use_reduce_only", "use_trade_lite", "use_ws_trading", "venue",
    "ws_trading_setup_timeout_ms",
})
# fmt: on


class FieldLeftOut(UserWarning):
    """A configuration field that the installed NautilusTrader does not have was left out."""


def field_names(config_class: Callable[..., Any]) -> frozenset[str]:
    """Return the fields of a NautilusTrader configuration class, of either major version."""
    return frozenset(
        name
        for name, parameter in inspect.signature(config_class).parameters.items()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    )


def known_fields(config_class: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values whose fields the configuration class has.

    One `FieldLeftOut` warning names all the others. It does not tell a field of another release
    from one that no release has: that is for whoever takes the values in.
    """
    known = field_names(config_class)
    left_out = [name for name in values if name not in known]
    if left_out:
        release = importlib.metadata.version("nautilus_trader")
        warnings.warn(
            f"left out of {getattr(config_class, '__name__', config_class)}, which does not have "
            f"it in NautilusTrader {release}: {', '.join(left_out)}",
            FieldLeftOut,
            stacklevel=2,
        )
    return {name: value for name, value in values.items() if name in known}


def require_exec_engine_fields(names: Iterable[str]) -> None:
    """Raise ValueError for a name that no release's execution engine configuration has."""
    _require(names, EXEC_ENGINE_FIELDS, "exec_engine", "LiveExecEngineConfig")


def require_exec_client_fields(names: Iterable[str]) -> None:
    """Raise ValueError for a name that no release's execution client configuration has."""
    _require(names, EXEC_CLIENT_FIELDS, "exec_client", "BinanceExecClientConfig")


def _require(names: Iterable[str], known: frozenset[str], where: str, config_class: str) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known))
            hint = f": did you mean {' or '.join(near)}?" if near else ""
            raise ValueError(
                f"{where} was given {name!r}, which is no field of NautilusTrader's "
                f"{config_class} in any release{hint}"
            )
