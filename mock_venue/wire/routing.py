"""What a route is: a path with its security, its cost and its handler."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from mock_venue.config import VenueConfig
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.market_data import MarketData
from mock_venue.executor import Executor
from mock_venue.wire.api_keys import ApiKeys
from mock_venue.wire.connection import Connections
from mock_venue.wire.listen_keys import ListenKeys
from mock_venue.wire.params import Params

Security = Literal["NONE", "KEY", "SIGNED"]


class Desk(msgspec.Struct, frozen=True):
    """What handlers work with."""

    config: VenueConfig
    exchange: Exchange
    executor: Executor
    api_keys: ApiKeys
    listen_keys: ListenKeys
    connections: Connections
    market: MarketData


class Call(msgspec.Struct, frozen=True, gc=False):
    """One authenticated request; `account` is empty where no key is needed."""

    desk: Desk
    account: str
    params: Params


Handler = Callable[[Call], Any]
"""Returns what goes out as JSON, or raises ExchangeError."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint. `orders` is what it counts against the order limits, of ten seconds and of
    a minute. One with a `pool` of its own counts there, and against no weight.

    A weight that depends on the parameters is a function of them; it must not raise.
    """

    method: str
    path: str
    security: Security
    weight: int | Callable[[Params], int]
    handler: Handler
    orders: tuple[int, int] = (0, 0)
    changes_orders: bool = False
    pool: Literal["weight", "funding"] = "weight"

    def weight_of(self, values: dict[str, str]) -> int:
        """The weight of a request with these parameters."""
        return self.weight if isinstance(self.weight, int) else self.weight(Params(values))


def public(path: str, weight: int | Callable[[Params], int], handler: Handler) -> Route:
    """An endpoint to read what needs no key."""
    return Route(method="GET", path=path, security="NONE", weight=weight, handler=handler)


def signed(
    method: str,
    path: str,
    weight: int | Callable[[Params], int],
    handler: Handler,
    *,
    orders: tuple[int, int] = (0, 0),
    changes: bool = False,
) -> Route:
    """An endpoint that needs a signature; `changes` says whether it changes orders."""
    return Route(
        method=method,
        path=path,
        security="SIGNED",
        weight=weight,
        handler=handler,
        orders=orders,
        changes_orders=changes,
    )


def by_symbol(one: int, every: int) -> Callable[[Params], int]:
    """A weight that is `one` where a symbol is sent, else `every`."""
    return lambda params: one if "symbol" in params else every
