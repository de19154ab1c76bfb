import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any, cast

import psutil
import pytest
import pytest_asyncio

from harness.clock import Clock
from harness.world.links import LINKS, Links
from harness.world.toxiproxy import ToxiproxyFailed, ToxiproxyServer

Recorded = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def recorded() -> Recorded:
    return []


@pytest.fixture
def clock() -> Clock:
    """The machine's, with a rate that tests give it."""
    return Clock()


@pytest_asyncio.fixture
async def links(
    toxiproxy: ToxiproxyServer, recorded: Recorded, clock: Clock
) -> AsyncIterator[Links]:
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
        clock=clock,
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
async def test_a_link_that_was_cut_twice_is_back_after_the_second_restore(links: Links) -> None:
    await links.cut("rest")
    await links.cut("rest", "store")
    await links.restore("rest", "store")
    with pytest.raises(ConnectionRefusedError):
        await ask(links.port("rest"))
    await links.restore("rest")
    for link in LINKS:
        assert await ask(links.port(link)) == b"hello"


@pytest.mark.asyncio
async def test_a_toxic_can_be_changed_while_it_works(links: Links, recorded: Recorded) -> None:
    name = await links.add_toxic("rest", "limit_data", {"bytes": 0}, "downstream")
    assert await ask(links.port("rest")) == b""
    await links.update_toxic("rest", name, {"bytes": 3})
    assert await ask(links.port("rest")) == b"hel"
    await links.remove_toxic("rest", name)
    assert await ask(links.port("rest")) == b"hello"
    assert [kind for kind, _ in recorded] == ["toxic_added", "toxic_updated", "toxic_removed"]


@pytest.mark.asyncio
async def test_two_toxics_of_one_kind_work_on_one_link(links: Links) -> None:
    for _ in range(2):
        await links.add_toxic("rest", "latency", {"latency": 1}, "upstream")
    assert await ask(links.port("rest")) == b"hello"


@pytest.mark.asyncio
async def test_a_wedged_server_is_replaced_and_links_keep_their_ports_and_faults(
    links: Links,
    recorded: Recorded,
    toxiproxy: ToxiproxyServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ports = [links.port(link) for link in LINKS]
    wedged = toxiproxy.pid
    await links.cut("store")
    await links.add_toxic("ws_api", "limit_data", {"bytes": 2}, "downstream")
    monkeypatch.setattr("harness.world.toxiproxy.CALL_DEADLINE_SECS", 0.2)
    os.kill(wedged, signal.SIGSTOP)
    while psutil.Process(wedged).status() != psutil.STATUS_STOPPED:
        await asyncio.sleep(0)
    await links.cut("user_stream")
    monkeypatch.undo()
    assert toxiproxy.pid != wedged
    assert not psutil.pid_exists(wedged)
    assert [links.port(link) for link in LINKS] == ports
    assert recorded[-2][0] == "toxiproxy_replaced"
    assert await ask(links.port("rest")) == b"hello"
    assert await ask(links.port("ws_api")) == b"he"
    for down in ("store", "user_stream"):
        with pytest.raises(ConnectionRefusedError):
            await ask(links.port(down))
        await links.restore(down)
        assert await ask(links.port(down)) == b"hello"


@pytest.mark.asyncio
async def test_a_toxic_that_toxiproxy_does_not_know_is_one_clear_line(
    links: Links, recorded: Recorded
) -> None:
    with pytest.raises(ToxiproxyFailed, match="toxiproxy refused the call"):
        await links.add_toxic("rest", "gremlins", {}, "downstream")
    assert recorded == []


@pytest.mark.asyncio
async def test_the_times_and_rates_of_toxics_are_the_scenario_s(
    links: Links,
    recorded: Recorded,
    toxiproxy: ToxiproxyServer,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Clock, "rate", 10.0)
    latency = await links.add_toxic("rest", "latency", {"latency": 1_005, "jitter": 0}, "upstream")
    bandwidth = await links.add_toxic("rest", "bandwidth", {"rate": 64}, "upstream")
    await links.add_toxic("rest", "limit_data", {"bytes": 3}, "upstream")
    await links.update_toxic("rest", bandwidth, {"rate": 32})
    proxy = await toxiproxy.call(toxiproxy._client.get_proxy, "rest")
    told = {toxic.name: toxic.attributes for toxic in proxy.toxics().values()}
    assert told[latency] == {"latency": 101, "jitter": 0}
    assert told[bandwidth] == {"rate": 320}
    assert {"bytes": 3} in told.values()
    assert recorded[0][1]["attributes"] == {"latency": 1_005, "jitter": 0}


@pytest.mark.asyncio
async def test_a_link_that_there_is_not_is_told_with_those_there_are(links: Links) -> None:
    with pytest.raises(ValueError, match="no link 'r': must be one of rest, user_stream, market"):
        await links.cut(*cast(Any, "rest"))
