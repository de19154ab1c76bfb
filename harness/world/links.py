"""The links: the network paths between the node and its surroundings, each a Toxiproxy proxy."""

import asyncio
import functools
import math
from collections.abc import Awaitable, Callable
from typing import Any, Literal, get_args

import msgspec
from toxiproxy.proxy import Proxy

from harness.clock import Clock
from harness.world.toxiproxy import ToxiproxyFailed, ToxiproxyServer, ToxiproxySilent

Link = Literal["rest", "user_stream", "market_stream", "ws_api", "store"]
LINKS: tuple[Link, ...] = get_args(Link)

Direction = Literal["downstream", "upstream"]
"""Towards the node, or from it."""

Record = Callable[[str, dict[str, Any]], object]

# Attributes of toxics, by what they measure.
_TIMES = {"latency", "jitter", "timeout", "delay"}
_RATES = {"rate"}


class _Toxic(msgspec.Struct):
    type: str
    direction: Direction
    attributes: dict[str, int]


class _Path(msgspec.Struct):
    """A link as it should be. `cuts` are the faults that keep it down."""

    proxy: Proxy
    upstream_port: int
    cuts: int = 0
    toxics: dict[str, _Toxic] = {}

    @property
    def port(self) -> int:
        return int(self.proxy.listen.rpartition(":")[2])


class Links:
    """All links of a scenario; every change is recorded.

    What overlaps adds up: a link that was cut twice is down until it was restored twice, and the
    toxics of one kind work one behind the other. Times and rates are the scenario's. A
    toxiproxy-server that answers no more is replaced, and the links go on, on their ports and with
    their faults, over new connections.
    """

    def __init__(
        self, server: ToxiproxyServer, paths: dict[Link, _Path], clock: Clock, record: Record
    ) -> None:
        self._server = server
        self._clock = clock
        self._paths = paths
        self._record = record
        self._toxics = 0
        self._turn = asyncio.Lock()

    @classmethod
    async def create(
        cls,
        server: ToxiproxyServer,
        *,
        venue_port: int,
        store_port: int,
        clock: Clock,
        record: Record,
    ) -> "Links":
        """Create a proxy a link."""
        paths = {}
        for link in LINKS:
            upstream_port = store_port if link == "store" else venue_port
            paths[link] = _Path(await server.create(link, upstream_port), upstream_port)
        return cls(server, paths, clock, record)

    def port(self, link: Link) -> int:
        """Return the port the node connects to."""
        return self._path(link).port

    async def cut(self, *links: Link) -> None:
        """Close the links' connections and refuse new ones."""
        for link in links:
            path = self._path(link)
            async with self._turn:
                path.cuts += 1
                if path.cuts == 1:
                    await self._do(functools.partial(self._server.call, path.proxy.disable))
                    self._record("cut", {"link": link})

    async def restore(self, *links: Link) -> None:
        """Accept connections again, on the same ports."""
        for link in links:
            path = self._path(link)
            async with self._turn:
                path.cuts -= 1
                if path.cuts == 0:
                    await self._do(functools.partial(self._server.enable, path.proxy))
                    self._record("restored", {"link": link})

    async def add_toxic(
        self, link: Link, type_: str, attributes: dict[str, int], direction: Direction
    ) -> str:
        """Add a toxic of Toxiproxy (`latency`, `bandwidth`, ...) to a link; returns its name."""
        self._toxics += 1
        name = f"{type_}_{direction}_{self._toxics}"
        path = self._path(link)
        path.toxics[name] = _Toxic(type_, direction, attributes)
        try:
            await self._do(lambda: self._add(path, name))
        except ToxiproxyFailed:
            del path.toxics[name]
            raise
        self._record("toxic_added", _told(link, path.toxics[name]))
        return name

    async def update_toxic(self, link: Link, name: str, attributes: dict[str, int]) -> None:
        """Give a toxic other attributes; connections stay."""
        path = self._path(link)
        path.toxics[name].attributes = attributes
        told = self._machine(attributes)
        await self._do(lambda: self._server.update_toxic(path.proxy, name, told))
        self._record("toxic_updated", _told(link, path.toxics[name]))

    async def remove_toxic(self, link: Link, name: str) -> None:
        """Remove a toxic."""
        path = self._path(link)
        toxic = path.toxics.pop(name)
        await self._do(lambda: self._server.call(path.proxy.destroy_toxic, name))
        self._record("toxic_removed", {"link": link, "toxic": toxic.type})

    async def close(self) -> None:
        """Remove the proxies, which a server that has ended took with it."""
        if not self._server.runs:
            return
        try:
            await self._server.clear()
        except ToxiproxySilent:
            await self._server.replace()

    def _path(self, link: Link) -> _Path:
        if link not in self._paths:
            raise ValueError(f"no link {link!r}: must be one of {', '.join(LINKS)}")
        return self._paths[link]

    async def _do(self, call: Callable[[], Awaitable[Any]]) -> None:
        """Make a call whose effect the paths have already; a server that is silent is replaced."""
        try:
            await call()
        except ToxiproxySilent as silence:
            await self._server.replace()
            for link, path in self._paths.items():
                path.proxy = await self._server.create_on(link, path.upstream_port, path.port)
                for name in path.toxics:
                    await self._add(path, name)
                if path.cuts:
                    await self._server.call(path.proxy.disable)
            self._record("toxiproxy_replaced", {"reason": str(silence)})

    async def _add(self, path: _Path, name: str) -> None:
        toxic = path.toxics[name]
        await self._server.call(
            path.proxy.add_toxic,
            name=name,
            type=toxic.type,
            stream=toxic.direction,
            attributes=self._machine(toxic.attributes),
        )

    def _machine(self, attributes: dict[str, int]) -> dict[str, int]:
        """Return what a toxic is told: its times and rates are the machine's."""
        told = dict(attributes)
        for name in _TIMES & told.keys():
            told[name] = math.ceil(told[name] / self._clock.rate)
        for name in _RATES & told.keys():
            told[name] = math.ceil(told[name] * self._clock.rate)
        return told


def _told(link: Link, toxic: _Toxic) -> dict[str, Any]:
    return {
        "link": link,
        "toxic": toxic.type,
        "stream": toxic.direction,
        "attributes": toxic.attributes,
    }
