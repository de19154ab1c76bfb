"""A run that says nothing: servers end by themselves, a disk is full, an `await` is forgotten."""

import os
import signal
from pathlib import Path

import pytest

from harness.checkers.verdict import Outcome
from harness.scenario import runner
from harness.scenario.runner import play
from harness.scenario.world import World, buy
from harness.world.process import ServerFailed
from harness.world.services import Services
from harness.world.setup import InvalidSetup, Setup

SETUP = Setup(name="servers", covers="test", rate=1.0)
SERVERS = {
    "toxiproxy": "toxiproxy-server",
    "store": "valkey-server",
    "zygote": "the zygote",
}


async def trade(world: World) -> None:
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010"))
    await order.filled()


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_that_ends_in_a_run_makes_it_unknown_and_is_there_for_the_next(
    services: Services, tmp_path: Path, server: str
) -> None:
    async def bereaved(world: World) -> None:
        await trade(world)
        os.kill(getattr(services, server).pid, signal.SIGKILL)

    verdict = play(bereaved, SETUP, services, tmp_path).verdict
    assert verdict.outcome is Outcome.UNKNOWN
    (evidence,) = verdict.checkers[0].evidence
    assert evidence.message == f"{SERVERS[server]} ended by itself with signal 9"
    again = play(trade, SETUP, services, tmp_path).verdict
    assert again.outcome is Outcome.PASS
    assert not services.ended()


def test_a_server_that_is_killed_by_a_fault_is_none_that_ended(
    services: Services, tmp_path: Path
) -> None:
    async def killed(world: World) -> None:
        await trade(world)
        services.store.kill(keep=True)
        assert not services.ended()

    assert "servers_alive" not in {
        checker.checker for checker in play(killed, SETUP, services, tmp_path).verdict.checkers
    }
    assert not services.store.runs
    assert play(trade, SETUP, services, tmp_path).verdict.outcome is Outcome.PASS


def test_a_server_that_cannot_be_started_again_is_told_in_one_line(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.store.kill(keep=False)
    monkeypatch.setattr(services.store, "_binary", Path("/bin/false"))
    with pytest.raises(ServerFailed, match="ended with code 1") as failed:
        play(trade, SETUP, services, tmp_path)
    assert "\n" not in str(failed.value)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device is Linux's")
def test_a_run_that_cannot_be_written_is_told_in_one_line(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(reports: Path, name: str, seed: int) -> Path:
        (reports / "history.jsonl").symlink_to("/dev/full")
        return reports

    monkeypatch.setattr(runner, "make_run_directory", full)
    with pytest.raises(InvalidSetup) as refused:
        play(trade, SETUP, services, tmp_path)
    assert str(refused.value) == f"{tmp_path} cannot be written: No space left on device"


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_a_step_that_is_not_awaited_makes_the_run_unknown(
    services: Services, tmp_path: Path
) -> None:
    async def forgetful(world: World) -> None:
        await trade(world)
        world.elapse(1.0)  # type: ignore[unused-coroutine]

    verdict = play(forgetful, SETUP, services, tmp_path).verdict
    assert verdict.outcome is Outcome.UNKNOWN
    (evidence,) = verdict.checkers[0].evidence
    assert "coroutine 'World.elapse' was never awaited" in evidence.message
