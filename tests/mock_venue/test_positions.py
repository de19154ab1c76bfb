"""What is told of all positions together: the open interest, and the queue for ADL."""

from decimal import Decimal
from typing import Any

import pytest

from mock_venue import AccountSpec, VenueConfig
from tests.mock_venue.helpers import SYMBOL, World

NAMES = tuple("abcde")
ACCOUNTS = VenueConfig(
    accounts=(
        *(AccountSpec(name=name, key=name, secret=name) for name in NAMES),
        AccountSpec(name="poor", key="poor", secret="poor", wallet=Decimal(10_000)),
    )
)


async def trade(world: World, name: str, side: str, quantity: str, **params: Any) -> None:
    become(world, name)
    await world.market(side, quantity, **params)


def become(world: World, name: str) -> None:
    world.account = next(one for one in ACCOUNTS.accounts if one.name == name)


async def interest(world: World) -> str:
    told = await world.get("/fapi/v1/openInterest", symbol=SYMBOL)
    assert (told["symbol"], told["time"]) == (SYMBOL, world.clock.ms)
    return str(told["openInterest"])


async def quantiles(world: World, name: str, **params: Any) -> Any:
    become(world, name)
    return await world.get("/fapi/v1/adlQuantile", **params)


@pytest.mark.asyncio
async def test_the_open_interest_is_what_the_positions_need() -> None:
    async with World(ACCOUNTS) as world:
        assert await interest(world) == "0.000"
        await trade(world, "a", "BUY", "1")
        await trade(world, "b", "BUY", "0.5")
        assert await interest(world) == "1.500"
        await trade(world, "c", "SELL", "2")
        assert await interest(world) == "2.000"
        await trade(world, "d", "SELL", "0.1", symbol="ETHUSDT")
        await trade(world, "c", "BUY", "1.9")
        assert await interest(world) == "1.500"


@pytest.mark.asyncio
async def test_both_positions_of_hedge_mode_are_open_interest() -> None:
    async with World(ACCOUNTS) as world:
        await world.call("POST", "/fapi/v1/positionSide/dual", dualSidePosition="true")
        await trade(world, "a", "BUY", "1", positionSide="LONG")
        await trade(world, "a", "SELL", "0.4", positionSide="SHORT")
        assert await interest(world) == "1.000"


@pytest.mark.asyncio
async def test_who_gains_most_on_the_thinnest_margin_is_first_for_adl() -> None:
    async with World(ACCOUNTS) as world:
        for name, quantity in zip(NAMES, ("0.5", "0.1", "0.4", "0.2"), strict=False):
            await trade(world, name, "BUY", quantity)
        await trade(world, "e", "SELL", "3")
        world.venue.set_price(SYMBOL, "51000.0", "51000.1")

        places = {}
        for name in NAMES:
            [told] = await quantiles(world, name)
            assert told["symbol"] == SYMBOL
            assert told["adlQuantile"].keys() == {"LONG", "SHORT", "BOTH"}
            places[name] = told["adlQuantile"]["BOTH"]
        assert places == {"a": 4, "b": 1, "c": 3, "d": 2, "e": 0}


@pytest.mark.asyncio
async def test_a_thin_margin_and_a_small_wallet_count_for_adl() -> None:
    async with World(ACCOUNTS) as world:
        await trade(world, "a", "BUY", "0.5")
        await trade(world, "poor", "BUY", "0.1")
        world.venue.set_price(SYMBOL, "50900.0", "50900.1")
        await trade(world, "b", "BUY", "3")
        world.venue.set_price(SYMBOL, "51000.0", "51000.1")

        names = ("a", "b", "poor")  # who gains 500 of 100,000, 300 of 100,000, 100 of 10,000
        places = [(await quantiles(world, name))[0]["adlQuantile"]["BOTH"] for name in names]
        assert places == [0, 1, 3]


@pytest.mark.asyncio
async def test_losers_are_alike_in_the_queue_whatever_they_lose() -> None:
    async with World(ACCOUNTS) as world:
        await trade(world, "a", "BUY", "0.1")
        await trade(world, "b", "BUY", "0.5")
        world.venue.set_price(SYMBOL, "49000.0", "49000.1")
        for name in "ab":
            [told] = await quantiles(world, name)
            assert told["adlQuantile"] == {"LONG": 0, "SHORT": 0, "BOTH": 0}


@pytest.mark.asyncio
async def test_the_margin_of_an_isolated_position_counts_alone() -> None:
    async with World(ACCOUNTS) as world:
        await trade(world, "a", "BUY", "0.5")
        become(world, "b")
        isolated = {"symbol": SYMBOL, "marginType": "ISOLATED"}
        assert (await world.call("POST", "/fapi/v1/marginType", **isolated))[0] == 200
        await trade(world, "b", "BUY", "0.1")
        world.venue.set_price(SYMBOL, "50500.0", "50500.1")
        places = [(await quantiles(world, name))[0]["adlQuantile"]["BOTH"] for name in ("a", "b")]
        assert places == [0, 2]


@pytest.mark.asyncio
@pytest.mark.parametrize(("margin_type", "third"), [("CROSSED", "HEDGE"), ("ISOLATED", "BOTH")])
async def test_cross_positions_of_hedge_mode_are_one_in_the_queue(
    margin_type: str, third: str
) -> None:
    async with World(ACCOUNTS) as world:
        await world.call("POST", "/fapi/v1/positionSide/dual", dualSidePosition="true")
        await world.call("POST", "/fapi/v1/marginType", symbol=SYMBOL, marginType=margin_type)
        await trade(world, "a", "BUY", "0.5", positionSide="LONG")
        await trade(world, "a", "SELL", "0.1", positionSide="SHORT")
        await trade(world, "b", "BUY", "0.1")
        world.venue.set_price(SYMBOL, "51000.0", "51000.1")
        [told] = await quantiles(world, "a")
        in_one = {"LONG": 1, "SHORT": 1, "HEDGE": 0}
        apart = {"LONG": 3, "SHORT": 0, "BOTH": 0}
        assert told["adlQuantile"] == (in_one if third == "HEDGE" else apart)


@pytest.mark.asyncio
async def test_only_symbols_with_a_position_are_in_the_queue() -> None:
    async with World(ACCOUNTS) as world:
        await trade(world, "a", "BUY", "0.1", symbol="ETHUSDT")
        assert await quantiles(world, "b") == []
        assert await quantiles(world, "a", symbol=SYMBOL) == []
        [told] = await quantiles(world, "a")
        assert told["symbol"] == "ETHUSDT"
        assert await quantiles(world, "a", symbol="ETHUSDT") == [told]


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["openInterest", "adlQuantile", "assetIndex"])
async def test_a_symbol_that_there_is_not(world: World, path: str) -> None:
    status, reply = await world.call("GET", f"/fapi/v1/{path}", symbol="NONE")
    assert (status, reply["code"]) == (400, -1121)


@pytest.mark.asyncio
async def test_an_asset_counts_at_its_price(world: World) -> None:
    told = await world.get("/fapi/v1/assetIndex")
    assert [(one["symbol"], one["index"], one["bidRate"]) for one in told] == [
        ("USDTUSD", "1.00000000", "1.00000000"),
        ("BNBUSD", "600.00000000", "600.00000000"),
    ]
    assert await world.get("/fapi/v1/assetIndex", symbol="BNBUSD") == told[1]
