"""What a scenario holds in its hands: each call makes a step and performs it."""

import contextlib
import random
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Literal, Self

import msgspec

from harness.checkers.ledger import symbol_of
from harness.faults import AnyFault
from harness.faults.link.link_down import LinkDown
from harness.faults.process.node_killed import NodeKilled
from harness.node.spec import Check, OrderSpec, OrderType, PositionSide, Side, TimeInForce
from harness.scenario import steps
from harness.world.links import Link
from harness.world.parts import Parts
from mock_venue.script.rules import Misbehaviour

STEPS_MAX = 10_000


class Order:
    """An order of the node's or of the venue's user, by its client order id.

    The waits count from the scenario's start, over all runs of the node.
    """

    def __init__(self, world: "World", client_order_id: str, quantity: str) -> None:
        self._world = world
        self.client_order_id = client_order_id
        self.quantity = quantity

    def __str__(self) -> str:
        return self.client_order_id

    async def submitted(self) -> None:
        """Wait until the node has applied OrderSubmitted."""
        await self._event("OrderSubmitted")

    async def accepted(self) -> None:
        """Wait until the node has applied OrderAccepted."""
        await self._event("OrderAccepted")

    async def updated(self) -> None:
        """Wait until the node has applied OrderUpdated."""
        await self._event("OrderUpdated")

    async def canceled(self) -> None:
        """Wait until the node has applied OrderCanceled."""
        await self._event("OrderCanceled")

    async def rejected(self) -> None:
        """Wait until the node has applied OrderRejected."""
        await self._event("OrderRejected")

    async def expired(self) -> None:
        """Wait until the node has applied OrderExpired."""
        await self._event("OrderExpired")

    async def filled(self, quantity: str | None = None) -> None:
        """Wait until the node has applied fills for `quantity`; by default for all of it."""
        await self._world.perform(
            steps.AwaitFilled(order=self.client_order_id, quantity=quantity or self.quantity)
        )

    async def requested(self) -> None:
        """Wait until a request for the order has reached the venue."""
        await self._world.event("wire", "request", client_order_id=self.client_order_id)

    async def _event(self, type_: str) -> None:
        where = {"type": type_, "event.client_order_id": self.client_order_id}
        await self._world.perform(steps.AwaitEvent(source="node", kind="order_event", where=where))


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order before it has an id; see `buy` and `sell`."""

    instrument_id: str
    side: Side
    quantity: str
    type: OrderType = "LIMIT"
    price: str | None = None
    trigger_price: str | None = None
    time_in_force: TimeInForce = "GTC"
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide = "BOTH"


def buy(instrument: str, quantity: str, *, at: str | None = None, **options: Any) -> NewOrder:
    """A LIMIT order at a price, or a MARKET order without one; `BTCUSDT-PERP` means Binance's.

    With `trigger_price` it is a STOP_MARKET order.
    """
    return _new_order(instrument, "BUY", quantity, at, options)


def sell(instrument: str, quantity: str, *, at: str | None = None, **options: Any) -> NewOrder:
    """As `buy`, but to sell."""
    return _new_order(instrument, "SELL", quantity, at, options)


def _instrument_id(instrument: str) -> str:
    return instrument if "." in instrument else f"{instrument}.BINANCE"


def _new_order(
    instrument: str, side: Side, quantity: str, at: str | None, options: dict[str, Any]
) -> NewOrder:
    stop = options.get("trigger_price") is not None
    if stop and at is not None:
        raise ValueError(f"a stop is a STOP_MARKET order, it takes no price, was {at}")
    return NewOrder(
        instrument_id=_instrument_id(instrument),
        side=side,
        quantity=quantity,
        type="STOP_MARKET" if stop else "MARKET" if at is None else "LIMIT",
        price=at,
        **options,
    )


class NodeHand:
    """The node: start, kill and stop it, and have its strategies trade."""

    def __init__(self, world: "World") -> None:
        self._world = world

    @property
    def trades_by_itself(self) -> bool:
        """Whether it is a user's own node, which takes no orders from a scenario."""
        return self._world.setup.node is not None

    @property
    def instruments(self) -> tuple[str, ...]:
        """The ids of its instruments, `BTCUSDT-PERP.BINANCE`."""
        return self._world.description.instrument_ids

    async def start(
        self, *, until: Literal["forked", "strategy_started"] = "strategy_started"
    ) -> None:
        """Start a run of the node, by default until its strategies have started."""
        await self._world.perform(steps.StartNode(until=until))

    async def kill(self) -> None:
        """Kill it with SIGKILL."""
        await self._world.begin(NodeKilled())

    async def stop(self) -> None:
        """Stop it gracefully."""
        await self._world.perform(steps.StopNode())

    async def submit(self, new: NewOrder, *, strategy_id: str = "S-001") -> Order:
        """Have a strategy submit an order; returns once the command is sent."""
        spec = OrderSpec(
            client_order_id=self._world.next_id("O-"),
            strategy_id=strategy_id,
            **msgspec.structs.asdict(new),
        )
        await self._world.perform(steps.Submit(order=spec))
        return Order(self._world, spec.client_order_id, spec.quantity)

    async def modify(
        self, order: Order, *, quantity: str | None = None, price: str | None = None
    ) -> None:
        """Have the order's strategy modify it."""
        await self._world.perform(
            steps.Modify(order=order.client_order_id, quantity=quantity, price=price)
        )

    async def cancel(self, order: Order) -> None:
        """Have the order's strategy cancel it."""
        await self._world.perform(steps.Cancel(order=order.client_order_id))

    async def cancel_all(self, instrument: str, *, strategy_id: str = "S-001") -> None:
        """Have a strategy cancel all its orders for an instrument."""
        await self._world.perform(
            steps.CancelAll(instrument_id=_instrument_id(instrument), strategy_id=strategy_id)
        )

    async def query(self, order: Order) -> None:
        """Have the order's strategy query it."""
        await self._world.perform(steps.Query(order=order.client_order_id))

    async def traded(self, *, deadline_secs: float = 60.0) -> None:
        """Wait until it has had a fill in this run; not applicable to a user's node without one."""
        await self._world.perform(steps.AwaitTrade(deadline_secs=deadline_secs))

    async def connected(self) -> None:
        """Wait until it has a user stream open at the venue."""
        await self._world.perform(steps.AwaitUserStream())

    async def stored(self) -> None:
        """Wait until the store holds every order event the node has applied in this run."""
        await self._world.perform(steps.AwaitStored())

    async def warned(self, contains: str) -> None:
        """Wait until the node has logged a warning or an error that contains a text."""
        await self._world.perform(steps.AwaitLog(contains=contains))

    async def checked(self, check: Check, *, times: int = 1) -> None:
        """Wait until a check (`in_flight`, `open_orders`, `positions`) has finished again."""
        await self._world.perform(
            steps.AwaitEvent(
                source="node",
                kind="check_finished",
                where={"check": check},
                count=times,
                fresh=True,
                deadline_secs=40.0,
            )
        )


class VenueHand:
    """The venue: what it does by itself, and how it misbehaves. Every call acts at once."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def fill(self, order: Order, quantity: str | None = None, price: str | None = None) -> None:
        """Fill an order: the rest of it, at its price, unless told otherwise."""
        self._world.act(steps.Fill(order=str(order), quantity=quantity, price=price))

    def cancel(self, order: Order) -> None:
        """Cancel an order as the venue's user would on the web."""
        self._world.act(steps.VenueCancel(order=str(order)))

    def expire(self, order: Order) -> None:
        """Expire an order."""
        self._world.act(steps.VenueExpire(order=str(order)))

    def external_order(
        self,
        new: NewOrder,
        *,
        client_order_id: str | None = None,
    ) -> Order:
        """Place a plain LIMIT or MARKET order that no node sent; its id is `web_...` unless given.

        Raises ValueError for an order with options.
        """
        if (new.time_in_force, new.trigger_price) != ("GTC", None) or (
            new.post_only or new.reduce_only
        ):
            raise ValueError(f"an external order takes no options, was {new}")
        identifier = client_order_id or self._world.next_id("web_")
        self._world.act(
            steps.ExternalOrder(
                client_order_id=identifier,
                symbol=symbol_of(new.instrument_id),
                side=new.side,
                quantity=new.quantity,
                price=new.price,
                position_side=new.position_side,
            )
        )
        return Order(self._world, identifier, new.quantity)

    def set_position_mode(self, *, hedging: bool) -> None:
        """Set the account's position mode: hedge, or one-way."""
        self._world.act(steps.SetPositionMode(hedging=hedging))

    def set_price(self, symbol: str, *, bid: str, ask: str) -> None:
        """Move the market."""
        self._world.act(steps.SetPrice(symbol=symbol, bid=bid, ask=ask))

    def move_market(self, *, every_secs: float = 0.2) -> None:
        """Have prices walk and others trade from now on, until `still_market` or a heal.

        With `@scenario(matching="auto")` the node's resting orders are filled by it.
        """
        self._world.act(steps.MoveMarket(interval_secs=every_secs))

    def still_market(self) -> None:
        """Have prices stand still."""
        self._world.act(steps.StillMarket())

    def generate_history(
        self, symbol: str, *, orders: int, span_secs: int = 3600, net: str = "0"
    ) -> None:
        """Give the account closed orders with trades, drawn from the scenario's seed."""
        self._world.act(
            steps.GenerateHistory(
                symbol=symbol,
                orders=orders,
                seed=self._world.random.randrange(1 << 32),
                span_secs=span_secs,
                net=net,
            )
        )

    def misbehave(self, rule: Misbehaviour) -> "Rule":
        """Arm a rule; it strikes at the business event it names."""
        name = self._world.next_id("rule-")
        self._world.act(steps.Misbehave(name=name, rule=rule))
        return Rule(self._world, name)


class Rule:
    """A rule of misbehaviour that is armed. A block begins as it strikes, and ends by a release."""

    def __init__(self, world: "World", name: str) -> None:
        self._world = world
        self._name = name

    async def __aenter__(self) -> Self:
        await self.struck()
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exception is None:
            self.release()
            self.end()

    async def struck(self, times: int = 1) -> None:
        """Wait until the rule has struck."""
        await self._world.perform(steps.AwaitStruck(name=self._name, times=times))

    def release(self) -> None:
        """Let go of what the rule has held back."""
        self._world.act(steps.Release(name=self._name))

    def end(self) -> None:
        """Disarm the rule."""
        self._world.act(steps.EndMisbehaviour(name=self._name))


class LinksHand:
    """The links: `rest`, `user_stream`, `market_stream`, `ws_api`, `store`."""

    def __init__(self, world: "World") -> None:
        self._world = world

    async def cut(self, *links: Link) -> None:
        """Close their connections and refuse new ones."""
        for link in links:
            await self._world.perform(
                steps.BeginFault(name=f"{link} down", fault=LinkDown(links=(link,)))
            )

    async def restore(self, *links: Link) -> None:
        """Accept connections again."""
        for link in links:
            await self._world.perform(steps.EndFault(name=f"{link} down"))


class Broken:
    """A fault at work."""

    def __init__(self, world: "World", name: str) -> None:
        self._world = world
        self._name = name

    async def end(self) -> None:
        """Mend what is broken."""
        await self._world.perform(steps.EndFault(name=self._name))


class World:
    """Everything a scenario acts on, and everything it may wait for."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._ids: dict[str, int] = {}
        self.setup = parts.setup
        self.description = parts.description
        self.performed: list[steps.Step] = []
        self.random = random.Random(parts.setup.seed)
        self.node = NodeHand(self)
        self.venue = VenueHand(self)
        self.links = LinksHand(self)

    async def begin(self, fault: AnyFault) -> Broken:
        """Break something, until its end or a heal; `nautilus-chaos faults` lists every fault.

        Faults may overlap. One that is over at once, as a kill, has no end.
        """
        name = self.next_id("fault-")
        await self.perform(steps.BeginFault(name=name, fault=fault))
        return Broken(self, name)

    @contextlib.asynccontextmanager
    async def broken(self, fault: AnyFault) -> AsyncIterator[None]:
        """Break something for as long as the block lasts."""
        fault_at_work = await self.begin(fault)
        yield
        await fault_at_work.end()

    async def heal(self) -> None:
        """End every fault."""
        await self.perform(steps.Heal())

    async def converged(self, *, deadline_secs: float = 12.0) -> None:
        """Wait until the node's state equals the ledger, for two cycles of every check."""
        await self.perform(steps.Converge(deadline_secs=deadline_secs))

    async def elapse(self, seconds: float, *, rate: float | None = None) -> None:
        """Let an outage last, or quiet hours, at a rate of their own."""
        await self.perform(steps.Elapse(seconds=seconds, rate=rate))

    def skip(self, seconds: float) -> None:
        """Have time pass at once, while no node runs."""
        self.act(steps.Skip(seconds=seconds))

    def set_rate(self, rate: float) -> None:
        """Have the scenario's clock go on at another rate."""
        self.act(steps.SetRate(rate=rate))

    async def event(
        self, source: str, kind: str, *, count: int = 1, fresh: bool = False, **where: Any
    ) -> None:
        """Wait until `count` events of the history match; see `AwaitEvent`."""
        await self.perform(
            steps.AwaitEvent(source=source, kind=kind, where=where, count=count, fresh=fresh)
        )

    def expect(
        self, source: str, kind: str, *, count: int, count_max: int | None = None, **where: Any
    ) -> None:
        """Demand that exactly `count` events of the history match by now; see `AwaitEvent`.

        With `count_max` it may be more, up to that.
        """
        self.act(
            steps.Expect(source=source, kind=kind, where=where, count=count, count_max=count_max)
        )

    def next_id(self, prefix: str) -> str:
        """Return `prefix` with the next number of its own."""
        self._ids[prefix] = self._ids.get(prefix, 0) + 1
        return f"{prefix}{self._ids[prefix]}"

    async def perform(self, step: steps.Step) -> None:
        """Perform a step and record its begin and end."""
        number = self._begin(step)
        error: str | None = "the step was interrupted"
        try:
            await step.perform(self._parts)
            error = None
        except Exception as exception:
            error = f"{type(exception).__name__}: {exception}"
            raise
        finally:
            self._end(number, error)

    def act(self, step: steps.Step) -> None:
        """Perform a step that need not wait."""
        number = self._begin(step)
        error: str | None = None
        try:
            step.act(self._parts)
        except Exception as exception:
            error = f"{type(exception).__name__}: {exception}"
            raise
        finally:
            self._end(number, error)

    def _begin(self, step: steps.Step) -> int:
        if len(self.performed) >= STEPS_MAX:
            raise RuntimeError(f"the scenario has {STEPS_MAX} steps, the limit")
        self._parts.require(step.needs())
        self.performed.append(step)
        number = len(self.performed)
        self._parts.history.record(
            "harness", "step", {"n": number, "phase": "begin", "step": msgspec.to_builtins(step)}
        )
        return number

    def _end(self, number: int, error: str | None) -> None:
        self._parts.history.record("harness", "step", {"n": number, "phase": "end", "error": error})
