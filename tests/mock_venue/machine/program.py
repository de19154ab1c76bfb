"""A program is bytes: each `SIZE` of them are one command, zeros are none.

Hypothesis makes and shrinks bytes fast, so that a hundred thousand commands fit into a minute, and
its way of shrinking, smaller bytes and more zeros, drops commands and makes those left simpler.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Literal

import hypothesis.strategies as st

from mock_venue.exchange.account import Position
from mock_venue.exchange.commands import (
    Advance,
    AlgoRef,
    AmendOrder,
    CallMargin,
    CancelAlgoOrder,
    CancelAllAlgoOrders,
    CancelAllOrders,
    CancelOrder,
    ChangePositionMargin,
    ChargeFunding,
    ClosePosition,
    Command,
    ExpireAlgoOrder,
    ExpireOrder,
    FillOrder,
    HoldTriggers,
    MoveMoney,
    OrderRef,
    PassTime,
    PlaceAlgoOrder,
    PlaceOrder,
    SetCountdown,
    SetFeeBurn,
    SetLeverage,
    SetMarginType,
    SetMultiAssets,
    SetPositionMode,
    SetPrice,
    SetStatus,
    SettleSymbol,
    TradeMarket,
    TransferMoney,
)
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.order import Order, PositionSide, Side
from mock_venue.exchange.path import MarketTrade

SIZE = 16
SYMBOLS = ("BTCUSDT", "ETHUSDT")
SIDES: tuple[Side, Side] = ("BUY", "SELL")
POSITION_SIDES: tuple[PositionSide, ...] = ("BOTH", "LONG", "SHORT")
ACCOUNTS = ("main", "main", "other")
STEP = Decimal("0.001")
ELAPSED_MS = (0, 1, 1, 7, 250, 1_000, 60_000, 700_000)
JUMPS = (1, 1, 1, 1, 1, 20, 20, 1_000)
"""How far a price moves at once: a step, as far as a trailing stop waits for, or a crash."""

Act = Command | Literal["restore"] | tuple[Command, ...]
"""What one word makes: a command, several at once, or that all is saved and put back."""


class Word:
    """The bytes of one command, from which its arguments are drawn."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, below: int) -> int:
        """A number from 0; two bytes make it where one would not do."""
        value = self._data[self._at % SIZE]
        self._at += 1
        if below > 256:
            value = value << 8 | self._data[self._at % SIZE]
            self._at += 1
        return value % below

    def pick[T](self, several: tuple[T, ...]) -> T:
        return several[self.number(len(several))]


class Program:
    """Many commands."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def words(self) -> Iterator[Word]:
        """The bytes of each command."""
        for start in range(0, len(self._data), SIZE):
            data = self._data[start : start + SIZE]
            if any(data):
                yield Word(data)


def programs(commands: int) -> st.SearchStrategy[Program]:
    """Programs of so many commands, and by shrinking of fewer."""
    size = commands * SIZE
    return st.binary(min_size=size, max_size=size).map(Program)


class Maker:
    """Makes commands that fit the exchange as it is, most of them."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def make(self, word: Word) -> Act:
        """What is done."""
        return MAKERS[word.pick(KINDS)](self, word)

    def place(self, word: Word) -> Command:
        account, symbol = word.pick(ACCOUNTS), word.pick(SYMBOLS)
        hedging = self._exchange.settings.is_hedging(account)
        limit = word.number(4) > 0
        matched = limit and word.number(8) == 0
        time_in_force: Any = word.pick(("GTC", "GTC", "GTC", "IOC", "FOK", "GTX", "GTD"))
        sides: tuple[Any, ...] = ("LONG", "SHORT") if hedging else ("BOTH",)
        return PlaceOrder(
            account=account,
            symbol=symbol,
            side=word.pick(SIDES),
            type="LIMIT" if limit else "MARKET",
            quantity=self._quantity(word),
            price=self._price(word, symbol) if limit and not matched else None,
            price_match=word.pick(("OPPONENT", "OPPONENT_5", "QUEUE", "QUEUE_5"))
            if matched
            else "NONE",
            time_in_force=time_in_force if limit else "GTC",
            good_till_ms=self._good_till(word) if limit and time_in_force == "GTD" else None,
            reduce_only=not hedging and word.number(4) == 0,
            position_side=word.pick((*sides, *sides, *sides, "BOTH")),
            client_order_id=word.pick((None, None, None, "a", "b", "c", "not valid")),
            self_trade_prevention=word.pick(
                ("EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "NONE")
            ),
        )

    def batch(self, word: Word) -> Act:
        return tuple(self.place(word) for _ in range(2 + word.number(4)))

    def amend(self, word: Word) -> Command:
        order = self._open_order(word)
        if order is None:
            return self.place(word)
        return AmendOrder(
            account=order.account,
            symbol=order.symbol,
            ref=self._ref(word, order),
            side=order.side if word.number(16) else "BUY",
            quantity=self._quantity(word),
            price=self._price(word, order.symbol),
        )

    def cancel(self, word: Word) -> Act:
        order = self._open_order(word)
        if order is None:
            return self.place(word)
        return CancelOrder(account=order.account, symbol=order.symbol, ref=self._ref(word, order))

    def cancel_all(self, word: Word) -> Act:
        return CancelAllOrders(account=word.pick(ACCOUNTS), symbol=word.pick((*SYMBOLS, "NONE")))

    def fill(self, word: Word) -> Act:
        order = self._open_order(word)
        if order is None:
            return self.place(word)
        share = (order.remaining / (1 + word.number(4))).quantize(STEP)
        tick = self._exchange.symbols[order.symbol].tick_size
        return FillOrder(
            order_id=order.order_id,
            quantity=min(max(STEP, share), order.remaining),
            price=order.price + (word.number(21) - 10) * tick,
            maker=word.number(4) > 0,
        )

    def expire(self, word: Word) -> Act:
        order = self._open_order(word)
        if order is None:
            return self.place(word)
        return ExpireOrder(order_id=order.order_id, reason=word.pick(("0", "5", "7")))

    def move(self, word: Word) -> Act:
        symbol = word.pick(SYMBOLS)
        tick, price = self._exchange.symbols[symbol].tick_size, self._exchange.prices[symbol]
        bid = price.bid + (word.number(101) - 50) * word.pick(JUMPS) * tick
        ask = bid + word.pick((1, 2, 3, 40)) * tick
        return SetPrice(symbol=symbol, bid=bid, ask=ask, mark=(bid + ask) / 2)

    def others(self, word: Word) -> Act:
        symbol, side = word.pick(SYMBOLS), word.pick(SIDES)
        book = self._exchange.books[symbol]
        price = book.ask if side == "BUY" else book.bid
        quantity = (1 + word.number(2_000)) * STEP
        trade = MarketTrade(side=side, price=price, quantity=quantity)
        return TradeMarket(symbol=symbol, trade=trade)

    def advance(self, word: Word) -> Act:
        return Advance(symbol=word.pick(SYMBOLS))

    def wait(self, word: Word) -> Act:
        return PassTime()

    def leverage(self, word: Word) -> Act:
        return SetLeverage(
            account=word.pick(ACCOUNTS), symbol=word.pick(SYMBOLS), leverage=word.number(130)
        )

    def margin_type(self, word: Word) -> Act:
        account, symbol = word.pick(ACCOUNTS), word.pick(SYMBOLS)
        isolated = self._exchange.settings.margin_type(account, symbol) == "ISOLATED"
        change = SetMarginType(
            account=account,
            symbol=symbol,
            margin_type="CROSSED" if isolated == (word.number(4) > 0) else "ISOLATED",
        )
        return (*self._way_out(word, account), change)

    def position_mode(self, word: Word) -> Act:
        account = word.pick(ACCOUNTS)
        hedging = self._exchange.settings.is_hedging(account) != (word.number(4) > 0)
        change = SetPositionMode(account=account, hedging=hedging)
        return (*self._way_out(word, account), change)

    def multi_assets(self, word: Word) -> Act:
        return SetMultiAssets(account=word.pick(ACCOUNTS), multi_assets=word.number(2) == 1)

    def fee_burn(self, word: Word) -> Act:
        return SetFeeBurn(account=word.pick(ACCOUNTS), fee_burn=word.number(2) == 1)

    def margin(self, word: Word) -> Act:
        settings = self._exchange.settings
        isolated = [
            (one.account, one.symbol, one.position_side)
            for one in self._exchange.ledger.positions()
            if one.amount and settings.margin_type(one.account, one.symbol) == "ISOLATED"
        ]
        any_of = (word.pick(ACCOUNTS), word.pick(SYMBOLS), word.pick(POSITION_SIDES))
        chosen = isolated[word.number(len(isolated))] if isolated and word.number(8) else any_of
        account, symbol, side = chosen
        return ChangePositionMargin(
            account=account,
            symbol=symbol,
            amount=Decimal(word.number(1_000)) / 100,
            adds=word.number(2) == 1,
            position_side=side,
        )

    def place_algo(self, word: Word) -> Act:
        account, symbol = word.pick(ACCOUNTS), word.pick(SYMBOLS)
        kind: Any = word.pick(
            ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
        )
        trailing, limit = kind == "TRAILING_STOP_MARKET", kind in ("STOP", "TAKE_PROFIT")
        hedging = self._exchange.settings.is_hedging(account)
        closes = not limit and not trailing and word.number(4) == 0
        return PlaceAlgoOrder(
            account=account,
            symbol=symbol,
            side=word.pick(SIDES),
            type=kind,
            quantity=Decimal(0) if closes else self._quantity(word),
            price=self._price(word, symbol) if limit else None,
            trigger_price=Decimal(0) if trailing else self._price(word, symbol),
            callback_rate=Decimal("0.1") if trailing else Decimal(0),
            time_in_force=word.pick(("GTC", "GTC", "IOC", "GTE_GTC")) if limit else "GTC",
            working_type=word.pick(("CONTRACT_PRICE", "MARK_PRICE")),
            close_position=closes,
            price_protect=word.number(4) == 0,
            reduce_only=not hedging and not closes and word.number(4) == 0,
            client_algo_id=word.pick((None, None, "a", "b", "not valid")),
            position_side=word.pick(("LONG", "SHORT") if hedging else ("BOTH",)),
        )

    def cancel_algo(self, word: Word) -> Act:
        account = word.pick(ACCOUNTS)
        is_open = self._exchange.algos.open_orders(account)
        if not is_open:
            return self.place_algo(word)
        order = is_open[word.number(len(is_open))]
        if word.number(3) == 0 and order.status == "NEW":
            return ExpireAlgoOrder(algo_id=order.algo_id)
        return CancelAlgoOrder(account=account, ref=AlgoRef(algo_id=order.algo_id))

    def cancel_algos(self, word: Word) -> Act:
        return CancelAllAlgoOrders(account=word.pick(ACCOUNTS), symbol=word.pick(SYMBOLS))

    def hold_triggers(self, word: Word) -> Act:
        return HoldTriggers(held=word.number(3) == 0)

    def countdown(self, word: Word) -> Act:
        return SetCountdown(
            account=word.pick(ACCOUNTS),
            symbol=word.pick(SYMBOLS),
            countdown_ms=word.pick((0, 5, 1_000, 100_000, -1)),
        )

    def money(self, word: Word) -> Act:
        return MoveMoney(
            account=word.pick(ACCOUNTS),
            asset=word.pick(("USDT", "BNB")),
            amount=Decimal(1 + word.number(1_000)) / 1_000,
            reason="DEPOSIT",
        )

    def transfer(self, word: Word) -> Act:
        return TransferMoney(
            account="main",
            receiver="other",
            asset=word.pick(("USDT", "BNB")),
            amount=Decimal(word.number(1_000)) / 1_000,
        )

    def funding(self, word: Word) -> Act:
        rate = Decimal(word.number(201) - 100) / 10_000
        return ChargeFunding(symbol=word.pick(SYMBOLS), rate=rate if word.number(4) else None)

    def close_position(self, word: Word) -> Act:
        held = [one for one in self._exchange.ledger.positions() if one.amount]
        if not held:
            return self.place(word)
        return self._closed(held[word.number(len(held))], word.pick(("LIQUIDATION", "ADL")))

    def status(self, word: Word) -> Act:
        symbol = word.pick(SYMBOLS)
        status: Any = word.pick(("PENDING_TRADING", "PRE_SETTLE", "SETTLING", "CLOSE"))
        return (
            SetStatus(symbol=symbol, status=status),
            self.place(word),
            self.amend(word),
            SetStatus(symbol=symbol, status="TRADING"),
        )

    def settle(self, word: Word) -> Act:
        symbol = word.pick(SYMBOLS)
        return (
            SettleSymbol(symbol=symbol, price=self._price(word, symbol)),
            self.place(word),
            SetStatus(symbol=symbol, status="TRADING"),
        )

    def call_margin(self, word: Word) -> Act:
        return CallMargin(account=word.pick(ACCOUNTS))

    def restore(self, word: Word) -> Act:
        return "restore"

    def _way_out(self, word: Word, account: str) -> tuple[Command, ...]:
        """What ends all that an account has at stake, most of the time."""
        if word.number(4) == 0:
            return ()
        cancels = [CancelAllOrders(account=account, symbol=symbol) for symbol in SYMBOLS]
        algos = [CancelAllAlgoOrders(account=account, symbol=symbol) for symbol in SYMBOLS]
        held = [one for one in self._exchange.ledger.positions(account) if one.amount]
        return (*cancels, *algos, *(self._closed(position, "ADL") for position in held))

    def _closed(self, position: Position, by: Literal["LIQUIDATION", "ADL"]) -> ClosePosition:
        return ClosePosition(
            account=position.account,
            symbol=position.symbol,
            by=by,
            position_side=position.position_side,
        )

    def _quantity(self, word: Word) -> Decimal:
        return (word.number(302) - 1) * STEP

    def _price(self, word: Word, symbol: str) -> Decimal:
        tick = self._exchange.symbols[symbol].tick_size
        return self._exchange.prices[symbol].bid + (word.number(101) - 50) * tick

    def _good_till(self, word: Word) -> int:
        now_ms = max(self._exchange.last_ms(symbol) for symbol in SYMBOLS)
        return (now_ms // 1_000 + 500 + word.number(700)) * 1_000

    def _open_order(self, word: Word) -> Order | None:
        is_open = self._exchange.ledger.open_orders()
        return is_open[word.number(len(is_open))] if is_open else None

    def _ref(self, word: Word, order: Order) -> OrderRef:
        if word.number(2):
            return OrderRef(client_order_id=order.client_order_id)
        return OrderRef(order_id=order.order_id)


MAKERS: dict[str, Callable[[Maker, Word], Act]] = {
    "place": Maker.place,
    "batch": Maker.batch,
    "amend": Maker.amend,
    "fill": Maker.fill,
    "cancel": Maker.cancel,
    "move": Maker.move,
    "others": Maker.others,
    "advance": Maker.advance,
    "expire": Maker.expire,
    "cancel_all": Maker.cancel_all,
    "wait": Maker.wait,
    "leverage": Maker.leverage,
    "margin_type": Maker.margin_type,
    "position_mode": Maker.position_mode,
    "multi_assets": Maker.multi_assets,
    "fee_burn": Maker.fee_burn,
    "margin": Maker.margin,
    "place_algo": Maker.place_algo,
    "cancel_algo": Maker.cancel_algo,
    "cancel_algos": Maker.cancel_algos,
    "hold_triggers": Maker.hold_triggers,
    "countdown": Maker.countdown,
    "money": Maker.money,
    "transfer": Maker.transfer,
    "funding": Maker.funding,
    "close_position": Maker.close_position,
    "call_margin": Maker.call_margin,
    "status": Maker.status,
    "settle": Maker.settle,
    "restore": Maker.restore,
}
SHARES = {"place": 48, "amend": 16, "fill": 20, "cancel": 8, "move": 16, "others": 8, "margin": 4}
SHARES |= {"place_algo": 16, "cancel_algo": 4}
SHARES |= {"restore": 1, "settle": 1}  # slow, and the end of all that is open
KINDS = tuple(kind for kind in MAKERS for _ in range(SHARES.get(kind, 2)))
