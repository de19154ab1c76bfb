"""One REST request from arrival to reply, with what misbehaviour makes of it, all recorded.

    arrive -> [Refuse, HoldRequest, Delay before] -> execute -> [Lose, Hang, Hold, Refuse, Delay]
           -> reply

Execution is one synchronous call, so requests never see each other half done. A request whose
client goes away before it is executed is dropped, except under a Delay.
"""

import asyncio
import hashlib
import logging
import socket
import struct
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from aiohttp import web

from mock_venue.exchange import errors
from mock_venue.exchange.account import AccountSpec
from mock_venue.recording import Record
from mock_venue.script.misbehaviour import Handle, Misbehaviours
from mock_venue.script.rules import Delay, Hang, Hold, HoldRequest, Lose, Refuse
from mock_venue.wire.limits import Usage
from mock_venue.wire.params import Params, parse
from mock_venue.wire.routes import ROUTES
from mock_venue.wire.routing import Call, Desk, Route
from mock_venue.wire.signing import is_signed_by, signed_text

RECV_WINDOW_DEFAULT_MS = 5_000
AHEAD_MAX_MS = 1_000
RECORDED_REPLY_BYTES_MAX = 4_096
SECRET_PARAMETERS = ("signature", "apiKey", "listenKey")
CLIENT_ID_PARAMETERS = ("newClientOrderId", "origClientOrderId")

_log = logging.getLogger("mock_venue")
_encode = msgspec.json.Encoder().encode


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back: `payload` is what `body` says, decoded."""

    status: int
    body: bytes
    payload: Any
    headers: dict[str, str]


class Arrived(msgspec.Struct, kw_only=True):
    """A request, and what has become of it so far."""

    n: int
    method: str
    path: str
    query: str
    body: str | None
    """None where it was over the limit."""
    key: str | None
    values: dict[str, str]
    twice: str | None
    route: Route | None
    received_ns: int
    client_order_id: str | None = None
    orders: frozenset[str] = frozenset()
    reply: Reply | None = None
    executed: bool = False
    outcome: str = "client_gone"
    late: asyncio.Task[Reply] | None = None
    """The execution that a Delay puts off; it outlives the client."""


class Rest:
    """Serves REST requests. `close` lets go of everything that hangs."""

    def __init__(
        self,
        desk: Desk,
        misbehaviours: Misbehaviours,
        record: Record,
        now_ns: Callable[[], int],
        expire_due: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._misbehaviours = misbehaviours
        self._record = record
        self._now_ns = now_ns
        self._expire_due = expire_due
        self._usage = Usage()
        self._accounts: dict[str, AccountSpec] = {
            account.key: account for account in desk.config.accounts
        }
        self._count = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def close(self) -> None:
        """Let go of hanging and delayed requests; they are not answered."""
        if not self._closing.done():
            self._closing.set_result(None)
        for task in self._tasks:
            task.cancel()

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, or fail to, as the rules have it."""
        arrived = await self._arrive(request)
        self._record(
            "wire",
            "request",
            {
                "n": arrived.n,
                "method": arrived.method,
                "path": arrived.path,
                "client_order_id": arrived.client_order_id,
            },
        )
        try:
            handle = self._misbehaviours.for_request(
                arrived.n, arrived.method, arrived.path, arrived.values, arrived.orders
            )
            reply = await self._reply(arrived, handle)
            if reply is None:
                return _reset(request)
            response = web.Response(status=reply.status, body=reply.body, headers=reply.headers)
            await response.prepare(request)
            await response.write_eof()
            arrived.outcome = "replied"
            return response
        finally:
            if arrived.late is None or arrived.late.done():
                self._note(arrived)
            else:
                arrived.late.add_done_callback(lambda _: self._note(arrived))

    async def _arrive(self, request: web.BaseRequest) -> Arrived:
        received_ns = self._now_ns()
        path, _, query = request.raw_path.partition("?")
        body = await self._read(request)
        values, twice = parse(query, body or "")
        self._count += 1
        arrived = Arrived(
            n=self._count,
            method=request.method,
            path=path,
            query=query,
            body=body,
            key=request.headers.get("X-MBX-APIKEY"),
            values=values,
            twice=twice,
            route=ROUTES.get((request.method, path)),
            received_ns=received_ns,
        )
        self._name_orders(arrived)
        return arrived

    async def _read(self, request: web.BaseRequest) -> str | None:
        body_bytes_max = self._desk.config.body_bytes_max
        if (request.content_length or 0) > body_bytes_max:
            return None
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return None
        return body.decode("utf-8", "replace") if len(body) <= body_bytes_max else None

    async def _reply(self, arrived: Arrived, handle: Handle | None) -> Reply | None:
        """Execute the request and return the reply; None where the connection is to be reset."""
        action = handle.rule.action if handle is not None else None
        match action:
            case Refuse(executed=False):
                arrived.reply = _refused(action)
                return arrived.reply
            case HoldRequest() if self._misbehaviours.has_room:
                assert handle is not None
                if not await handle.gate():
                    arrived.outcome = "hung"
                    return None
            case Delay(before=True):
                arrived.late = self._spawn(self._execute_late(arrived, action.delay_ms))
                return await asyncio.shield(arrived.late)
        reply = self._execute(arrived)
        match action:
            case Lose():
                arrived.outcome = "lost"
                return None
            case Hang():
                arrived.outcome = "hung"
                await asyncio.shield(self._closing)
                return None
            case Hold() if self._misbehaviours.has_room:
                assert handle is not None
                if not await handle.gate():
                    arrived.outcome = "hung"
                    return None
            case Delay(before=False):
                await asyncio.sleep(action.delay_ms / 1000)
            case Refuse(executed=True):
                arrived.reply = reply = _refused(action)
        return reply

    async def _execute_late(self, arrived: Arrived, delay_ms: int) -> Reply:
        await asyncio.sleep(delay_ms / 1000)
        return self._execute(arrived)

    def _spawn(self, work: Coroutine[Any, Any, Reply]) -> asyncio.Task[Reply]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _execute(self, arrived: Arrived) -> Reply:
        self._expire_due()
        now_ms = self._desk.executor.now_ms()
        account = ""
        status = 200
        payload: Any
        try:
            route = self._route(arrived)
            account = self._authenticate(route, arrived, now_ms)
            payload = route.handler(
                Call(desk=self._desk, account=account, params=Params(arrived.values))
            )
        except errors.ExchangeError as error:
            status, payload = error.status, {"code": error.code, "msg": error.msg}
        except Exception:
            _log.exception("%s %s failed", arrived.method, arrived.path)
            status = 500
            payload = {
                "code": -1000,
                "msg": "An unknown error occurred while processing the request.",
            }
        weight, orders = (
            (arrived.route.weight, arrived.route.orders) if arrived.route is not None else (1, 0)
        )
        arrived.executed = status == 200
        arrived.reply = Reply(
            status=status,
            body=_encode(payload),
            payload=payload,
            headers={
                "Content-Type": "application/json",
                **self._usage.headers(account, weight, orders, now_ms),
            },
        )
        return arrived.reply

    def _route(self, arrived: Arrived) -> Route:
        if arrived.route is None:
            raise errors.UNKNOWN_PATH(arrived.path, arrived.method)
        if arrived.body is None:
            raise errors.BODY_TOO_LARGE()
        if arrived.twice is not None:
            raise errors.DUPLICATE_PARAMETER()
        for name, value in arrived.values.items():
            if not value:
                raise errors.PARAMETER_EMPTY(name)
        return arrived.route

    def _authenticate(self, route: Route, arrived: Arrived, now_ms: int) -> str:
        if route.security == "NONE":
            return ""
        if not arrived.key:
            raise errors.BAD_KEY_FORMAT()
        account = self._accounts.get(arrived.key)
        if account is None:
            raise errors.UNKNOWN_KEY()
        if route.security == "KEY":
            return account.name
        params = Params(arrived.values)
        timestamp = params.integer("timestamp")
        signature = params.text("signature")
        window = params.find_integer("recvWindow")
        if timestamp >= now_ms + AHEAD_MAX_MS:
            raise errors.TIMESTAMP_AHEAD()
        if now_ms - timestamp > (RECV_WINDOW_DEFAULT_MS if window is None else window):
            raise errors.TIMESTAMP_OUTSIDE_WINDOW()
        text = signed_text(arrived.query, arrived.body or "")
        if not is_signed_by(account.secret, text, signature):
            raise errors.BAD_SIGNATURE()
        return account.name

    def _name_orders(self, arrived: Arrived) -> None:
        """Find the client order ids that the request is about, by whatever id it names them."""
        values = arrived.values
        names = {values[name] for name in CLIENT_ID_PARAMETERS if values.get(name)}
        ids = [values["orderId"]] if "orderId" in values else []
        for name in ("orderIdList", "origClientOrderIdList"):
            try:
                listed = msgspec.json.decode(values.get(name, "[]"), type=list[int | str])
            except msgspec.MsgspecError:
                continue
            ids.extend(str(one) for one in listed if isinstance(one, int))
            names.update(one for one in listed if isinstance(one, str))
        for text in ids:
            order = self._desk.exchange.ledger.order(int(text)) if text.isdecimal() else None
            if order is not None:
                names.add(order.client_order_id)
        arrived.orders = frozenset(names)
        arrived.client_order_id = next(iter(names)) if len(names) == 1 else None

    def _note(self, arrived: Arrived) -> None:
        if self._closing.done() and arrived.outcome == "client_gone":
            arrived.outcome = "hung"
        reply = arrived.reply
        replied = arrived.outcome == "replied"
        changes = arrived.route is not None and arrived.route.changes_orders
        if (
            reply is not None
            and arrived.client_order_id is None
            and isinstance(reply.payload, dict)
        ):
            arrived.client_order_id = reply.payload.get("clientOrderId")
        self._record(
            "wire",
            "http",
            {
                "n": arrived.n,
                "method": arrived.method,
                "path": arrived.path,
                "params": {
                    name: value
                    for name, value in arrived.values.items()
                    if name not in SECRET_PARAMETERS
                },
                "status": reply.status if replied and reply is not None else None,
                "reply": _recorded(reply) if reply is not None else None,
                "outcome": arrived.outcome,
                "executed": arrived.executed if changes else None,
                "received_ns": arrived.received_ns,
                "replied_ns": self._now_ns() if replied else None,
                "client_order_id": arrived.client_order_id,
            },
        )


def _refused(action: Refuse) -> Reply:
    if isinstance(action.body, str):
        body, content_type = action.body.encode(), "text/html"
    else:
        body, content_type = _encode(action.body), "application/json"
    return Reply(
        status=action.status,
        body=body,
        payload=action.body,
        headers={"Content-Type": content_type, **action.headers},
    )


def _recorded(reply: Reply) -> Any:
    if len(reply.body) <= RECORDED_REPLY_BYTES_MAX:
        return reply.payload
    return {
        "bytes": len(reply.body),
        "sha256": hashlib.sha256(reply.body).hexdigest(),
        "items": len(reply.payload) if isinstance(reply.payload, list) else None,
    }


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    """Reset the connection (RST, not FIN); the response returned goes nowhere."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()
