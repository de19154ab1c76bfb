"""NautilusTrader's own adapter: a TradingNode in a process of its own, HMAC and Ed25519."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from harness.history import Event, History
from harness.node.safety import require_no_credentials, require_safe
from harness.node.spec import (
    Cancel,
    CancelAll,
    Command,
    Modify,
    NodeSpec,
    OrderSpec,
    Query,
    StrategySpec,
    Submit,
    Urls,
)
from harness.world.node import Node
from harness.world.services import Services
from mock_venue.script.rules import PushRule
from tests.conformance.live import LiveVenue
from tests.mock_venue.helpers import SYMBOL
from tests.mock_venue.keys import Credentials

INSTRUMENT = f"{SYMBOL}-PERP.BINANCE"
STRATEGY = StrategySpec()
DEADLINE_SECS = 20.0


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    started = Services.start()
    yield started
    started.stop()


@pytest.fixture(params=["hmac_key", "ed25519_key"])
def credentials(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


class Trader:
    """A node that is told what to do, and what it says came of it."""

    def __init__(self, live: LiveVenue, node: Node, history: History) -> None:
        self.live = live
        self.node = node
        self._history = history

    async def start(self) -> None:
        """Start the node; it has connected and reconciled when its strategy starts."""
        run = self.node.run + 1
        await self.node.fork()
        await self._wait(
            lambda event: event.kind == "strategy_started" and event.data["run"] == run
        )

    async def does(self, command: Command, *types: str) -> dict[str, Any]:
        """Give a command; the last of the order events that have to follow, in this order."""
        since = len(self._history)
        self.node.send(command)
        return await self.told(*types, since=since)

    async def told(self, *types: str, since: int) -> dict[str, Any]:
        """The last of these order events, told since then."""
        for wanted in types:
            event = await self._wait(
                lambda event, wanted=wanted: (
                    event.kind == "order_event" and event.data["type"] == wanted
                ),
                since,
            )
            since = self._history.events.index(event) + 1
        return dict(event.data["event"])

    def now(self) -> int:
        return len(self._history)

    async def state(self) -> dict[str, Any]:
        """The node's orders, positions and balances."""
        return (await self.node.snapshot("test")).data

    def problems(self) -> list[str]:
        """What the node logged as a warning or an error."""
        return [event.data["message"] for event in self._history if event.kind == "log"]

    async def _wait(self, condition: Any, since: int = 0) -> Event:
        def matches(event: Event) -> bool:
            assert event.kind != "exited" or event.data["run"] != self.node.run, event.data
            return bool(condition(event))

        return await self._history.wait_for(matches, DEADLINE_SECS, since=since)


@pytest_asyncio.fixture
async def trader(
    live: LiveVenue, credentials: Credentials, services: Services, tmp_path: Path
) -> AsyncIterator[Trader]:
    require_no_credentials()
    services.store.flush()

    def specify(run: int) -> NodeSpec:
        spec = NodeSpec(
            run=run,
            trader_id="CONFORMS-001",
            api_key=credentials.key,
            api_secret=credentials.secret,
            urls=Urls(
                rest=live.http,
                market_stream=live.ws,
                user_stream=f"{live.ws}/private",
                ws_api=f"{live.ws}/ws-fapi/v1",
            ),
            store_host="127.0.0.1",
            store_port=services.store.port,
            instrument_ids=(INSTRUMENT,),
            exec_engine={"reconciliation_startup_delay_secs": 0.0},
            exec_client={"futures_leverages": {SYMBOL: 7}},
            strategies=(STRATEGY,),
        )
        require_safe(spec)
        return spec

    history = History()
    node = Node(services.zygote, history, specify, tmp_path / "node.log")
    try:
        yield Trader(live, node, history)
    finally:
        await node.close()


def net(state: dict[str, Any]) -> Decimal:
    return sum((Decimal(one["signed_quantity"]) for one in state["positions"]), Decimal(0))


def limit(name: str, price: str = "49000.0") -> OrderSpec:
    return OrderSpec(
        client_order_id=name, instrument_id=INSTRUMENT, side="BUY", quantity="0.010", price=price
    )


def market(name: str, side: Any, quantity: str) -> OrderSpec:
    return OrderSpec(
        client_order_id=name, instrument_id=INSTRUMENT, side=side, quantity=quantity, type="MARKET"
    )


def stop(name: str, trigger_price: str) -> OrderSpec:
    return OrderSpec(
        client_order_id=name,
        instrument_id=INSTRUMENT,
        side="SELL",
        quantity="0.010",
        type="STOP_MARKET",
        trigger_price=trigger_price,
    )


@pytest.mark.asyncio
async def test_a_node_trades(trader: Trader, credentials: Credentials) -> None:
    live, account = trader.live, credentials.account.name
    await trader.start()

    accepted = await trader.does(Submit(limit("a")), "OrderSubmitted", "OrderAccepted")
    order_id = int(accepted["venue_order_id"])
    assert order_id > 2**53
    updated = await trader.does(Modify("a", quantity="0.020", price="49100.0"), "OrderUpdated")
    assert (updated["quantity"], updated["price"]) == ("0.020", "49100.00")
    since = trader.now()
    live.venue.fill(order_id, "0.004")
    filled = await trader.told("OrderFilled", since=since)
    trade = live.venue.ledger.trades(order_id)[0]
    assert (filled["trade_id"], filled["last_qty"]) == (str(trade.trade_id), "0.004")
    assert Decimal(filled["commission"].split()[0]) == trade.commission
    await trader.does(Cancel("a"), "OrderPendingCancel", "OrderCanceled")

    taken = await trader.does(Submit(market("b", "SELL", "0.003")), "OrderAccepted", "OrderFilled")
    assert taken["liquidity_side"] == "TAKER"
    state = await trader.state()
    assert net(state) == Decimal("0.001")
    (balance,) = state["balances"]
    assert Decimal(balance["total"]) == live.venue.ledger.balance(account, "USDT").wallet
    assert trader.problems() == []


@pytest.mark.asyncio
async def test_a_cancel_that_comes_too_late_is_rejected(trader: Trader) -> None:
    live = trader.live
    await trader.start()
    await trader.does(Submit(limit("a")), "OrderAccepted")
    live.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop"))
    live.venue.cancel("a")

    rejected = await trader.does(Cancel("a"), "OrderPendingCancel", "OrderCancelRejected")

    assert "-2011" in rejected["reason"] and "Unknown order sent." in rejected["reason"]
    await trader.does(Query("a"), "OrderCanceled")


@pytest.mark.asyncio
async def test_an_order_that_is_refused_is_rejected(trader: Trader) -> None:
    await trader.start()

    rejected = await trader.does(Submit(limit("a", price="10.0")), "OrderRejected")

    assert "-4" in rejected["reason"]


@pytest.mark.asyncio
async def test_orders_are_cancelled_together(trader: Trader, credentials: Credentials) -> None:
    await trader.start()
    for name in ("a", "b", "c"):
        await trader.does(Submit(limit(name)), "OrderAccepted")

    await trader.does(CancelAll(INSTRUMENT, STRATEGY.strategy_id), *["OrderCanceled"] * 3)

    assert trader.live.venue.ledger.open_orders(credentials.account.name, SYMBOL) == []


@pytest.mark.asyncio
async def test_stops_are_cancelled_and_triggered(trader: Trader) -> None:
    live = trader.live
    await trader.start()
    await trader.does(Submit(stop("a", "40000.0")), "OrderAccepted")
    await trader.does(Cancel("a"), "OrderCanceled")
    await trader.does(Submit(stop("b", "49000.0")), "OrderAccepted")
    since = trader.now()
    live.venue.set_price(SYMBOL, "48999.9", "49000.0")

    filled = await trader.told("OrderFilled", since=since)

    assert (filled["client_order_id"], filled["last_px"]) == ("b", "48999.90")
    assert net(await trader.state()) == Decimal("-0.010")


@pytest.mark.asyncio
async def test_a_node_that_was_away_learns_what_happened(
    trader: Trader, credentials: Credentials
) -> None:
    live = trader.live
    await trader.start()
    await trader.does(Submit(limit("a")), "OrderAccepted")
    await trader.does(Submit(limit("b")), "OrderAccepted")
    await trader.node.kill()
    live.venue.fill("a", "0.004")
    live.venue.cancel("b")
    live.venue.external_order(SYMBOL, "BUY", "0.002", account=credentials.account.name)

    await trader.start()

    state = await trader.state()
    statuses = {order["client_order_id"]: order["status"] for order in state["orders"]}
    assert (statuses["a"], statuses["b"]) == ("PARTIALLY_FILLED", "CANCELED")
    assert net(state) == Decimal("0.006")  # the strategy's fill and somebody's order


@pytest.mark.asyncio
async def test_how_a_node_connects(trader: Trader, credentials: Credentials) -> None:
    await trader.start()

    log = trader.live.log
    opened = {(one["stream"], one["path"]) for one in log.of("connection", action="opened")}
    assert ("user", "/private/ws") in opened
    paths = {one["path"] for one in log.of("http", outcome="replied")}
    assert {"/fapi/v1/exchangeInfo", "/fapi/v2/account", "/fapi/v1/leverage"} <= paths
    (leverage,) = log.of("http", path="/fapi/v1/leverage")
    assert (leverage["reply"]["symbol"], leverage["reply"]["leverage"]) == (SYMBOL, 7)
    answered = {one["method"]: one["status"] for one in log.of("ws_api")}
    if credentials.account.public_key is None:
        assert "/fapi/v1/listenKey" in paths and answered == {}
    else:
        assert answered == {"session.logon": 200, "userDataStream.start": 200}
    assert {one["status"] for one in log.of("http")} == {200}
