"""NautilusTrader's own timers, one measurement a line of JSON; times are by the monotonic clock."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import WSMsgType, web
from nautilus_trader.common.component import LiveClock, TimeEvent
from nautilus_trader.core.nautilus_pyo3 import (
    HttpClient,
    HttpMethod,
    HttpTimeoutError,
    WebSocketClient,
    WebSocketConfig,
)

from tests.clock.waits import machine_seconds

TIMEOUT_SECS = 10
HEARTBEAT_SECS = 5
HEARTBEATS = 4
BACKOFF_MS = 4_000
TIMER_SECS = 0.5
TICKS = 20

EXPECTED = {
    "HTTP timeout": TIMEOUT_SECS,
    "WebSocket heartbeats": HEARTBEATS * HEARTBEAT_SECS,
    "WebSocket backoff": BACKOFF_MS / 1000,
    "LiveClock timer": TICKS * TIMER_SECS,
}


class Server:
    """Never answers HTTP; counts pings; hangs up the first WebSocket and refuses the next two."""

    def __init__(self) -> None:
        self.pings = 0
        self.opened: list[float] = []
        self.refused: list[float] = []
        self.event = asyncio.Event()
        self.hang_up = asyncio.Event()

    async def start(self) -> str:
        app = web.Application()
        app.router.add_get("/hang", self._hang)
        app.router.add_get("/ws", self._websocket)
        runner = web.AppRunner(app, shutdown_timeout=0.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"127.0.0.1:{runner.addresses[0][1]}"

    async def _hang(self, request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if self.hang_up.is_set() and len(self.refused) < 2:
            self.refused.append(time.monotonic())
            return web.Response(status=503)
        websocket = web.WebSocketResponse(autoping=False)
        await websocket.prepare(request)
        self.opened.append(time.monotonic())
        self.event.set()
        if len(self.opened) == 1:
            pinging = asyncio.ensure_future(self._count(websocket))
            await self.hang_up.wait()
            pinging.cancel()
            if request.transport is not None:
                request.transport.abort()
            return websocket
        await self._count(websocket)
        return websocket

    async def _count(self, websocket: web.WebSocketResponse) -> None:
        async for message in websocket:
            if message.type is WSMsgType.PING:
                self.pings += 1
                self.event.set()
                await websocket.pong(message.data)

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.event.clear()
            await self.event.wait()


async def http_timeout(host: str) -> float:
    client = HttpClient(timeout_secs=TIMEOUT_SECS)
    began = time.monotonic()
    try:
        await client.request(HttpMethod.GET, f"http://{host}/hang")
    except HttpTimeoutError:
        return time.monotonic() - began
    raise AssertionError("it was answered")


async def connect(host: str) -> WebSocketClient:
    config = WebSocketConfig(
        url=f"ws://{host}/ws",
        headers=[],
        heartbeat=HEARTBEAT_SECS,
        reconnect_delay_initial_ms=BACKOFF_MS,
        reconnect_jitter_ms=0,
    )
    return await WebSocketClient.connect(
        loop_=asyncio.get_running_loop(), config=config, handler=lambda _: None
    )


async def live_clock() -> float:
    clock = LiveClock()
    loop = asyncio.get_running_loop()
    late: list[int] = []
    over = asyncio.Event()

    def tick(event: TimeEvent) -> None:
        late.append(time.time_ns() - event.ts_event)
        if len(late) == TICKS:
            loop.call_soon_threadsafe(over.set)

    began = time.monotonic()
    clock.set_timer_ns("t", int(TIMER_SECS * 1e9), clock.timestamp_ns(), 0, tick)
    await over.wait()
    clock.cancel_timers()
    assert min(late) >= 0, "a tick came early"
    return time.monotonic() - began


async def main() -> None:
    server = Server()
    host = await server.start()

    async def measure(name: str, wait: Coroutine[Any, Any, float]) -> None:
        machine_began = machine_seconds()
        result = {"wait": name, "seconds": await wait}
        result["machine_seconds"] = machine_seconds() - machine_began
        print(json.dumps(result), flush=True)

    await measure("HTTP timeout", http_timeout(host))
    client = await connect(host)

    async def heartbeats() -> float:
        await server.until(lambda: server.pings >= HEARTBEATS)
        return time.monotonic() - server.opened[0]

    async def backoff() -> float:
        server.hang_up.set()
        await server.until(lambda: len(server.opened) == 2)
        return server.opened[1] - server.refused[1]

    await measure("WebSocket heartbeats", heartbeats())
    await measure("WebSocket backoff", backoff())
    await client.disconnect()
    await measure("LiveClock timer", live_clock())


if __name__ == "__main__":
    asyncio.run(main())
