import os
from pathlib import Path

import pytest

from harness.faults import LinkDown
from harness.node.spec import OrderSpec, StrategySpec
from harness.scenario import steps
from harness.scenario.recording import (
    RecordingUnreadable,
    make_run_directory,
    read_recording,
    unfinished_run,
    write_recording,
)
from harness.world.setup import Setup
from mock_venue.script.rules import PushRule, Refuse, ReplyRule

SETUP = Setup(
    name="a scenario",
    covers="FR-001",
    exec_engine={"open_check_interval_secs": None},
    strategies=(StrategySpec(claims=("BTCUSDT-PERP.BINANCE",)),),
    seed=7,
)
STEPS = [
    steps.StartNode(),
    steps.Submit(
        order=OrderSpec(
            client_order_id="O-1",
            instrument_id="BTCUSDT-PERP.BINANCE",
            side="BUY",
            quantity="0.010",
            price="50000",
        )
    ),
    steps.Misbehave(name="rule-1", rule=ReplyRule("POST", "/fapi/v1/order", Refuse(503, {"a": 1}))),
    steps.Misbehave(name="rule-2", rule=PushRule("ORDER_TRADE_UPDATE", "drop")),
    steps.BeginFault(name="cut", fault=LinkDown(links=("rest", "store"))),
    steps.AwaitEvent(source="node", kind="order_event", where={"type": "OrderAccepted"}),
    steps.Heal(),
    steps.Converge(),
]


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    write_recording(tmp_path, "1.231.0", SETUP, STEPS)
    recording = read_recording(tmp_path)
    assert recording.release == "1.231.0"
    assert recording.setup == SETUP
    assert recording.steps == STEPS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is not a run directory"),
        (b"{", "is not a recording"),
        (b'{"format": 99}', "has the format 99: must be 2"),
        (b'{"format": 2, "release": "1.231.0"}', "is not a recording"),
        (
            b'{"format": 2, "release": "1", "setup": {"name": "", "covers": ""}, '
            b'"steps": [{"type": "Gremlin"}]}',
            "is not a recording",
        ),
    ],
)
def test_what_is_no_recording_is_refused_in_one_line(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "scenario.json").write_bytes(content)
    with pytest.raises(RecordingUnreadable, match=message) as refused:
        read_recording(tmp_path)
    assert "\n" not in str(refused.value)


def test_run_directories_never_share_a_name(tmp_path: Path) -> None:
    made = [make_run_directory(tmp_path, "test_a[1/2]", 3) for _ in range(3)]
    assert len(set(made)) == 3
    assert all(directory.parent == tmp_path / "runs" for directory in made)
    assert all(directory.name.endswith("-test_a-1-2-3") for directory in made)


def test_the_newest_run_without_a_verdict_is_the_one_that_was_cut_off(tmp_path: Path) -> None:
    def begun(release: str = "1.231.0", *, verdict: bool = False) -> Path:
        directory = make_run_directory(tmp_path, SETUP.name, SETUP.seed)
        write_recording(directory, release, SETUP, None)
        if verdict:
            (directory / "verdict.json").touch()
        return directory

    def found(name: str = SETUP.name, seed: int = SETUP.seed, since_ns: int = 0) -> Path | None:
        return unfinished_run(tmp_path, name, seed, "1.231.0", since_ns)

    assert found() is None
    begun()
    cut_off = begun()
    begun("1.230.0")
    begun(verdict=True)
    make_run_directory(tmp_path, SETUP.name, SETUP.seed)
    assert found() == cut_off
    assert found(seed=8) is None
    assert found(name="scenario") is None
    assert found(since_ns=os.stat(cut_off).st_ctime_ns) == cut_off
    assert found(since_ns=os.stat(cut_off).st_ctime_ns + 10**12) is None
