"""The user's `TradingNodeConfig` and strategies, made to run in the harness's world.

Rewritten are the URLs and the key of the Binance clients and the database of the cache. All else
stays as it is in production, or the node is refused.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from nautilus_trader.adapters.binance.common.enums import BinanceAccountType, BinanceKeyType
from nautilus_trader.adapters.binance.config import BinanceDataClientConfig, BinanceExecClientConfig
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import (
    CacheConfig,
    DatabaseConfig,
    ImportableConfig,
    TradingNodeConfig,
)
from nautilus_trader.execution.algorithm import ExecAlgorithm
from nautilus_trader.trading.strategy import Strategy
from nautilus_trader.trading.trader import Trader

from harness.node.config_v1 import exec_urls
from harness.node.own_node import call, call_build
from harness.node.safety import NodeRefused, UnsafeNode, leaves, require_loopback_everywhere
from harness.node.spec import DescribedStrategy, Description, NodeSpec, OwnNode

VENUE = "BINANCE"
LOCAL_FILES = (None, "", "file", "local")

# How such a key begins in base64, without a PEM header.
_ED25519_PKCS8 = "MC4CAQAwBQYDK2Vw"
_INSTRUMENT = re.compile(rf"[A-Z0-9]+-PERP\.{VENUE}\b")
_RETURNS = "a TradingNodeConfig, or one and strategies or factories for them"


class OwnNodeV1:
    """What a user's build function returned, rewritten for the world of a specification.

    Raises NodeRefused where it cannot be used, UnsafeNode where it cannot be made safe.
    """

    def __init__(self, spec: NodeSpec, own: OwnNode) -> None:
        config, self._components = _understand(call_build(own))
        self.rewritten: list[str] = []
        self._ed25519 = any(_has_ed25519_key(client) for client in config.exec_clients.values())
        self.config = self._rewrite(config, spec)
        _require_nothing_outside(self.config)
        require_loopback_everywhere("", self.config)
        for component in self._components:
            require_loopback_everywhere(type(component).__name__, component.config)

    def add_components(self, trader: Trader) -> None:
        """Add strategies, execution algorithms and actors to the trader of the built node."""
        for component in self._components:
            if isinstance(component, Strategy):
                trader.add_strategy(component)
            elif isinstance(component, ExecAlgorithm):
                trader.add_exec_algorithm(component)
            else:
                trader.add_actor(component)

    def storeless(self) -> TradingNodeConfig:
        """Return the configuration for a node that is never run: its cache connects to nothing."""
        if self.config.cache is None:
            return self.config
        cache = msgspec.structs.replace(self.config.cache, database=None)
        return msgspec.structs.replace(self.config, cache=cache)

    def describe(self, trader: Trader) -> Description:
        """Return what the node is, once its components are added. Raises NodeRefused."""
        if not trader.strategies():
            raise NodeRefused("the node has no strategy: must have at least one")
        (client,) = self.config.exec_clients.values()
        cache = self.config.cache or CacheConfig()
        instance = self.config.instance_id
        lasting = cache.database is not None and (instance or not cache.use_instance_id)
        trader_id = str(self.config.trader_id)
        prefix = ("trader-" if cache.use_trader_prefix else "") + trader_id
        if cache.use_instance_id:
            prefix = f"{prefix}:{instance}"
        return Description(
            trader_id=trader_id,
            instrument_ids=tuple(sorted(set(self._instrument_ids(trader)))),
            strategies=tuple(
                DescribedStrategy(
                    strategy_id=str(strategy.id),
                    claims=tuple(str(claim) for claim in strategy.external_order_claims),
                )
                for strategy in trader.strategies()
            ),
            exec_engine=_plain(self.config.exec_engine),
            exec_client=_plain(client),
            store_prefix=prefix if lasting else None,
            ed25519=self._ed25519,
            forgets=not lasting or cache.flush_on_start,
            rewritten=tuple(self.rewritten),
        )

    def _instrument_ids(self, trader: Trader) -> Iterator[str]:
        configs = [self.config, *(strategy.config for strategy in trader.strategies())]
        for config in configs:
            for _, value in leaves("", config):
                yield from _INSTRUMENT.findall(str(value))

    def _rewrite(self, config: TradingNodeConfig, spec: NodeSpec) -> TradingNodeConfig:
        data_clients = {
            name: self._rewrite_client(
                f"data_clients.{name}",
                client,
                BinanceDataClientConfig,
                {"base_url_ws": spec.urls.market_stream},
                spec,
            )
            for name, client in config.data_clients.items()
        }
        exec_clients = {
            name: self._rewrite_client(
                f"exec_clients.{name}",
                client,
                BinanceExecClientConfig,
                exec_urls(spec.urls),
                spec,
            )
            for name, client in config.exec_clients.items()
        }
        if len(exec_clients) != 1:
            raise NodeRefused(
                f"exec_clients must hold one Binance USD-M futures client, were "
                f"{', '.join(exec_clients) or 'none'}"
            )
        return msgspec.structs.replace(
            config,
            data_clients=data_clients,
            exec_clients=exec_clients,
            cache=self._rewrite_cache(config.cache, spec),
        )

    def _rewrite_client(
        self, where: str, client: Any, wanted: type[Any], urls: dict[str, str], spec: NodeSpec
    ) -> Any:
        if isinstance(client, ImportableConfig):
            client = call(f"{where} cannot be made of {client.path}", client.create)
        if type(client) is not wanted:
            raise UnsafeNode(
                f"{where} was a {type(client).__name__}, which cannot be kept on this machine: "
                f"must be a {wanted.__name__}"
            )
        if client.account_type != BinanceAccountType.USDT_FUTURES:
            raise NodeRefused(
                f"{where}.account_type was {client.account_type.name}: must be USDT_FUTURES"
            )
        if str(client.venue) != VENUE:
            raise NodeRefused(f"{where}.venue was {client.venue}: must be {VENUE}")
        if getattr(client, "proxy_url", None) is not None:
            raise UnsafeNode(f"{where}.proxy_url was set: must be None")
        if client.key_type == BinanceKeyType.RSA:
            raise NodeRefused(f"{where}.key_type was RSA: must be HMAC or ED25519")
        new = {
            "base_url_http": spec.urls.rest,
            **urls,
            "api_key": spec.api_key,
            "api_secret": spec.api_secret,
        }
        self.rewritten += [f"{where}.{field}" for field in new]
        return msgspec.structs.replace(client, **new)

    def _rewrite_cache(self, cache: CacheConfig | None, spec: NodeSpec) -> CacheConfig | None:
        if cache is None or cache.database is None:
            return cache
        if cache.database.type != "redis":
            raise UnsafeNode(f"cache.database.type was {cache.database.type!r}: must be 'redis'")
        new = {"host": spec.store_host, "port": spec.store_port}
        unlike = {"username": None, "password": None, "ssl": False}
        new |= {
            field: value
            for field, value in unlike.items()
            if getattr(cache.database, field) != value
        }
        self.rewritten += [f"cache.database.{field}" for field in new]
        database: DatabaseConfig = msgspec.structs.replace(cache.database, **new)
        return msgspec.structs.replace(cache, database=database)


def _has_ed25519_key(client: Any) -> bool:
    """Return whether a client logs on to the WebSocket API, as it does with such a key alone."""
    secret = getattr(client, "api_secret", None) or ""
    named = getattr(client, "key_type", None) == BinanceKeyType.ED25519
    return named or "PRIVATE KEY" in secret or secret.startswith(_ED25519_PKCS8)


def _understand(returned: Any) -> tuple[TradingNodeConfig, list[Actor]]:
    first, *others = returned if isinstance(returned, tuple | list) and returned else [returned]
    if not isinstance(first, TradingNodeConfig):
        raise NodeRefused(f"returned a {type(first).__name__}: must be {_RETURNS}")
    return first, [_component(item) for item in _flat(others)]


def _flat(items: Any) -> Iterator[Any]:
    for item in items:
        if isinstance(item, list | tuple):
            yield from _flat(item)
        else:
            yield item


def _component(item: Any) -> Actor:
    made = item
    if callable(item) and not isinstance(item, Actor):
        made = call(f"the factory {getattr(item, '__qualname__', item)} failed", item)
    if not isinstance(made, Actor):
        raise NodeRefused(f"returned a {type(made).__name__} for a strategy: must be {_RETURNS}")
    return made


def _require_nothing_outside(config: TradingNodeConfig) -> None:
    """Raise UnsafeNode for what would carry the simulated world out of it."""
    if config.message_bus is not None and config.message_bus.database is not None:
        raise UnsafeNode(
            "message_bus.database was set, and simulated events would be published there: "
            "must be None"
        )
    if config.streaming is not None:
        raise UnsafeNode(
            "streaming was set, and simulated data would be written to its catalog: must be None"
        )
    for number, catalog in enumerate(config.catalogs):
        if catalog.fs_protocol not in LOCAL_FILES:
            raise UnsafeNode(
                f"catalogs.{number}.fs_protocol was {catalog.fs_protocol!r}: must be 'file'"
            )


def _plain(config: Any) -> dict[str, Any]:
    """Return a configuration's fields as JSON has them, without what is secret or a URL."""
    fields: dict[str, Any] = config.json_primitives()
    return {
        name: value for name, value in fields.items() if not name.startswith(("api_", "base_url_"))
    }
