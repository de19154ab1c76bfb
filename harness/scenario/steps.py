"""The steps: every action a scenario can take, as data that performs itself on a world.

A step done by hand in a test and a step of a generated or replayed scenario are the same object.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec

from harness.checkers.expectations import DEADLINE_PASSED, NO_USER_STREAM
from harness.checkers.ledger import instrument_of
from harness.clock import check_rate
from harness.faults import AnyFault
from harness.history import Event
from harness.node import spec as node
from harness.node.capabilities import each
from harness.scenario.convergence import converge
from harness.world.applicable import NotApplicable
from harness.world.parts import Parts
from mock_venue.script.rules import Misbehaviour

Where = dict[str, Any]


START_SECS_MIN = 5.0
"""By the machine's clock."""


class DeadlinePassed(AssertionError):
    """What a step waited for did not happen in time; `kind` is the evidence that it is."""

    kind = DEADLINE_PASSED


class NoUserStream(DeadlinePassed):
    """The node did not open a user stream in time."""

    kind = NO_USER_STREAM


class ExpectationFailed(AssertionError):
    """What a step demands is not so."""


class Step(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One action."""

    def needs(self) -> frozenset[str]:
        """Return the capabilities that a release must have for it."""
        return frozenset()

    async def perform(self, parts: Parts) -> None:
        """Do it, and return when it is done."""
        self.act(parts)

    def act(self, parts: Parts) -> None:
        """Do it at once; for the steps that need not wait."""
        raise NotImplementedError


class StartNode(Step, frozen=True, kw_only=True):
    """Start the node and wait until its strategies have started, or only until it is forked."""

    until: Literal["forked", "strategy_started"] = "strategy_started"
    deadline_secs: float = 40.0

    async def perform(self, parts: Parts) -> None:
        """Fork, then wait. Raises DeadlinePassed where the node ends or does not start."""
        since = len(parts.history)
        await parts.node.fork()
        if self.until == "forked":
            return
        missing = {strategy.strategy_id for strategy in parts.description.strategies}
        run = parts.node.run

        def started_or_ended(event: Event) -> bool:
            if event.source != "node" or event.data["run"] != run:
                return False
            if event.kind == "strategy_started":
                missing.discard(event.data["strategy_id"])
            return not missing or event.kind == "exited"

        # To start is the process's own work: however fast the clock is, it has this long.
        deadline_secs = max(self.deadline_secs, START_SECS_MIN * parts.history.clock.rate)
        await _wait(parts, started_or_ended, deadline_secs, since, "the strategy's start")
        if missing:
            raise DeadlinePassed("the node ended before its strategy started")


class StopNode(Step, frozen=True, kw_only=True):
    """Stop the node gracefully."""

    async def perform(self, parts: Parts) -> None:
        """Stop, and return when the process is gone."""
        await parts.node.stop()


class Submit(Step, frozen=True, kw_only=True):
    """Have a strategy submit an order."""

    order: node.OrderSpec

    def needs(self) -> frozenset[str]:
        """The command, and the order's type."""
        return each("command", {"Submit"}) | each("order", {self.order.type})

    def act(self, parts: Parts) -> None:
        """Send the command."""
        parts.node.send(node.Submit(self.order))


class Modify(Step, frozen=True, kw_only=True):
    """Have the order's strategy modify it."""

    order: str
    quantity: str | None = None
    price: str | None = None

    def needs(self) -> frozenset[str]:
        """The command."""
        return each("command", {"Modify"})

    def act(self, parts: Parts) -> None:
        """Send the command."""
        parts.node.send(node.Modify(self.order, self.quantity, self.price))


class Cancel(Step, frozen=True, kw_only=True):
    """Have the order's strategy cancel it."""

    order: str

    def needs(self) -> frozenset[str]:
        """The command."""
        return each("command", {"Cancel"})

    def act(self, parts: Parts) -> None:
        """Send the command."""
        parts.node.send(node.Cancel(self.order))


class CancelAll(Step, frozen=True, kw_only=True):
    """Have a strategy cancel all its orders for an instrument."""

    instrument_id: str
    strategy_id: str = "S-001"

    def needs(self) -> frozenset[str]:
        """The command."""
        return each("command", {"CancelAll"})

    def act(self, parts: Parts) -> None:
        """Send the command."""
        parts.node.send(node.CancelAll(self.instrument_id, self.strategy_id))


class Query(Step, frozen=True, kw_only=True):
    """Have the order's strategy query it at the venue."""

    order: str

    def needs(self) -> frozenset[str]:
        """The command."""
        return each("command", {"Query"})

    def act(self, parts: Parts) -> None:
        """Send the command."""
        parts.node.send(node.Query(self.order))


class Fill(Step, frozen=True, kw_only=True):
    """The venue fills an order: the rest of it, at its price, unless told otherwise."""

    order: str
    quantity: str | None = None
    price: str | None = None

    def act(self, parts: Parts) -> None:
        """Match."""
        parts.venue.fill(self.order, self.quantity, self.price)


class VenueCancel(Step, frozen=True, kw_only=True):
    """The venue's user cancels an order, not through the node."""

    order: str

    def act(self, parts: Parts) -> None:
        """Cancel."""
        parts.venue.cancel(self.order)


class VenueExpire(Step, frozen=True, kw_only=True):
    """The venue expires an order."""

    order: str
    reason: str = "5"

    def act(self, parts: Parts) -> None:
        """Expire."""
        parts.venue.expire(self.order, self.reason)


class ExternalOrder(Step, frozen=True, kw_only=True):
    """The venue's user places an order on the web or in the app, not through the node."""

    client_order_id: str
    symbol: str
    side: node.Side
    quantity: str
    price: str | None = None
    position_side: node.PositionSide = "BOTH"

    def needs(self) -> frozenset[str]:
        """The instrument."""
        return each("instrument", {instrument_of(self.symbol)})

    def act(self, parts: Parts) -> None:
        """Place it; without a price it is a MARKET order."""
        parts.venue.external_order(
            self.symbol,
            self.side,
            self.quantity,
            price=self.price,
            client_order_id=self.client_order_id,
            position_side=self.position_side,
        )


class SetPositionMode(Step, frozen=True, kw_only=True):
    """The venue's user sets the account's position mode: hedge, or one-way."""

    hedging: bool

    def act(self, parts: Parts) -> None:
        """Set it."""
        parts.venue.set_position_mode(self.hedging)


class SetPrice(Step, frozen=True, kw_only=True):
    """The market moves."""

    symbol: str
    bid: str
    ask: str

    def act(self, parts: Parts) -> None:
        """Set best bid and ask."""
        parts.venue.set_price(self.symbol, self.bid, self.ask)


class MoveMarket(Step, frozen=True, kw_only=True):
    """Prices begin to walk, drawn from the seed, and others trade: a step each interval."""

    interval_secs: float = 0.2

    def act(self, parts: Parts) -> None:
        """Begin."""
        parts.move_market(self.interval_secs)


class StillMarket(Step, frozen=True, kw_only=True):
    """Prices stand still, and nobody else trades; a heal does the same."""

    def act(self, parts: Parts) -> None:
        """End."""
        parts.still_market()


class GenerateHistory(Step, frozen=True, kw_only=True):
    """The account gets a past: closed orders with their trades, drawn from a seed."""

    symbol: str
    orders: int
    seed: int
    span_secs: int
    net: str = "0"

    def needs(self) -> frozenset[str]:
        """The instrument."""
        return each("instrument", {instrument_of(self.symbol)})

    def act(self, parts: Parts) -> None:
        """Generate orders that end now."""
        parts.venue.generate_history(
            self.symbol,
            orders=self.orders,
            seed=self.seed,
            end_ms=parts.venue.now_ms(),
            span_ms=self.span_secs * 1000,
            net=self.net,
        )


class Misbehave(Step, frozen=True, kw_only=True):
    """The venue misbehaves at a business event; `name` is for `Release`, `EndMisbehaviour`."""

    name: str
    rule: Misbehaviour

    def act(self, parts: Parts) -> None:
        """Arm the rule."""
        parts.misbehave(self.name, self.rule)


class Release(Step, frozen=True, kw_only=True):
    """The venue lets go of what a rule has held back."""

    name: str

    def act(self, parts: Parts) -> None:
        """Release."""
        parts.release(self.name)


class EndMisbehaviour(Step, frozen=True, kw_only=True):
    """A rule strikes no more."""

    name: str

    def act(self, parts: Parts) -> None:
        """Disarm the rule."""
        parts.end_misbehaviour(self.name)


class BeginFault(Step, frozen=True, kw_only=True):
    """Something breaks; `name` is for `EndFault`."""

    name: str
    fault: AnyFault

    async def perform(self, parts: Parts) -> None:
        """Break it."""
        told = msgspec.to_builtins(self.fault)
        await parts.faults.begin(self.name, told, lambda: self.fault.begin(parts))


class EndFault(Step, frozen=True, kw_only=True):
    """What a fault broke is mended."""

    name: str

    async def perform(self, parts: Parts) -> None:
        """Mend it."""
        await parts.faults.end(self.name)


class Heal(Step, frozen=True, kw_only=True):
    """Every fault ends: links are whole, rules strike no more, what was held is let go."""

    async def perform(self, parts: Parts) -> None:
        """Heal."""
        await parts.heal()


class Elapse(Step, frozen=True, kw_only=True):
    """Time passes: the length of an outage. Never a way to wait for something to happen.

    At `rate` while it lasts, where that is given and the clock can be set: for quiet hours.
    """

    seconds: float
    rate: float | None = None

    async def perform(self, parts: Parts) -> None:
        """Let the time pass. Raises ValueError for a rate that is out of bounds."""
        clock = parts.history.clock
        before = clock.rate
        if self.rate is not None:
            check_rate(self.rate)
            if clock.can_be_set:
                clock.set_rate(self.rate)
        try:
            await clock.sleep(self.seconds)
        finally:
            if clock.rate != before:
                clock.set_rate(before)


class Skip(Step, frozen=True, kw_only=True):
    """Time passes at once, while no node runs: the length of an outage that none lives through."""

    seconds: float

    def act(self, parts: Parts) -> None:
        """Skip. Raises RuntimeError while a node runs, NotApplicable without a clock to set."""
        clock = parts.history.clock
        if parts.node.alive:
            raise RuntimeError("a node is running, for which no time can be skipped: kill it first")
        if not clock.can_be_set:
            raise NotApplicable("the clock cannot be set here")
        clock.skip(self.seconds)


class SetRate(Step, frozen=True, kw_only=True):
    """The scenario's clock goes on at another rate, if it can be set at all."""

    rate: float

    def act(self, parts: Parts) -> None:
        """Set it. Raises ValueError for a rate that is out of bounds."""
        clock = parts.history.clock
        check_rate(self.rate)
        if clock.can_be_set:
            clock.set_rate(self.rate)


class AwaitEvent(Step, frozen=True, kw_only=True):
    """Wait until `count` events of a kind, whose data hold `where`, are in the history.

    They count from the scenario's start, or from this step's begin when `fresh`. A value in `where`
    that is a list stands for any of its items; a key may be a path with dots (`step.order`).
    """

    source: str
    kind: str
    where: Where = {}
    count: int = 1
    fresh: bool = False
    deadline_secs: float = 15.0

    def needs(self) -> frozenset[str]:
        """The check that is waited for, if one is, or the monitor that tells of a status."""
        if self.kind == "reconciliation_status":
            return frozenset({"monitor"})
        awaited = self.where.get("check") if self.kind.startswith("check_") else None
        return each("check", {awaited}) if isinstance(awaited, str) else frozenset()

    async def perform(self, parts: Parts) -> None:
        """Wait. Raises DeadlinePassed."""
        seen = 0
        where = parts.venue.asked(self.where) if "path" in self.where else self.where

        def arrived(event: Event) -> bool:
            nonlocal seen
            if event.source == self.source and event.kind == self.kind and _holds(event, where):
                seen += 1
            return seen >= self.count

        since = len(parts.history) if self.fresh else 0
        what = f"{self.source}/{self.kind} {self.where or ''} x{self.count}"
        await _wait(parts, arrived, self.deadline_secs, since, what)


class Expect(Step, frozen=True, kw_only=True):
    """Demand that exactly `count` events of a kind, whose data hold `where`, have come by now.

    With `count_max` it may be more, up to that.
    """

    source: str
    kind: str
    where: Where = {}
    count: int
    count_max: int | None = None

    def act(self, parts: Parts) -> None:
        """Count. Raises ExpectationFailed."""
        seen = sum(
            event.source == self.source and event.kind == self.kind and _holds(event, self.where)
            for event in parts.history
        )
        most = self.count if self.count_max is None else self.count_max
        if not self.count <= seen <= most:
            what = f"{self.source}/{self.kind} {self.where or ''}"
            wanted = str(self.count) if most == self.count else f"{self.count} to {most}"
            raise ExpectationFailed(f"{what} came {seen} times: must be {wanted}")


class AwaitFilled(Step, frozen=True, kw_only=True):
    """Wait until the node has applied fills of an order for a quantity, in any of its runs."""

    order: str
    quantity: str
    deadline_secs: float = 15.0

    async def perform(self, parts: Parts) -> None:
        """Wait. Raises DeadlinePassed."""
        filled = Decimal(0)
        trades: set[str] = set()

        def enough(event: Event) -> bool:
            nonlocal filled
            if event.kind == "order_event" and event.data["type"] == "OrderFilled":
                fill = event.data["event"]
                if fill["client_order_id"] == self.order and fill["trade_id"] not in trades:
                    trades.add(fill["trade_id"])
                    filled += Decimal(fill["last_qty"])
            return filled >= Decimal(self.quantity)

        what = f"fills of {self.quantity} for the order {self.order}"
        await _wait(parts, enough, self.deadline_secs, 0, what)


class AwaitTrade(Step, frozen=True, kw_only=True):
    """Wait until the node has applied a fill in its present run.

    A user's node trades by itself, or not: in that case the scenario shows nothing of it. One that
    traded at the venue, and has not applied it, has traded.
    """

    deadline_secs: float = 60.0

    async def perform(self, parts: Parts) -> None:
        """Wait. Raises DeadlinePassed, of a user's node NotApplicable."""
        run = parts.node.run

        def filled(event: Event) -> bool:
            return (
                (event.source, event.kind) == ("node", "order_event")
                and event.data["run"] == run
                and event.data["type"] == "OrderFilled"
                and not event.data["event"]["reconciliation"]
            )

        try:
            await _wait(parts, filled, self.deadline_secs, 0, "a fill")
        except DeadlinePassed:
            if parts.setup.node is None or _traded(parts.history.events):
                raise
            raise NotApplicable(
                f"the node {parts.setup.node} traded nothing in {self.deadline_secs:g} s"
            ) from None


_PLACING = ("POST", "order.place", "algoOrder.place")


def _traded(events: Sequence[Event]) -> bool:
    """Return whether the venue has filled an order that it was sent, since the run began."""
    sent: set[str] = set()
    filled: set[str] = set()
    for event in events:
        match event.source, event.kind:
            case "wire", "http" | "ws_api" if event.data["method"] in _PLACING:
                sent.update(event.data["client_order_ids"])
            case "node", "forked":
                filled.clear()
            case "venue", "trade":
                filled.add(event.data["client_order_id"])
    return not sent.isdisjoint(filled)


class AwaitLog(Step, frozen=True, kw_only=True):
    """Wait until the node has logged a warning or an error that contains a text."""

    contains: str
    deadline_secs: float = 15.0

    async def perform(self, parts: Parts) -> None:
        """Wait. Raises DeadlinePassed."""

        def logged(event: Event) -> bool:
            return (
                event.source == "node"
                and event.kind == "log"
                and self.contains in event.data["message"]
            )

        await _wait(parts, logged, self.deadline_secs, 0, f"a warning of {self.contains!r}")


class AwaitUserStream(Step, frozen=True, kw_only=True):
    """Wait until the node has a user stream open at the venue."""

    deadline_secs: float = 40.0

    async def perform(self, parts: Parts) -> None:
        """Wait. Raises NoUserStream."""
        since = len(parts.history)
        if parts.user_stream_open:
            return
        try:
            await parts.history.wait_for(
                lambda _: parts.user_stream_open, self.deadline_secs, since=since
            )
        except TimeoutError:
            raise NoUserStream(
                f"the node had no user stream open within {self.deadline_secs:g} s"
            ) from None


class AwaitStored(Step, frozen=True, kw_only=True):
    """Wait until the store holds what the node has applied to its orders: no kill loses it."""

    deadline_secs: float = 10.0

    async def perform(self, parts: Parts) -> None:
        """Wait. Raises DeadlinePassed."""
        try:
            await parts.await_stored(self.deadline_secs)
        except TimeoutError:
            raise DeadlinePassed(
                f"the store did not hold all order events within {self.deadline_secs:g} s"
            ) from None


class AwaitStruck(Step, frozen=True, kw_only=True):
    """Wait until a rule of misbehaviour has struck so many times."""

    name: str
    times: int = 1
    deadline_secs: float = 15.0

    async def perform(self, parts: Parts) -> None:
        """Wait. Raises DeadlinePassed."""

        def struck(_: Event) -> bool:
            return parts.strikes(self.name) >= self.times

        what = f"strike {self.times} of the rule {self.name}"
        await _wait(parts, struck, self.deadline_secs, 0, what)


class Converge(Step, frozen=True, kw_only=True):
    """Wait until the node's state equals the ledger, and stays so for two cycles of every check."""

    deadline_secs: float = 12.0

    async def perform(self, parts: Parts) -> None:
        """Wait, and record whether it converged; the checker judges it."""
        await converge(parts, self.deadline_secs)


AnyStep = (
    StartNode | StopNode | Submit | Modify | Cancel | CancelAll | Query
    | Fill | VenueCancel | VenueExpire | ExternalOrder | SetPositionMode | SetPrice
    | GenerateHistory | MoveMarket | StillMarket | AwaitTrade
    | Misbehave | Release | EndMisbehaviour | BeginFault | EndFault | Heal | Elapse | Skip | SetRate
    | Expect | AwaitEvent | AwaitFilled | AwaitLog | AwaitStored | AwaitStruck | AwaitUserStream
    | Converge
)  # fmt: skip


async def _wait(parts: Parts, predicate: Any, deadline_secs: float, since: int, what: str) -> None:
    try:
        await parts.history.wait_for(predicate, deadline_secs, since=since)
    except TimeoutError:
        raise DeadlinePassed(f"{what} did not happen within {deadline_secs:g} s") from None


def _holds(event: Event, where: Where) -> bool:
    for path, wanted in where.items():
        value: Any = event.data
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value not in wanted if isinstance(wanted, list) else value != wanted:
            return False
    return True
