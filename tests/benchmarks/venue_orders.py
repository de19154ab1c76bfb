"""Orders over HTTP on loopback: signature, ledger, history and pushes, beside a bare handler.

The load is a market maker's: LIMIT orders that rest, each cancelled `OPEN_ORDERS` orders later.
Beside it MARKET orders, each of which is also a trade, a position and a balance, and four pushes.
"""

import re
import statistics
from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from tests.benchmarks import client, servers
from tests.benchmarks.bare import Said
from tests.benchmarks.client import Load
from tests.benchmarks.row import Row, p99
from tests.benchmarks.servers import Server

ROUNDS = 5
ORDERS = 6_000
OPEN_ORDERS = 100
RATE = 1_000
RATED_ORDERS = 4_000
PATH = "/fapi/v1/order"
LIMIT = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=49000.0"
MARKET = "symbol=BTCUSDT&side={}&type=MARKET&quantity=0.010"
OWN_HEADERS = ("content-length", "date", "server")


def rows() -> Iterator[Row]:
    """Orders a second at 1 and 16 connections, and the latency at a rate."""
    with servers.venue() as venue, client.process() as clients:

        def load(how: Callable[..., Load], server: Server, *arguments: object) -> Load:
            return clients.submit(how, server.port, *arguments).result()

        said = _said(venue)
        plain = msgspec.structs.replace(said, plain=True)
        with servers.bare(plain) as usual, servers.bare(said) as fast:
            for make, name, aim in (
                (resting, "place, cancel", ">= 0.5 of bare"),
                (taking, "MARKET, filled", ""),
            ):
                for connections in (1, 16):
                    rounds = [
                        [
                            load(client.as_fast_as_it_goes, server, make, connections)
                            for server in (venue, usual, fast)
                        ]
                        for _ in range(ROUNDS)
                    ]
                    yield _rates(f"orders/s ({name}), concurrency {connections}", rounds, aim)
            yield _latencies(
                *(
                    load(client.at_a_rate, server, partial(resting, RATED_ORDERS), 16, RATE)
                    for server in (venue, usual)
                )
            )


def resting(orders: int = ORDERS) -> list[bytes]:
    """Requests that place LIMIT orders and cancel them."""
    placed = [
        client.signed("POST", PATH, f"{LIMIT}&newClientOrderId=b{number}")
        for number in range(orders)
    ]
    cancelled = [
        client.signed("DELETE", PATH, f"symbol=BTCUSDT&origClientOrderId=b{number}")
        for number in range(orders)
    ]
    requests = placed[:OPEN_ORDERS]
    for place, cancel in zip(placed[OPEN_ORDERS:], cancelled, strict=False):
        requests += place, cancel
    return requests + cancelled[-OPEN_ORDERS:]


def taking() -> list[bytes]:
    """Requests that buy and sell at the market."""
    return [
        client.signed("POST", PATH, MARKET.format(("BUY", "SELL")[number % 2]))
        for number in range(ORDERS)
    ]


def _said(venue: Server) -> Said:
    """What the venue replies to an order."""
    reply = client.ask(venue.port, client.signed("POST", PATH, MARKET.format("BUY")))
    head, _, body = reply.decode().partition("\r\n\r\n")
    headers = re.findall(r"([^\r\n:]+): ([^\r\n]*)", head)
    return Said(
        body=body,
        headers={name: value for name, value in headers if name.lower() not in OWN_HEADERS},
    )


def _rates(figure: str, rounds: list[list[Load]], aim: str) -> Row:
    """The venue's rate, and the median of the rounds' ratios to the other two."""
    venue, usual, fast = (
        statistics.median(load.rate for load in loads) for loads in zip(*rounds, strict=True)
    )
    of_usual, of_fast = (
        statistics.median(loads[0].rate / loads[other].rate for loads in rounds) for other in (1, 2)
    )
    busiest = max(load.cpu for loads in rounds for load in loads)
    return Row(
        figure,
        f"{venue:,.0f}/s, {of_usual:.2f} of bare",
        aim,
        f"bare aiohttp, web.Application on asyncio: {usual:,.0f}/s; web.Server on uvloop, which the"
        f" venue has: {fast:,.0f}/s ({of_fast:.2f} of it); client: {busiest:.0%} of a core",
    )


def _latencies(venue: Load, bare: Load) -> Row:
    ours, theirs = ([one * 1000 for one in load.latencies] for load in (venue, bare))
    return Row(
        f"latency at {RATE:,} orders/s (place, cancel)",
        f"p99 {p99(ours):.2f} ms, p50 {statistics.median(ours):.2f} ms, max {max(ours):.1f} ms",
        "p99 < 5 ms",
        f"bare aiohttp: p99 {p99(theirs):.2f} ms, p50 {statistics.median(theirs):.2f} ms",
    )
