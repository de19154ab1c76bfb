"""Whatever accounts do: nothing is lost and nothing appears, to the last digit."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mock_venue import AccountSpec
from mock_venue.exchange import margin
from mock_venue.exchange.commands import (
    ChangePositionMargin,
    ChargeFunding,
    Command,
    FillOrder,
    MoveMoney,
    PlaceOrder,
    SetFeeBurn,
    SetLeverage,
    SetMarginType,
    SetPositionMode,
    SetPrice,
    TransferMoney,
)
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.income import page_of_income
from mock_venue.exchange.instruments import ASSETS, DEFAULT_SYMBOLS
from tests.mock_venue.helpers import START_MS

ACCOUNTS = (
    AccountSpec(name="one", key="1", wallet=Decimal(20_000)),
    AccountSpec(name="hedging", key="2", wallet=Decimal(20_000)),
    AccountSpec(name="burning", key="3", wallet=Decimal(20_000), bnb=Decimal(2), fee_burn=True),
    AccountSpec(name="maker", key="4", maker_fee=Decimal("-0.00013")),
)
NAMES = st.sampled_from([account.name for account in ACCOUNTS])
SYMBOLS = st.sampled_from(["BTCUSDT", "ETHUSDT"])
STEP = Decimal("0.001")
QUANTITIES = st.integers(min_value=1, max_value=3_000).map(lambda steps: steps * STEP)
AMOUNTS = st.decimals(min_value=-9_000, max_value=9_000, places=9)


class MoneyMachine(RuleBasedStateMachine):
    """Several accounts of all modes."""

    def __init__(self) -> None:
        super().__init__()
        self.exchange = Exchange(
            symbols=DEFAULT_SYMBOLS[:2],
            accounts=ACCOUNTS,
            maker_fee=Decimal("0.00017"),
            taker_fee=Decimal("0.00043"),
            bnb_price=Decimal("613.7"),
            leverage=20,
            first_order_id=1,
            first_trade_id=1,
            now_ms=START_MS,
        )
        self.now_ms = START_MS

    def apply(self, command: Command) -> None:
        self.now_ms += 1
        with suppress(ExchangeError):
            self.exchange.apply(command, self.now_ms)

    @initialize()
    def choose(self) -> None:
        self.apply(SetPositionMode(account="hedging", hedging=True))

    @rule(
        account=NAMES,
        symbol=SYMBOLS,
        side=st.sampled_from(["BUY", "SELL"]),
        position_side=st.sampled_from(["LONG", "SHORT"]),
        quantity=QUANTITIES,
        offset=st.none() | st.integers(min_value=-20, max_value=20),
    )
    def place(
        self,
        account: str,
        symbol: str,
        side: Any,
        position_side: Any,
        quantity: Decimal,
        offset: int | None,
    ) -> None:
        tick = self.exchange.symbols[symbol].tick_size
        bid = self.exchange.prices[symbol].bid
        self.apply(
            PlaceOrder(
                account=account,
                symbol=symbol,
                side=side,
                type="MARKET" if offset is None else "LIMIT",
                quantity=quantity,
                price=None if offset is None else bid + offset * tick,
                position_side=position_side if account == "hedging" else "BOTH",
            )
        )

    @rule(index=st.integers(min_value=0), share=st.integers(min_value=1, max_value=3))
    def fill(self, index: int, share: int) -> None:
        resting = self.exchange.ledger.open_orders()
        if resting:
            order = resting[index % len(resting)]
            part = max(STEP, (order.remaining / share).quantize(STEP))
            quantity = min(part, order.remaining)
            self.apply(FillOrder(order_id=order.order_id, quantity=quantity, price=order.price))

    @rule(account=NAMES, symbol=SYMBOLS, isolated=st.booleans())
    def margin_type(self, account: str, symbol: str, isolated: bool) -> None:
        kind: Any = "ISOLATED" if isolated else "CROSSED"
        self.apply(SetMarginType(account=account, symbol=symbol, margin_type=kind))

    @rule(account=NAMES, symbol=SYMBOLS, leverage=st.sampled_from([1, 7, 20, 50, 125]))
    def leverage(self, account: str, symbol: str, leverage: int) -> None:
        self.apply(SetLeverage(account=account, symbol=symbol, leverage=leverage))

    @rule(account=NAMES, symbol=SYMBOLS, amount=AMOUNTS, side=st.sampled_from(["LONG", "SHORT"]))
    def position_margin(self, account: str, symbol: str, amount: Decimal, side: Any) -> None:
        self.apply(
            ChangePositionMargin(
                account=account,
                symbol=symbol,
                amount=abs(amount),
                adds=amount > 0,
                position_side=side if account == "hedging" else "BOTH",
            )
        )

    @rule(account=NAMES, fee_burn=st.booleans())
    def burn(self, account: str, fee_burn: bool) -> None:
        self.apply(SetFeeBurn(account=account, fee_burn=fee_burn))

    @rule(
        account=NAMES,
        amount=AMOUNTS,
        reason=st.sampled_from(["DEPOSIT", "WITHDRAW", "ADJUSTMENT"]),
        asset=st.sampled_from(ASSETS),
    )
    def move(self, account: str, amount: Decimal, reason: Any, asset: str) -> None:
        signed = -abs(amount) if reason == "WITHDRAW" else amount
        self.apply(MoveMoney(account=account, asset=asset, amount=signed, reason=reason))

    @rule(account=NAMES, receiver=NAMES, amount=AMOUNTS)
    def transfer(self, account: str, receiver: str, amount: Decimal) -> None:
        self.apply(
            TransferMoney(account=account, receiver=receiver, asset="USDT", amount=abs(amount))
        )

    @rule(symbol=SYMBOLS, rate=st.decimals(min_value="-0.01", max_value="0.01", places=6))
    def fund(self, symbol: str, rate: Decimal) -> None:
        self.apply(ChargeFunding(symbol=symbol, rate=rate))

    @rule(symbol=SYMBOLS, offset=st.integers(min_value=-200, max_value=200))
    def move_price(self, symbol: str, offset: int) -> None:
        tick, price = self.exchange.symbols[symbol].tick_size, self.exchange.prices[symbol]
        bid = price.bid + offset * tick
        self.apply(SetPrice(symbol=symbol, bid=bid, ask=bid + tick, mark=bid))

    @invariant()
    def wallets_are_deposits_and_income(self) -> None:
        for account in ACCOUNTS:
            rows = page_of_income(
                self.exchange.ledger,
                account.name,
                symbols=["BTCUSDT", "ETHUSDT"],
                symbol=None,
                income_type=None,
                start_ms=0,
                end_ms=self.now_ms,
                page=1,
                limit=10**6,
            )
            for asset, began in (("USDT", account.wallet), ("BNB", account.bnb)):
                came = sum((row.amount for row in rows if row.asset == asset), ZERO)
                assert self.exchange.ledger.balance(account.name, asset).wallet == began + came
            ids = [(row.type, row.tran_id) for row in rows]
            assert len(ids) == len(set(ids))

    @invariant()
    def all_wallets_change_by_pnl_commissions_and_movements(self) -> None:
        ledger = self.exchange.ledger
        trades = ledger.trades()
        for asset in ASSETS:
            began = sum((one.wallet if asset == "USDT" else one.bnb for one in ACCOUNTS), ZERO)
            now = sum((one.wallet for one in ledger.balances() if one.asset == asset), ZERO)
            fees = sum((one.commission for one in trades if one.commission_asset == asset), ZERO)
            pnl = sum((one.realized_pnl for one in trades), ZERO) if asset == "USDT" else ZERO
            moved = sum(
                (
                    row.amount
                    for account in ACCOUNTS
                    for row in ledger.movements_between(account.name, 0, self.now_ms)
                    if row.asset == asset
                ),
                ZERO,
            )
            assert now - began == pnl - fees + moved

    @invariant()
    def isolated_wallets_are_part_of_the_wallet(self) -> None:
        ledger = self.exchange.ledger
        for account in ACCOUNTS:
            positions = ledger.positions(account.name)
            apart = sum((position.isolated_wallet for position in positions), ZERO)
            assert ledger.balance(account.name, "USDT").isolated == apart
            for position in positions:
                assert position.amount or not position.isolated_wallet

    @invariant()
    def standing_is_the_sum_of_positions(self) -> None:
        for account in ACCOUNTS:
            total = margin.standing(self.exchange, account.name)
            unrealized = sum(
                (
                    position.unrealized_pnl(self.exchange.prices[position.symbol].mark)
                    for position in self.exchange.ledger.positions(account.name)
                ),
                ZERO,
            )
            assert total.unrealized == unrealized
            assert total.available >= 0


TestMoney = MoneyMachine.TestCase
TestMoney.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
