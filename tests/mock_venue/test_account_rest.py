"""Margin, isolated wallets, assets and fees, as clients see them."""

from decimal import Decimal
from typing import Any

import pytest

from mock_venue import AccountSpec, VenueConfig
from tests.mock_venue.helpers import SYMBOL, World, refusal


async def isolate(world: World) -> None:
    status, _ = await world.call(
        "POST", "/fapi/v1/marginType", symbol=SYMBOL, marginType="ISOLATED"
    )
    assert status == 200


@pytest.mark.asyncio
async def test_an_order_beyond_the_margin_is_refused(world: World) -> None:
    assert refusal(await world.limit(quantity="41", price="49000")) == (400, -2019)


@pytest.mark.asyncio
async def test_an_isolated_position(world: World) -> None:
    stream = await world.user_stream()
    await isolate(world)
    update = (await stream.next())["a"]
    assert update["m"] == "MARGIN_TYPE_CHANGE"
    assert [(row["s"], row["mt"], row["pa"]) for row in update["P"]] == [(SYMBOL, "isolated", "0")]
    await world.market("SELL", "1.000")
    frames = [await stream.next() for _ in range(4)]
    [balance], [position] = frames[2]["a"]["B"], frames[2]["a"]["P"]
    assert (balance["wb"], balance["cw"]) == ("99975.00000000", "97475.00000000")
    assert position["iw"] == "2500.00000000"

    added = await world.call(
        "POST", "/fapi/v1/positionMargin", symbol=SYMBOL, amount="12.5", type=1
    )
    assert added == (
        200,
        {"amount": 12.5, "code": 200, "msg": "Successfully modify position margin.", "type": 1},
    )
    update = (await stream.next())["a"]
    assert (update["m"], update["P"][0]["iw"]) == ("MARGIN_TRANSFER", "2512.50000000")
    assert update["B"] == [{"a": "USDT", "wb": "99975.00000000", "cw": "97462.50000000", "bc": "0"}]

    [risk] = await world.get("/fapi/v3/positionRisk")
    assert (risk["isolatedWallet"], risk["isolatedMargin"]) == ("2512.5", "2512.45")
    assert risk["liquidationPrice"] == "52303.28685259"
    [risk] = await world.get("/fapi/v2/positionRisk", symbol=SYMBOL)
    assert (risk["marginType"], risk["isolatedMargin"]) == ("isolated", "2512.45000000")
    account = await world.get("/fapi/v2/account")
    assert account["availableBalance"] == "97462.50000000"
    assert account["totalWalletBalance"] == "99975.00000000"
    history = "/fapi/v1/positionMargin/history"
    [change] = await world.get(history, symbol=SYMBOL)
    assert change == {
        "symbol": SYMBOL,
        "type": 1,
        "deltaType": "USER_ADJUST",
        "amount": "12.5",
        "asset": "USDT",
        "time": world.clock.ms,
        "positionSide": "BOTH",
    }
    assert await world.get(history, symbol=SYMBOL, type=2) == []
    assert await world.get(history, symbol=SYMBOL, endTime=world.clock.ms - 1) == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"amount": "1", "type": 3}, -1130),
        ({"amount": "1"}, -1102),
        ({"type": 1}, -1102),
        ({"amount": "1", "type": 1}, -4049),
        ({"amount": "-1", "type": 1}, -4055),
        ({"amount": "1", "type": 1, "positionSide": "LONG"}, -4061),
        ({"amount": "1", "type": 1, "positionSide": "UP"}, -4060),
        ({"amount": "1", "type": 1, "symbol": "NONE"}, -1121),
    ],
)
async def test_position_margin_refused(world: World, params: dict[str, Any], code: int) -> None:
    given = {"symbol": SYMBOL, **params}
    assert refusal(await world.call("POST", "/fapi/v1/positionMargin", **given)) == (400, code)


@pytest.mark.asyncio
async def test_the_window_of_margin_changes(world: World) -> None:
    path, day_ms, now = "/fapi/v1/positionMargin/history", 86_400_000, world.clock.ms
    reply = await world.call("GET", path, symbol=SYMBOL, startTime=now - 31 * day_ms)
    assert refusal(reply) == (400, -4165)
    reply = await world.call("GET", path, symbol=SYMBOL, startTime=now, endTime=now - 1)
    assert refusal(reply) == (400, -1023)


@pytest.mark.asyncio
async def test_multi_assets_margin(world: World) -> None:
    path = "/fapi/v1/multiAssetsMargin"
    stream = await world.user_stream()
    assert await world.get(path) == {"multiAssetsMargin": False}
    reply = await world.call("POST", path, multiAssetsMargin="true")
    assert reply == (200, {"code": 200, "msg": "success"})
    assert (await stream.next())["ai"] == {"j": True}
    assert await world.get(path) == {"multiAssetsMargin": True}
    assert (await world.get("/fapi/v2/account"))["multiAssetsMargin"] is True
    assert refusal(await world.call("POST", path, multiAssetsMargin="true")) == (400, -4171)
    assert refusal(await world.call("POST", path)) == (400, -1102)


@pytest.mark.asyncio
async def test_fees_in_bnb() -> None:
    async with World(
        VenueConfig(accounts=(AccountSpec(bnb=Decimal(2)),), bnb_price=Decimal(500))
    ) as world:
        path = "/fapi/v1/feeBurn"
        assert await world.get(path) == {"feeBurn": False}
        reply = await world.call("POST", path, feeBurn="true")
        assert reply == (200, {"code": 200, "msg": "success"})
        assert await world.get(path) == {"feeBurn": True}
        stream = await world.user_stream()
        await world.market("SELL", "1.000")

        frames = [await stream.next() for _ in range(4)]
        rows = [(row["a"], row["wb"]) for row in frames[2]["a"]["B"]]
        assert rows == [("USDT", "100000.00000000"), ("BNB", "1.95500000")]
        assert (frames[3]["o"]["N"], frames[3]["o"]["n"]) == ("BNB", "0.04500000")
        [trade] = await world.get("/fapi/v1/userTrades", symbol=SYMBOL)
        assert (trade["commissionAsset"], trade["commission"]) == ("BNB", "0.04500000")
        rows = await world.get("/fapi/v3/balance")
        assert [(row["asset"], row["balance"]) for row in rows] == [
            ("USDT", "100000.00000000"),
            ("BNB", "1.95500000"),
        ]
        assets = (await world.get("/fapi/v2/account"))["assets"]
        assert [row["maxWithdrawAmount"] for row in assets] == ["97499.94750000", "1.95500000"]
        wallets = [one["wallet"] for one in world.log.of("balance", asset="BNB")]
        assert wallets == ["2.00000000", "1.95500000"]


@pytest.mark.asyncio
async def test_commission_rates_are_the_accounts_own() -> None:
    account = AccountSpec(maker_fee=Decimal("-0.00005"), taker_fee=Decimal("0.0003"))
    async with World(VenueConfig(accounts=(account,))) as world:
        rates = await world.get("/fapi/v1/commissionRate", symbol=SYMBOL)
        assert (rates["makerCommissionRate"], rates["takerCommissionRate"]) == (
            "-0.00005",
            "0.0003",
        )


@pytest.mark.asyncio
async def test_leverage_brackets(world: World) -> None:
    brackets = (await world.get("/fapi/v1/leverageBracket", symbol=SYMBOL))["brackets"]
    assert brackets[1] == {
        "bracket": 2,
        "initialLeverage": 100,
        "notionalCap": 800_000,
        "notionalFloor": 300_000,
        "maintMarginRatio": 0.005,
        "cum": 300,
    }


@pytest.mark.asyncio
async def test_a_snapshot_keeps_margin_and_assets(world: World) -> None:
    await isolate(world)
    await world.market("BUY", "1.000")
    await world.limit("BUY", "1.000")
    taken = world.venue.snapshot()
    before = await world.get("/fapi/v3/account")
    await world.call("DELETE", "/fapi/v1/allOpenOrders", symbol=SYMBOL)
    await world.market("SELL", "1.000")
    world.venue.restore(taken)

    assert await world.get("/fapi/v3/account") == before
    await world.call("DELETE", "/fapi/v1/allOpenOrders", symbol=SYMBOL)
    assert (await world.get("/fapi/v3/positionRisk"))[0]["bidNotional"] == "0"
