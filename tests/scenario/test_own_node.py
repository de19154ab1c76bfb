"""A user's node is played as it is configured, in the harness's world."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.checkers.verdict import Outcome
from harness.history import read_history
from harness.scenario.recording import read_recording
from harness.scenario.runner import Run, Script, play
from harness.scenario.world import World, buy
from harness.world.applicable import NotApplicable
from harness.world.services import Services
from harness.world.setup import Setup
from tests.node.own_nodes import GOOD

ED25519 = """
def build():
    return config(**clients(key_type=BinanceKeyType.ED25519)), maker(external_order_claims=[ADA])
"""
IN_MEMORY = "\ndef build():\n    return config(cache=None), maker()\n"


@pytest.fixture(scope="module")
def shared_services() -> Iterator[Services]:
    started = Services.start()
    yield started
    started.stop()


async def restarted_with_open_orders(world: World) -> None:
    await world.node.start()
    await world.event("node", "order_event", type="OrderAccepted", count=2)
    await world.node.stored()
    await world.node.kill()
    await world.node.start()


@pytest.mark.parametrize("source", ["", ED25519, IN_MEMORY], ids=["store", "ed25519", "memory"])
def test_a_node_that_trades_by_itself_is_played_and_judged(
    shared_services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    module = f"own_{['', ED25519, IN_MEMORY].index(source)}"
    in_memory = source == IN_MEMORY
    (tmp_path / f"{module}.py").write_text(GOOD + source)
    monkeypatch.chdir(tmp_path)
    setup = Setup(name="own", covers="test", node=f"{module}:build", rate=5.0)

    run: Run = play(restarted_with_open_orders, setup, shared_services, tmp_path)

    assert run.verdict.outcome is Outcome.PASS, run.verdict
    assert read_recording(run.directory).setup.node == f"{module}:build"
    events = read_history(run.directory / "history.jsonl")
    started = next(event.data for event in events if event.kind == "scenario_started")
    assert "exec_clients.BINANCE.base_url_http" in started["rewritten"]
    assert started["symbols"] == (["ETHUSDT"] if in_memory else ["ADAUSDT", "ETHUSDT"])
    emptied = [event for event in events if event.kind == "emptied"]
    assert len(emptied) == (1 if in_memory else 0)
    at_the_end = [event.data for event in events if event.kind == "snapshot"][-2:]
    assert [(state["reason"], state["orders"][-1]["status"]) for state in at_the_end] == [
        ("final", "ACCEPTED"),
        # In memory they were another's: they are nobody's now.
        ("stopped", "ACCEPTED" if in_memory else "CANCELED"),
    ]
    for file in run.directory.iterdir():
        assert "the-users-own" not in file.read_text()


IDLE = "\nMaker.on_quote_tick = lambda self, tick: None\n"


async def waiting_for_a_trade(world: World) -> None:
    await world.node.start()
    await world.node.traded(deadline_secs=1.0)


RAISES = """
def refuse(self, event):
    raise ValueError("refused")

Maker.on_order_filled = refuse
"""


async def trading_at_the_venue(world: World) -> None:
    await world.node.start()
    world.venue.move_market()
    await world.node.traded(deadline_secs=10.0)


def test_a_fill_that_the_node_does_not_take_is_no_lack_of_trades(
    shared_services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_raises.py").write_text(GOOD + RAISES)
    monkeypatch.chdir(tmp_path)
    node = "own_raises:build"
    setup = Setup(name="own", covers="test", node=node, rate=5.0, matching="auto")
    run = play(trading_at_the_venue, setup, shared_services, tmp_path)
    assert run.verdict.outcome is Outcome.FAIL
    assert "a fill did not happen within 10 s" in [one.message for one in run.verdict.evidence()]


async def submitting(world: World) -> None:
    await world.node.start()
    await world.node.submit(buy("ETHUSDT-PERP", "0.100"))


async def trading_elsewhere(world: World) -> None:
    world.venue.external_order(buy("BTCUSDT-PERP", "0.010"))


@pytest.mark.parametrize(
    ("script", "changes", "reason"),
    [
        (waiting_for_a_trade, {}, "traded nothing in 1 s"),
        (submitting, {}, "has no command Submit"),
        (trading_elsewhere, {}, "has no instrument BTCUSDT-PERP.BINANCE"),
        (
            submitting,
            {"preset": "standard", "exec_engine": {"qsize": 1}},
            "is played as it is, the scenario sets preset, exec_engine",
        ),
    ],
)
def test_what_a_users_node_does_not_do_is_not_applicable(
    shared_services: Services,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: Script,
    changes: dict[str, Any],
    reason: str,
) -> None:
    (tmp_path / "own_idle.py").write_text(GOOD + IDLE)
    monkeypatch.chdir(tmp_path)
    setup = Setup(name="own", covers="test", node="own_idle:build", rate=5.0, **changes)
    with pytest.raises(NotApplicable) as refused:
        play(script, setup, shared_services, tmp_path)
    assert str(refused.value) == f"the node own_idle:build {reason}"
