"""Steps that wait: which events count, and what is said when they do not come."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.clock import Clock
from harness.history import Event, History
from harness.scenario import steps
from harness.scenario.steps import DeadlinePassed, ExpectationFailed, NoUserStream
from harness.world.applicable import NotApplicable
from harness.world.parts import Parts

ACCEPTED = {
    "type": "OrderAccepted",
    "reconciling": False,
    "event": {"client_order_id": "O-1", "venue": {"id": 7}},
    "error": None,
}
SOON_SECS = 0.02


def parts_with(history: History) -> Parts:
    return cast(Parts, SimpleNamespace(history=history))


def fill(order: str, trade: str, quantity: str, type_: str = "OrderFilled") -> dict[str, Any]:
    event = {"client_order_id": order, "trade_id": trade, "last_qty": quantity}
    return {"type": type_, "event": event}


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ({}, True),
        ({"type": "OrderAccepted"}, True),
        ({"type": "OrderCanceled"}, False),
        ({"type": "OrderAccepted", "reconciling": False}, True),
        ({"type": "OrderAccepted", "reconciling": True}, False),
        ({"event.client_order_id": "O-1"}, True),
        ({"event.client_order_id": "O-2"}, False),
        ({"event.venue.id": 7}, True),
        ({"event.venue.id": "7"}, False),
        ({"event": {"client_order_id": "O-1", "venue": {"id": 7}}}, True),
        ({"type": ["OrderRejected", "OrderAccepted"]}, True),
        ({"type": ["OrderRejected", "OrderCanceled"]}, False),
        ({"type": []}, False),
        ({"event.venue.id": [6, 7]}, True),
        ({"nothing": 1}, False),
        ({"event.nothing.at.all": 1}, False),
        ({"type.of.text": "OrderAccepted"}, False),
        ({"error": None}, True),
        ({"type": None}, False),
    ],
)
def test_an_event_holds_what_its_data_say(where: dict[str, Any], holds: bool) -> None:
    assert steps._holds(Event(0, 0, "node", "order_event", ACCEPTED), where) is holds


@pytest.mark.asyncio
async def test_events_count_from_the_scenarios_start() -> None:
    history = History()
    history.record("node", "log", {"n": 1})
    history.record("node", "other", {"n": 1})
    history.record("venue", "log", {"n": 1})
    await steps.AwaitEvent(source="node", kind="log", deadline_secs=SOON_SECS).perform(
        parts_with(history)
    )
    with pytest.raises(
        DeadlinePassed, match=r"^node/log \{'n': 1\} x2 did not happen within 0.02 s"
    ):
        await steps.AwaitEvent(
            source="node", kind="log", where={"n": 1}, count=2, deadline_secs=SOON_SECS
        ).perform(parts_with(history))


@pytest.mark.asyncio
async def test_fresh_events_count_from_the_steps_begin() -> None:
    history = History()
    history.record("node", "log", {})
    step = steps.AwaitEvent(source="node", kind="log", count=2, fresh=True, deadline_secs=5.0)
    waiting = asyncio.ensure_future(step.perform(parts_with(history)))
    await asyncio.sleep(0)
    history.record("node", "log", {})
    await asyncio.sleep(0)
    assert not waiting.done()
    history.record("node", "log", {})
    await waiting


@pytest.mark.asyncio
async def test_fills_count_once_by_trade_and_only_the_orders_own() -> None:
    history = History()
    history.record("node", "order_event", fill("O-1", "T-1", "0.006"))
    history.record("node", "order_event", fill("O-1", "T-1", "0.006"))
    history.record("node", "order_event", fill("O-2", "T-2", "0.006"))
    history.record("node", "order_event", fill("O-1", "T-3", "0.006", "OrderUpdated"))
    step = steps.AwaitFilled(order="O-1", quantity="0.010", deadline_secs=SOON_SECS)
    with pytest.raises(DeadlinePassed, match=r"^fills of 0\.010 for the order O-1 did not happen"):
        await step.perform(parts_with(history))
    history.record("node", "order_event", fill("O-1", "T-4", "0.004"))
    await step.perform(parts_with(history))


@pytest.mark.asyncio
async def test_a_warning_is_known_by_a_part_of_it() -> None:
    history = History()
    history.record("harness", "log", {"message": "a discrepancy"})
    step = steps.AwaitLog(contains="discrepancy", deadline_secs=SOON_SECS)
    with pytest.raises(DeadlinePassed, match=r"^a warning of 'discrepancy' did not happen"):
        await step.perform(parts_with(history))
    history.record("node", "log", {"message": "Position discrepancy for BTCUSDT"})
    await step.perform(parts_with(history))


@pytest.mark.asyncio
async def test_a_user_stream_that_does_not_come_is_told_apart() -> None:
    parts = SimpleNamespace(history=History(), user_stream_open=False)
    with pytest.raises(
        NoUserStream, match=r"^the node had no user stream open within 0.02 s$"
    ) as no:
        await steps.AwaitUserStream(deadline_secs=SOON_SECS).perform(cast(Parts, parts))
    assert (no.value.kind, DeadlinePassed.kind) == ("no_user_stream", "deadline_passed")
    parts.user_stream_open = True
    await steps.AwaitUserStream(deadline_secs=SOON_SECS).perform(cast(Parts, parts))


@pytest.mark.asyncio
async def test_a_rule_has_struck_when_it_says_so() -> None:
    history = History()
    strikes = 0
    parts = cast(Parts, SimpleNamespace(history=history, strikes=lambda name: strikes))
    waiting = asyncio.ensure_future(
        steps.AwaitStruck(name="rule-1", times=2, deadline_secs=5.0).perform(parts)
    )
    for _ in range(2):
        await asyncio.sleep(0)
        assert not waiting.done()
        strikes += 1
        history.record("venue", "strike", {})
    await waiting


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("kind", "method", "ids", "traded"),
    [
        ("http", "POST", ["O-1"], True),
        ("http", "POST", ["O-1", "O-2"], True),
        ("ws_api", "order.place", ["O-1"], True),
        ("ws_api", "algoOrder.place", ["O-1"], True),
        ("http", "POST", [], False),
        ("http", "POST", ["O-2"], False),
        ("http", "GET", ["O-1"], False),
    ],
)
async def test_a_users_node_that_traded_at_the_venue_has_traded(
    kind: str, method: str, ids: list[str], traded: bool
) -> None:
    history = History()
    parts = SimpleNamespace(
        history=history, node=SimpleNamespace(run=1), setup=SimpleNamespace(node="own:build")
    )
    one = ids[0] if len(ids) == 1 else None
    data = {"method": method, "client_order_id": one, "client_order_ids": ids}
    history.record("wire", kind, data)
    history.record("venue", "trade", {"client_order_id": "O-1"})
    with pytest.raises(DeadlinePassed if traded else NotApplicable):
        await steps.AwaitTrade(deadline_secs=SOON_SECS).perform(cast(Parts, parts))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_more_or_fewer_events_than_expected_fail(count: int) -> None:
    history = History()
    for number in (1, 2, 2):
        history.record("wire", "listen_key", {"n": number})
    steps.Expect(source="wire", kind="listen_key", count=3).act(parts_with(history))
    step = steps.Expect(source="wire", kind="listen_key", where={"n": 2}, count=count)
    message = rf"^wire/listen_key \{{'n': 2\}} came 2 times: must be {count}$"
    with pytest.raises(ExpectationFailed, match=message):
        step.act(parts_with(history))


class SettableClock(Clock):
    """A clock that notes the rates at which it goes, and does not wait."""

    can_be_set = True

    def __init__(self) -> None:
        super().__init__()
        self.rates: list[float] = []

    def set_rate(self, rate: float) -> None:
        self._rate = rate
        self.rates.append(rate)

    async def sleep(self, seconds: float) -> None:
        self.rates.append(-seconds)


@pytest.mark.asyncio
async def test_quiet_hours_have_a_rate_of_their_own() -> None:
    clock = SettableClock()
    clock.set_rate(2.0)
    parts = parts_with(History(clock=clock))
    await steps.Elapse(seconds=3600.0, rate=100.0).perform(parts)
    await steps.Elapse(seconds=1.0).perform(parts)
    assert clock.rates == [2.0, 100.0, -3600.0, 2.0, -1.0]
    with pytest.raises(ValueError, match="the rate was 1000"):
        await steps.Elapse(seconds=1.0, rate=1000.0).perform(parts)


def test_no_time_is_skipped_while_a_node_runs() -> None:
    parts = SimpleNamespace(history=History(), node=SimpleNamespace(alive=True))
    with pytest.raises(RuntimeError, match="a node is running, for which no time can be skipped"):
        steps.Skip(seconds=1.0).act(cast(Parts, parts))


def test_a_skip_is_not_applicable_where_the_clock_cannot_be_set() -> None:
    parts = SimpleNamespace(history=History(), node=SimpleNamespace(alive=False))
    with pytest.raises(NotApplicable, match="the clock cannot be set here"):
        steps.Skip(seconds=1.0).act(cast(Parts, parts))
