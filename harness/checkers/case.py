"""One finished history, with the views that checkers share, each folded once."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from harness.checkers.fills import Fills
from harness.checkers.ledger import Ledger
from harness.checkers.node_view import NodeView, Run
from harness.checkers.snapshot import Matching, Snapshot
from harness.checkers.verdict import NothingToJudge
from harness.history.event import Event


class Case:
    """What a checker is given: the events by `seq`, and lazily folded views of them.

    A view raises `NothingToJudge` where the history does not hold what it is made of.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events

    @cached_property
    def harness_events(self) -> dict[str, list[Event]]:
        """The harness's own events by kind."""
        by_kind: dict[str, list[Event]] = {}
        for event in self.events:
            if event.source == "harness":
                by_kind.setdefault(event.kind, []).append(event)
        return by_kind

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """The data of `scenario_started`."""
        started = self.harness_events.get("scenario_started")
        if not started:
            raise NothingToJudge("the history has no scenario_started")
        return started[0].data

    @cached_property
    def rate(self) -> float:
        """How many scenario seconds passed in one of the machine's, which does the work."""
        return float(self.scenario.get("rate", 1.0))

    @cached_property
    def healed(self) -> Event | None:
        """The last `healed` event."""
        healed = self.harness_events.get("healed")
        return healed[-1] if healed else None

    @cached_property
    def node(self) -> NodeView:
        """The node's runs."""
        return NodeView(self.events)

    @cached_property
    def runs(self) -> list[Run]:
        """The node's runs, at least one."""
        if not self.node.runs:
            raise NothingToJudge("no node was started")
        return self.node.runs

    @cached_property
    def final_event(self) -> Event | None:
        """The last run's `snapshot` event with the reason "final"."""
        if not self.node.runs:
            return None
        for event in reversed(self.node.runs[-1].snapshots):
            if event.data["reason"] == "final":
                return event
        return None

    @cached_property
    def final(self) -> Snapshot:
        """The last run's final snapshot: the node's state that is judged."""
        if self.final_event is None:
            raise NothingToJudge(f"run {self.runs[-1].number} left no final snapshot")
        return Snapshot(self.final_event)

    @cached_property
    def judged(self) -> Sequence[Event]:
        """The events up to the final snapshot; all of them where there is none."""
        return self.events if self.final_event is None else self.events[: self.final_event.seq + 1]

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger as it was at the final snapshot."""
        return Ledger.of(self.judged)

    @cached_property
    def matching(self) -> Matching:
        """Which order of the final snapshot is which order of the ledger."""
        return Matching.of(self.ledger, self.final)

    @cached_property
    def fills(self) -> Fills:
        """The fills of the final snapshot, told apart by whether the ledger knows their trade."""
        return Fills(self.ledger, self.final)

    @cached_property
    def end_ns(self) -> int:
        """The time at which the run's story ends: the final snapshot's, else the latest event's."""
        if self.final_event is not None:
            return self.final_event.ts
        return max((event.ts for event in self.events), default=0)
