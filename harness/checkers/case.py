"""One finished history, with the views that checkers share, each folded once.

The history is read once, into an index by source and kind. A checker asks for the kinds that it
looks at and never goes through all events: a history has millions of which it wants a few.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Any

from harness.checkers.fills import Fills
from harness.checkers.ledger import LEDGER_KINDS, Ledger
from harness.checkers.node_view import NODE_VIEW_KINDS, SECOND_NS, NodeView, Run
from harness.checkers.order_lives import OrderLife, order_lives
from harness.checkers.order_requests import OrderRequest, order_requests
from harness.checkers.purged import node_state
from harness.checkers.snapshot import Matching, Snapshot
from harness.checkers.venue_lives import VenueLives
from harness.checkers.verdict import NothingToJudge
from harness.history.event import Event, Kinds, Source

_SEQ = attrgetter("seq")


def by_seq(*lists: list[Event]) -> list[Event]:
    """Return the events of several lists, each by `seq`, as one."""
    return lists[0] if len(lists) == 1 else sorted(chain(*lists), key=_SEQ)


# By the machine's clock, as the store is.
WRITE_SECS_MAX = 1.0


class Case:
    """What a checker is given: the events by `seq`, and lazily folded views of them.

    A view raises `NothingToJudge` where the history does not hold what it is made of.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self._by_kind: dict[Source, dict[str, list[Event]]] = {}
        for event in events:
            kinds = self._by_kind.get(event.source)
            if kinds is None:
                kinds = self._by_kind[event.source] = {}
            found = kinds.get(event.kind)
            if found is None:
                kinds[event.kind] = [event]
            else:
                found.append(event)

    def of(self, source: Source, *kinds: str) -> list[Event]:
        """Return the events of a source, by `seq`: those of some kinds, or all of them."""
        found = self._by_kind.get(source, {})
        return by_seq(*(found.get(kind, []) for kind in kinds or found))

    def of_all(self, kinds: Kinds) -> list[Event]:
        """Return the events of several sources, by `seq`."""
        return by_seq(*(self.of(source, *names) for source, names in kinds.items()))

    def judged(self, events: list[Event]) -> list[Event]:
        """Return those of `events` up to the final snapshot; all where there is none."""
        if self.final_event is None:
            return events
        return events[: bisect_right(events, self.final_event.seq, key=_SEQ)]

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """The data of `scenario_started`."""
        started = self.of("harness", "scenario_started")
        if not started:
            raise NothingToJudge("the history has no scenario_started")
        return started[0].data

    @property
    def reconciles(self) -> bool:
        """Whether the node is configured to reconcile at its start."""
        return bool(self.scenario["preset_values"].get("reconciliation", True))

    @cached_property
    def rate(self) -> float:
        """How many scenario seconds passed in one of the machine's, which does the work."""
        return float(self.scenario.get("rate", 1.0))

    @cached_property
    def healed(self) -> Event | None:
        """The last `healed` event."""
        healed = self.of("harness", "healed")
        return healed[-1] if healed else None

    @cached_property
    def node(self) -> NodeView:
        """The node's runs."""
        return NodeView(self.of_all(NODE_VIEW_KINDS))

    @cached_property
    def runs(self) -> list[Run]:
        """The node's runs, at least one."""
        if not self.node.runs:
            raise NothingToJudge("no node was started")
        return self.node.runs

    @cached_property
    def store_runs(self) -> list[Run]:
        """The runs of the final store, at least one."""
        return self.node.store_runs if self.runs else []

    @cached_property
    def final_event(self) -> Event | None:
        """The last run's `snapshot` event with the reason "final"."""
        if not self.node.runs:
            return None
        for event in reversed(self.node.runs[-1].snapshots):
            if event.data["reason"] == "final":
                return event
        return None

    @property
    def snapshot(self) -> Event:
        """The event of the final snapshot."""
        if self.final_event is None:
            raise NothingToJudge(f"run {self.runs[-1].number} left no final snapshot")
        return self.final_event

    @cached_property
    def final(self) -> Snapshot:
        """The node's state that is judged: the final snapshot, and what it has purged by right."""
        values = self.scenario["preset_values"]
        return node_state(self.runs[-1], self.snapshot, self.ledger, values)

    @cached_property
    def last_event(self) -> Event | None:
        """The last run's `snapshot` event after its graceful stop; else the final one."""
        if self.node.runs:
            for event in reversed(self.node.runs[-1].snapshots):
                if event.data["reason"] == "stopped":
                    return event
        return self.final_event

    @cached_property
    def last(self) -> Snapshot:
        """What the last run held when it ended: a strategy may trade as it stops."""
        return self.final if self.last_event is None else Snapshot(self.last_event)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger as it was at the final snapshot."""
        return Ledger.of(self.judged(self.of_all(LEDGER_KINDS)))

    @cached_property
    def matching(self) -> Matching:
        """Which order of the final snapshot is which order of the ledger."""
        return Matching.of(self.ledger, self.final)

    @cached_property
    def fills(self) -> Fills:
        """The fills of the final snapshot, told apart by whether the ledger knows their trade."""
        return Fills(self.ledger, self.final)

    def was_kept(self, first: Run, event: Event, later: Run) -> bool:
        """Return whether the run `later` must know what `first` said in `event`.

        A run that is killed may take with it what was not yet written to the store. So an earlier
        run counts only if it had a second to write, and the store was not disturbed.
        """
        if first is later:
            return True
        if self.node.store_faults:
            return False
        if first.exited is None or (first.killed is None and not first.ended_unexpectedly):
            return True
        end = first.killed or first.exited
        return end.ts - event.ts >= WRITE_SECS_MAX * self.rate * SECOND_NS

    @cached_property
    def order_lives(self) -> dict[str, OrderLife]:
        """What the runs of the final store told of each order, by client order id."""
        return order_lives(self)

    @cached_property
    def order_requests(self) -> list[OrderRequest]:
        """What was asked of the venue to place or amend, up to the final snapshot."""
        return list(order_requests(self.judged(self.of("wire", "http", "ws_api"))))

    @cached_property
    def venue_lives(self) -> VenueLives:
        """What became of each order at the venue, up to the final snapshot."""
        return VenueLives(self.judged(self.of("venue", "order", "algo_order")))

    def lived_until(self, run: Run) -> int:
        """Return when a run stopped working freely, at the latest the time of the story's end."""
        return min(run.ending.ts if run.ending else self.end_ns, self.end_ns)

    @cached_property
    def end_ns(self) -> int:
        """The time at which the run's story ends: the final snapshot's, else the latest event's."""
        if self.final_event is not None:
            return self.final_event.ts
        return max((event.ts for event in self.events), default=0)
