"""The links: the network paths between the node and its surroundings, each a Toxiproxy proxy."""

from collections.abc import Callable
from typing import Any, Literal, get_args

from toxiproxy.proxy import Proxy

from harness.world.toxiproxy import ToxiproxyServer

Link = Literal["rest", "user_stream", "market_stream", "ws_api", "store"]
LINKS: tuple[Link, ...] = get_args(Link)

Record = Callable[[str, dict[str, Any]], object]


class Links:
    """All links of a scenario. Every fault on them is recorded, and ended by `heal`."""

    def __init__(self, server: ToxiproxyServer, proxies: dict[Link, Proxy], record: Record) -> None:
        self._server = server
        self._proxies = proxies
        self._record = record
        self._cut: set[Link] = set()
        self._toxics: dict[tuple[Link, str], str] = {}

    @classmethod
    async def create(
        cls, server: ToxiproxyServer, *, venue_port: int, store_port: int, record: Record
    ) -> "Links":
        """Create a proxy a link."""
        proxies = {
            link: await server.create(link, store_port if link == "store" else venue_port)
            for link in LINKS
        }
        return cls(server, proxies, record)

    def port(self, link: Link) -> int:
        """Return the port the node connects to."""
        return int(self._proxies[link].listen.rpartition(":")[2])

    async def cut(self, *links: Link) -> None:
        """Close the links' connections and refuse new ones."""
        for link in links:
            await self._server.call(self._proxies[link].disable)
            self._cut.add(link)
            self._record("cut", {"link": link})

    async def restore(self, *links: Link) -> None:
        """Accept connections again, on the same ports."""
        for link in links:
            await self._server.enable(self._proxies[link])
            self._cut.discard(link)
            self._record("restored", {"link": link})

    async def add_toxic(
        self,
        link: Link,
        toxic: str,
        attributes: dict[str, int],
        stream: Literal["upstream", "downstream"] = "downstream",
    ) -> None:
        """Add a toxic of Toxiproxy (`latency`, `bandwidth`, ...) to a link."""
        name = f"{toxic}_{stream}"
        await self._server.call(
            self._proxies[link].add_toxic,
            type=toxic,
            name=name,
            stream=stream,
            attributes=attributes,
        )
        self._toxics[link, name] = toxic
        self._record(
            "toxic_added",
            {"link": link, "toxic": toxic, "stream": stream, "attributes": attributes},
        )

    async def heal(self) -> None:
        """End every fault on the links."""
        for link in sorted(self._cut):
            await self.restore(link)
        for (link, name), toxic in list(self._toxics.items()):
            await self._server.call(self._proxies[link].destroy_toxic, name)
            del self._toxics[link, name]
            self._record("toxic_removed", {"link": link, "toxic": toxic})

    async def close(self) -> None:
        """Remove the proxies."""
        await self._server.clear()
