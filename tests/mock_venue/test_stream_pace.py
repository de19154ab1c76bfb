"""Market streams at Binance's pace: one frame, when it is due, of all that changed in between."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from mock_venue import VenueConfig
from mock_venue.config import StreamPace
from tests.mock_venue.helpers import SYMBOL, Socket, World

SPEEDS = {"@100ms": 100, "": 250, "@250ms": 250, "@500ms": 500}


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with World(VenueConfig(stream_pace="binance")) as running:
        yield running


async def listen(world: World, *streams: str) -> Socket:
    """A socket that has the streams, and has had what comes at once."""
    socket = await world.connect("/ws")
    await socket.send({"method": "SUBSCRIBE", "params": list(streams), "id": 1})
    assert await socket.next() == {"result": None, "id": 1}
    return socket


async def nothing_comes(world: World, socket: Socket) -> None:
    world.venue._market_stream.flush()
    await socket.send({"method": "LIST_SUBSCRIPTIONS", "id": 2})
    assert (await socket.next())["id"] == 2


def move(world: World, *bids: str) -> None:
    for bid in bids:
        world.venue.set_price(SYMBOL, bid, f"{bid}.5")


@pytest.mark.asyncio
@pytest.mark.parametrize("speed", SPEEDS)
async def test_depth_tells_all_changes_in_one_frame_when_it_is_due(
    world: World, speed: str
) -> None:
    socket = await listen(world, f"btcusdt@depth{speed}")
    move(world, "50010", "50020")
    world.clock.ms += SPEEDS[speed] - 1  # the clock stands on a full second at first
    await nothing_comes(world, socket)
    world.clock.ms += 1
    frame = await socket.next()
    assert (frame["pu"], frame["U"], frame["u"]) == (1, 2, 5)
    assert ["50020.00", "1000.000"] in frame["b"]
    assert ["50000.00", "0.000"] in frame["b"]
    assert ["50010.00", "0.000"] in frame["b"]  # in a snapshot that was taken in between

    world.clock.ms += SPEEDS[speed]  # nothing has changed
    await nothing_comes(world, socket)
    move(world, "50030")
    world.clock.ms += SPEEDS[speed]
    frame = await socket.next()
    assert (frame["pu"], frame["U"], frame["u"]) == (5, 6, 6)


@pytest.mark.asyncio
async def test_all_book_tickers_come_every_five_seconds(world: World) -> None:
    socket = await listen(world, "!bookTicker")
    move(world, "50010", "50020")
    world.clock.ms += 4_999
    await nothing_comes(world, socket)
    world.clock.ms += 1
    frame = await socket.next()
    assert (frame["e"], frame["s"], frame["b"]) == ("bookTicker", SYMBOL, "50020.00")
    world.clock.ms += 5_000
    await nothing_comes(world, socket)


@pytest.mark.asyncio
async def test_each_speed_has_its_own_sequence(world: World) -> None:
    socket = await world.connect("/stream?streams=btcusdt@depth@100ms/btcusdt@depth@500ms")
    told: dict[str, list[tuple[int, int]]] = {"btcusdt@depth@100ms": [], "btcusdt@depth@500ms": []}
    for bid in ("50010", "50020", "50030", "50040", "50050"):
        move(world, bid)
        world.clock.ms += 100
        frame = await socket.next()
        told[frame["stream"]].append((frame["data"]["pu"], frame["data"]["u"]))
    frame = await socket.next()
    told[frame["stream"]].append((frame["data"]["pu"], frame["data"]["u"]))
    assert told == {
        "btcusdt@depth@100ms": [(1, 4), (4, 5), (5, 6), (6, 7), (7, 8)],
        "btcusdt@depth@500ms": [(1, 8)],
    }


@pytest.mark.asyncio
async def test_a_snapshot_between_two_frames_lies_in_the_next_one(world: World) -> None:
    socket = await listen(world, "btcusdt@depth")
    move(world, "50010")
    snapshot = await world.get("/fapi/v1/depth", symbol=SYMBOL, limit=5)
    move(world, "50020")
    world.clock.ms += 250
    frame = await socket.next()
    assert frame["U"] <= snapshot["lastUpdateId"] <= frame["u"]


@pytest.mark.asyncio
async def test_quotes_and_trades_come_at_once_and_aggregate_trades_every_100_ms(
    world: World,
) -> None:
    socket = await listen(world, "btcusdt@aggTrade", "btcusdt@trade", "btcusdt@bookTicker")
    assert (await socket.next())["e"] == "bookTicker"
    await world.market("SELL")
    world.venue.market_trade(SYMBOL, "BUY", "0.5")
    trades = [await socket.next() for _ in range(2)]
    assert [trade["e"] for trade in trades] == ["trade", "trade"]
    move(world, "50010")
    assert (await socket.next())["b"] == "50010.00"
    await nothing_comes(world, socket)
    world.clock.ms += 99
    await nothing_comes(world, socket)
    world.clock.ms += 1
    aggregated = [await socket.next() for _ in range(2)]
    assert [one["a"] for one in aggregated] == [trade["t"] for trade in trades]
    assert aggregated[0]["E"] == trades[0]["E"] + 100
    assert aggregated[0]["T"] == trades[0]["T"]


@pytest.mark.asyncio
async def test_candles_come_every_250_ms_and_mark_prices_every_second(world: World) -> None:
    socket = await listen(world, "btcusdt@kline_1m", "btcusdt@markPrice@1s")
    assert (await socket.next())["e"] == "markPriceUpdate"  # of the subscription
    world.venue.market_trade(SYMBOL, "BUY", "0.5")
    world.venue.market_trade(SYMBOL, "BUY", "0.25")
    move(world, "50010")
    world.clock.ms += 249
    await nothing_comes(world, socket)
    world.clock.ms += 1
    candle = await socket.next()
    assert (candle["e"], candle["k"]["v"], candle["k"]["n"]) == ("kline", "0.750", 2)
    world.venue._market_stream.tick()
    assert (await socket.next())["p"] == "50010.25000000"


@pytest.mark.asyncio
@pytest.mark.parametrize("pace", ["immediate", "binance"])
async def test_a_book_kept_from_a_snapshot_is_the_venues(pace: StreamPace) -> None:
    async with World(VenueConfig(stream_pace=pace)) as world:
        move(world, "50100")  # nobody listens yet
        socket = await listen(world, "btcusdt@depth")
        snapshot = await world.get("/fapi/v1/depth", symbol=SYMBOL)
        kept = {side: dict(snapshot[side]) for side in ("bids", "asks")}
        for bid in ("50200", "50050", "50200"):
            move(world, bid)
            world.clock.ms += 250
            frame = await socket.next()
            for side, changes in (("bids", frame["b"]), ("asks", frame["a"])):
                kept[side].update(changes)
            now = await world.get("/fapi/v1/depth", symbol=SYMBOL)
            for side in ("bids", "asks"):
                standing = {price: one for price, one in kept[side].items() if float(one)}
                assert standing == dict(now[side])
