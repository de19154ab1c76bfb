"""The listener: one loopback port for REST and WebSockets at Binance's paths."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from aiohttp import WSMsgType, web

from mock_venue.recording import Record
from mock_venue.script.misbehaviour import Misbehaviours
from mock_venue.timers import CallLater, Timer
from mock_venue.wire import subscriptions
from mock_venue.wire.connection import Connection, Connections, Events, reset
from mock_venue.wire.execution import Execution
from mock_venue.wire.handshake import Handshakes
from mock_venue.wire.http import HttpServer, malformed
from mock_venue.wire.limits import Limits
from mock_venue.wire.market_stream import MarketStream
from mock_venue.wire.request import Requests
from mock_venue.wire.rest import Rest
from mock_venue.wire.routing import Desk
from mock_venue.wire.stream_url import StreamUrl, read_stream_url
from mock_venue.wire.user_stream import UserStream
from mock_venue.wire.ws_api import PATH as WS_API_PATH
from mock_venue.wire.ws_api import WsApi

HOST = "127.0.0.1"
TICK_SECS = 1.0
PACE_SECS = 0.025
CLOSE_SECS = 1.0

Mounted = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
"""Serves requests below a path of its own, apart from the exchange's."""


class Server:
    """Serves until `close`, which ends every task and socket within a few seconds."""

    def __init__(
        self,
        desk: Desk,
        user_stream: UserStream,
        market_stream: MarketStream,
        misbehaviours: Misbehaviours,
        record: Record,
        now_ns: Callable[[], int],
        call_later: CallLater,
        mounted: dict[str, Mounted],
    ) -> None:
        self._desk = desk
        self._record = record
        self._mounted = mounted
        self._config = desk.config
        self._connections: Connections = desk.connections
        self._user_stream = user_stream
        self._market_stream = market_stream
        self._misbehaviours = misbehaviours
        self._limits = limits = Limits(desk.config, record)
        execution = Execution(desk, limits, user_stream.expire_due)
        self._requests = Requests(
            desk.exchange, execution.execute, misbehaviours, record, now_ns, call_later
        )
        self._rest = Rest(self._requests, desk.config.body_bytes_max)
        self._ws_api = WsApi(self._requests, limits, desk.api_keys, desk.executor.now_ms)
        self._handshakes = Handshakes(self._requests, limits, misbehaviours, record)
        self._http: HttpServer | None = None
        self._listener: asyncio.Server | None = None
        self._call_later = call_later
        self._tick: Timer | None = None
        self._pace: Timer | None = None

    async def start(self, port: int) -> int:
        """Listen; returns the port. Raises OSError where the port is taken."""
        loop = asyncio.get_running_loop()
        self._http = HttpServer(self._handle, self._rest.answer_now, self._record)
        self._listener = await loop.create_server(self._accept, HOST, port)
        self._tick = self._call_later(TICK_SECS, self._on_tick)
        if self._config.stream_pace == "binance":
            self._on_pace()
        return int(self._listener.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, let go of what hangs, close every connection."""
        if self._listener is None or self._http is None:
            return
        for timer in (self._tick, self._pace):
            if timer is not None:
                timer.cancel()
        self._listener.close()
        self._misbehaviours.close()
        self._requests.close()
        for connection in self._connections:
            connection.close("the venue closes")
        handlers = self._http.connections
        for handler in handlers:
            handler.close()  # those that wait for a next request would be waited for
        await self._http.shutdown(CLOSE_SECS)
        for handler in handlers:
            if handler.transport is not None:
                # A client that does not read would keep its socket open.
                handler.transport.abort()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._listener.wait_closed(), CLOSE_SECS)
        self._listener = None

    def _accept(self) -> asyncio.Protocol:
        assert self._http is not None
        if len(self._http.connections) >= self._config.connections_max:
            return _Refusing()
        return self._http()

    def _on_pace(self) -> None:
        """Let market streams send what they held back."""
        self._pace = self._call_later(PACE_SECS, self._on_pace)
        self._market_stream.flush()

    def _on_tick(self) -> None:
        """Expire listen keys, ping, and close what is too old or does not answer pings."""
        self._tick = self._call_later(TICK_SECS, self._on_tick)
        self._user_stream.expire_due()
        self._desk.executor.pass_time()
        self._market_stream.tick()
        now_ms = self._desk.executor.now_ms()
        for connection in self._connections:
            if now_ms - connection.opened_ms >= self._config.connection_life_ms:
                connection.close("connection life is over")
            elif now_ms - connection.ponged_ms >= self._config.pong_timeout_ms:
                connection.close("no pong")
            elif now_ms - connection.pinged_ms >= self._config.ping_interval_ms:
                connection.ping(now_ms)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        if request.headers.get("Upgrade", "").lower() == "websocket":
            asked = (
                StreamUrl(path, "ws_api", False, {})
                if path == WS_API_PATH
                else read_stream_url(path, query, self._config)
            )
            if asked is not None:
                return await self._websocket(request, asked)
        for prefix, serve in self._mounted.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                return await serve(request)
        return await self._rest.serve(request)

    async def _websocket(self, request: web.BaseRequest, asked: StreamUrl) -> web.StreamResponse:
        now_ms = self._desk.executor.now_ms()
        refusal = await self._handshakes.refuse(request, asked.kind, asked.path, now_ms)
        if refusal is not None:
            return refusal
        socket = web.WebSocketResponse(
            autoping=False, compress=False, max_msg_size=self._config.message_bytes_max
        )
        try:
            await socket.prepare(request)
        except web.HTTPException:
            return malformed()
        transport = request.transport
        if transport is None:
            return socket
        connection = Connection(
            self._connections.next_number(),
            asked.kind,
            asked.path,
            asked.wrapped,
            transport,
            self._config.send_buffer_bytes_max,
            self._desk.executor.now_ms(),
        )
        self._connections.add(connection)
        try:
            if asked.kind == "ws_api":
                await self._ws_api.serve(socket, connection, request.query_string)
            else:
                await self._stream(socket, connection, asked.streams)
        finally:
            self._connections.remove(connection)
        return socket

    async def _stream(
        self, socket: web.WebSocketResponse, connection: Connection, streams: dict[str, Events]
    ) -> None:
        self._subscribe(connection, streams)
        async for message in socket:
            now_ms = self._desk.executor.now_ms()
            if connection.is_forgotten or not self._limits.hear(connection, now_ms):
                continue
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                subscriptions.take(self._connections, connection, message.data, self._subscribe)
            elif message.type is WSMsgType.PING:
                await socket.pong(message.data)
            elif message.type is WSMsgType.PONG:
                connection.ponged_ms = now_ms

    def _subscribe(self, connection: Connection, streams: dict[str, Events]) -> None:
        for stream, events in streams.items():
            if len(connection.streams) < self._config.streams_per_connection_max:
                self._connections.subscribe(connection, stream, events)
        for stream in streams:
            if stream in connection.streams:
                self._market_stream.send_current(connection, stream)


class _Refusing(asyncio.Protocol):
    """What a connection over the limit meets."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        reset(transport)
