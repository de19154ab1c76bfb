"""The parts of one scenario's world, wired together."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import get_args

import msgspec

from harness.checkers.ledger import Ledger, symbol_of
from harness.clock import WallClock
from harness.clock.clock import Timer
from harness.history import Event, History
from harness.node.addressing import addressing_of
from harness.node.capabilities import each
from harness.node.presets import PACES
from harness.node.safety import require_no_credentials, require_safe
from harness.node.spec import Check, Description, NodeSpec, OrderSpec, Urls
from harness.world.addressed_venue import AddressedVenue
from harness.world.applicable import require_applicable, require_of_own_node
from harness.world.credentials import Credentials, credentials
from harness.world.faults import Faults
from harness.world.links import Links
from harness.world.node import Node
from harness.world.own_node import own_node
from harness.world.persisted import read_persisted
from harness.world.services import Services
from harness.world.setup import Setup, patience_secs
from harness.world.store import await_written
from harness.world.zygote import Zygote
from mock_venue import SymbolSpec, VenueConfig
from mock_venue.exchange.instruments import QUOTE_ASSET
from mock_venue.exchange.matching import Matching
from mock_venue.exchange.path import Walk
from mock_venue.script.misbehaviour import Handle
from mock_venue.script.rules import Misbehaviour

SECOND_NODE_DEADLINE_SECS = 40.0


class Parts:
    """Venue, links, store and node of one scenario; `ledger` follows the venue's as it grows."""

    def __init__(
        self,
        setup: Setup,
        history: History,
        services: Services,
        venue: AddressedVenue,
        links: Links,
        ledger: Ledger,
        node_log: Path,
        description: Description,
        keys: Credentials,
    ) -> None:
        self.setup = setup
        self._keys = keys
        self.description = description
        self.history = history
        self.venue = venue
        self.links = links
        self.ledger = ledger
        self._services = services
        self.faults = Faults(lambda kind, data: history.record("harness", kind, data))
        self._rules: dict[str, Handle] = {}
        self._market: Timer | None = None
        self._user_streams: set[int] = set()
        history.listen(self._follow_user_streams)
        self.node = Node(services.zygote, history, self._specify, node_log, wall=self._wall(1))
        self._second_node: Node | None = None
        self._second_node_submits: tuple[OrderSpec, ...] = ()
        self._second_node_log = node_log.with_stem("second_node")

    @classmethod
    async def start(
        cls,
        setup: Setup,
        history: History,
        services: Services,
        directory: Path,
        own: Description | None = None,
    ) -> "Parts":
        """Start an empty store, the venue and the links; no node runs yet.

        `own` describes the user's node that the set-up names.

        Raises UnsafeNode where the environment holds an exchange's credentials.
        """
        require_no_credentials()
        description = own or setup.description(services.zygote.capabilities)
        ledger = Ledger()
        history.listen(ledger.apply)
        history.record(
            "harness",
            "scenario_started",
            {
                "name": setup.name,
                "covers": setup.covers,
                "seed": setup.seed,
                "rate": setup.rate,
                "release": services.zygote.release,
                "planted": setup.planted,
                "pace": PACES.get(setup.preset, 1.0) if setup.node is None else 1.0,
                "node": setup.node,
                "rewritten": description.rewritten,
                "preset": setup.preset if setup.node is None else None,
                "preset_values": description.exec_engine,
                "exec_client": description.exec_client,
                "checks_told": sorted(checks_told(services.zygote)),
                "symbols": [symbol_of(value) for value in description.instrument_ids],
                "strategies": msgspec.to_builtins(description.strategies),
            },
        )
        services.store.flush()
        history.record("store", "started", {"port": services.store.port})
        if description.store_prefix is None:
            history.record("store", "absent", {})
        await services.toxiproxy.clear()
        clock = history.clock
        keys = credentials("ED25519" if description.ed25519 else setup.key_type)
        venue = AddressedVenue(
            addressing_of(services.zygote.release),
            msgspec.structs.replace(
                venue_config(description.instrument_ids, setup.matching, setup.seed),
                accounts=(keys.account,),
            ),
            clock.now_ns,
            history.record,
            clock.call_later,
        )
        await venue.start()
        try:
            links = await Links.create(
                services.toxiproxy,
                venue_port=venue.port,
                store_port=services.store.port,
                clock=clock,
                record=lambda kind, data: history.record("link", kind, data),
            )
        except BaseException:
            await venue.close()
            raise
        return cls(
            setup,
            history,
            services,
            venue,
            links,
            ledger,
            directory / "node.log",
            description,
            keys,
        )

    def require(self, needs: Iterable[str]) -> None:
        """Raise NotApplicable unless the node and its release have all the capabilities.

        The harness's node has every instrument of the venue.
        """
        asked = frozenset(needs)
        instruments = frozenset(need for need in asked if need.startswith("instrument:"))
        require_applicable(self._services.zygote, asked - instruments)
        if self.setup.node is not None:
            require_of_own_node(self.setup.node, self.description, asked)

    @property
    def patience_secs(self) -> float:
        """How long a user's node is given to converge, at the least; its checks are its own."""
        return 0.0 if self.setup.node is None else patience_secs(self.description.exec_engine)

    @property
    def checks_told(self) -> set[str]:
        """The periodic checks whose begins and ends the node tells of."""
        return checks_told(self._services.zygote)

    @property
    def lists_closed_orders(self) -> bool:
        """Whether the node's full open check asks for a list of orders."""
        return addressing_of(self._services.zygote.release).lists_closed_orders

    @property
    def user_stream_open(self) -> bool:
        """Whether a client has a user stream open at the venue."""
        return bool(self._user_streams)

    def misbehave(self, name: str, rule: Misbehaviour) -> None:
        """Arm a rule of the venue under a name. Raises ValueError where the name is taken."""
        if name in self._rules:
            raise ValueError(f"a rule named {name!r} is armed already")
        self._rules[name] = self.venue.misbehave(rule)

    def release(self, name: str) -> None:
        """Let go of what the rule has held back. Raises ValueError for an unknown name."""
        self.venue.release(self._rule(name))

    def end_misbehaviour(self, name: str) -> None:
        """Disarm a rule and let go of what it holds back. Raises ValueError for an unknown name."""
        self.disarm(name, [self._rule(name)])
        del self._rules[name]

    def disarm(self, name: str, rules: Sequence[Handle], *, let_go: bool = True) -> None:
        """End rules of the venue that are one fault, and let go of what they hold, or drop it.

        Rules of which none has struck are recorded: the run shows nothing of them.
        """
        for rule in rules:
            rule.cancel()
            rule.release(through=let_go)
        if not any(rule.hits for rule in rules):
            told = " and ".join(str(msgspec.to_builtins(rule.rule)) for rule in rules)
            data = {"name": name, "rule": told}
            self.history.record("harness", "fault_never_struck", data)

    def strikes(self, name: str) -> int:
        """Return how often a rule has struck. Raises ValueError for an unknown name."""
        return self._rule(name).hits

    def move_market(self, interval_secs: float) -> None:
        """Have the venue's prices walk, a step an interval, and others trade, until it is ended."""
        self.still_market()

        def step() -> None:
            self._market = self.history.clock.call_later(interval_secs, step)
            self.venue.advance()

        step()

    def still_market(self) -> None:
        """Have the venue's prices stand still."""
        if self._market is not None:
            self._market.cancel()
            self._market = None

    async def heal(self) -> None:
        """End every fault, and have the market stand still: what moves is never equal."""
        self.still_market()
        await self.faults.end_all()
        for name in list(self._rules):
            self.end_misbehaviour(name)
        self.history.record("harness", "healed", {})

    def _follow_user_streams(self, event: Event) -> None:
        if (event.source, event.kind) == ("wire", "connection") and event.data["stream"] == "user":
            if event.data["action"] == "opened":
                self._user_streams.add(event.data["connection"])
            else:
                self._user_streams.discard(event.data["connection"])

    def _rule(self, name: str) -> Handle:
        if name not in self._rules:
            raise ValueError(
                f"no rule named {name!r} is armed: must be one of {sorted(self._rules)}"
            )
        return self._rules[name]

    def flush_store(self) -> None:
        """Empty the store."""
        self._services.store.flush()
        self.history.record("store", "flushed", {})

    async def kill_store(self, *, keep: bool) -> None:
        """Kill the store's server; what it held is kept for its next start, or lost."""
        await asyncio.to_thread(self._services.store.kill, keep=keep)
        self.history.record("store", "killed", {"kept": keep})
        if not keep:
            self.history.record("store", "emptied", {})

    async def start_store(self) -> None:
        """Start the store's server again, on its port."""
        self._services.store.start_again()
        self.history.record("store", "started", {"port": self._services.store.port})

    def limit_store(self, *, full: bool) -> None:
        """Have the store refuse every write, or take them again."""
        self._services.store.limit(full=full)
        self.history.record("store", "full" if full else "room", {})

    async def start_second_node(self, submits: tuple[OrderSpec, ...]) -> None:
        """Start another node of the same configuration and wait until its strategies run.

        The first of them then submits these orders. Raises RuntimeError where it ends before that,
        or where there is one already.
        """
        self._second_node_submits = submits
        if self._second_node is None:
            self._second_node = Node(
                self._services.zygote,
                self.history,
                self._specify_second,
                self._second_node_log,
                source="second_node",
                wall=self._wall(2),
            )
        await self._second_node.fork()
        run = self._second_node.run

        def started_or_ended(event: Event) -> bool:
            return (
                event.source == "second_node"
                and event.data["run"] == run
                and event.kind in ("strategy_started", "exited")
            )

        event = await self.history.wait_for(started_or_ended, SECOND_NODE_DEADLINE_SECS, since=0)
        if event.kind == "exited":
            raise RuntimeError("the second node ended before its strategy started")

    async def stop_second_node(self) -> None:
        """Stop the other node gracefully."""
        assert self._second_node is not None
        await self._second_node.stop()

    async def await_stored(self, deadline_secs: float) -> None:
        """Return once the store holds every order event of this run. Raises TimeoutError.

        What the node applies meanwhile is waited for as well. A node whose cache is in no store has
        nothing to wait for.
        """
        if self.description.store_prefix is None:
            return
        async with self.history.clock.timeout(deadline_secs):
            await await_written(
                self._services.store.port, self.description.store_prefix, self._applied
            )

    def _applied(self) -> dict[str, set[str]]:
        """Return by list of the store what this run of the node has applied to its orders.

        Of a position it is the last trade alone: one that is opened again begins a new list, and
        one that changes sides is opened by a part of the fill, an event of its own.
        """
        applied: defaultdict[str, set[str]] = defaultdict(set)
        for told in self.history:
            if told.kind == "order_event" and told.data["run"] == self.node.run:
                event = told.data["event"]
                applied[f"orders:{event['client_order_id']}"].add(event["event_id"])
                if told.data["type"] == "OrderFilled":
                    applied[f"positions:{event['position_id']}"] = {event["trade_id"]}
        return applied

    def record_persisted(self) -> None:
        """Record what the store holds, of a node that has one."""
        if self.description.store_prefix is not None:
            held = read_persisted(self._services.store.client, self.description.store_prefix)
            self.history.record("store", "persisted", held)

    async def close(self) -> None:
        """Kill the node, remove the links and close the venue."""
        self.still_market()
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self.venue.close)
            stack.push_async_callback(self.links.close)
            stack.push_async_callback(self.node.close)
            if self._second_node is not None:
                stack.push_async_callback(self._second_node.close)

    def _wall(self, number: int) -> WallClock | None:
        clock = self.history.clock
        return clock.wall(number) if clock.can_be_set else None

    def _specify(self, run: int) -> NodeSpec:
        if run > 1 and self.description.forgets:
            self.history.record("store", "emptied", {})
        port = self.links.port
        spec = NodeSpec(
            run=run,
            trader_id=self.description.trader_id,
            api_key=self._keys.account.key,
            api_secret=self._keys.secret,
            urls=Urls(
                rest=f"http://127.0.0.1:{port('rest')}",
                market_stream=f"ws://127.0.0.1:{port('market_stream')}",
                user_stream=f"ws://127.0.0.1:{port('user_stream')}/private",
                ws_api=f"ws://127.0.0.1:{port('ws_api')}/ws-fapi/v1",
            ),
            store_host="127.0.0.1",
            store_port=port("store"),
            instrument_ids=self.description.instrument_ids,
            exec_engine=self.setup.engine_values(),
            exec_client=self.setup.exec_client,
            strategies=self.setup.strategies,
            planted=self.setup.planted,
            own=None if self.setup.node is None else own_node(self.setup.node),
        )
        require_safe(spec)
        return spec

    def _specify_second(self, run: int) -> NodeSpec:
        spec = self._specify(run)
        first, *others = spec.strategies
        first = msgspec.structs.replace(first, on_start=self._second_node_submits)
        return msgspec.structs.replace(spec, strategies=(first, *others))


def checks_told(zygote: Zygote) -> set[str]:
    """Return the periodic checks whose begins and ends a release's driver tells of."""
    checks: tuple[str, ...] = get_args(Check)
    return {check for check in checks if each("check", {check}) <= zygote.capabilities}


def venue_config(instrument_ids: Sequence[str], matching: Matching, seed: int) -> VenueConfig:
    """Return a venue that lists every instrument of the node; an unlisted one at 100.

    Its prices walk, drawn from the seed, as far as `Venue.advance` is called.
    """
    listed = {spec.symbol for spec in VenueConfig().symbols}
    named = dict.fromkeys(symbol_of(instrument_id) for instrument_id in instrument_ids)
    others = tuple(
        SymbolSpec(
            symbol=symbol,
            base_asset=symbol.removesuffix(QUOTE_ASSET),
            bid=Decimal("100.00"),
            ask=Decimal("100.01"),
            tick_size=Decimal("0.01"),
            step_size=Decimal("0.001"),
        )
        for symbol in named
        if symbol not in listed
    )
    return VenueConfig(
        symbols=VenueConfig().symbols + others, matching=matching, price_path=Walk(), seed=1 + seed
    )
