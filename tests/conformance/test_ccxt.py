"""ccxt's REST client, unmodified: what it decodes is what the ledger says."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest
import pytest_asyncio

from mock_venue.exchange.order import Order
from tests.conformance.live import LiveVenue

ACCOUNT = "hmac"
SYMBOL = "BTC/USDT:USDT"
STATUS = {
    "NEW": "open",
    "PARTIALLY_FILLED": "open",
    "FILLED": "closed",
    "CANCELED": "canceled",
    "EXPIRED": "expired",
}


@pytest_asyncio.fixture
async def exchange(live: LiveVenue) -> AsyncIterator[Any]:
    made = connect(live)
    await made.load_markets()
    yield made
    await made.close()


def connect(live: LiveVenue, **options: Any) -> Any:
    """A client with its base URLs changed, and without its pauses between requests."""
    account = live.venue.config.accounts[0]
    made = ccxt.binanceusdm(
        {
            "apiKey": account.key,
            "secret": account.secret,
            "enableRateLimit": False,
            "options": {"fetchCurrencies": False},
            **options,
        }
    )
    host = f"http://127.0.0.1:{live.venue.port}/"
    urls = made.urls["api"]
    urls.update({name: host + url.split("/", 3)[3] for name, url in urls.items()})
    return made


def decimal(number: float | str) -> Decimal:
    """What a client has as a float or a text."""
    return Decimal(str(number))


def known(live: LiveVenue, order: Any) -> Order:
    """The ledger's order, which the client's must be equal to in all it tells."""
    found = live.venue.ledger.order(int(order["id"]))
    assert found is not None
    assert order["clientOrderId"] == found.client_order_id
    assert order["symbol"] == SYMBOL
    assert order["side"] == found.side.lower()
    assert order["type"] == found.type.lower()
    assert order["status"] == STATUS[found.status]
    assert order["timeInForce"] == {"GTX": "PO"}.get(found.time_in_force, found.time_in_force)
    assert order["postOnly"] == (found.time_in_force == "GTX")
    assert order["reduceOnly"] == found.reduce_only
    assert decimal(order["amount"]) == found.quantity
    assert decimal(order["filled"]) == found.filled
    assert decimal(order["remaining"]) == found.quantity - found.filled
    if found.filled:
        assert decimal(order["average"]) == found.average_price
        assert decimal(order["cost"]) == found.filled_quote
    if found.type == "LIMIT":
        assert decimal(order["price"]) == found.price
    assert order["lastUpdateTimestamp"] == found.updated_ms
    return found


async def limit(exchange: Any, side: str = "buy", price: float = 49_000, **params: Any) -> Any:
    return await exchange.create_order(SYMBOL, "limit", side, 0.01, price, params)


@pytest.mark.asyncio
async def test_markets_have_the_venues_filters(exchange: Any) -> None:
    market = exchange.market(SYMBOL)
    assert market["id"] == "BTCUSDT"
    assert (market["swap"], market["linear"], market["active"]) == (True, True, True)
    assert market["precision"]["price"] == 0.1
    assert market["precision"]["amount"] == 0.001
    assert market["limits"]["amount"] == {"min": 0.001, "max": 1000.0}
    assert market["limits"]["market"] == {"min": 0.001, "max": 120.0}
    assert market["limits"]["cost"]["min"] == 50.0


@pytest.mark.asyncio
async def test_an_order_is_placed_asked_for_by_both_ids_modified_and_cancelled(
    live: LiveVenue, exchange: Any
) -> None:
    placed = await limit(exchange, clientOrderId="mine")
    assert known(live, placed).status == "NEW"

    by_id = await exchange.fetch_order(placed["id"], SYMBOL)
    by_client_id = await exchange.fetch_order(None, SYMBOL, {"clientOrderId": "mine"})
    assert by_id == by_client_id
    assert by_id["timestamp"] == known(live, by_id).created_ms
    assert await exchange.fetch_open_order(placed["id"], SYMBOL) == by_id
    assert await exchange.fetch_open_orders(SYMBOL) == [by_id]

    modified = await exchange.edit_order(placed["id"], SYMBOL, "limit", "buy", 0.02, 48_900)
    assert modified["id"] == placed["id"]
    assert known(live, modified).price == 48_900

    live.venue.fill("mine", "0.005")
    partly = await exchange.fetch_order(placed["id"], SYMBOL)
    assert known(live, partly).filled == Decimal("0.005")

    cancelled = await exchange.cancel_order(placed["id"], SYMBOL)
    assert known(live, cancelled).status == "CANCELED"
    assert await exchange.fetch_open_orders(SYMBOL) == []


@pytest.mark.asyncio
async def test_what_the_exchange_does_not_know_is_not_found(exchange: Any) -> None:
    with pytest.raises(ccxt.OrderNotFound, match="-2011"):
        await exchange.cancel_order("1", SYMBOL)
    with pytest.raises(ccxt.OrderNotFound, match="-2011"):
        await exchange.cancel_order(None, SYMBOL, {"clientOrderId": "none"})
    with pytest.raises(ccxt.OrderNotFound, match="-2013"):
        await exchange.fetch_order("1", SYMBOL)
    with pytest.raises(ccxt.OrderNotFound, match="-2013"):
        await exchange.fetch_open_order("1", SYMBOL)


@pytest.mark.asyncio
async def test_a_market_order_is_filled_and_changes_position_and_balance(
    live: LiveVenue, exchange: Any
) -> None:
    bought = await exchange.create_order(SYMBOL, "market", "buy", 0.01)
    assert known(live, bought).status == "FILLED"

    (position,) = await exchange.fetch_positions([SYMBOL])
    ledger = live.venue.ledger
    held = ledger.position(ACCOUNT, "BTCUSDT")
    assert (position["side"], decimal(position["contracts"])) == ("long", held.amount)
    assert decimal(position["entryPrice"]) == held.entry_price
    assert decimal(position["info"]["breakEvenPrice"]) == held.break_even_price
    mark = next(price.mark for price in live.venue.prices if price.symbol == "BTCUSDT")
    assert decimal(position["markPrice"]) == mark
    assert decimal(position["unrealizedPnl"]) == held.unrealized_pnl(mark)
    assert decimal(position["notional"]) == held.amount * mark

    interest = await exchange.fetch_open_interest(SYMBOL)
    assert decimal(interest["openInterestAmount"]) == held.amount
    (place,) = await exchange.fetch_positions_adl_rank([SYMBOL])
    assert (place["symbol"], place["rank"]) == (SYMBOL, 0)

    balance = (await exchange.fetch_balance())["USDT"]
    wallet = ledger.balance(ACCOUNT, "USDT").wallet
    assert decimal(balance["total"]) == wallet + held.unrealized_pnl(mark)
    assert decimal(balance["used"]) == held.amount * mark / 20

    (trade,) = await exchange.fetch_my_trades(SYMBOL)
    (made,) = ledger.trades(int(bought["id"]))
    assert (trade["id"], trade["order"]) == (str(made.trade_id), bought["id"])
    assert (trade["side"], trade["takerOrMaker"]) == ("buy", "taker")
    assert (decimal(trade["price"]), decimal(trade["amount"])) == (made.price, made.quantity)
    assert trade["fee"]["currency"] == made.commission_asset
    assert decimal(trade["fee"]["cost"]) == made.commission
    assert trade["timestamp"] == made.time_ms


@pytest.mark.asyncio
async def test_a_post_only_order_rests_or_is_refused(live: LiveVenue, exchange: Any) -> None:
    resting = await limit(exchange, postOnly=True)
    assert known(live, resting).time_in_force == "GTX"
    with pytest.raises(ccxt.InvalidOrder, match="-5022"):
        await limit(exchange, price=50_100, postOnly=True)
    assert [one["id"] for one in await exchange.fetch_orders(SYMBOL)] == [resting["id"]]


@pytest.mark.asyncio
async def test_immediate_or_cancel_is_filled_or_expires(live: LiveVenue, exchange: Any) -> None:
    filled = await limit(exchange, price=50_100, timeInForce="IOC")
    assert known(live, filled).status == "FILLED"
    expired = await limit(exchange, timeInForce="IOC")
    assert known(live, expired).status == "EXPIRED"


@pytest.mark.asyncio
async def test_reduce_only_closes_and_does_not_open(live: LiveVenue, exchange: Any) -> None:
    with pytest.raises(ccxt.ExchangeError, match="-2022"):
        await exchange.create_order(SYMBOL, "market", "sell", 0.01, None, {"reduceOnly": True})
    await exchange.create_order(SYMBOL, "market", "buy", 0.01)
    closed = await exchange.create_order(SYMBOL, "market", "sell", 0.01, None, {"reduceOnly": True})
    assert known(live, closed).reduce_only
    assert await exchange.fetch_positions([SYMBOL]) == []


@pytest.mark.asyncio
async def test_orders_are_cancelled_in_batches_and_all_at_once(
    live: LiveVenue, exchange: Any
) -> None:
    orders = [await limit(exchange, price=49_000 + n, clientOrderId=f"o{n}") for n in range(4)]
    (cancelled,) = await exchange.cancel_orders([orders[0]["id"], "1"], SYMBOL)
    assert known(live, cancelled).status == "CANCELED"
    (request,) = live.log.of("http", path="/fapi/v1/batchOrders")  # ccxt drops what failed
    assert request["reply"][1] == {"code": -2011, "msg": "Unknown order sent."}
    (cancelled_by_name,) = await exchange.cancel_orders([], SYMBOL, {"clientOrderIds": ["o1"]})
    assert known(live, cancelled_by_name).order_id == int(orders[1]["id"])

    assert len(await exchange.fetch_open_orders(SYMBOL)) == 2
    await exchange.cancel_all_orders(SYMBOL)
    assert await exchange.fetch_open_orders(SYMBOL) == []


@pytest.mark.asyncio
async def test_history_is_told_oldest_first_and_in_pages(live: LiveVenue, exchange: Any) -> None:
    for _ in range(3):
        await exchange.create_order(SYMBOL, "market", "buy", 0.01)
    resting = await limit(exchange)
    await exchange.cancel_order(resting["id"], SYMBOL)

    orders = await exchange.fetch_orders(SYMBOL)
    assert [known(live, order).order_id for order in orders] == sorted(
        int(order["id"]) for order in orders
    )
    assert [order["status"] for order in orders] == ["closed"] * 3 + ["canceled"]
    assert await exchange.fetch_closed_orders(SYMBOL) == orders[:3]
    assert await exchange.fetch_canceled_orders(SYMBOL) == orders[3:]
    assert await exchange.fetch_orders(SYMBOL, None, 2) == orders[2:]

    trades = await exchange.fetch_my_trades(SYMBOL)
    assert [trade["order"] for trade in trades] == [order["id"] for order in orders[:3]]
    assert await exchange.fetch_my_trades(SYMBOL, None, 1) == trades[2:]
    paged = await exchange.fetch_my_trades(SYMBOL, None, None, {"fromId": trades[1]["id"]})
    assert paged == trades[1:]
    of_one = await exchange.fetch_my_trades(SYMBOL, None, None, {"orderId": orders[1]["id"]})
    assert of_one == trades[1:2]


@pytest.mark.asyncio
async def test_leverage_and_margin_type_are_set_and_read(exchange: Any) -> None:
    await exchange.set_leverage(7, SYMBOL)
    assert (await exchange.fetch_leverages([SYMBOL]))[SYMBOL]["longLeverage"] == 7
    await exchange.set_margin_mode("isolated", SYMBOL)
    assert (await exchange.fetch_margin_modes([SYMBOL]))[SYMBOL]["marginMode"] == "isolated"
    assert (await exchange.fetch_leverage_tiers())[SYMBOL][0]["maintenanceMarginRate"] == 0.004
    fee = await exchange.fetch_trading_fee(SYMBOL)
    assert (fee["maker"], fee["taker"]) == (0.0002, 0.0005)


@pytest.mark.asyncio
async def test_the_market_is_what_the_venue_says(live: LiveVenue, exchange: Any) -> None:
    live.venue.set_price("BTCUSDT", "51000.0", "51000.1", "51001.5")
    live.venue.market_trade("BTCUSDT", "BUY", "0.5")
    live.venue.market_trade("BTCUSDT", "SELL", "0.25")

    book = await exchange.fetch_order_book(SYMBOL, 5)
    assert (book["bids"][0][0], book["asks"][0][0]) == (51_000.0, 51_000.1)
    assert len(book["bids"]) == len(book["asks"]) == 5
    quote = (await exchange.fetch_bids_asks([SYMBOL]))[SYMBOL]
    assert (quote["bid"], quote["ask"]) == (51_000.0, 51_000.1)
    assert (await exchange.fetch_mark_price(SYMBOL))["markPrice"] == 51_001.5
    assert (await exchange.fetch_last_prices([SYMBOL]))[SYMBOL]["price"] == 51_000.0
    assert (await exchange.fetch_funding_rate(SYMBOL))["fundingRate"] == 0.0001
    assert await exchange.fetch_funding_intervals() == {}  # none was adjusted

    trades = await exchange.fetch_trades(SYMBOL)
    told = [(trade["side"], trade["price"], trade["amount"]) for trade in trades]
    assert told == [("buy", 51_000.1, 0.5), ("sell", 51_000.0, 0.25)]
    ticker = await exchange.fetch_ticker(SYMBOL)
    assert (ticker["open"], ticker["high"], ticker["last"]) == (50_000.0, 51_000.1, 51_000.0)
    assert ticker["baseVolume"] == 0.75
    (candle,) = await exchange.fetch_ohlcv(SYMBOL, "1d", None, 1)
    assert candle[1:] == [50_000.0, 51_000.1, 50_000.0, 51_000.0, 0.75]
    for kind, prices in (
        ("mark", [50_000.05, 51_001.5, 50_000.05, 51_001.5]),
        ("index", [50_000.05, 51_001.5, 50_000.05, 51_001.5]),
        ("premiumIndex", [0, 0, -0.00002745, -0.00002745]),
    ):
        (candle,) = await exchange.fetch_ohlcv(SYMBOL, "1d", None, 1, {"price": kind})
        assert candle[1:5] == prices


@pytest.mark.asyncio
async def test_a_wrong_secret_and_a_wrong_key_are_told_apart(live: LiveVenue) -> None:
    for options, code in (({"secret": "wrong"}, "-1022"), ({"apiKey": "wrong"}, "-2015")):
        stranger = connect(live, **options)
        try:
            with pytest.raises(ccxt.AuthenticationError, match=code):
                await stranger.fetch_balance()
        finally:
            await stranger.close()
