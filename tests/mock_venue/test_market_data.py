"""Trades, candles, tickers and the book: on the streams, by REST, and the same in both."""

from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from mock_venue import VenueConfig
from mock_venue.exchange.candles import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    Candles,
    next_opening_ms,
    opening_ms,
)
from mock_venue.exchange.path import MarketTrade, Move, Recorded, Walk
from tests.mock_venue.helpers import START_MS, SYMBOL, Socket, World

LOWER = SYMBOL.lower()
WALK = VenueConfig(price_path=Walk(), seed=7)


async def get(world: World, path: str, **params: Any) -> Any:
    query = "&".join(f"{name}={value}" for name, value in {"symbol": SYMBOL, **params}.items())
    status, body, _ = await world.raw("GET", f"/fapi/{path}", query)
    assert status == 200, body
    return msgspec.json.decode(body)


async def until_answered(stream: Socket) -> list[dict[str, Any]]:
    """All frames that were on their way."""
    await stream.send({"method": "LIST_SUBSCRIPTIONS", "id": "end"})
    frames = []
    while (frame := await stream.next()).get("id") != "end":
        frames.append(frame)
    return frames


def moment(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp()) * 1000


@pytest.mark.parametrize(
    ("interval", "opens", "then"),
    [
        ("1m", "2026-11-18 07:26:00", "2026-11-18 07:27:00"),
        ("15m", "2026-11-18 07:15:00", "2026-11-18 07:30:00"),
        ("1d", "2026-11-18 00:00:00", "2026-11-19 00:00:00"),
        ("1w", "2026-11-16 00:00:00", "2026-11-23 00:00:00"),
        ("1M", "2026-11-01 00:00:00", "2026-12-01 00:00:00"),
    ],
)
def test_where_a_candle_begins_and_ends(interval: str, opens: str, then: str) -> None:
    open_ms = opening_ms(moment("2026-11-18 07:26:40"), interval)
    assert open_ms == moment(opens)
    assert next_opening_ms(open_ms, interval) == moment(then)


def test_minutes_are_put_together() -> None:
    candles = Candles(Decimal(100))
    for minute, price, quantity, buys in [(0, 101, 2, True), (0, 99, 1, False), (2, 105, 4, True)]:
        candles.print(Decimal(price), minute * MINUTE_MS, Decimal(quantity), minute, buys)

    whole = candles.candle(0, "3m")
    assert [whole.open, whole.high, whole.low, whole.close] == [101, 105, 99, 105]
    assert [whole.volume, whole.taker_volume, whole.trades] == [7, 6, 3]
    assert whole.quote_volume == 2 * 101 + 99 + 4 * 105
    silent = candles.candle(MINUTE_MS, "1m")
    assert [silent.open, silent.close, silent.trades] == [99, 99, 0]


@pytest.mark.asyncio
async def test_trades_are_the_same_on_streams_and_by_rest(world: World) -> None:
    stream = await world.connect(f"/ws/{LOWER}@trade/{LOWER}@aggTrade/{LOWER}@kline_1m")
    await world.log.wait("connection", action="opened")
    await world.market("SELL")
    world.venue.market_trade(SYMBOL, "BUY", "0.5")
    world.venue.market_trade("ETHUSDT", "BUY", "0.5")

    frames = await until_answered(stream)
    told = [frame for frame in frames if frame["e"] == "trade"]
    assert [(frame["p"], frame["q"], frame["m"]) for frame in told] == [
        ("50000.00", "0.010", True),
        ("50000.10", "0.500", False),
    ]
    trades = await get(world, "v1/trades")
    assert [one["id"] for one in trades] == [frame["t"] for frame in told]
    assert await get(world, "v1/historicalTrades", fromId=trades[1]["id"]) == trades[1:]
    aggregated = [frame["a"] for frame in frames if frame["e"] == "aggTrade"]
    assert [one["a"] for one in await get(world, "v1/aggTrades")] == aggregated
    candle = [frame for frame in frames if frame["e"] == "kline"][-1]["k"]
    (kline,) = await get(world, "v1/klines", interval="1m", limit=1)
    assert [candle[key] for key in "tohlcvTqnVQ"] == kline[:11]
    assert (candle["n"], candle["v"], candle["x"]) == (2, "0.510", False)
    day = await get(world, "v1/ticker/24hr")
    assert (day["lastPrice"], day["volume"], day["count"]) == ("50000.10", "0.510", 2)
    assert (await get(world, "v2/ticker/price"))["price"] == "50000.10"


@pytest.mark.asyncio
async def test_a_candle_is_closed_when_its_time_is_over(world: World) -> None:
    stream = await world.connect(f"/ws/{LOWER}_perpetual@continuousKline_1m")
    await world.log.wait("connection", action="opened")
    await world.market("SELL")
    world.clock.ms += MINUTE_MS
    world.venue._market_stream.tick()
    world.venue._market_stream.tick()

    frames = [frame["k"] for frame in await until_answered(stream)]
    assert [(frame["x"], frame["n"]) for frame in frames] == [(False, 1), (True, 1), (False, 0)]
    assert frames[2]["t"] == frames[1]["T"] + 1
    assert frames[2]["o"] == frames[1]["c"]


@pytest.mark.asyncio
async def test_pages_of_trades_and_klines(world: World) -> None:
    for minute in range(3):
        world.clock.ms = START_MS + minute * MINUTE_MS
        world.venue.market_trade(SYMBOL, "BUY", "1")
    times = [one["T"] for one in await get(world, "v1/aggTrades")]
    assert len(times) == 3

    window = {"startTime": times[1], "endTime": times[2]}
    assert [one["T"] for one in await get(world, "v1/aggTrades", **window)] == times[1:]
    assert [one["T"] for one in await get(world, "v1/aggTrades", endTime=times[1])] == times[:2]
    klines = await get(world, "v1/klines", interval="1m", startTime=START_MS - DAY_MS, limit=1500)
    assert [one[8] for one in klines][-3:] == [1, 1, 1]
    assert [one[0] - klines[0][0] for one in klines] == [n * MINUTE_MS for n in range(len(klines))]
    latest = await get(world, "v1/klines", interval="1m", limit=2)
    assert latest == klines[-2:]
    assert (await get(world, "v1/klines", interval="1d", limit=3))[-1][8] == 3


@pytest.mark.asyncio
async def test_candles_of_the_mark_price_and_of_the_premium(world: World) -> None:
    minute = {"interval": "1m", "limit": 2}
    world.venue.set_price(SYMBOL, "50010.0", "50010.1", "50020.1")
    world.venue.set_price(SYMBOL, "50030.0", "50030.1", "50029")
    world.clock.ms += MINUTE_MS
    world.venue.set_price(SYMBOL, "50030.0", "50030.1", "50030.05")
    world.venue.market_trade(SYMBOL, "BUY", "1")

    first, second = await get(world, "v1/markPriceKlines", **minute)
    open_ms = START_MS - START_MS % MINUTE_MS
    prices = ["50000.05000000", "50029.00000000", "50000.05000000", "50029.00000000"]
    assert first == [open_ms, *prices, "0", open_ms + 59_999, "0", 0, "0", "0", "0"]
    prices = ["50029.00000000", "50030.05000000", "50029.00000000", "50030.05000000"]
    assert second[1:5] == prices
    assert await get(world, "v1/indexPriceKlines", pair=SYMBOL, **minute) == [first, second]
    premiums = [one[1:5] for one in await get(world, "v1/premiumIndexKlines", **minute)]
    assert premiums == [
        ["0.00000000", "0.00001999", "-0.00019992", "0.00001999"],
        ["0.00001999", "0.00001999", "0.00000000", "0.00000000"],
    ]
    since = {"interval": "1m", "startTime": open_ms, "endTime": open_ms}
    assert await get(world, "v1/markPriceKlines", **since) == [first]


@pytest.mark.asyncio
async def test_a_snapshot_has_the_candles_of_the_mark_price(world: World) -> None:
    world.venue.set_price(SYMBOL, "50010.0", "50010.1", "50020.1")
    paths = ("v1/markPriceKlines", "v1/premiumIndexKlines")
    told = [await get(world, path, interval="1m", limit=1) for path in paths]
    snapshot = msgspec.json.decode(msgspec.json.encode(world.venue.snapshot()))
    world.venue.set_price(SYMBOL, "50000.0", "50000.1", "50000.05")
    assert [await get(world, path, interval="1m", limit=1) for path in paths] != told
    world.venue.restore(snapshot)
    assert [await get(world, path, interval="1m", limit=1) for path in paths] == told


@pytest.mark.asyncio
async def test_old_trades_are_told_no_more(world: World) -> None:
    world.venue.market_trade(SYMBOL, "BUY", "1")
    old = (await get(world, "v1/trades"))[0]
    window = {"startTime": old["time"], "endTime": old["time"] + HOUR_MS}

    async def told(path: str, **asked: int) -> bool:
        return bool(await get(world, path, **asked))

    world.clock.ms += 2 * DAY_MS
    assert await told("v1/aggTrades", fromId=old["id"])
    assert await told("v1/aggTrades", **window)
    world.clock.ms += 1
    assert not await told("v1/aggTrades", fromId=old["id"])
    assert not await told("v1/aggTrades", **window)
    assert await told("v1/historicalTrades", fromId=old["id"])
    world.clock.ms += 28 * DAY_MS
    assert not await told("v1/historicalTrades", fromId=old["id"])


@pytest.mark.asyncio
async def test_the_last_day_begins_with_a_full_minute_and_ends_now(world: World) -> None:
    world.clock.ms = START_MS + 12_345
    day = await get(world, "v1/ticker/24hr")
    stream = await world.connect(f"/ws/{LOWER}@ticker")
    await world.log.wait("connection", action="opened")
    for _ in range(2):
        world.venue._market_stream.tick()
    (frame,) = await until_answered(stream)

    assert (day["openTime"], day["closeTime"]) == (frame["O"], frame["C"])
    assert day["closeTime"] == world.clock.ms
    assert day["openTime"] == START_MS - START_MS % MINUTE_MS + MINUTE_MS - DAY_MS


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("v1/klines", "symbol=BTCUSDT&interval=7m", -1120),
        ("v1/klines", "symbol=BTCUSDT", -1102),
        ("v1/klines", "symbol=BTCUSDT&interval=1m&startTime=5&endTime=4", -1023),
        ("v1/klines", f"symbol=BTCUSDT&interval=1M&endTime={10**18}", -1130),
        ("v1/markPriceKlines", "symbol=NONE&interval=1m", -1121),
        ("v1/markPriceKlines", "symbol=BTCUSDT", -1102),
        ("v1/indexPriceKlines", "symbol=BTCUSDT&interval=1m", -1102),
        ("v1/indexPriceKlines", "pair=NONE&interval=1m", -1121),
        ("v1/premiumIndexKlines", "symbol=BTCUSDT&interval=7m", -1120),
        ("v1/aggTrades", "symbol=BTCUSDT&fromId=1&startTime=5", -1128),
        ("v1/aggTrades", "symbol=BTCUSDT&startTime=5&endTime=3600006", -1127),
        ("v1/trades", "symbol=NONE", -1121),
        ("v1/depth", "symbol=BTCUSDT&limit=7", -4021),
        ("v1/rpiDepth", "symbol=BTCUSDT&limit=500", -4021),
        ("v1/rpiDepth", "symbol=NONE", -1121),
    ],
)
async def test_refusals(world: World, path: str, query: str, code: int) -> None:
    status, body, _ = await world.raw("GET", f"/fapi/{path}", query)
    assert (status, msgspec.json.decode(body)["code"]) == (400, code)


@pytest.mark.asyncio
async def test_funding_times_of_the_past(world: World) -> None:
    latest = await get(world, "v1/fundingRate")
    assert len(latest) == 200
    assert {one["fundingTime"] % (8 * 3_600_000) for one in latest} == {0}
    assert latest[-1]["fundingTime"] <= START_MS
    assert {one["markPrice"] for one in latest} == {"50000.05000000"}
    since = latest[-3]["fundingTime"]
    assert await get(world, "v1/fundingRate", startTime=since) == latest[-3:]


@pytest.mark.asyncio
@pytest.mark.parametrize("snapshot_at", [0, 1, 5])
async def test_a_book_kept_from_the_differences_is_the_book(snapshot_at: int) -> None:
    """As clients are told to: buffer, take a snapshot, drop what is older, apply the rest."""
    async with World(msgspec.structs.replace(WALK, matching="auto")) as world:
        stream = await world.connect(f"/stream?streams={LOWER}@depth@100ms")
        await world.log.wait("connection", action="opened")
        snapshot: Any = None
        for step in range(12):
            if step == snapshot_at:
                snapshot = await get(world, "v1/depth", limit=1000)
            world.venue.advance()
            await world.market("BUY" if step % 2 else "SELL", "2.5")
        frames = [frame["data"] for frame in await until_answered(stream)]

        assert all(now["pu"] == before["u"] for before, now in pairwise(frames))
        assert all(frame["U"] <= frame["u"] for frame in frames)
        last = snapshot["lastUpdateId"]
        rest = [frame for frame in frames if frame["u"] >= last]
        assert rest[0]["U"] <= last <= rest[0]["u"]
        book = {"b": dict(snapshot["bids"]), "a": dict(snapshot["asks"])}
        for frame in rest:
            for side, levels in book.items():
                for price, quantity in frame[side]:
                    levels.pop(price, None)
                    if Decimal(quantity):
                        levels[price] = quantity
        now = await get(world, "v1/depth", limit=1000)
        assert book == {"b": dict(now["bids"]), "a": dict(now["asks"])}
        assert Decimal(now["bids"][0][0]) < Decimal(now["asks"][0][0])


@pytest.mark.asyncio
async def test_a_partial_book_is_the_top_of_the_book(world: World) -> None:
    stream = await world.connect(f"/ws/{LOWER}@depth5")
    first = await stream.next()
    world.venue.set_price(SYMBOL, "50001", "50001.10")
    second = await stream.next()

    assert first["b"][0] == ["50000.00", "1000.000"]
    assert first["pu"] < first["U"] <= first["u"] == second["pu"] < second["U"] <= second["u"]
    now = await get(world, "v1/depth", limit=5)
    assert (second["b"], second["a"]) == (now["bids"], now["asks"])


@pytest.mark.asyncio
async def test_what_comes_every_second_and_every_other(world: World) -> None:
    names = [f"{LOWER}@{one}" for one in ("ticker", "miniTicker", "depth")]
    stream = await world.connect(f"/stream?streams={'/'.join([*names, '!miniTicker@arr'])}")
    await world.log.wait("connection", action="opened")
    told = []
    for _ in range(2):
        world.venue._market_stream.tick()
        told.append({one["stream"]: one["data"] for one in await until_answered(stream)})

    assert [frame.keys() for frame in told] == [
        {"!miniTicker@arr"},
        {names[0], names[1], "!miniTicker@arr"},
    ]
    assert [one["s"] for one in told[0]["!miniTicker@arr"]] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]


@pytest.mark.asyncio
async def test_the_largest_liquidation_of_a_second_is_told(world: World) -> None:
    stream = await world.connect(f"/stream?streams={LOWER}@forceOrder/!forceOrder@arr")
    await world.log.wait("connection", action="opened")
    await world.market("BUY", quantity="0.006")
    world.venue.adl(SYMBOL, quantity="0.001")
    sold = [world.venue.liquidate(SYMBOL, quantity=one) for one in ("0.001", "0.003", "0.001")]
    assert await until_answered(stream) == []
    world.clock.ms += 700
    for _ in range(2):
        world.venue._market_stream.tick()

    own, all_symbols = await until_answered(stream)
    assert (own["stream"], all_symbols["stream"]) == (f"{LOWER}@forceOrder", "!forceOrder@arr")
    assert own["data"] == all_symbols["data"]
    assert own["data"] == {
        "e": "forceOrder",
        "E": world.clock.ms,
        "o": {
            "s": SYMBOL,
            "S": "SELL",
            "o": "LIMIT",
            "f": "IOC",
            "q": "0.003",
            "p": "50000.00",
            "ap": "50000.00",
            "X": "FILLED",
            "l": "0.003",
            "z": "0.003",
            "T": sold[1].time_ms,
        },
    }


@pytest.mark.asyncio
async def test_a_contract_is_told_when_its_status_changes(world: World) -> None:
    stream = await world.connect("/ws/!contractInfo")
    await world.log.wait("connection", action="opened")
    world.venue.set_status(SYMBOL, "PENDING_TRADING")
    world.venue.settle("ETHUSDT")

    told = await until_answered(stream)
    assert [(one["s"], one["cs"]) for one in told] == [
        (SYMBOL, "PENDING_TRADING"),
        ("ETHUSDT", "SETTLING"),
        ("ETHUSDT", "CLOSE"),
    ]
    assert told[0] == {
        "e": "contractInfo",
        "E": world.clock.ms,
        "s": SYMBOL,
        "ps": SYMBOL,
        "ct": "PERPETUAL",
        "dt": 4_133_404_800_000,
        "ot": 1_569_398_400_000,
        "cs": "PENDING_TRADING",
    }


@pytest.mark.asyncio
async def test_a_walk_is_the_same_for_the_same_seed() -> None:
    async def walked(seed: int) -> list[Any]:
        async with World(msgspec.structs.replace(WALK, seed=seed)) as world:
            world.venue.advance(50)
            return [world.log.of("price"), await get(world, "v1/trades")]

    assert await walked(7) == await walked(7)
    assert await walked(7) != await walked(8)


@pytest.mark.asyncio
async def test_a_recorded_path_is_played_and_then_stands_still() -> None:
    trade = MarketTrade(side="SELL", price=Decimal("49999"), quantity=Decimal("0.2"))
    moves = (
        Move(bid=Decimal("49999"), ask=Decimal("49999.10"), trades=(trade,)),
        Move(bid=Decimal("50005"), ask=Decimal("50005.20"), mark=Decimal("50004")),
    )
    async with World(VenueConfig(price_path=Recorded({SYMBOL: moves}))) as world:
        world.venue.advance(5)

        prices = world.log.of("price", symbol=SYMBOL)
        assert [(one["bid"], one["mark"]) for one in prices[1:]] == [
            ("49999.00", "49999.05"),
            ("50005.00", "50004"),
        ]
        assert [one["qty"] for one in await get(world, "v1/trades")] == ["0.200"]


def test_a_path_that_cannot_be_is_refused() -> None:
    move = Move(bid=Decimal(2), ask=Decimal(1))
    with pytest.raises(ValueError, match="price_path: BTCUSDT: bid must be below ask"):
        VenueConfig(price_path=Recorded({SYMBOL: (move,)}))
    with pytest.raises(ValueError, match=r"price_path: symbol must be one of .*, was NONE"):
        VenueConfig(price_path=Recorded({"NONE": (move,)}))


@pytest.mark.asyncio
async def test_the_path_goes_on_by_itself_when_told_to() -> None:
    config = msgspec.structs.replace(WALK, price_interval_ms=1)
    async with World(config) as world:
        stream = await world.connect(f"/ws/{LOWER}@bookTicker")
        ids = [(await stream.next())["u"] for _ in range(4)]
        assert ids == sorted(set(ids))


@pytest.mark.asyncio
async def test_a_reference_price_that_passes_the_last_trade_takes_the_last_price_along(
    world: World,
) -> None:
    world.venue.set_price(SYMBOL, "51000", "51000.10")
    world.venue.set_price(SYMBOL, "50999.90", "51000.20")
    day = await get(world, "v1/ticker/24hr")
    assert (day["lastPrice"], day["highPrice"], day["count"]) == ("51000.00", "51000.00", 0)
    assert await get(world, "v1/trades") == []


@pytest.mark.asyncio
async def test_a_symbol_need_not_be_ascii() -> None:
    symbol = "币安人生USDT"
    spec = msgspec.structs.replace(VenueConfig().symbols[0], symbol=symbol)
    async with World(VenueConfig(symbols=(spec,))) as world:
        assert (await world.market(symbol=symbol))["symbol"] == symbol
        (held,) = await world.get("/fapi/v3/positionRisk")
        assert (held["symbol"], held["positionAmt"]) == (symbol, "0.010")
        name = f"{symbol.lower()}@bookTicker"
        for path in (f"/ws/{quote(name)}", f"/stream?streams={quote(name)}"):
            frame = await (await world.connect(path)).next()
            assert frame.get("data", frame)["s"] == symbol
        stream = await world.connect("/ws")
        await stream.send({"method": "SUBSCRIBE", "params": [name], "id": 1})
        assert (await stream.next())["id"] == 1
        assert (await stream.next())["s"] == symbol
