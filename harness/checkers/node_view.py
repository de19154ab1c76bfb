"""What a history tells about the node: its runs, one after another, and what each reported."""

from collections.abc import Iterable, Iterator

from harness.checkers.ledger import EMPTYING_KINDS
from harness.history.event import Event, Kinds

SECOND_NS = 1_000_000_000
STORE_FAULT_KINDS = (*EMPTYING_KINDS, "full", "killed")
STORE_MENDED_KINDS = ("room", "started")
# Under these what is written comes late, and comes; the others end connections.
HARMLESS_TOXICS = frozenset({"latency", "bandwidth", "slicer", "slow_close"})
NODE_VIEW_KINDS: Kinds = {
    "node": (
        "forked",
        "reconciliation_finished",
        "strategy_started",
        "strategy_stopped",
        "stop_requested",
        "killed",
        "exited",
        "check_started",
        "check_finished",
        "order_event",
        "order_closed",
        "snapshot",
    ),
    "store": (*STORE_FAULT_KINDS, *STORE_MENDED_KINDS),
    "link": (),
}
"""What the view of the node's runs is folded from."""


class Check:
    """One periodic check of a run. `finished` is missing when it never came to an end."""

    def __init__(self, started: Event) -> None:
        self.name: str = started.data["check"]
        self.started = started
        self.finished: Event | None = None

    @property
    def error(self) -> str | None:
        """The error the check ended with, if it did."""
        return None if self.finished is None else self.finished.data.get("error")


class Run:
    """One incarnation of the node, from `forked` to its end. Times are the events' `ts`, in ns."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.forked: Event | None = None
        self.reconciliation_finished: Event | None = None
        self.strategies_started: dict[str, Event] = {}
        self.strategies_stopped: dict[str, Event] = {}
        self.stop_requested: Event | None = None
        self.killed: Event | None = None
        self.exited: Event | None = None
        self.checks: list[Check] = []
        self.order_events: list[Event] = []
        self.closed_orders: list[Event] = []
        self.snapshots: list[Event] = []

    @property
    def reconciled(self) -> bool:
        """Whether startup reconciliation finished and succeeded."""
        finished = self.reconciliation_finished
        return finished is not None and bool(finished.data["success"])

    @property
    def ended_unexpectedly(self) -> bool:
        """Whether the process ended though nobody had asked it to."""
        return self.exited is not None and not self.exited.data["expected"]

    @property
    def ending(self) -> Event | None:
        """The first event after which the run no longer works freely; missing while it does."""
        endings = [self.stop_requested, self.killed, self.exited]
        return min((event for event in endings if event), key=lambda event: event.ts, default=None)

    def order_initialized(self) -> Iterable[Event]:
        """Return the `OrderInitialized` events of orders that this run's strategies made."""
        return (
            event
            for event in self.order_events
            if event.data["type"] == "OrderInitialized"
            and not event.data["event"]["reconciliation"]
        )

    def fills(self) -> Iterator[Event]:
        """Yield the `OrderFilled` events of this run."""
        return (event for event in self.order_events if event.data["type"] == "OrderFilled")


class NodeView:
    """All runs of the node, folded from a history.

    `store_faults` are the events that disturbed the store or the link to it, `store_breaks` those
    that broke or mended the store or its connections. `store_runs` are the runs that shared one
    store and whose state the last run carries on: those after the store was last emptied.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self.runs: list[Run] = []
        self.store_faults: list[Event] = []
        self.store_breaks: list[Event] = []
        self._by_number: dict[int, Run] = {}
        self._first_store_run = 0
        emptied = False
        for event in events:
            if event.source == "node":
                if event.kind == "forked" and emptied:
                    self._first_store_run = len(self.runs)
                    emptied = False
                self._apply(event)
            elif event.source == "store":
                if event.kind in EMPTYING_KINDS:
                    emptied = True
                if event.kind in STORE_FAULT_KINDS:
                    self.store_faults.append(event)
                if event.kind in STORE_FAULT_KINDS or self.store_breaks:
                    self.store_breaks.append(event)
            elif event.kind == "toxiproxy_replaced" or event.data["link"] == "store":
                self.store_faults.append(event)
                if event.data.get("toxic") not in HARMLESS_TOXICS:
                    self.store_breaks.append(event)

    @property
    def store_runs(self) -> list[Run]:
        """The runs since the store was last emptied, oldest first."""
        return self.runs[self._first_store_run :]

    def _run(self, number: int) -> Run:
        run = self._by_number.get(number)
        if run is None:
            run = self._by_number[number] = Run(number)
            self.runs.append(run)
        return run

    def _apply(self, event: Event) -> None:
        run = self._run(event.data["run"])
        match event.kind:
            case "order_event":
                run.order_events.append(event)
            case "order_closed":
                run.closed_orders.append(event)
            case "check_started":
                run.checks.append(Check(event))
            case "check_finished":
                _finish(run.checks, event)
            case "snapshot":
                run.snapshots.append(event)
            case "forked":
                run.forked = event
            case "reconciliation_finished":
                run.reconciliation_finished = run.reconciliation_finished or event
            case "strategy_started":
                run.strategies_started[event.data["strategy_id"]] = event
            case "strategy_stopped":
                run.strategies_stopped[event.data["strategy_id"]] = event
            case "stop_requested":
                run.stop_requested = event
            case "killed":
                run.killed = event
            case "exited":
                run.exited = event


def _finish(checks: list[Check], event: Event) -> None:
    # Checks of one run follow each other, so the one that ends is among the latest.
    for check in reversed(checks[-8:]):
        if check.name == event.data["check"] and check.finished is None:
            check.finished = event
            return
