"""Money that moves without a trade, and how it is listed."""

from decimal import Decimal
from typing import Any

import pytest

from mock_venue import AccountSpec, VenueConfig
from mock_venue.script.errors import VenueScriptError
from tests.mock_venue.helpers import SYMBOL, World, refusal

DAY_MS = 86_400_000
INCOME = "/fapi/v1/income"


async def isolate(world: World) -> None:
    await world.call("POST", "/fapi/v1/marginType", symbol=SYMBOL, marginType="ISOLATED")


async def income(world: World, **params: Any) -> list[tuple[str, str, str]]:
    rows = await world.get(INCOME, **params)
    return [(row["incomeType"], row["income"], row["symbol"]) for row in rows]


@pytest.mark.asyncio
async def test_a_deposit_is_told_listed_and_recorded(world: World) -> None:
    stream = await world.user_stream()
    world.clock.ms += 5
    balance = world.venue.deposit("250.5")

    assert balance.wallet == Decimal("100250.5")
    assert await stream.next() == {
        "e": "ACCOUNT_UPDATE",
        "T": world.clock.ms,
        "E": world.clock.ms,
        "a": {
            "B": [
                {
                    "a": "USDT",
                    "wb": "100250.50000000",
                    "cw": "100250.50000000",
                    "bc": "250.50000000",
                }
            ],
            "P": [],
            "m": "DEPOSIT",
        },
    }
    [row] = await world.get(INCOME)
    assert row == {
        "symbol": "",
        "incomeType": "TRANSFER",
        "income": "250.50000000",
        "asset": "USDT",
        "info": "TRANSFER",
        "time": world.clock.ms,
        "tranId": row["tranId"],
        "tradeId": "",
    }
    assert world.log.of("movement") == [
        {
            "reason": "DEPOSIT",
            "income_type": "TRANSFER",
            "asset": "USDT",
            "amount": "250.50000000",
            "symbol": "",
            "tran_id": row["tranId"],
            "time_ms": world.clock.ms,
            "account": "main",
        }
    ]
    assert world.log.of("balance")[-1]["wallet"] == "100250.50000000"
    assert world.log.of("act")[-1]["act"] == "deposit"


@pytest.mark.asyncio
async def test_what_is_tied_up_cannot_be_withdrawn(world: World) -> None:
    stream = await world.user_stream()
    await world.limit("BUY", "1.000", "40000")
    await stream.next()
    with pytest.raises(VenueScriptError, match="-2018"):
        world.venue.withdraw("98000.00000001")
    world.venue.withdraw("98000")
    update = (await stream.next())["a"]
    assert (update["m"], update["B"][0]["bc"]) == ("WITHDRAW", "-98000.00000000")
    assert await income(world) == [("TRANSFER", "-98000.00000000", "")]


@pytest.mark.asyncio
async def test_a_transfer_is_one_accounts_loss_and_the_others_gain() -> None:
    other = AccountSpec(name="other", key="k", secret="s", wallet=Decimal(5))
    async with World(VenueConfig(accounts=(AccountSpec(), other))) as world:
        world.venue.transfer("12.5", "other")
        ledger = world.venue.ledger
        assert ledger.balance("main", "USDT").wallet == Decimal("99987.5")
        assert ledger.balance("other", "USDT").wallet == Decimal("17.5")
        moved = [(one["account"], one["amount"]) for one in world.log.of("movement")]
        assert moved == [("main", "-12.50000000"), ("other", "12.50000000")]
        with pytest.raises(VenueScriptError, match="another account"):
            world.venue.transfer("1", "main")
        with pytest.raises(VenueScriptError, match="must be one of main, other"):
            world.venue.transfer("1", "nobody")


@pytest.mark.asyncio
async def test_a_rebate_and_bnb(world: World) -> None:
    stream = await world.user_stream()
    world.venue.adjust("0.75", "ADMIN_DEPOSIT")
    update = (await stream.next())["a"]
    assert (update["m"], update["P"]) == ("ADMIN_DEPOSIT", [])
    world.venue.deposit("3", "BNB")
    assert [row["asset"] for row in await world.get("/fapi/v3/balance")] == ["USDT", "BNB"]
    assert [kind for kind, _, _ in await income(world)] == ["REFERRAL_KICKBACK", "TRANSFER"]


@pytest.mark.parametrize(
    ("act", "given", "says"),
    [
        ("deposit", ("0",), "amount must be positive"),
        ("deposit", ("1", "EUR"), "asset must be one of USDT, BNB"),
        ("deposit", ("1", "USDT", "nobody"), "account must be one of main"),
        ("adjust", ("1", "ORDER"), "reason must be one of"),
        ("adjust", ("1", "FUNDING_FEE"), "reason must be one of"),
        ("adjust", ("0",), "-4055"),
        ("adjust", ("x",), "must be a decimal number"),
        ("funding", ("NONE",), "symbol must be one of"),
        ("funding", (SYMBOL, "1"), "between -1 and 1"),
    ],
)
def test_acts_refused(act: str, given: tuple[Any, ...], says: str) -> None:
    world = World(VenueConfig())
    with pytest.raises(VenueScriptError, match=f"{act}: .*{says}"):
        getattr(world.venue, act)(*given)
    assert world.log.of("movement") == []


# Funding


@pytest.mark.asyncio
async def test_funding_of_a_cross_position_tells_the_balance_alone(world: World) -> None:
    await world.market("BUY", "1.000")
    stream = await world.user_stream()
    [paid] = world.venue.funding(SYMBOL, "0.0003")

    assert paid.amount == Decimal("-15.000015")
    update = (await stream.next())["a"]
    assert list(update) == ["B", "P", "S", "m"]
    assert (update["m"], update["S"], update["P"]) == ("FUNDING_FEE", SYMBOL, [])
    assert update["B"] == [
        {
            "a": "USDT",
            "wb": "99959.99993500",
            "cw": "99959.99993500",
            "bc": "-15.00001500",
        }
    ]
    assert await income(world, incomeType="FUNDING_FEE") == [
        ("FUNDING_FEE", "-15.00001500", SYMBOL)
    ]


@pytest.mark.asyncio
async def test_funding_of_an_isolated_position_is_its_own(world: World) -> None:
    await isolate(world)
    await world.market("SELL", "1.000")
    stream = await world.user_stream()
    world.venue.funding(SYMBOL, "0.0003")

    update = (await stream.next())["a"]
    assert [(row["s"], row["iw"]) for row in update["P"]] == [(SYMBOL, "2515.00001500")]
    [balance] = update["B"]
    assert (balance["wb"], balance["cw"]) == ("99990.00001500", "97475.00000000")


@pytest.mark.asyncio
async def test_rates_are_the_same_everywhere(world: World) -> None:
    market = await world.connect("/market/ws/btcusdt@markPrice")
    before = await world.get("/fapi/v1/fundingRate", symbol=SYMBOL, limit=1)
    assert before[0]["fundingTime"] % (8 * 3_600_000) == 0
    world.clock.ms += 1_000
    world.venue.funding(SYMBOL, "-0.0002")
    world.venue.set_price(SYMBOL, "50100", "50100.1")

    index = await world.get("/fapi/v1/premiumIndex", symbol=SYMBOL)
    assert index["lastFundingRate"] == "-0.00020000"
    [last] = await world.get("/fapi/v1/fundingRate", symbol=SYMBOL, limit=1)
    assert last == {
        "symbol": SYMBOL,
        "fundingRate": "-0.00020000",
        "fundingTime": world.clock.ms,
        "markPrice": "50000.05000000",
        "rateType": "Regular",
    }
    frame = await market.next()
    while frame["p"] != "50100.05000000":
        frame = await market.next()
    assert frame["r"] == "-0.00020000"
    assert world.venue.funding(SYMBOL) == []
    world.clock.ms += 2 * DAY_MS
    rows = await world.get("/fapi/v1/fundingRate", symbol=SYMBOL, limit=3)
    assert [row["fundingRate"] for row in rows] == ["0.00010000", "-0.00020000", "-0.00020000"]


# Income


@pytest.mark.asyncio
async def test_trades_are_income_too(world: World) -> None:
    await world.market("BUY", "1.000")
    world.clock.ms += 1
    world.venue.deposit("1")
    world.clock.ms += 1
    await world.market("SELL", "1.000")

    assert await income(world) == [
        ("COMMISSION", "-25.00005000", SYMBOL),
        ("TRANSFER", "1.00000000", ""),
        ("REALIZED_PNL", "-0.10000000", SYMBOL),
        ("COMMISSION", "-25.00000000", SYMBOL),
    ]
    rows = await world.get(INCOME, incomeType="COMMISSION")
    assert [row["tradeId"] for row in rows] == [str(row["tranId"]) for row in rows]
    assert await income(world, symbol="ETHUSDT") == []
    assert await income(world, limit=1) == [("COMMISSION", "-25.00005000", SYMBOL)]
    assert await income(world, limit=2, page=2) == [
        ("REALIZED_PNL", "-0.10000000", SYMBOL),
        ("COMMISSION", "-25.00000000", SYMBOL),
    ]
    assert await income(world, limit=2, page=3) == []


@pytest.mark.asyncio
async def test_income_has_a_window_and_is_forgotten(world: World) -> None:
    world.venue.deposit("1")
    began = world.clock.ms
    world.clock.ms += 8 * DAY_MS
    assert await income(world) == []
    assert len(await income(world, startTime=began)) == 1
    assert len(await income(world, startTime=began, endTime=began)) == 1
    assert await income(world, startTime=began + 1) == []
    assert len(await income(world, endTime=began)) == 1
    world.clock.ms += 90 * DAY_MS
    assert await income(world, startTime=began) == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"incomeType": "NONE"}, -1130),
        ({"symbol": "NONE"}, -1121),
        ({"page": 0}, -1130),
        ({"page": 10**18}, -1130),
        ({"startTime": 2, "endTime": 1}, -1023),
        ({"limit": 0}, -1130),
    ],
)
async def test_income_refused(world: World, params: dict[str, Any], code: int) -> None:
    assert refusal(await world.call("GET", INCOME, **params)) == (400, code)


@pytest.mark.asyncio
async def test_a_snapshot_keeps_movements_and_funding(world: World) -> None:
    world.venue.deposit("1")
    world.venue.funding(SYMBOL, "0.0005")
    taken = world.venue.snapshot()
    world.venue.deposit("1")
    world.venue.funding(SYMBOL, "0.0006")
    world.venue.restore(taken)

    assert await income(world) == [("TRANSFER", "1.00000000", "")]
    index = await world.get("/fapi/v1/premiumIndex", symbol=SYMBOL)
    assert index["lastFundingRate"] == "0.00050000"
