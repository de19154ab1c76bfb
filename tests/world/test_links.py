import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from harness.world.links import LINKS, Links
from harness.world.toxiproxy import ToxiproxyFailed, ToxiproxyServer

Recorded = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def recorded() -> Recorded:
    return []


@pytest_asyncio.fixture
async def links(toxiproxy: ToxiproxyServer, recorded: Recorded) -> AsyncIterator[Links]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1024):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    links = await Links.create(
        toxiproxy,
        venue_port=port,
        store_port=port,
        record=lambda kind, data: recorded.append((kind, data)),
    )
    yield links
    await links.close()
    server.close()


async def ask(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello")
    try:
        return await reader.read(1024)
    finally:
        writer.close()


@pytest.mark.asyncio
async def test_every_link_has_a_port_of_its_own_and_passes_bytes_on(links: Links) -> None:
    ports = {links.port(link) for link in LINKS}
    assert len(ports) == len(LINKS)
    assert [await ask(port) for port in ports] == [b"hello"] * len(LINKS)


@pytest.mark.asyncio
async def test_a_cut_link_closes_and_refuses_and_comes_back_on_its_port(
    links: Links, recorded: Recorded
) -> None:
    port = links.port("rest")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello")
    assert await reader.read(1024) == b"hello"
    await links.cut("rest")
    assert await reader.read(1024) == b""
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    assert await ask(links.port("user_stream")) == b"hello"
    await links.restore("rest")
    assert links.port("rest") == port
    assert await ask(port) == b"hello"
    assert recorded == [("cut", {"link": "rest"}), ("restored", {"link": "rest"})]


@pytest.mark.asyncio
async def test_heal_ends_every_fault(links: Links, recorded: Recorded) -> None:
    await links.cut("rest", "store")
    await links.add_toxic("user_stream", "timeout", {"timeout": 0})
    await links.heal()
    for link in LINKS:
        assert await ask(links.port(link)) == b"hello"
    assert [kind for kind, _ in recorded[-3:]] == ["restored", "restored", "toxic_removed"]


@pytest.mark.asyncio
async def test_a_toxic_that_toxiproxy_does_not_know_is_one_clear_line(
    links: Links, recorded: Recorded
) -> None:
    with pytest.raises(ToxiproxyFailed, match="toxiproxy refused the call"):
        await links.add_toxic("rest", "gremlins", {})
    assert recorded == []
