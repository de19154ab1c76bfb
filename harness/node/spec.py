"""What a node is told: its specification when it is forked, and commands while it runs."""

from typing import Any, Literal

import msgspec

Side = Literal["BUY", "SELL"]
OrderType = Literal["LIMIT", "MARKET", "STOP_MARKET"]
TimeInForce = Literal["GTC", "IOC", "FOK"]
PositionSide = Literal["BOTH", "LONG", "SHORT"]
Check = Literal["in_flight", "open_orders", "positions"]


class Urls(msgspec.Struct, frozen=True, kw_only=True):
    """The URL of each link that leads to the venue."""

    rest: str
    market_stream: str
    user_stream: str
    ws_api: str


class OrderSpec(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the strategy is to submit it; quantities and prices are decimal strings."""

    client_order_id: str
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
    strategy_id: str = "S-001"


class StrategySpec(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy of the harness: trades on command, and submits `on_start` when it starts.

    `hedging` is for an account in hedge mode, where every order names its position side.
    """

    strategy_id: str = "S-001"
    hedging: bool = False
    claims: tuple[str, ...] = ()
    on_start: tuple[OrderSpec, ...] = ()


class OwnNode(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the user's own: the function "package.module:name" that builds its configuration.

    It is imported from `import_paths` where the node's own do not have it.
    """

    build: str
    import_paths: tuple[str, ...] = ()


class NodeSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a node needs to be built.

    `clock` is what it attaches its clock to; None where that is the machine's. `planted` names a
    bug that is planted in it, to prove that the checkers see it. With `own` it is the user's: then
    trader, instruments, engine, execution client and strategies are what that says, and it may be
    all that is done to `describe` it.
    """

    run: int
    trader_id: str
    api_key: str
    api_secret: str
    urls: Urls
    store_host: str
    store_port: int
    instrument_ids: tuple[str, ...]
    exec_engine: dict[str, Any]
    exec_client: dict[str, Any]
    strategies: tuple[StrategySpec, ...]
    clock: str | None = None
    planted: str | None = None
    own: OwnNode | None = None
    describe: bool = False


class DescribedStrategy(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy, and the instruments whose external orders it claims."""

    strategy_id: str
    claims: tuple[str, ...] = ()


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What a node is, as far as one must know it to judge it.

    The keys of its cache in the store begin with `store_prefix`; without one it is in no store that
    can be read after it. Where it `forgets`, a run knows nothing of the one before. With `ed25519`
    its key is of that type. `rewritten` names the fields of the user's configuration that are not
    as the user has them.
    """

    trader_id: str
    instrument_ids: tuple[str, ...]
    strategies: tuple[DescribedStrategy, ...]
    exec_engine: dict[str, Any]
    exec_client: dict[str, Any] = {}
    store_prefix: str | None = None
    forgets: bool = False
    ed25519: bool = False
    rewritten: tuple[str, ...] = ()


class Submit(msgspec.Struct, frozen=True, tag=True):
    """Submit an order."""

    order: OrderSpec


class Modify(msgspec.Struct, frozen=True, tag=True):
    """Modify an order's quantity, price or both."""

    client_order_id: str
    quantity: str | None = None
    price: str | None = None


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """Cancel an order."""

    client_order_id: str


class CancelAll(msgspec.Struct, frozen=True, tag=True):
    """Cancel all of a strategy's orders for an instrument."""

    instrument_id: str
    strategy_id: str


class Query(msgspec.Struct, frozen=True, tag=True):
    """Query an order at the venue."""

    client_order_id: str


class Snapshot(msgspec.Struct, frozen=True, tag=True):
    """Send the cache's orders, positions and balances."""

    reason: str


class Stop(msgspec.Struct, frozen=True, tag=True):
    """Stop gracefully and exit."""


Command = Submit | Modify | Cancel | CancelAll | Query | Snapshot | Stop


class Message(msgspec.Struct, frozen=True):
    """One thing a node tells the harness; `ts` is UNIX time in nanoseconds."""

    kind: str
    ts: int
    data: dict[str, Any]
