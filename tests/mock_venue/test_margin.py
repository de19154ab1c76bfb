"""What positions and orders tie up, what is left, and what is refused for want of it."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from mock_venue import AccountSpec
from mock_venue.exchange import margin
from mock_venue.exchange.brackets import (
    DEFAULT_BRACKETS,
    Bracket,
    check_brackets,
    max_notional,
    tier_of,
    tiers,
)
from mock_venue.exchange.commands import (
    AmendOrder,
    ChangePositionMargin,
    OrderRef,
    SetFeeBurn,
    SetLeverage,
    SetMarginType,
    SetMultiAssets,
    SetPositionMode,
    SetPrice,
)
from mock_venue.exchange.decimals import fixed
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.events import AccountChanged, MultiAssetsChanged, OrderTraded
from mock_venue.exchange.order import PositionSide
from tests.mock_venue.helpers import SYMBOL, Core


def refuses(code: int) -> Any:
    return pytest.raises(ExchangeError, match=f"^{code} ")


def figures(core: Core, position_side: PositionSide = "BOTH") -> margin.Figures:
    return margin.figures(core.exchange, "main", SYMBOL, position_side)


def standing(core: Core) -> margin.Standing:
    return margin.standing(core.exchange, "main")


def mark(core: Core, price: str) -> None:
    middle = Decimal(price)
    tick = Decimal("0.1")
    core.do(SetPrice(symbol=SYMBOL, bid=middle - tick, ask=middle + tick, mark=middle))


def leverage(core: Core, value: int) -> None:
    core.do(SetLeverage(account="main", symbol=SYMBOL, leverage=value))


def isolate(core: Core) -> None:
    core.do(SetMarginType(account="main", symbol=SYMBOL, margin_type="ISOLATED"))


def add_margin(core: Core, amount: str, *, adds: bool = True) -> list[Any]:
    return core.do(
        ChangePositionMargin(account="main", symbol=SYMBOL, amount=Decimal(amount), adds=adds)
    )


# Brackets


def test_maintenance_is_continuous_from_bracket_to_bracket() -> None:
    for tier, following in pairwise(tiers(DEFAULT_BRACKETS)):
        cap = tier.bracket.cap
        assert tier.maintenance(cap) == following.maintenance(cap)


def test_brackets_are_binances() -> None:
    cums = [int(tier.cum) for tier in tiers(DEFAULT_BRACKETS)]
    assert cums[:6] == [0, 300, 1_500, 12_000, 132_000, 482_000]
    assert tier_of(DEFAULT_BRACKETS, Decimal(300_000)).number == 1
    assert tier_of(DEFAULT_BRACKETS, Decimal(300_001)).number == 2
    assert tier_of(DEFAULT_BRACKETS, Decimal(10**12)).number == 12
    assert max_notional(DEFAULT_BRACKETS, 20) == 100_000_000
    assert max_notional(DEFAULT_BRACKETS, 21) == 70_000_000
    assert max_notional(DEFAULT_BRACKETS, 126) == 0


@pytest.mark.parametrize(
    "second", [("300000", 100, "0.005"), ("800000", 125, "0.005"), ("800000", 100, "0.004")]
)
def test_brackets_must_rise(second: tuple[str, int, str]) -> None:
    cap, most, rate = second
    wrong = Bracket(cap=Decimal(cap), leverage=most, rate=Decimal(rate))
    with pytest.raises(ValueError, match="rising"):
        check_brackets((DEFAULT_BRACKETS[0], wrong))


# What is tied up


def test_a_position_ties_up_its_notional_by_leverage(core: Core) -> None:
    core.place("BUY", "1.000", type="MARKET")
    mark(core, "51000")

    total = standing(core)
    assert [total.position_margin, total.maintenance] == [2550, 204]
    assert total.cross_unrealized == Decimal("999.90000000")
    fee = Decimal("25.00005")
    assert total.available == 100_000 - fee + Decimal("999.9") - 2550


def test_open_orders_tie_up_the_worst_case_beyond_the_position(core: Core) -> None:
    core.place("BUY", "1.000", type="MARKET")
    mark(core, "50000")
    core.place("BUY", "1.000", price="48000")
    assert figures(core).order_margin == 2400
    core.place("SELL", "2.500", price="52000")
    assert figures(core).order_margin == 2400, "short by 80000 at worst, less than 98000 long"
    core.place("SELL", "1.000", price="52000")
    assert figures(core).order_margin == (132_000 - 50_000) / 20


def test_orders_that_reduce_tie_up_nothing(core: Core) -> None:
    core.place("BUY", "1.000", type="MARKET")
    core.place("SELL", "1.000", price="52000", reduce_only=True)
    core.place("SELL", "1.000", price="52000")
    assert figures(core).order_margin == 0


def test_hedged_orders_tie_up_by_side(core: Core) -> None:
    core.do(SetPositionMode(account="main", hedging=True))
    core.place("BUY", "1.000", price="48000", position_side="LONG")
    core.place("SELL", "1.000", price="52000", position_side="SHORT")
    assert [figures(core, side).order_margin for side in ("LONG", "SHORT")] == [2400, 2600]


def test_what_ended_ties_up_nothing(core: Core) -> None:
    order = core.place("BUY", "1.000", price="48000")
    core.place("BUY", "1.000", price="48000")
    reference = OrderRef(order_id=order.order_id)
    core.do(
        AmendOrder(
            account="main",
            symbol=SYMBOL,
            ref=reference,
            side="BUY",
            quantity=Decimal("0.5"),
            price=Decimal(40_000),
        )
    )
    assert figures(core).order_margin == (20_000 + 48_000) / 20
    for one in core.exchange.ledger.open_orders():
        core.cancel(one.order_id)
    assert figures(core).open.bids == 0
    assert core.exchange.ledger.exposure.stakes("main") == []


# Refusals


def test_an_order_needs_its_initial_margin(core: Core) -> None:
    core.place("BUY", "40.000", price="50000.0")
    with refuses(-2019):
        core.place("BUY", "0.001", price="50000.0")
    core.place("SELL", "39.000", price="50000.1")


def test_what_is_lost_at_once_counts_too(core: Core) -> None:
    mark(core, "50000")
    with refuses(-2019):
        core.place("SELL", "39.999", price="49999.9", time_in_force="IOC")
    core.place("SELL", "39.999", price="50000.1", time_in_force="IOC")


def test_a_market_order_is_taken_dearer_than_the_ask(core: Core) -> None:
    with refuses(-2019):
        core.place("BUY", "39.999", type="MARKET")
    core.place("BUY", "39.500", type="MARKET")


def test_an_order_that_only_reduces_needs_no_margin(core: Core) -> None:
    core.place("BUY", "39.500", type="MARKET")
    mark(core, "49000")
    assert standing(core).available == 0
    with refuses(-2019):
        core.place("BUY", "0.010", price="45000")
    core.place("SELL", "39.500", price="55000")
    core.place("SELL", "39.500", type="MARKET", reduce_only=True)


def test_an_amendment_needs_the_margin_of_what_it_adds(core: Core) -> None:
    order = core.place("BUY", "39.000", price="50000.0")

    def amend(quantity: str) -> None:
        core.do(
            AmendOrder(
                account="main",
                symbol=SYMBOL,
                ref=OrderRef(order_id=order.order_id),
                side="BUY",
                quantity=Decimal(quantity),
                price=Decimal("50000.0"),
            )
        )

    with refuses(-2019):
        amend("40.001")
    amend("40.000")


def test_a_position_is_bounded_by_its_leverage(core: Core) -> None:
    leverage(core, 125)
    with refuses(-2027):
        core.place("BUY", "6.001", price="50000.0")
    core.place("BUY", "6.000", price="50000.0")
    with refuses(-2027):
        core.place("BUY", "0.001", price="50000.0")


def test_a_leverage_must_carry_what_is_there(core: Core) -> None:
    core.place("BUY", "30.000", price="50000.0")
    with refuses(-2027):
        leverage(core, 100)
    with refuses(-2028):
        leverage(core, 5)
    with refuses(-4028):
        leverage(core, 126)
    leverage(core, 50)


# Isolated margin


def test_an_isolated_position_has_a_wallet_of_its_own(core: Core) -> None:
    isolate(core)
    core.place("BUY", "1.000", type="MARKET")
    position = figures(core).position
    balance = core.exchange.ledger.balance("main", "USDT")
    assert position.isolated_wallet == Decimal("2500.00500000")
    assert balance.cross == balance.wallet - position.isolated_wallet

    mark(core, "49000")
    assert standing(core).available == balance.cross, "the loss is the position's own"
    core.place("SELL", "0.250", type="MARKET")
    assert figures(core).position.isolated_wallet == Decimal("1875.00375000")
    core.place("SELL", "1.500", type="MARKET")
    assert figures(core).position.isolated_wallet == Decimal("1837.49625000"), "flipped"
    core.place("BUY", "0.750", type="MARKET")
    assert core.exchange.ledger.balance("main", "USDT").isolated == 0


def test_margin_is_added_and_taken_out(core: Core) -> None:
    isolate(core)
    core.place("BUY", "1.000", type="MARKET")
    [event] = add_margin(core, "100.5")
    assert isinstance(event, AccountChanged)
    assert (event.reason, event.positions[0].isolated_wallet) == (
        "MARGIN_TRANSFER",
        Decimal("2600.50500000"),
    )
    add_margin(core, "100", adds=False)
    changes = core.exchange.ledger.margin_changes("main", SYMBOL)
    assert [change.amount for change in changes] == [Decimal("100.5"), Decimal(-100)]


def test_margin_that_cannot_be_changed(core: Core) -> None:
    core.place("BUY", "1.000", price="49000")
    with refuses(-4049):
        add_margin(core, "1")
    core.cancel(core.exchange.ledger.open_orders()[0].order_id)
    isolate(core)
    with refuses(-4054):
        add_margin(core, "1")
    core.place("BUY", "1.000", type="MARKET")
    with refuses(-4055):
        add_margin(core, "0")
    with refuses(-4050):
        add_margin(core, "98000")
    with refuses(-4051):
        add_margin(core, "1", adds=False)


def test_isolated_leverage_is_not_reduced_with_a_position(core: Core) -> None:
    isolate(core)
    core.place("BUY", "1.000", type="MARKET")
    with refuses(-4161):
        leverage(core, 19)
    leverage(core, 21)


# Liquidation price


def test_the_liquidation_price_leaves_the_maintenance_margin(core: Core) -> None:
    core.place("BUY", "10.000", type="MARKET")
    price = margin.liquidation_price(core.exchange, figures(core))
    mark(core, fixed(price + Decimal("1e-8"), 8))

    total = standing(core)
    # In the bracket of today's notional, as Binance's formula has it.
    tier = tier_of(DEFAULT_BRACKETS, Decimal(500_000))
    assert abs(total.cross_margin - tier.maintenance(abs(figures(core).notional))) < Decimal("1e-5")


def test_a_short_is_liquidated_above_and_an_isolated_one_by_its_own_wallet(core: Core) -> None:
    isolate(core)
    core.place("SELL", "1.000", type="MARKET")
    price = margin.liquidation_price(core.exchange, figures(core))
    # (2500 + 50000) / 1.004
    assert fixed(price, 4) == "52290.8367"


def test_there_is_no_liquidation_price_without_risk(core: Core) -> None:
    assert margin.liquidation_price(core.exchange, figures(core)) == 0
    core.place("BUY", "0.010", type="MARKET")
    assert margin.liquidation_price(core.exchange, figures(core)) == 0


# Assets and fees


def rich(**fields: Any) -> Core:
    """An exchange whose account has 10 BNB (6,000 USDT) too."""
    return Core(AccountSpec(bnb=Decimal(10), **fields))


def test_fees_can_be_paid_in_bnb() -> None:
    core = rich(fee_burn=True)
    events = core.do(core.order_to("BUY", "1.000", type="MARKET"))
    [traded] = [event for event in events if isinstance(event, OrderTraded)]

    # 50000.1 x 0.0005 x 0.9 / 600
    assert traded.trade.commission_asset == "BNB"
    assert traded.trade.commission == Decimal("0.03750008")
    assert traded.fee_balance is not None
    assert traded.fee_balance.wallet == 10 - traded.trade.commission
    assert traded.balance.wallet == 100_000
    assert fixed(traded.position.break_even_price, 5) == "50022.60005"


def test_without_enough_bnb_fees_are_paid_in_usdt() -> None:
    core = rich(fee_burn=True)
    core.do(SetFeeBurn(account="main", fee_burn=False))
    assert traded_in(core) == "USDT"
    core = Core(AccountSpec(bnb=Decimal("0.01"), fee_burn=True))
    assert traded_in(core) == "USDT"


def traded_in(core: Core) -> str:
    events = core.do(core.order_to("BUY", "1.000", type="MARKET"))
    [traded] = [event for event in events if isinstance(event, OrderTraded)]
    return traded.trade.commission_asset


def test_accounts_have_rates_of_their_own_and_makers_can_have_rebates() -> None:
    core = Core(AccountSpec(maker_fee=Decimal("-0.0001"), fee_burn=True, bnb=Decimal(1)))
    order = core.place("BUY", "1.000", price="49000")
    core.fill(order.order_id)
    [trade] = core.exchange.ledger.trades()
    assert (trade.commission, trade.commission_asset) == (Decimal("-4.9"), "USDT")
    assert core.exchange.ledger.balance("main", "USDT").wallet == Decimal("100004.9")
    assert figures(core).position.break_even_price == Decimal("48995.1")


def test_all_assets_count_under_multi_assets_margin() -> None:
    core = rich(wallet=Decimal(1000))
    with refuses(-2019):
        core.place("BUY", "1.000", price="49000")
    events = core.do(SetMultiAssets(account="main", multi_assets=True))
    assert [type(event) for event in events] == [MultiAssetsChanged]
    core.place("BUY", "1.000", price="49000")
    assert standing(core).available == 7000 - 2450
    assert fixed(margin.withdrawable(core.exchange, "main", "BNB"), 8) == "7.58333333"
    with refuses(-4170):
        core.do(SetMultiAssets(account="main", multi_assets=False))


def test_multi_assets_margin_that_cannot_be_switched() -> None:
    core = rich(wallet=Decimal(1000))
    with refuses(-4171):
        core.do(SetMultiAssets(account="main", multi_assets=False))
    isolate(core)
    with refuses(-4167):
        core.do(SetMultiAssets(account="main", multi_assets=True))
    core.do(SetMarginType(account="main", symbol=SYMBOL, margin_type="CROSSED"))
    core.do(SetMultiAssets(account="main", multi_assets=True))
    with refuses(-4168):
        isolate(core)
    core.place("BUY", "1.000", type="MARKET")
    with refuses(-4169):
        core.do(SetMultiAssets(account="main", multi_assets=False))
    core.place("SELL", "1.000", type="MARKET")
    mark(core, "40000")
    core.place("BUY", "1.000", type="MARKET")
    mark(core, "35000")
    core.place("SELL", "1.000", type="MARKET")
    with refuses(-4172):
        core.do(SetMultiAssets(account="main", multi_assets=False))
