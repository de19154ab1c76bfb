"""All checkers over histories of 10^4, 10^5 and 10^6 events, beside reading the same from a file.

The histories are a recorded run, its middle (what happens between the strategy's start and the
final snapshot) repeated with other ids at later times. The run ends flat, so each repetition
begins as the first did; the final snapshot and the store then hold the orders of all.
"""

import gc
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from harness.checkers import CHECKERS
from harness.checkers.judge import judge
from harness.checkers.verdict import Outcome
from harness.history import Event, read_history
from harness.scenario.runner import play
from harness.scenario.world import World, buy, sell
from harness.world.services import Services
from harness.world.setup import Setup
from tests.benchmarks.row import Row

SIZES = (10_000, 100_000, 1_000_000)
ORDERS = 40
UNPURGED = {"purge_closed_orders_interval_mins": None}
ID_STEP = 1_000_000
"""Between the ids of the venue's orders, and of its trades, in two repetitions."""
READINGS_MAX = 2.0

_INT_IDS = frozenset({"order_id", "trade_id", "i", "t"})
_TEXT_IDS = frozenset({"venue_order_id", "trade_id"})
_NAMED_IDS = frozenset({"client_order_id", "c", "order"})
_TIMES = ("received_ns", "replied_ns")
_ORDER_NAME = re.compile(r"^O-\d+$")


def rows() -> Iterator[Row]:
    """Judge histories of growing size."""
    with tempfile.TemporaryDirectory() as directory:
        recorded = _record(Path(directory))
        per_event_first = 0.0
        for size in SIZES:
            path = Path(directory) / f"{size}.jsonl"
            count = _write(path, _repeated(recorded, size))
            reading, judging = _measure(path)
            per_event = judging / count
            per_event_first = per_event_first or per_event
            yield Row(
                f"{count:,} events through all {len(CHECKERS)} checkers",
                f"{judging:.2f} s of CPU",
                f"<= {READINGS_MAX * reading:.2f} s (twice the reading)",
                f"reading {reading:.2f} s, {judging / reading:.2f} times as long; "
                f"{per_event * 1e6:.2f} us an event, {per_event / per_event_first:.2f} times the "
                "first row's",
            )
            path.unlink()


def _measure(path: Path) -> tuple[float, float]:
    """The CPU seconds of reading and of judging. Raises RuntimeError where it is no pass."""
    gc.collect()
    started = time.process_time()
    events = read_history(path)
    read = time.process_time()
    verdict = judge(events, CHECKERS)
    judged = time.process_time()
    if verdict.outcome is not Outcome.PASS:
        found = [
            f"{checker.checker}: {evidence.message}"
            for checker in verdict.checkers
            if checker.outcome is not Outcome.PASS
            for evidence in checker.evidence[:1]
        ]
        raise RuntimeError(f"the repeated history is not clean: {found}")
    return read - started, judged - read


def _record(directory: Path) -> list[Event]:
    services = Services.start()
    try:
        setup = Setup(name="bench", covers="bench", exec_engine=UNPURGED)
        run = play(_trade, setup, services, directory)
    finally:
        services.stop()
    return read_history(run.directory / "history.jsonl")


async def _trade(world: World) -> None:
    await world.node.start()
    for number in range(ORDERS):
        selling = number % 2
        new = (
            sell("BTCUSDT-PERP", "0.010", at="50100")
            if selling
            else buy("BTCUSDT-PERP", "0.010", at="50000")
        )
        order = await world.node.submit(new)
        await order.accepted()
        if number % 4 == 3:
            await world.node.cancel(order)
            await order.canceled()
            order = await world.node.submit(new)
            await order.accepted()
        world.venue.fill(order, "0.004")
        world.venue.fill(order)
        await order.filled()


def _repeated(events: list[Event], size: int) -> Iterator[Event]:
    """The history with its middle repeated until it has about `size` events."""
    begin, end = _middle(events)
    laps = max(1, round((size - len(events)) / (end - begin)) + 1)
    lap_ns = events[end].ts - events[begin].ts
    logged = sum(event.kind == "log" for event in events[begin:end])
    for event in events[:begin]:
        yield event
    seq = begin
    for lap in range(laps):
        for event in events[begin:end]:
            yield _moved(event, seq, lap * lap_ns, _other_ids(event.data, lap))
            seq += 1
    for event in events[end:]:
        yield _moved(event, seq, (laps - 1) * lap_ns, _merged(event, laps, logged))
        seq += 1


def _middle(events: list[Event]) -> tuple[int, int]:
    (began,) = [event.seq for event in events if event.kind == "strategy_started"]
    (final,) = [
        event.seq
        for event in events
        if event.kind == "snapshot" and event.data["reason"] == "final"
    ]
    return began + 1, final


def _moved(event: Event, seq: int, later_ns: int, data: dict[str, Any]) -> Event:
    times = {name: data[name] + later_ns for name in _TIMES if data.get(name) is not None}
    return msgspec.structs.replace(event, seq=seq, ts=event.ts + later_ns, data=data | times)


def _merged(event: Event, laps: int, logged: int) -> dict[str, Any]:
    """What the end of a run of so many laps holds; in each some entries were logged."""
    data = event.data
    match event.source, event.kind:
        case "node", "snapshot":
            orders = [_other_ids(order, lap) for lap in range(laps) for order in data["orders"]]
            return {**data, "orders": orders}
        case "node", "exited":
            return data | {"log_entries": data["log_entries"] + (laps - 1) * logged}
        case "store", "persisted":
            return data | {
                "fills": {
                    _other_name(name, lap): [str(int(trade) + lap * ID_STEP) for trade in trades]
                    for lap in range(laps)
                    for name, trades in data["fills"].items()
                },
                "orders": {
                    _other_name(name, lap): order
                    for lap in range(laps)
                    for name, order in data["orders"].items()
                },
                "index": {
                    name: sorted({_other_name(one, lap) for lap in range(laps) for one in members})
                    for name, members in data["index"].items()
                },
            }
        case _:
            return data


def _other_ids(data: Any, lap: int) -> Any:
    """A copy in which ids are another lap's."""
    if isinstance(data, dict):
        return {key: _other_id(key, value, lap) for key, value in data.items()}
    if isinstance(data, list):
        return [_other_ids(value, lap) for value in data]
    return data


def _other_id(key: str, value: Any, lap: int) -> Any:
    if isinstance(value, str):
        if key in _NAMED_IDS:
            return _other_name(value, lap)
        if key in _TEXT_IDS and value.isdecimal():
            return str(int(value) + lap * ID_STEP)
        return value
    if isinstance(value, int) and key in _INT_IDS:
        return value + lap * ID_STEP
    return _other_ids(value, lap)


def _other_name(name: str, lap: int) -> str:
    return f"{name}-{lap}" if lap and _ORDER_NAME.match(name) else name


def _write(path: Path, events: Iterator[Event]) -> int:
    encoder = msgspec.json.Encoder()
    count = 0
    with path.open("wb") as file:
        for event in events:
            file.write(encoder.encode(event) + b"\n")
            count += 1
    return count
