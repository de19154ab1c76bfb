import asyncio
import errno
import time
from pathlib import Path

import pytest

from harness.history import History, HistoryFull, history, read_history


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    recorded = History(path)
    recorded.clock.now_ns = iter(range(100)).__next__
    before = time.time_ns()
    recorded.record("venue", "trade", {"trade_id": 8_389_765_739_703_625_592})
    recorded.record("node", "log", {"message": "late"}, ts=7)
    recorded.close()
    assert read_history(path) == recorded.events
    assert [(event.seq, event.ts) for event in recorded] == [(0, 0), (1, 7)]
    assert before <= recorded.events[0].real_ts <= recorded.events[1].real_ts <= time.time_ns()


def test_what_is_recorded_is_in_the_file_at_once(tmp_path: Path) -> None:
    recorded = History(tmp_path / "history.jsonl")
    recorded.record("venue", "trade", {})
    assert read_history(tmp_path / "history.jsonl") == recorded.events
    recorded.close()


def test_a_line_that_is_no_event_is_named(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    recorded = History(path)
    recorded.record("venue", "trade", {})
    recorded.close()
    path.write_bytes(path.read_bytes() + b'{"seq": 1\n')
    with pytest.raises(ValueError, match=r"history\.jsonl:2 is not a history event"):
        read_history(path)


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    recorded = History(path)
    recorded.record("venue", "trade", {})
    recorded.close()
    path.write_bytes(path.read_bytes() + b'{"seq": 1')
    assert read_history(path) == recorded.events


def test_a_full_history_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "EVENTS_MAX", 1)
    recorded = History()
    recorded.record("venue", "trade", {})
    with pytest.raises(HistoryFull, match="holds 1 events"):
        recorded.record("venue", "trade", {})


@pytest.mark.asyncio
async def test_waiting_sees_later_events_only_unless_told_since_when() -> None:
    recorded = History()
    first = recorded.record("venue", "trade", {"trade_id": 1})
    with pytest.raises(TimeoutError):
        await recorded.wait_for(lambda event: event.kind == "trade", 0.01)
    assert await recorded.wait_for(lambda event: event.kind == "trade", 1, since=0) == first
    waiting = asyncio.ensure_future(recorded.wait_for(lambda event: event.kind == "trade", 1))
    await asyncio.sleep(0)
    second = recorded.record("venue", "trade", {"trade_id": 2})
    assert await waiting == second


def test_a_listener_hears_until_it_ends() -> None:
    recorded = History()
    heard: list[int] = []
    unlisten = recorded.listen(lambda event: heard.append(event.seq))
    recorded.record("venue", "trade", {})
    unlisten()
    recorded.record("venue", "trade", {})
    assert heard == [0]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device is Linux's")
def test_what_does_not_fit_on_the_disk_is_kept_in_memory_and_the_failure_told() -> None:
    recorded = History(Path("/dev/full"))
    for number in range(10_000):
        recorded.record("venue", "trade", {"trade_id": number})
    recorded.close()
    assert len(recorded) == 10_000
    assert recorded.failure is not None
    assert recorded.failure.errno == errno.ENOSPC
