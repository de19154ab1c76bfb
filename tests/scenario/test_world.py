"""The hands a scenario has: each call is a step, listed and recorded with its begin and end."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast, get_args

import msgspec
import pytest

from harness.history import History
from harness.node.capabilities import each
from harness.node.spec import Command, OrderType
from harness.scenario import steps, world
from harness.scenario.steps import DeadlinePassed
from harness.scenario.world import World, buy, sell
from harness.world.applicable import NotApplicable, require_applicable
from harness.world.parts import Parts
from harness.world.setup import Setup
from harness.world.zygote import Zygote

BTC = "BTCUSDT-PERP"
RELEASE = SimpleNamespace(
    release="1.221.0",
    capabilities=each("check", ["in_flight"])
    | each("order", get_args(OrderType))
    | each("command", (command.__name__ for command in get_args(Command))),
)


class Stumble(steps.Step, frozen=True, kw_only=True):
    """A step that fails."""

    def act(self, parts: Parts) -> None:
        raise ValueError("there is no such order")


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
def scene(history: History) -> World:
    parts = SimpleNamespace(
        description=None,
        setup=Setup(name="it", covers="test", seed=7),
        history=history,
        node=SimpleNamespace(send=lambda command: history.record("node", "sent", {})),
        require=lambda needs: require_applicable(cast(Zygote, RELEASE), needs),
    )
    return World(cast(Parts, parts))


def recorded(history: History) -> list[dict[str, Any]]:
    return [event.data for event in history if event.kind == "step"]


def begin(number: int, step: steps.Step) -> dict[str, Any]:
    return {"n": number, "phase": "begin", "step": msgspec.to_builtins(step)}


def end(number: int, error: str | None = None) -> dict[str, Any]:
    return {"n": number, "phase": "end", "error": error}


@pytest.mark.asyncio
async def test_a_step_is_recorded_with_its_begin_and_end(scene: World, history: History) -> None:
    first, second = steps.Cancel(order="O-1"), steps.Elapse(seconds=0.0)
    await scene.perform(first)
    await scene.perform(second)
    assert scene.performed == [first, second]
    assert [event.kind for event in history] == ["step", "sent", "step", "step", "step"]
    assert {event.source for event in history if event.kind == "step"} == {"harness"}
    assert recorded(history) == [begin(1, first), end(1), begin(2, second), end(2)]


@pytest.mark.asyncio
async def test_a_step_that_fails_ends_with_its_error(scene: World, history: History) -> None:
    with pytest.raises(ValueError, match="no such order"):
        await scene.perform(Stumble())
    with pytest.raises(ValueError, match="no such order"):
        scene.act(Stumble())
    never = steps.AwaitEvent(source="node", kind="never", deadline_secs=0.01)
    with pytest.raises(DeadlinePassed):
        await scene.perform(never)
    error = "ValueError: there is no such order"
    assert recorded(history) == [
        begin(1, Stumble()),
        end(1, error),
        begin(2, Stumble()),
        end(2, error),
        begin(3, never),
        end(3, "DeadlinePassed: node/never  x1 did not happen within 0.01 s"),
    ]
    assert len(scene.performed) == 3


@pytest.mark.asyncio
async def test_a_step_that_is_interrupted_says_so(scene: World, history: History) -> None:
    performing = asyncio.ensure_future(scene.perform(steps.Elapse(seconds=60.0)))
    await asyncio.sleep(0)
    performing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await performing
    assert recorded(history)[-1] == end(1, "the step was interrupted")


@pytest.mark.asyncio
async def test_steps_have_a_limit(scene: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "STEPS_MAX", 2)
    for _ in range(2):
        await scene.elapse(0.0)
    with pytest.raises(RuntimeError, match="the scenario has 2 steps, the limit"):
        await scene.elapse(0.0)
    assert len(scene.performed) == 2


@pytest.mark.asyncio
async def test_orders_get_ids_of_their_own(scene: World) -> None:
    limit = await scene.node.submit(buy(BTC, "0.010", at="50000", post_only=True))
    market = await scene.node.submit(sell("ETHUSDT-PERP.BINANCE", "1"), strategy_id="S-002")
    assert (str(limit), str(market)) == ("O-1", "O-2")
    orders = [step.order for step in scene.performed if isinstance(step, steps.Submit)]
    assert [
        (order.instrument_id, order.side, order.type, order.price, order.strategy_id)
        for order in orders
    ] == [
        ("BTCUSDT-PERP.BINANCE", "BUY", "LIMIT", "50000", "S-001"),
        ("ETHUSDT-PERP.BINANCE", "SELL", "MARKET", None, "S-002"),
    ]
    assert [order.post_only for order in orders] == [True, False]


@pytest.mark.asyncio
async def test_a_step_that_the_release_cannot_do_is_not_begun(
    scene: World, history: History
) -> None:
    with pytest.raises(
        NotApplicable,
        match=r"^nautilus 1\.221\.0 has no periodic check positions that can be observed$",
    ):
        await scene.node.checked("positions")
    assert scene.performed == []
    assert recorded(history) == []
