"""A user's node is played as it is configured, in the harness's world."""

from pathlib import Path

import pytest

from harness.checkers.verdict import Outcome
from harness.history import read_history
from harness.scenario.recording import read_recording
from harness.scenario.runner import Run, play
from harness.scenario.world import World
from harness.world.services import Services
from harness.world.setup import Setup
from tests.node.own_nodes import GOOD

IN_MEMORY = "\ndef build():\n    return config(cache=None), maker()\n"


async def restarted_with_open_orders(world: World) -> None:
    await world.node.start()
    await world.event("node", "order_event", type="OrderAccepted", count=2)
    await world.node.stored()
    await world.node.kill()
    await world.node.start()


@pytest.mark.parametrize("source", ["", IN_MEMORY], ids=["with a store", "in memory"])
def test_a_node_that_trades_by_itself_is_played_and_judged(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    module = f"own_{'memory' if source else 'store'}"
    (tmp_path / f"{module}.py").write_text(GOOD + source)
    monkeypatch.chdir(tmp_path)
    setup = Setup(name="own", covers="test", node=f"{module}:build", rate=5.0)

    run: Run = play(restarted_with_open_orders, setup, services, tmp_path)

    assert run.verdict.outcome is Outcome.PASS, run.verdict
    assert read_recording(run.directory).setup.node == f"{module}:build"
    events = read_history(run.directory / "history.jsonl")
    started = next(event.data for event in events if event.kind == "scenario_started")
    assert "exec_clients.BINANCE.base_url_http" in started["rewritten"]
    assert started["symbols"] == (["ETHUSDT"] if source else ["ADAUSDT", "ETHUSDT"])
    emptied = [event for event in events if event.kind == "emptied"]
    assert len(emptied) == (1 if source else 0)
    for file in run.directory.iterdir():
        assert "the-users-own" not in file.read_text()
