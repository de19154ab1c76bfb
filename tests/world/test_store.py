import asyncio
from pathlib import Path

import msgspec
import pytest

from harness.setup.valkey import valkey_server
from harness.world import store
from harness.world.ports import free_port
from harness.world.process import ServerFailed
from harness.world.store import StoreServer, await_written

PREFIX = "trader-CHAOS-001"


def test_a_store_starts_empty_and_is_flushed(tmp_path: Path) -> None:
    server = StoreServer.start(valkey_server(), tmp_path)
    try:
        assert server.version().startswith("valkey ")
        server.client.set("a", 1)
        server.flush()
        assert server.client.dbsize() == 0
    finally:
        server.stop()


@pytest.mark.asyncio
async def test_waiting_for_writes_ends_with_the_write_and_not_before(tmp_path: Path) -> None:
    server = StoreServer.start(valkey_server(), tmp_path)
    wanted = {"orders:O-1": {"a", "b"}, "positions:P-1": {"7"}}

    def write(name: str, event_id: str, trade_id: str | None = None) -> None:
        event = {"event_id": event_id, "trade_id": trade_id}
        server.client.rpush(f"{PREFIX}:{name}", msgspec.msgpack.encode(event))

    try:
        write("orders:O-1", "a")
        write("orders:O-1", "b")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await await_written(server.port, PREFIX, lambda: wanted)
        waiting = asyncio.ensure_future(await_written(server.port, PREFIX, lambda: wanted))
        while server.client.pubsub_numpat() == 0:
            await asyncio.sleep(0)
        assert not waiting.done()
        # A position changed sides, and then came another fill.
        write("positions:P-1", "part of b", "7")
        wanted["positions:P-2"] = {"8"}
        write("positions:P-2", "c", "8")
        await waiting
        assert not waiting.cancelled()
    finally:
        server.stop()


def test_a_port_that_is_taken_is_not_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = StoreServer.start(valkey_server(), tmp_path)
    ports = iter([first.port, free_port()])
    monkeypatch.setattr(store, "free_port", lambda: next(ports))
    try:
        second = StoreServer.start(valkey_server(), tmp_path)
        assert second.port != first.port
        second.stop()
    finally:
        first.stop()


def test_ports_that_are_all_taken_are_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = StoreServer.start(valkey_server(), tmp_path)
    monkeypatch.setattr(store, "free_port", lambda: first.port)
    try:
        with pytest.raises(ServerFailed) as failed:
            StoreServer.start(valkey_server(), tmp_path)
        assert "\n" not in str(failed.value)
    finally:
        first.stop()
