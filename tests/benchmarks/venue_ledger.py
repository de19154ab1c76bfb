"""Whether a page costs the same however many orders there are.

Each size is a venue of its own, whose account has that many past orders in 60 days: a fifth of them
cancelled unfilled, and so forgotten by the exchange after 3 days; and 100 open ones.
"""

import statistics
import time
from collections.abc import Iterator
from functools import partial

import msgspec
import psutil

from tests.benchmarks import client, servers
from tests.benchmarks.row import Row, p99

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PAGES = 300
OPEN_ORDERS = 100
DAY_MS = 86_400_000
PAST_MS = 60 * DAY_MS
ORDER = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=49000.0"
ASKED = {
    "allOrders": "/fapi/v1/allOrders symbol=BTCUSDT&limit=100",
    "allOrders of 40 days ago": "/fapi/v1/allOrders symbol=BTCUSDT&limit=100&startTime={}",
    "userTrades": "/fapi/v1/userTrades symbol=BTCUSDT&limit=100",
    "userTrades of 40 days ago": "/fapi/v1/userTrades symbol=BTCUSDT&limit=100&startTime={}",
    "openOrders": "/fapi/v1/openOrders symbol=BTCUSDT",
}


def rows() -> Iterator[Row]:
    """Memory an order, and the latency of pages, at each size."""
    made = {size: _measure(size) for size in SIZES}
    largest, smallest = SIZES[-1], SIZES[0]
    memory = {size: bytes_per_order for size, (bytes_per_order, _) in made.items()}
    yield Row(
        f"memory an order (with its trades), of {largest:,}",
        f"{memory[largest]:,.0f} bytes",
        "",
        _growth({size: f"{memory[size]:,.0f}" for size in SIZES[1:-1]}),
    )
    for name in ASKED:
        slowest = {size: p99(pages[name]) * 1000 for size, (_, pages) in made.items()}
        middle = statistics.median(made[largest][1][name]) * 1000
        ratio = middle / statistics.median(made[smallest][1][name]) / 1000
        yield Row(
            f"page of {name}, {largest:,} orders",
            f"p99 {slowest[largest]:.2f} ms, p50 {middle:.2f} ms",
            f"as with {smallest:,}",
            f"p50 {ratio:.2f} times; p99 "
            + _growth({size: f"{slowest[size]:.2f}" for size in SIZES[:-1]}),
        )


def _measure(size: int) -> tuple[float, dict[str, list[float]]]:
    with servers.venue() as venue, client.process() as clients:
        before = psutil.Process(venue.pid).memory_info().rss
        now_ms = time.time_ns() // 1_000_000
        arguments = {
            "symbol": "BTCUSDT",
            "orders": size,
            "seed": 1,
            "end_ms": now_ms - 1,
            "span_ms": PAST_MS,
        }
        act = msgspec.json.encode(arguments)
        client.ask(venue.port, client.http("POST", "/chaos/v1/acts/generate_history", body=act))
        memory = psutil.Process(venue.pid).memory_info().rss - before
        for _ in range(OPEN_ORDERS):
            client.ask(venue.port, client.signed("POST", "/fapi/v1/order", ORDER))
        pages = {
            name: clients.submit(
                client.as_fast_as_it_goes,
                venue.port,
                partial(_pages, *asked.format(now_ms - 40 * DAY_MS).split()),
                1,
            )
            .result()
            .latencies
            for name, asked in ASKED.items()
        }
    return memory / size, pages


def _pages(path: str, query: str) -> list[bytes]:
    return [client.signed("GET", path, query)] * PAGES


def _growth(figures: dict[int, str]) -> str:
    return ", ".join(f"{size:,}: {figure}" for size, figure in figures.items())
