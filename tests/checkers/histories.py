"""A builder of tiny histories: each call appends one event, 100 ms after the one before."""

from decimal import Decimal
from typing import Any, Self

from harness.checkers import CHECKERS, judge
from harness.checkers.case import Case
from harness.checkers.store_equal import TERMINAL
from harness.checkers.verdict import CheckerVerdict
from harness.history.event import Event, Source

BTC = "BTCUSDT-PERP.BINANCE"
ETH = "ETHUSDT-PERP.BINANCE"
STEP_NS = 100_000_000
VENUE_ID = 8389765739703625592

WALLET = {"currency": "USDT", "total": "99999.9", "free": "99999.9", "locked": "0"}

PRESET_VALUES = {
    "reconciliation_startup_delay_secs": 1.0,
    "inflight_check_interval_ms": 500,
    "open_check_interval_secs": 1.0,
    "position_check_interval_secs": None,
}


class Story:
    """A history in the making. `wait` lets time pass before the next event."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.now_ns = 1_700_000_000_000_000_000
        self.run = 0
        self._orders: dict[str, dict[str, Any]] = {}
        self._positions: dict[str, Decimal] = {}

    def event(self, source: Source, kind: str, **data: Any) -> Self:
        self.now_ns += STEP_NS
        self.events.append(Event(len(self.events), self.now_ns, source, kind, data))
        return self

    def wait(self, seconds: float) -> Self:
        self.now_ns += int(seconds * 1e9)
        return self

    # The harness

    def begin(self, *strategies: dict[str, Any], **preset_values: Any) -> Self:
        return self.event(
            "harness",
            "scenario_started",
            name="tiny",
            seed=1,
            release="1.231.0",
            preset="quick",
            preset_values=PRESET_VALUES | preset_values,
            checks_told=["in_flight", "open_orders", "positions"],
            symbols=["BTCUSDT", "ETHUSDT"],
            strategies=list(strategies) or [{"strategy_id": "S-001", "claims": []}],
            settle_secs=1.0,
            deadline_secs=20.0,
        )

    def converged(self, *differences: str) -> Self:
        return self.event(
            "harness",
            "converged",
            converged=not differences,
            seconds=0.5,
            differences=list(differences),
        )

    def finish(self, error: str | None = None) -> Self:
        if not any(event.kind == "stall_watch" for event in self.events):
            self.watched()
        return self.event("harness", "scenario_finished", completed=error is None, error=error)

    def watched(self, stalled_secs: float = 0.0, rate: float = 1.0) -> Self:
        """The machine stood still for so long, by the scenario's clock."""
        return self.event(
            "harness",
            "stall_watch",
            machine_secs=stalled_secs / rate,
            scenario_secs=stalled_secs,
            rate=rate,
            shortest_timeout_secs=0.5,
        )

    # The venue

    def price(self, mark: str, symbol: str = "BTCUSDT") -> Self:
        return self.event("venue", "price", symbol=symbol, bid=mark, ask=mark, mark=mark)

    def order(
        self,
        client_order_id: str,
        side: str = "BUY",
        quantity: str = "0.010",
        *,
        at: str = "50000",
        symbol: str = "BTCUSDT",
        external: bool = False,
        order_id: int | None = None,
    ) -> Self:
        """The venue accepts an order."""
        self._orders[client_order_id] = {
            "symbol": symbol,
            "order_id": VENUE_ID + len(self._orders) if order_id is None else order_id,
            "client_order_id": client_order_id,
            "side": side,
            "type": "LIMIT",
            "time_in_force": "GTC",
            "status": "NEW",
            "quantity": quantity,
            "price": at,
            "filled": "0",
            "average_price": "0",
            "reduce_only": False,
            "position_side": "BOTH",
            "external": external,
            "created_ms": 0,
            "updated_ms": 0,
            "account": "main",
        }
        return self._tell(client_order_id)

    def wallet(self, amount: str, asset: str = "USDT") -> Self:
        return self.event(
            "venue", "balance", asset=asset, wallet=amount, isolated="0", account="main"
        )

    def trade(
        self,
        client_order_id: str,
        trade_id: int,
        quantity: str | None = None,
        *,
        realized_pnl: str = "0",
        commission_asset: str = "USDT",
    ) -> Self:
        """The venue fills an order at its price: the rest of it unless told."""
        order = self._orders[client_order_id]
        rest = Decimal(order["quantity"]) - Decimal(order["filled"])
        filled = Decimal(quantity) if quantity else rest
        order["filled"] = str(Decimal(order["filled"]) + filled)
        order["average_price"] = order["price"]
        order["status"] = "FILLED" if filled == rest else "PARTIALLY_FILLED"
        self._tell(client_order_id)
        self.event(
            "venue",
            "trade",
            trade_id=trade_id,
            order_id=order["order_id"],
            client_order_id=client_order_id,
            symbol=order["symbol"],
            side=order["side"],
            quantity=str(filled),
            price=order["price"],
            commission="0.1",
            commission_asset=commission_asset,
            realized_pnl=realized_pnl,
            maker=True,
            position_side="BOTH",
            time_ms=0,
            account="main",
        )
        change = filled if order["side"] == "BUY" else -filled
        return self.position(str(self._positions.get(order["symbol"], 0) + change), order["symbol"])

    def end_order(self, client_order_id: str, status: str = "CANCELED") -> Self:
        self._orders[client_order_id]["status"] = status
        return self._tell(client_order_id)

    def position(self, amount: str, symbol: str = "BTCUSDT", side: str = "BOTH") -> Self:
        self._positions[symbol] = Decimal(amount)
        return self.event(
            "venue",
            "position",
            symbol=symbol,
            position_side=side,
            amount=amount,
            entry_price="50000",
            account="main",
        )

    def _tell(self, client_order_id: str) -> Self:
        return self.event("venue", "order", **self._orders[client_order_id])

    # The wire

    def post_order(self, client_order_id: str, **params: str) -> Self:
        asked = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.010"} | params
        return self.ask_venue("POST", "/fapi/v1/order", asked, client_order_id)

    def ask_venue(
        self,
        method: str,
        path: str,
        params: dict[str, str],
        client_order_id: str | None = None,
        *,
        executed: bool = True,
    ) -> Self:
        """A request, and the reply to it."""
        return self.event(
            "wire",
            "http",
            method=method,
            path=path,
            params=params,
            weight=0,
            orders=[1, 1],
            status=200 if executed else 400,
            reply={},
            outcome="replied",
            executed=executed,
            received_ns=self.now_ns,
            replied_ns=self.now_ns,
            n=1,
            client_order_id=client_order_id,
        )

    # The node

    def fork(self) -> Self:
        self.run += 1
        return self.node("forked", pid=100 + self.run)

    def node(self, kind: str, **data: Any) -> Self:
        return self.event("node", kind, run=self.run, **data)

    def start(self, *strategies: str, success: bool = True) -> Self:
        """Fork, reconcile at once, start the strategies."""
        self.fork().reconciled(success=success)
        for strategy_id in strategies or ("S-001",):
            self.node("strategy_started", strategy_id=strategy_id)
        return self

    def reconciled(self, *, success: bool = True) -> Self:
        return self.node("reconciliation_finished", success=success)

    def kill(self) -> Self:
        return self.node("killed").exit(signal=9, expected=True)

    def stop(self) -> Self:
        return self.node("stop_requested").exit(code=0, expected=True)

    def exit(
        self, *, code: int | None = None, signal: int | None = None, expected: bool = False
    ) -> Self:
        entries = sum(
            event.kind == "log" and event.data["run"] == self.run for event in self.events
        )
        return self.node(
            "exited", pid=1, code=code, signal=signal, expected=expected, log_entries=entries
        )

    def log(
        self, message: str, *, level: str = "ERROR", component: str = "CHAOS-001.ExecEngine"
    ) -> Self:
        return self.node("log", level=level, component=component, message=message)

    def check(
        self, name: str = "in_flight", *, secs: float = 0.1, error: str | None = None
    ) -> Self:
        self.node("check_started", check=name)
        self.wait(secs - 0.1)
        return self.node("check_finished", check=name, error=error)

    def submitted(self, client_order_id: str, strategy_id: str = "S-001") -> Self:
        self._order_event(
            "OrderInitialized",
            client_order_id,
            strategy_id=strategy_id,
            quantity="0.010",
            reconciliation=False,
        )
        return self._order_event("OrderSubmitted", client_order_id, strategy_id=strategy_id)

    def told(self, *kinds: str, client_order_id: str = "O-1", **data: Any) -> Self:
        """Strategies are told of an order what needs no data."""
        for kind in kinds:
            self._order_event(kind, client_order_id, **data)
        return self

    def pending_cancel(self, client_order_id: str) -> Self:
        return self._order_event("OrderPendingCancel", client_order_id)

    def applied(
        self,
        client_order_id: str,
        trade_id: str,
        quantity: str = "0.010",
        *,
        reconciling: bool = False,
        instrument_id: str = BTC,
        **others: str,
    ) -> Self:
        """The node applies a fill; `others` are fields of the event."""
        order = self._orders.get(client_order_id)
        ids = {
            "venue_order_id": str(order["order_id"]) if order else f"S-{client_order_id}",
            "position_id": f"{instrument_id}-BOTH",
        }
        return self._order_event(
            "OrderFilled",
            client_order_id,
            reconciling,
            **{
                "trade_id": trade_id,
                "order_side": "BUY",
                "last_qty": quantity,
                "last_px": "50000",
                "commission": "0.1 USDT",
                "liquidity_side": "MAKER",
                "ts_event": 0,
                "reconciliation": reconciling,
                "instrument_id": instrument_id,
                **ids,
                **others,
            },
        )

    def _order_event(
        self, kind: str, client_order_id: str, reconciling: bool = False, **data: Any
    ) -> Self:
        event = {"client_order_id": client_order_id, "instrument_id": BTC} | data
        return self.node("order_event", type=kind, reconciling=reconciling, event=event)

    def believe(self, position_id: str, signed_qty: str, instrument_id: str = BTC) -> Self:
        return self.node(
            "position_event",
            type="PositionChanged",
            position_id=position_id,
            instrument_id=instrument_id,
            strategy_id="S-001",
            signed_qty=signed_qty,
            avg_px_open="50000",
            realized_pnl=None,
            ts_event=0,
        )

    def persisted(self) -> Self:
        """The store is read, and holds what the last snapshot does."""
        state = next(event for event in reversed(self.events) if event.kind == "snapshot").data
        orders, places = state["orders"], state["positions"]
        types = {status: kind for kind, status in TERMINAL.items()}
        return self.event(
            "store",
            "persisted",
            fills={
                order["client_order_id"]: [fill["trade_id"] for fill in order["fills"]]
                for order in orders
                if order["fills"]
            },
            orders={
                order["client_order_id"]: {
                    "types": [types.get(order["status"], "OrderFilled")],
                    "filled": order["filled"],
                }
                for order in orders
            },
            positions={
                one["position_id"]: {"signed_quantity": one["signed_quantity"]} for one in places
            },
            accounts={
                "A-1": {"balances": {one["currency"]: one["total"] for one in state["balances"]}}
            },
            index={
                "orders": [order["client_order_id"] for order in orders],
                "orders_open": [one["client_order_id"] for one in orders if one["is_open"]],
                "orders_closed": [one["client_order_id"] for one in orders if one["is_closed"]],
                "positions": [one["position_id"] for one in places],
                "positions_open": [one["position_id"] for one in places if one["is_open"]],
                "positions_closed": [one["position_id"] for one in places if not one["is_open"]],
            },
            left_out=0,
        )

    def told_balance(self, *balances: dict[str, Any]) -> Self:
        return self.node("account_event", event={"balances": list(balances)})

    def snapshot(
        self,
        orders: list[dict[str, Any]] | None = None,
        positions: list[dict[str, Any]] | None = None,
        reason: str = "final",
        balances: list[dict[str, Any]] | None = None,
    ) -> Self:
        return self.node(
            "snapshot",
            reason=reason,
            orders=orders or [],
            positions=positions or [],
            balances=balances or [],
        )


def held(
    client_order_id: str,
    status: str = "FILLED",
    *fills: tuple[str, str],
    quantity: str = "0.010",
    side: str = "BUY",
    strategy_id: str = "S-001",
    instrument_id: str = BTC,
    venue_order_id: int | str | None = None,
    average_price: str | None = "50000.0",
    tags: tuple[str, ...] = (),
    filled: str | None = None,
) -> dict[str, Any]:
    """An order of a snapshot with its fills, each (trade id, quantity)."""
    total = str(sum((Decimal(quantity) for _, quantity in fills), Decimal("0")))
    return {
        "client_order_id": client_order_id,
        "venue_order_id": None if venue_order_id is None else str(venue_order_id),
        "instrument_id": instrument_id,
        "strategy_id": strategy_id,
        "side": side,
        "type": "LIMIT",
        "status": status,
        "quantity": quantity,
        "filled": total if filled is None else filled,
        "average_price": average_price if fills else None,
        "price": "50000",
        "is_open": status
        in ("ACCEPTED", "PARTIALLY_FILLED", "TRIGGERED", "PENDING_CANCEL", "PENDING_UPDATE"),
        "is_inflight": status in ("SUBMITTED", "PENDING_CANCEL", "PENDING_UPDATE"),
        "is_closed": status in ("FILLED", "CANCELED", "EXPIRED", "REJECTED", "DENIED"),
        "tags": list(tags),
        "fills": [
            {
                "trade_id": trade_id,
                "quantity": quantity,
                "price": "50000",
                "commission": "0.1 USDT",
                "liquidity_side": "MAKER",
                "position_id": f"{instrument_id}-BOTH",
                "reconciliation": False,
                "ts_event": 0,
            }
            for trade_id, quantity in fills
        ],
    }


def synthetic(client_order_id: str, side: str, quantity: str, **options: Any) -> dict[str, Any]:
    """An order that NautilusTrader made up, filled by an inferred fill."""
    return held(
        client_order_id,
        "FILLED",
        (f"{client_order_id}-fill", quantity),
        quantity=quantity,
        side=side,
        strategy_id="EXTERNAL",
        venue_order_id=f"S-{client_order_id}",
        tags=("RECONCILIATION",),
        **options,
    )


def place(
    signed_quantity: str, position_id: str = f"{BTC}-BOTH", instrument_id: str = BTC
) -> dict[str, Any]:
    """A position of a snapshot."""
    return {
        "position_id": position_id,
        "instrument_id": instrument_id,
        "strategy_id": "S-001",
        "signed_quantity": signed_quantity,
        "average_price": "50000",
        "realized_pnl": None,
        "is_open": Decimal(signed_quantity) != 0,
    }


def clean() -> Story:
    """A run of which there is nothing to report, and everything was recorded."""
    return (
        Story()
        .begin()
        .price("50000")
        .wallet("99999.9")
        .start()
        .node("memory", resident_bytes=180_000_000)
        .told_balance(WALLET)
        .submitted("O-1")
        .post_order("O-1")
        .order("O-1")
        .trade("O-1", 1001)
        .applied("O-1", "1001")
        .believe(f"{BTC}-BOTH", "0.010")
        .log("a warning", level="WARN")
        .wait(2)
        .check("in_flight")
        .check("open_orders")
        .event("harness", "healed")
        .converged()
        .snapshot(
            [held("O-1", "FILLED", ("1001", "0.010"))],
            [place("0.010") | {"realized_pnl": "-0.1 USDT"}],
            balances=[WALLET],
        )
        .stop()
        .persisted()
        .finish()
    )


def ask(checker: str, story: Story) -> CheckerVerdict:
    """What one checker says of a story, whatever else it lacks."""
    (asked,) = [one for one in CHECKERS if one.__name__ == checker]
    return judge.ask(asked, Case(story.events))


def kinds(answer: CheckerVerdict) -> list[str]:
    """The kinds of the evidence, in order."""
    return [evidence.kind for evidence in answer.evidence]
