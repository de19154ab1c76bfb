"""Generated scenarios make sense, and say truly whether a known bug can strike."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import msgspec
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from harness.faults import LinkDown, NodeKilled
from harness.scenario import steps
from harness.scenario.generate import (
    ACTIONS_MAX,
    CONVERGE_DEADLINE_K01_SECS,
    CONVERGE_DEADLINE_SECS,
    LOT,
    LOTS_MAX,
    LOTS_MIN,
    Plan,
    _Draft,
    plans,
)
from harness.scenario.steps import AnyStep

ZERO = Decimal(0)
QUICKLY = settings(max_examples=300, database=None, phases=[Phase.generate])


class Rehearsal:
    """A world on paper: plays a plan's steps, and refuses what a real one could not do."""

    def __init__(self) -> None:
        self.node_runs = False
        self.stored = False
        self.stream_is_cut = False
        self.left: dict[str, Decimal] = {}
        self.sides: dict[str, int] = {}
        self.arrived: set[str] = set()
        self.position = ZERO
        self.mass_status_with_position = False
        self.ends_unseen = False

    def play(self, step: AnyStep) -> None:
        match step:
            case steps.StartNode():
                assert not self.node_runs
                self.node_runs = True
                self.ask_for_mass_status()
            case steps.BeginFault(fault=NodeKilled()) | steps.StopNode():
                assert self.node_runs
                assert self.stored or isinstance(step, steps.StopNode)
                self.node_runs = False
            case steps.Submit(order=order):
                assert self.node_runs
                assert order.client_order_id not in self.sides
                quantity = Decimal(order.quantity)
                self.sides[order.client_order_id] = 1 if order.side == "BUY" else -1
                self.left[order.client_order_id] = quantity
                if order.type == "MARKET":
                    assert order.reduce_only
                    assert not self.stream_is_cut
                    self.fill(order.client_order_id, quantity)
                    assert self.position == 0
                else:
                    assert LOTS_MIN * LOT <= quantity <= LOTS_MAX * LOT
                    assert order.price == ("49900" if order.side == "BUY" else "50100")
            case steps.Fill(order=name, quantity=quantity_text):
                assert quantity_text is not None
                assert name in self.arrived
                self.fill(name, Decimal(quantity_text))
            case steps.VenueCancel(order=name):
                assert name in self.arrived
                self.end(name)
            case steps.BeginFault(fault=LinkDown(links=("user_stream",))):
                assert not self.stream_is_cut
                self.stream_is_cut = True
            case steps.EndFault():
                assert self.stream_is_cut
                self.stream_is_cut = False
                self.ask_for_mass_status()
            case steps.AwaitStored():
                assert self.node_runs
            case steps.AwaitUserStream():
                assert self.node_runs
                assert not self.stream_is_cut
            case steps.AwaitFilled(order=name, quantity=_):
                assert name in self.sides
                assert name not in self.left
            case steps.AwaitEvent(source="node"):
                assert self.node_runs
            case steps.AwaitEvent(source="venue", kind="order", where={"client_order_id": name}):
                assert name in self.sides
                self.arrived.add(name)
            case steps.Heal():
                assert not self.stream_is_cut
            case steps.Converge():
                assert self.node_runs
            case _:
                raise AssertionError(f"{step} is not a step of a plan")
        self.stored = isinstance(step, steps.AwaitStored)

    def fill(self, name: str, quantity: Decimal) -> None:
        assert ZERO < quantity <= self.left[name]
        self.position += self.sides[name] * quantity
        self.left[name] -= quantity
        if not self.left[name]:
            self.end(name)

    def end(self, name: str) -> None:
        del self.left[name]
        self.ends_unseen |= self.stream_is_cut or not self.node_runs

    def ask_for_mass_status(self) -> None:
        self.mass_status_with_position |= self.position != 0


def kind_of(step: AnyStep) -> type[object]:
    """The fault that a step begins, else the step."""
    return type(step.fault if isinstance(step, steps.BeginFault) else step)


def rehearse(plan: Plan) -> Rehearsal:
    rehearsal = Rehearsal()
    for step in plan.steps:
        rehearsal.play(step)
    return rehearsal


@given(plan=plans())
def test_every_plan_can_be_played(plan: Plan) -> None:
    rehearse(plan)


@given(plan=plans())
def test_a_plan_says_whether_a_mass_status_meets_a_position(plan: Plan) -> None:
    assert rehearse(plan).mass_status_with_position is plan.mass_status_with_position


@given(plan=plans())
def test_a_plan_says_whether_an_order_ends_unseen(plan: Plan) -> None:
    assert rehearse(plan).ends_unseen is plan.ends_unseen


@given(plan=plans())
def test_a_plan_survives_json(plan: Plan) -> None:
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan
    assert msgspec.convert(msgspec.to_builtins(plan), Plan) == plan


@given(plan=plans())
def test_a_plan_is_one_scenario_with_at_most_one_cut_and_one_restart(plan: Plan) -> None:
    count = Counter(kind_of(step) for step in plan.steps)
    assert isinstance(plan.steps[0], steps.StartNode)
    assert count[steps.StartNode] == 1 + count[NodeKilled] + count[steps.StopNode] <= 2
    assert count[LinkDown] == count[steps.EndFault] <= 1
    assert 1 <= count[steps.Submit] <= ACTIONS_MAX + 1
    heal, converge = plan.steps[-2:]
    assert isinstance(heal, steps.Heal)
    assert isinstance(converge, steps.Converge)
    assert converge.deadline_secs == (
        CONVERGE_DEADLINE_K01_SECS if plan.mass_status_with_position else CONVERGE_DEADLINE_SECS
    )


@given(data=st.data(), actions=st.integers(1, ACTIONS_MAX))
def test_a_draft_that_may_not_expose_never_does(data: st.DataObject, actions: int) -> None:
    draft = _Draft(data.draw, may_expose=False)
    for _ in range(actions):
        action: Callable[[], None] = data.draw(st.sampled_from(draft.possible()))
        action()
        assert not draft.exposed


def drawn(seek: Callable[[Plan], bool]) -> bool:
    """Whether such a plan is drawn at all: what is never drawn is never tested."""
    try:
        find(plans(), seek, settings=QUICKLY)
    except NoSuchExample:
        return False
    return True


def test_plans_with_every_feature_are_drawn() -> None:
    def has(kind: type[object]) -> Callable[[Plan], bool]:
        return lambda plan: any(kind_of(step) is kind for step in plan.steps)

    for kind in (LinkDown, NodeKilled, steps.StopNode, steps.VenueCancel, steps.AwaitFilled):
        assert drawn(has(kind)), kind
    assert drawn(lambda plan: plan.mass_status_with_position)
    assert drawn(
        lambda plan: (
            not plan.mass_status_with_position and has(steps.Fill)(plan) and has(NodeKilled)(plan)
        )
    )
