"""What a release can do, as its driver declares it, and what a scenario asks for: the same names.

check:positions             a periodic check whose begins and ends can be told
start_query:/fapi/v1/time   a request that is part of every start over a cache with orders
order:STOP_MARKET           a type of order
command:Modify              a command of `harness.node.spec`
exec_engine:qsize           a field of LiveExecEngineConfig
exec_client:max_retries     a field of BinanceExecClientConfig
ws_api:orders               what an Ed25519 key has done by the WebSocket API
hedging                     a strategy in hedge mode
claims                      a strategy that claims external orders
instrument:X-PERP.BINANCE   an instrument of a user's node
keepalive:30                a user stream whose key is kept alive each so many minutes
monitor                     the status of reconciliation, as ReconciliationMonitor keeps it
own_node                    a user's node, which is a TradingNodeConfig
"""

from collections.abc import Iterable, Set

ALGO_ORDERS = "algo_orders"
TRADES_AT_START = "trades_at_start"
NEW_LISTEN_KEY = "new_listen_key"
NEW_LISTEN_KEY_BY_WS_API = "new_listen_key_by_ws_api"

_WORDS = {
    "check": "no periodic check {} that can be observed",
    "order": "no order {}",
    "command": "no command {}",
    "exec_engine": "no field {} in LiveExecEngineConfig",
    "exec_client": "no field {} in BinanceExecClientConfig",
    "planted": "no planted bug {}",
    "ws_api": "no {} by the WebSocket API",
    "start_query": "no query of {} at its start",
    "keepalive": "no keepalive of its user stream each {} minutes",
    "hedging": "no hedge mode",
    "claims": "no external order claims",
    "instrument": "no instrument {}",
    "monitor": "no ReconciliationMonitor, which is an actor of 1.x",
    "own_node": "no TradingNodeConfig, which your own node is",
    ALGO_ORDERS: "no conditional orders by Binance's algo service",
    TRADES_AT_START: "no query for the trades of instruments with open orders at its start",
    NEW_LISTEN_KEY: "no new listen key at a reconnect of the user stream",
    NEW_LISTEN_KEY_BY_WS_API: "no new listen key by the WebSocket API at a reconnect of the user "
    "stream",
}


def each(kind: str, names: Iterable[str]) -> frozenset[str]:
    """Return the capabilities of a kind by these names. Raises ValueError for an unknown kind."""
    if kind not in _WORDS:
        raise ValueError(f"unknown kind of capability {kind!r}: must be one of {list(_WORDS)}")
    return frozenset(f"{kind}:{name}" for name in names)


def check_names(names: Iterable[str]) -> None:
    """Raise ValueError for a name of no kind of capability."""
    for name in names:
        if name.partition(":")[0] not in _WORDS:
            raise ValueError(
                f"unknown capability {name!r}: must be one of {', '.join(_WORDS)}, with a name "
                "where one is shown in harness/node/capabilities.py"
            )


def lacking(capabilities: Set[str], needs: Iterable[str]) -> str | None:
    """Return in words which of its needs a release does not meet; None where it meets all."""
    missing = sorted(set(needs) - capabilities)
    return "; ".join(_in_words(need) for need in missing) or None


def _in_words(capability: str) -> str:
    kind, _, name = capability.partition(":")
    return _WORDS[kind].format(name)
