import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from harness.history import History
from harness.node.spec import OrderSpec, Submit
from harness.world.node import Node, NodeNotRunning
from harness.world.parts import Parts
from harness.world.services import Services
from harness.world.setup import Setup
from harness.world.zygote import nodes_of

SETUP = Setup(name="node", covers="test")
RESTING = OrderSpec(
    client_order_id="O-1",
    instrument_id="BTCUSDT-PERP.BINANCE",
    side="BUY",
    quantity="0.010",
    price="49000",
)


async def started(parts: Parts) -> None:
    run = parts.node.run + 1
    await parts.node.fork()
    await parts.history.wait_for(
        lambda event: event.kind == "strategy_started" and event.data["run"] == run, 30, since=0
    )


@pytest.mark.asyncio
async def test_a_node_starts_stops_and_starts_again(services: Services, tmp_path: Path) -> None:
    history = History()
    parts = await Parts.start(SETUP, history, services, tmp_path)
    try:
        with pytest.raises(NodeNotRunning, match="no node is running"):
            await parts.node.snapshot("early")
        await started(parts)
        with pytest.raises(RuntimeError, match="a node is running already"):
            await parts.node.fork()
        snapshot = await parts.node.snapshot("test")
        (balance,) = snapshot.data["balances"]
        assert (balance["currency"], balance["total"]) == ("USDT", "100000")
        # One that is open at a stop is warned of.
        parts.node.send(Submit(RESTING))
        await history.wait_for(
            lambda event: event.kind == "order_event" and event.data["type"] == "OrderAccepted",
            30,
            since=0,
        )
        await parts.node.stop()
        await started(parts)
        await parts.node.kill()
    finally:
        await parts.close()
    exits = [event.data for event in history if event.kind == "exited"]
    assert [(data["run"], data["code"], data["signal"]) for data in exits] == [
        (1, 0, None),
        (2, None, 9),
    ]
    assert all(data["expected"] for data in exits)
    told = [event.data["run"] for event in history if event.kind == "log"]
    assert [data["log_entries"] for data in exits] == [told.count(1), told.count(2)]
    assert told.count(1) > 0


@pytest.mark.asyncio
async def test_a_log_that_cannot_be_read_is_told_at_the_end(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Node._read_log

    async def torn(node: Node, run: Any, fd: int) -> int:
        await read(node, run, fd)
        raise ValueError("torn")

    monkeypatch.setattr(Node, "_read_log", torn)
    history = History()
    parts = await Parts.start(SETUP, history, services, tmp_path)
    try:
        await started(parts)
        await parts.node.kill()
    finally:
        await parts.close()
    (ended,) = (event.data for event in history if event.kind == "exited")
    assert ended["log_entries"] is None


@pytest.mark.asyncio
async def test_a_node_that_is_killed_by_someone_else_is_an_unexpected_exit(
    services: Services, tmp_path: Path
) -> None:
    history = History()
    parts = await Parts.start(SETUP, history, services, tmp_path)
    try:
        await started(parts)
        (pid,) = nodes_of(services.zygote.pid)
        os.kill(pid, signal.SIGSEGV)
        ended = await history.wait_for(lambda event: event.kind == "exited", 10)
        assert (ended.data["signal"], ended.data["expected"]) == (11, False)
        assert not parts.node.alive
    finally:
        await parts.close()


@pytest.mark.asyncio
async def test_a_node_that_cannot_be_built_says_why(services: Services, tmp_path: Path) -> None:
    history = History()
    setup = Setup(name="node", covers="test", exec_client={"no_such_field": 1})
    parts = await Parts.start(setup, history, services, tmp_path)
    try:
        await parts.node.fork()
        failed = await history.wait_for(lambda event: event.kind == "build_failed", 10, since=0)
        assert "no_such_field" in failed.data["error"]
        ended = await history.wait_for(lambda event: event.kind == "exited", 10, since=0)
        assert (ended.data["code"], ended.data["expected"]) == (71, False)
    finally:
        await parts.close()


@pytest.mark.asyncio
async def test_no_node_outlives_its_zygote(services: Services, tmp_path: Path) -> None:
    history = History()
    parts = await Parts.start(SETUP, history, services, tmp_path)
    try:
        await started(parts)
        (pid,) = nodes_of(services.zygote.pid)
        os.kill(services.zygote.pid, signal.SIGKILL)
        ended = await history.wait_for(lambda event: event.kind == "exited", 10)
        assert (ended.data["signal"], ended.data["expected"]) == (9, False)
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0)
    finally:
        await parts.close()


@pytest.mark.asyncio
async def test_a_node_lives_in_scenario_time_and_tells_it_even_where_its_wall_is_wrong(
    services: Services, tmp_path: Path
) -> None:
    history = History(clock=services.clock())
    if not history.clock.can_be_set:
        pytest.skip("the clock cannot be set here")
    history.clock.set_rate(5.0)
    parts = await Parts.start(SETUP, history, services, tmp_path)
    try:
        begin = len(history)
        await started(parts)
        assert parts.node.wall is not None
        parts.node.wall.skew(3_600.0)
        node = await parts.node.snapshot("test")
        logged = await history.wait_for(
            lambda event: event.kind == "log" and "-1021" in event.data["message"], 30
        )
        for event in (node, logged):
            assert history.events[begin].ts <= event.ts <= history.clock.now_ns()
    finally:
        await parts.close()
        history.clock.close()
