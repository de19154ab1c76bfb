"""A node of NautilusTrader 2.x, run in its own environment."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from harness.history import Event, History
from harness.node.spec import Cancel, Modify, OrderSpec, Submit
from harness.releases.environments import ReleaseMissing, install_release
from harness.world.parts import Parts
from harness.world.services import Services
from harness.world.setup import Setup
from mock_venue.exchange.order import Side
from mock_venue.script.rules import Refuse, ReplyRule

RELEASE = "2.0.0rc6"
SETUP = Setup(name="node", covers="test")
LIMIT = OrderSpec(
    client_order_id="O-1",
    instrument_id="BTCUSDT-PERP.BINANCE",
    side="BUY",
    quantity="0.010",
    price="49000",
)
DEADLINE_SECS = 40.0


@pytest.fixture(scope="module")
def services_v2() -> Iterator[Services]:
    try:
        install_release(RELEASE, print)
    except ReleaseMissing as reason:
        pytest.skip(str(reason))
    services = Services.start(RELEASE)
    yield services
    services.stop()


@pytest_asyncio.fixture
async def parts(services_v2: Services, tmp_path: Path) -> AsyncIterator[Parts]:
    parts = await Parts.start(SETUP, History(), services_v2, tmp_path)
    yield parts
    await parts.close()


async def seen(parts: Parts, source: str, kind: str, **where: Any) -> Event:
    def matches(event: Event) -> bool:
        return (event.source, event.kind) == (source, kind) and all(
            event.data.get(key) == value for key, value in where.items()
        )

    return await parts.history.wait_for(matches, DEADLINE_SECS, since=0)


async def order_event(parts: Parts, name: str) -> dict[str, Any]:
    event = await seen(parts, "node", "order_event", type=name)
    told: dict[str, Any] = event.data["event"]
    return told


@pytest.mark.asyncio
async def test_a_node_is_commanded_observed_and_finds_its_orders_in_the_store(parts: Parts) -> None:
    await parts.node.fork()
    await seen(parts, "node", "strategy_started", run=1)
    parts.node.send(Submit(LIMIT))
    accepted = await order_event(parts, "OrderAccepted")
    assert accepted["client_order_id"] == "O-1"
    parts.node.send(Modify("O-1", quantity="0.020"))
    assert (await order_event(parts, "OrderUpdated"))["quantity"] == "0.020"
    parts.venue.fill("O-1", "0.005")
    filled = await order_event(parts, "OrderFilled")
    assert (filled["last_qty"], filled["reconciliation"]) == ("0.005", False)
    opened = await seen(parts, "node", "position_event", type="PositionOpened")
    assert opened.data["signed_qty"] == "0.005"
    for check in ("open_orders", "positions"):
        await seen(parts, "node", "check_finished", check=check, error=None)
    snapshot = await parts.node.snapshot("test")
    (order,) = snapshot.data["orders"]
    assert (order["status"], order["filled"]) == ("PARTIALLY_FILLED", "0.005")
    await parts.await_stored(DEADLINE_SECS)
    await parts.node.kill()

    since = len(parts.history)
    await parts.node.fork()
    await seen(parts, "node", "reconciliation_started", run=2)
    await seen(parts, "node", "reconciliation_finished", run=2, success=True)
    await seen(parts, "node", "strategy_started", run=2)
    # What the store had brought is no news.
    told = [event for event in parts.history if event.seq >= since]
    assert not [event for event in told if event.kind == "order_event"]
    parts.node.send(Cancel("O-1"))
    await order_event(parts, "OrderCanceled")
    await parts.node.stop()
    ended = await seen(parts, "node", "exited", run=2)
    assert (ended.data["code"], ended.data["expected"]) == (0, True)


@pytest.mark.asyncio
async def test_a_position_that_opens_again_under_its_id_is_told(parts: Parts) -> None:
    await parts.node.fork()
    await seen(parts, "node", "strategy_started", run=1)
    ids = set()
    trips: list[tuple[Side, str]] = [("BUY", "Opened"), ("SELL", "Closed"), ("SELL", "Opened")]
    for side, kind in trips:
        since = len(parts.history)
        order = OrderSpec(
            client_order_id=f"O-{since}",
            instrument_id=LIMIT.instrument_id,
            side=side,
            quantity="0.010",
            type="MARKET",
        )
        parts.node.send(Submit(order))
        told = await parts.history.wait_for(
            lambda event: event.kind == "position_event", DEADLINE_SECS, since=since
        )
        assert told.data["type"] == f"Position{kind}"
        ids.add(told.data["position_id"])
    assert len(ids) == 1


@pytest.mark.asyncio
async def test_a_start_that_fails_is_told(parts: Parts) -> None:
    refused = Refuse(400, {"code": -1000, "msg": "no"})
    parts.venue.misbehave(ReplyRule("GET", "/fapi/v1/openOrders", refused))
    await parts.node.fork()
    ended = await seen(parts, "node", "ended_by_itself", run=1)
    assert "mass status" in ended.data["error"]
    finished = await seen(parts, "node", "reconciliation_finished", run=1)
    assert finished.data["success"] is False
    assert not [event for event in parts.history if event.kind == "strategy_started"]
