"""What must be true after each command. It looks at what the command touched; `whole` at all."""

from decimal import Decimal
from typing import Any

from mock_venue.exchange.account import Position
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.events import (
    AccountChanged,
    AlgoOrderChanged,
    ExchangeEvent,
    LeverageChanged,
    OrderChanged,
    OrderTraded,
)
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.order import Order, PositionSide
from mock_venue.wire.schemas.account import balances, position_risk_v2, symbol_config
from mock_venue.wire.schemas.algo import listed_algo_order
from mock_venue.wire.schemas.orders import queried_order
from tests.mock_venue.machine.client import Client

Where = tuple[str, str]
Held = tuple[str, str, PositionSide]


class Audit:
    """Keeps its own sums of what the events told, and compares."""

    def __init__(self, exchange: Exchange, clients: dict[str, Client]) -> None:
        self._exchange = exchange
        self._clients = clients
        self._orders: dict[int, Order] = {}
        self._open: dict[Where, set[int]] = {}
        self._filled: dict[int, Decimal] = {}
        self._amounts: dict[Held, Decimal] = {}
        self._flows: dict[Held, Decimal] = {}

    def refused(self, before: tuple[Any, ...]) -> None:
        """A refusal changed nothing."""
        assert self.state() == before, "a refusal changed the state"

    def state(self) -> tuple[Any, ...]:
        """What a refusal must leave as it is; cheap, and compared by identity for the most part."""
        ledger = self._exchange.ledger
        return (
            ledger.orders(),
            ledger.open_orders(),
            ledger.positions(),
            ledger.balances(),
            self._exchange.algos.orders(),
            dict(self._exchange.prices),
            {symbol: self._exchange.last_ms(symbol) for symbol in self._exchange.symbols},
        )

    def on_time(self, now_ms: int) -> None:
        """What was due by now is done."""
        for order in self._exchange.ledger.open_orders():
            assert not order.good_till_ms or order.good_till_ms > now_ms, f"{order} is overdue"

    def happened(self, events: list[ExchangeEvent]) -> None:
        """Add up what a command did, and check all it touched."""
        touched: dict[int, None] = {}
        algos: dict[int, None] = {}
        moved: dict[Held, None] = {}
        for event in events:
            if isinstance(event, AlgoOrderChanged):
                algos[event.algo_order.algo_id] = None
            if not isinstance(event, OrderChanged | OrderTraded):
                continue
            order = event.order
            touched[order.order_id] = None
            if order.order_id not in self._orders:
                assert order.status == "NEW" and isinstance(event, OrderChanged)
            self._orders[order.order_id] = order
            is_open = self._open.setdefault((order.account, order.symbol), set())
            is_open.add(order.order_id)
            if not order.is_open:
                is_open.remove(order.order_id)
            if isinstance(event, OrderTraded):
                trade = event.trade
                signed = trade.quantity if trade.side == "BUY" else -trade.quantity
                key = (trade.account, trade.symbol, trade.position_side)
                moved[key] = None
                self._amounts[key] = self._amounts.get(key, ZERO) + signed
                self._flows[key] = self._flows.get(key, ZERO) - signed * trade.price
                known = self._filled.get(trade.order_id, ZERO)
                self._filled[trade.order_id] = known + trade.quantity
        for number in touched:
            self._check_order(number)
        for number in algos:
            self._check_algo(number)
        for where in {
            (self._orders[number].account, self._orders[number].symbol) for number in touched
        }:
            self._check_book(where)
        for key in moved:
            self._check_position(key)
        changed = {event.account for event in events if isinstance(event, AccountChanged)}
        for account in {key[0] for key in moved} | changed:
            self._check_balances(account)
        for event in events:
            if isinstance(event, LeverageChanged):
                heard = self._clients[event.account].leverage[event.symbol]
                assert heard == event.leverage, f"{event}, heard {heard}"
                self._check_leverage(event.account)
        transferred = (
            event.income.amount
            for event in events
            if isinstance(event, AccountChanged)
            and event.reason == "ASSET_TRANSFER"
            and event.income
        )
        assert sum(transferred, ZERO) == 0, "a transfer made money"

    def whole(self) -> None:
        """Check everything there is."""
        ledger = self._exchange.ledger
        assert {order.order_id: order for order in ledger.orders()} == self._orders
        for number in self._orders:
            self._check_order(number)
        for where in self._open:
            self._check_book(where)
            self._check_past(where)
        for key in self._amounts:
            self._check_position(key)
        for algo in self._exchange.algos.orders():
            self._check_algo(algo.algo_id)
        for account in self._clients:
            self._check_balances(account)
            self._check_leverage(account)
            heard = set(self._clients[account].orders)
            assert heard == {one.order_id for one in ledger.orders() if one.account == account}

    def _check_order(self, number: int) -> None:
        order = self._exchange.ledger.order(number)
        assert order is not None and order == self._orders[number]
        assert order.filled == self._filled.get(number, ZERO), "filled is not the sum of trades"
        assert order.filled <= order.quantity
        spec = self._exchange.symbols[order.symbol]
        shown = queried_order(order, spec)
        heard = self._clients[order.account].orders[number]
        for name, key in SAME_TEXT:
            assert shown[name] == heard[key], f"{name} of order {number}: {shown}, heard {heard}"
        for name, key in SAME_NUMBER:
            assert Decimal(shown[name]) == Decimal(heard[key]), f"{name}: {shown}, heard {heard}"
        places = Decimal(shown["avgPrice"])
        assert Decimal(heard["ap"]).quantize(places) == places or _is_half(heard["ap"], places)

    def _check_algo(self, number: int) -> None:
        algos = self._exchange.algos
        order = algos.order(number)
        assert order is not None
        heard = self._clients[order.account].algos[number]
        placed = None if order.order_id is None else self._exchange.ledger.order(order.order_id)
        spec = self._exchange.symbols[order.symbol]
        shown = listed_algo_order(order, placed, spec)
        for name, key in SAME_ALGO:
            assert shown[name] == heard[key], f"{name} of algo order {number}: {shown}, {heard}"
        for name, key in (("quantity", "q"), ("price", "p"), ("triggerPrice", "tp")):
            assert Decimal(shown[name]) == Decimal(heard[key]), f"{name}: {shown}, heard {heard}"
        if placed is not None:
            assert placed.is_open == (heard["X"] == "TRIGGERED"), f"{order} placed {placed}"
        is_open = heard["X"] in ("NEW", "TRIGGERING", "TRIGGERED")
        assert (order in algos.open_orders(order.account)) == is_open
        if heard["X"] == "FINISHED":
            assert Decimal(heard["aq"]) == Decimal(shown.get("actualQty", "0"))

    def _check_book(self, where: Where) -> None:
        ledger = self._exchange.ledger
        orders = ledger.open_orders(*where)
        numbers = [order.order_id for order in orders]
        assert set(numbers) == self._open[where] and len(numbers) == len(self._open[where])
        assert ledger.open_order_count(*where) == len(numbers)
        names = [order.client_order_id for order in orders]
        assert len(names) == len(set(names))
        limits = [order for order in orders if order.type == "LIMIT"]
        bids = sorted((one for one in limits if one.side == "BUY"), key=lambda one: -one.price)
        asks = sorted((one for one in limits if one.side == "SELL"), key=lambda one: one.price)
        assert list(ledger.resting(*where, "BUY")) == bids
        assert list(ledger.resting(*where, "SELL")) == asks
        assert not bids or not asks or bids[0].price < asks[0].price, "own orders cross"
        self._check_exposure(where, orders)
        for position in self._positions(*where):
            for side, amount in (("SELL", position.amount), ("BUY", -position.amount)):
                reducing = sum(
                    (
                        one.remaining
                        for one in orders
                        if one.reduce_only
                        and (one.side, one.position_side) == (side, position.position_side)
                    ),
                    ZERO,
                )
                assert reducing <= max(amount, ZERO), f"{reducing} to {side}, {position}"

    def _check_past(self, where: Where) -> None:
        """The pages of past orders and trades hold every one of them."""
        ledger, orders = self._exchange.ledger, self._orders.values()
        placed = [one.order_id for one in orders if (one.account, one.symbol) == where]
        listed = ledger.orders_from(*where, 0, len(placed) + 1, 0)
        assert [one.order_id for one in listed] == placed
        filled: dict[int, Decimal] = {}
        for trade in ledger.trades_from(*where, 0, 10**9):
            filled[trade.order_id] = filled.get(trade.order_id, ZERO) + trade.quantity
        assert filled == {one: self._filled[one] for one in placed if one in self._filled}

    def _check_exposure(self, where: Where, orders: list[Order]) -> None:
        """The exchange's running totals are the sums of what is open."""
        exposure = self._exchange.ledger.exposure
        for position in self._positions(*where):
            side = position.position_side
            on_it = [one for one in orders if one.position_side == side]
            total = exposure.open_notional(*where, side)
            assert total.orders == len(on_it)
            for name, of_side in (("bids", "BUY"), ("asks", "SELL")):
                values = [(one, one.remaining * one.price) for one in on_it if one.side == of_side]
                opening = [value for one, value in values if not one.reduce_only]
                assert getattr(total, name) == sum((value for _, value in values), ZERO)
                assert getattr(total, f"opening_{name}") == sum(opening, ZERO)
            at_stake = (position.symbol, side) in exposure.stakes(position.account)
            assert at_stake == bool(on_it or position.amount)

    def _positions(self, account: str, symbol: str) -> list[Position]:
        sides = self._exchange.settings.position_sides(account)
        return [self._exchange.ledger.position(account, symbol, side) for side in sides]

    def _check_position(self, key: Held) -> None:
        account, symbol, side = key
        position = self._exchange.ledger.position(account, symbol, side)
        assert position.amount == self._amounts[key], "a position is not the sum of its trades"
        assert position.cost >= 0
        if not position.amount:
            assert position.cost == 0
            assert position.realized_pnl == self._flows[key], "a round trip lost something"
        heard = self._clients[account].positions[symbol, side]
        for shown in position_risk_v2(self._exchange, account, [symbol]):
            if shown["positionSide"] == side:
                for name, field in SAME_POSITION:
                    assert Decimal(shown[name]) == Decimal(heard[field]), (name, shown, heard)
                assert shown["marginType"] == heard["mt"]
                assert shown["updateTime"] == heard["T"], (shown, heard)

    def _check_leverage(self, account: str) -> None:
        for symbol, leverage in self._clients[account].leverage.items():
            assert symbol_config(self._exchange, account, symbol)["leverage"] == leverage

    def _check_balances(self, account: str) -> None:
        rows = balances(self._exchange, account)
        client = self._clients[account]
        for name, heard in (("balance", client.wallets), ("crossWalletBalance", client.cross)):
            shown = {row["asset"]: Decimal(row[name]) for row in rows}
            for asset in shown.keys() | heard.keys():
                there = (shown.get(asset, ZERO), heard.get(asset, ZERO))
                assert there[0] == there[1], f"{name} of {asset} is {there[0]}, heard {there[1]}"


SAME_ALGO = (
    ("algoId", "aid"),
    ("clientAlgoId", "caid"),
    ("orderType", "o"),
    ("symbol", "s"),
    ("side", "S"),
    ("positionSide", "ps"),
    ("timeInForce", "f"),
    ("algoStatus", "X"),
    ("actualOrderId", "ai"),
    ("workingType", "wt"),
    ("closePosition", "cp"),
    ("priceProtect", "pP"),
    ("reduceOnly", "R"),
    ("createTime", "time"),
    ("updateTime", "T"),
    ("triggerTime", "tt"),
    ("goodTillDate", "gtd"),
)
SAME_TEXT = (
    ("orderId", "i"),
    ("symbol", "s"),
    ("status", "X"),
    ("clientOrderId", "c"),
    ("timeInForce", "f"),
    ("type", "o"),
    ("origType", "ot"),
    ("reduceOnly", "R"),
    ("closePosition", "cp"),
    ("side", "S"),
    ("positionSide", "ps"),
    ("selfTradePreventionMode", "V"),
    ("priceMatch", "pm"),
    ("goodTillDate", "gtd"),
    ("time", "time"),
    ("updateTime", "T"),
)
SAME_POSITION = (
    ("positionAmt", "pa"),
    ("entryPrice", "ep"),
    ("breakEvenPrice", "bep"),
    ("isolatedWallet", "iw"),
)
SAME_NUMBER = (
    ("price", "p"),
    ("origQty", "q"),
    ("executedQty", "z"),
    ("cumQuote", "quote"),
    ("stopPrice", "sp"),
)


def _is_half(heard: str, shown: Decimal) -> bool:
    """Whether both are roundings of one mean price, one of them after another."""
    unit = Decimal(1).scaleb(int(shown.as_tuple().exponent))
    return abs(Decimal(heard) - shown) == unit / 2
