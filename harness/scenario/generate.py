"""Hypothesis strategies for whole scenarios: orders, fills, a cut and a restart in any order."""

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st

from harness.faults.link.link_down import LinkDown
from harness.faults.process.node_killed import NodeKilled
from harness.node.spec import OrderSpec, Side
from harness.scenario import steps
from harness.scenario.steps import AnyStep

LOT = Decimal("0.001")
# The least that is worth more than Binance's minimum notional.
LOTS_MIN, LOTS_MAX = 2, 20
ACTIONS_MAX = 12
CUT = "cut"
CONVERGE_DEADLINE_SECS = 15.0
# Long enough for what K01 breaks to show that it stays broken.
CONVERGE_DEADLINE_K01_SECS = 6.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A generated scenario.

    `mass_status_with_position` says that the node asks for a mass status over its own cache while
    the venue holds a position: the condition of K01. `fill_unseen` says that an order fills while
    the user stream is cut: that of N10. `ends_unseen` says that an order ends while
    the node is down or its user stream is cut: that of V01 to V03.
    """

    steps: tuple[AnyStep, ...]
    mass_status_with_position: bool
    fill_unseen: bool
    ends_unseen: bool


class _Draft:
    """What the steps so far make of the world; only steps that make sense are drawn."""

    def __init__(self, draw: Any, *, may_expose: bool) -> None:
        self.draw = draw
        self.may_expose = may_expose
        self.steps: list[AnyStep] = [steps.StartNode()]
        self.left: dict[str, int] = {}
        self.sides: dict[str, Side] = {}
        self.position = 0
        self.stream_is_cut = False
        self.has_restarted = False
        self.has_been_cut = False
        self.exposed = False
        self.fill_unseen = False
        self.is_down = False
        self.ends_unseen = False

    def submit(self) -> None:
        number = len(self.sides) + 1
        name = f"O-{number}"
        side: Side = self.draw(st.sampled_from(("BUY", "SELL")))
        lots = self.draw(st.integers(LOTS_MIN, LOTS_MAX))
        order = OrderSpec(
            client_order_id=name,
            instrument_id="BTCUSDT-PERP.BINANCE",
            side=side,
            quantity=str(lots * LOT),
            price="49900" if side == "BUY" else "50100",
        )
        self.steps.append(steps.Submit(order=order))
        self.steps.append(
            steps.AwaitEvent(source="venue", kind="order", where={"client_order_id": name})
        )
        # An order's acceptance comes by the user stream.
        applied = "OrderSubmitted" if self.stream_is_cut else "OrderAccepted"
        where = {"type": applied, "event.client_order_id": name}
        self.steps.append(steps.AwaitEvent(source="node", kind="order_event", where=where))
        self.left[name], self.sides[name] = lots, side

    def fill(self) -> None:
        name = self.draw(st.sampled_from(sorted(self.left)))
        lots = self.draw(st.integers(1, self.left[name]))
        self.steps.append(steps.Fill(order=name, quantity=str(lots * LOT)))
        self.fill_unseen = self.fill_unseen or self.stream_is_cut
        self.position += lots if self.sides[name] == "BUY" else -lots
        self.left[name] -= lots
        if not self.left[name]:
            self.end(name)

    def venue_cancel(self) -> None:
        name = self.draw(st.sampled_from(sorted(self.left)))
        self.steps.append(steps.VenueCancel(order=name))
        self.end(name)

    def end(self, name: str) -> None:
        del self.left[name]
        self.ends_unseen = self.ends_unseen or self.stream_is_cut or self.is_down

    def cut_or_restore(self) -> None:
        if self.stream_is_cut:
            self.restore()
            # What happens next must not meet the mass status of the node that comes back.
            self.steps.append(steps.AwaitUserStream())
            self.steps.append(
                steps.AwaitEvent(
                    source="node",
                    kind="check_finished",
                    where={"check": "open_orders"},
                    count=2,
                    fresh=True,
                )
            )
        else:
            self.steps.append(steps.BeginFault(name=CUT, fault=LinkDown(links=("user_stream",))))
            self.stream_is_cut = self.has_been_cut = True

    def restore(self) -> None:
        self.steps.append(steps.EndFault(name=CUT))
        self.stream_is_cut = False
        self.mass_status()

    def restart(self) -> None:
        self.has_restarted = True
        if self.draw(st.booleans()):
            # What the node has just said may not be in the store yet: not what is tested here.
            self.steps += [steps.AwaitStored(), steps.BeginFault(name="kill", fault=NodeKilled())]
        else:
            self.steps.append(steps.StopNode())
        self.is_down = True
        for _ in range(self.draw(st.integers(0, 2))):
            if self.left:
                acts = (self.fill, self.venue_cancel) if self.may_expose else (self.venue_cancel,)
                self.draw(st.sampled_from(acts))()
        if self.stream_is_cut:
            self.restore()
        self.steps.append(steps.StartNode())
        self.is_down = False
        self.mass_status()

    def mass_status(self) -> None:
        self.exposed = self.exposed or self.position != 0

    def possible(self) -> list[Any]:
        actions: list[Any] = [self.submit]
        if self.left:
            actions.append(self.venue_cancel)
            if self.may_expose or not self.stream_is_cut:
                actions += [self.fill, self.fill]
        faults = [] if self.has_restarted else [self.restart]
        if self.stream_is_cut or not self.has_been_cut:
            faults.append(self.cut_or_restore)
        if self.may_expose or not self.position:
            actions += faults
        elif faults:
            actions.append(self.flatten)
        return actions

    def flatten(self) -> None:
        """Close the position with a MARKET order, as a strategy does that restarts flat."""
        name = f"O-{len(self.sides) + 1}"
        side: Side = "SELL" if self.position > 0 else "BUY"
        quantity = str(abs(self.position) * LOT)
        order = OrderSpec(
            client_order_id=name,
            instrument_id="BTCUSDT-PERP.BINANCE",
            side=side,
            quantity=quantity,
            type="MARKET",
            reduce_only=True,
        )
        self.steps += [steps.Submit(order=order), steps.AwaitFilled(order=name, quantity=quantity)]
        self.sides[name] = side
        self.position = 0


@st.composite
def plans(draw: st.DrawFn, *, benign: bool = False) -> Plan:
    """Draw a scenario with a cut and a restart in it; it ends healed.

    A benign one has no mass status with a position.
    """
    draft = _Draft(draw, may_expose=not benign and draw(st.booleans()))
    draft.submit()
    for _ in range(draw(st.integers(2, ACTIONS_MAX))):
        draw(st.sampled_from(draft.possible()))()
    for happened, fault in (
        (draft.has_been_cut, draft.cut_or_restore),
        (draft.has_restarted, draft.restart),
    ):
        if not happened:
            if draft.position and not draft.may_expose:
                draft.flatten()
            fault()
    if draft.stream_is_cut:
        draft.cut_or_restore()
    deadline_secs = CONVERGE_DEADLINE_K01_SECS if draft.exposed else CONVERGE_DEADLINE_SECS
    draft.steps += [steps.Heal(), steps.Converge(deadline_secs=deadline_secs)]
    return Plan(
        steps=tuple(draft.steps),
        mass_status_with_position=draft.exposed,
        fill_unseen=draft.fill_unseen,
        ends_unseen=draft.ends_unseen,
    )
