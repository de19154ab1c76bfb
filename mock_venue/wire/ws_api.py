"""The WebSocket API at /ws-fapi/v1: REST's operations as requests and responses on one socket.

    {"id": ..., "method": "order.place", "params": {...}}
    {"id": ..., "status": 200, "result": {...}, "rateLimits": [...]}
    {"id": ..., "status": 400, "error": {"code": -1102, "msg": "..."}, "rateLimits": [...]}

A method is a REST endpoint by another name, and carried out as such. Requests are executed and
answered in the order they come, unless a rule holds one up. `rateLimits` is left out where
`returnRateLimits` is false, in the URL or in a request. No stream event ever comes on this socket.
Here, unlike on the streams, a pong that does not repeat the last ping keeps nothing open.
(Binance: "WebSocket API General Info".)

A request that needs a key carries `apiKey`, one that must be signed `timestamp` and `signature`
too: over all other parameters, sorted by name, joined `k=v&...`. Clients differ in what they sign,
and all of it is taken: numbers as they stand in the JSON, booleans as `true` or as Python's `True`,
texts as they are or (the official SDK) percent-encoded. A signature may be percent-encoded too, as
python-binance sends it (unconfirmed that the exchange takes it). Numbers may be JSON numbers or
strings; the docs want INT as a number and DECIMAL as a string.

`session.logon` is signed, and takes Ed25519 keys only: others are refused with -4056 (the text was
seen for HMAC keys, RSA's is inferred from it). After it requests need neither `apiKey` nor
`signature`, and still `timestamp`; one with an `apiKey` of its own stands for itself. When the key
of a session is revoked its next request is answered with id null, 401 and -2015, and the session is
over; the socket stays open.

Unconfirmed, and REST's way here: the status of an unknown method (404) and the answer to a frame
that is no request (400 -1102).
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote

import msgspec
from aiohttp import WSMsgType, web

from mock_venue.exchange import errors
from mock_venue.wire.api_keys import ApiKeys
from mock_venue.wire.connection import Connection
from mock_venue.wire.limits import Limits
from mock_venue.wire.params import json_text
from mock_venue.wire.request import Answer, Request, Requests
from mock_venue.wire.routes import ROUTES
from mock_venue.wire.routing import Call, Route
from mock_venue.wire.signing import encoded_parameters, signed_parameters

PATH = "/ws-fapi/v1"
SESSION_WEIGHT = 2
PENDING_MAX = 1_000
"""Requests of one connection that rules hold up; one more closes it."""
RECORDED_NAME_MAX = 200
"""Of a method that there is not, and of a request's id."""

METHODS: Mapping[str, Route] = {
    "order.place": ROUTES["POST", "/fapi/v1/order"],
    "order.modify": ROUTES["PUT", "/fapi/v1/order"],
    "order.cancel": ROUTES["DELETE", "/fapi/v1/order"],
    "order.status": ROUTES["GET", "/fapi/v1/order"],
    "algoOrder.place": ROUTES["POST", "/fapi/v1/algoOrder"],
    "algoOrder.cancel": ROUTES["DELETE", "/fapi/v1/algoOrder"],
    "account.status": ROUTES["GET", "/fapi/v2/account"],
    "account.balance": ROUTES["GET", "/fapi/v2/balance"],
    "account.position": ROUTES["GET", "/fapi/v2/positionRisk"],
    "v2/account.status": ROUTES["GET", "/fapi/v3/account"],
    "v2/account.balance": ROUTES["GET", "/fapi/v3/balance"],
    "v2/account.position": ROUTES["GET", "/fapi/v3/positionRisk"],
    "ticker.price": ROUTES["GET", "/fapi/v2/ticker/price"],
    "ticker.book": ROUTES["GET", "/fapi/v1/ticker/bookTicker"],
    "depth": ROUTES["GET", "/fapi/v1/depth"],
    "userDataStream.start": ROUTES["POST", "/fapi/v1/listenKey"],
    "userDataStream.ping": ROUTES["PUT", "/fapi/v1/listenKey"],
    "userDataStream.stop": ROUTES["DELETE", "/fapi/v1/listenKey"],
}

SESSION_METHODS: Mapping[str, Literal["NONE", "SIGNED"]] = {
    "session.logon": "SIGNED",
    "session.status": "NONE",
    "session.logout": "NONE",
}

_VERSION = re.compile(r"v[0-9]/")
_encode = msgspec.json.Encoder().encode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_id = msgspec.json.Decoder(int | str | None).decode
_decode_text = msgspec.json.Decoder(str).decode


class WsApi:
    """Serves the connections to the WebSocket API."""

    def __init__(
        self,
        requests: Requests,
        limits: Limits,
        api_keys: ApiKeys,
        now_ms: Callable[[], int],
    ) -> None:
        self._requests = requests
        self._limits = limits
        self._api_keys = api_keys
        self._now_ms = now_ms

    async def serve(
        self, socket: web.WebSocketResponse, connection: Connection, query: str
    ) -> None:
        """Answer requests until the socket closes; what is pending then ends with it."""
        session = _Session(connection, _flag(dict(parse_qsl(query)).get("returnRateLimits")))
        try:
            async for message in socket:
                if connection.is_forgotten:
                    continue
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self._take(session, message.data)
                elif not self._limits.hear(connection, self._now_ms()):
                    continue
                elif message.type is WSMsgType.PING:
                    await socket.pong(message.data)
                elif message.data == str(connection.pinged_ms).encode():
                    connection.ponged_ms = self._now_ms()
        finally:
            for task in session.pending:
                task.cancel()
            await asyncio.gather(*session.pending, return_exceptions=True)

    def _take(self, session: "_Session", data: str | bytes) -> None:
        request, returns = self._read(session, data)
        handle = self._requests.arrive(request)

        async def deliver(answer: Answer | None) -> None:
            if answer is None:
                session.connection.reset("reset by a rule")
            else:
                self._send(session, request, answer, returns)

        if handle is None:
            self._send(session, request, self._requests.execute(request), returns)
            self._requests.note(request)
        elif len(session.pending) >= PENDING_MAX:
            session.connection.close(f"{PENDING_MAX} requests are pending, the limit")
            self._requests.note(request)
        else:
            work = self._requests.serve(request, handle, deliver)
            # Eager: what is executed at once is executed before the next request.
            task = asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)
            session.pending.add(task)
            task.add_done_callback(session.pending.discard)

    def _read(self, session: "_Session", data: str | bytes) -> tuple[Request, bool]:
        """The request in a frame, and whether its response has `rateLimits`."""
        received_ns = self._requests.now_ns()
        frame = _read_frame(data)
        method, route = session.find(frame.method)
        fault = frame.fault
        if session.key is not None and self._api_keys.find(session.key) is None:
            session.end()
            frame.id, fault = None, errors.UNKNOWN_KEY()
        if fault is None and route is None:
            fault = errors.UNKNOWN_METHOD(method)
        request = Request(
            kind="ws_api",
            method=method,
            path=PATH,
            values=frame.values,
            route=route,
            key=frame.values.get("apiKey"),
            session_key=session.key,
            signed=frame.signed,
            fault=fault,
            received_ns=received_ns,
            about={"connection": session.connection.number, "id": _recorded(frame.id)},
            id=frame.id,
        )
        given = frame.values.get("returnRateLimits")
        return request, session.returns_rate_limits if given is None else _flag(given)

    def _send(self, session: "_Session", request: Request, answer: Answer, returns: bool) -> None:
        if isinstance(answer.payload, str):
            data = answer.body
        else:
            response: dict[str, Any] = {
                "id": request.id,
                "status": answer.status,
                "result" if answer.status == 200 else "error": msgspec.Raw(answer.body),
            }
            if returns:
                response["rateLimits"] = self._limits.rows(answer.ordering, self._now_ms())
            data = _encode(response)
        for _ in range(request.copies):
            if session.connection.send_text(data):
                request.outcome = "replied"


class _Frame(msgspec.Struct):
    """What could be read of a frame, and what is wrong with it."""

    id: int | str | None = None
    method: str = ""
    values: dict[str, str] = {}
    signed: tuple[str, ...] = ()
    fault: errors.ExchangeError | None = None


class _Session:
    """One connection: whose it is, what it is asked about itself, the requests that rules hold up.

    `key` is the API key that it is logged on with.
    """

    def __init__(self, connection: Connection, returns_rate_limits: bool) -> None:
        self.connection = connection
        self.returns_rate_limits = returns_rate_limits
        self.key: str | None = None
        self._authorized_ms: int | None = None
        self.pending: set[asyncio.Task[None]] = set()
        handlers = (self._log_on, self._status, self._log_out)
        self._methods = {
            method: _session_route(method, security, handler)
            for (method, security), handler in zip(SESSION_METHODS.items(), handlers, strict=True)
        }

    def find(self, method: str) -> tuple[str, Route | None]:
        """The method's route, and its name without a version that changes nothing."""
        for name in (method, _VERSION.sub("", method, count=1)):
            route = METHODS.get(name) or self._methods.get(name)
            if route is not None:
                return name, route
        return method[:RECORDED_NAME_MAX], None

    def end(self) -> None:
        """Log off."""
        self.key = self._authorized_ms = None

    def _log_on(self, call: Call) -> Any:
        name = call.params.text("apiKey")
        key = call.desk.api_keys.find(name)
        assert key is not None
        if key.type != "ED25519":
            raise errors.KEY_TYPE_NOT_SUPPORTED(key.type)
        self.key = name
        self._authorized_ms = call.desk.executor.now_ms()
        return self._status(call)

    def _log_out(self, call: Call) -> Any:
        self.end()
        return self._status(call)

    def _status(self, call: Call) -> Any:
        return {
            "apiKey": self.key,
            "authorizedSince": self._authorized_ms,
            "connectedSince": self.connection.opened_ms,
            "returnRateLimits": self.returns_rate_limits,
            "serverTime": call.desk.executor.now_ms(),
        }


def _session_route(
    method: str, security: Literal["NONE", "SIGNED"], handler: Callable[[Call], Any]
) -> Route:
    return Route(
        method=method, path=PATH, security=security, weight=SESSION_WEIGHT, handler=handler
    )


def _read_frame(data: str | bytes) -> "_Frame":
    frame = _Frame()
    try:
        fields = _decode_fields(data)
        frame.id = _decode_field(fields, "id", _decode_id)
        frame.method = _decode_field(fields, "method", _decode_text)
        if "params" in fields:
            params = _decode_field(fields, "params", _decode_fields)
            frame.values, frame.signed = _read_params(params)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        frame.fault = errors.MALFORMED_REQUEST()
    except errors.ExchangeError as error:
        frame.fault = error
    return frame


def _decode_field[T](
    fields: dict[str, msgspec.Raw], name: str, decode: Callable[[msgspec.Raw], T]
) -> T:
    try:
        return decode(fields[name])
    except (KeyError, msgspec.MsgspecError):
        raise errors.PARAMETER_MISSING(name) from None


def _read_params(params: dict[str, msgspec.Raw]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The parameters as REST has them, and the texts of which one is signed. Raises -1130."""
    values: dict[str, str] = {}
    signed: dict[str, str] = {}
    for name, raw in params.items():
        values[name] = json_text(name, raw)
        written = bytes(raw).decode()
        if written != "null":
            signed[name] = values[name] if written.startswith('"') else written
    if "signature" in values:
        values["signature"] = unquote(values["signature"])
    booleans = {name for name, raw in params.items() if bytes(raw) in (b"true", b"false")}
    as_python = {
        name: text.capitalize() if name in booleans else text for name, text in signed.items()
    }
    both = (signed, as_python)
    return values, (*map(signed_parameters, both), *map(encoded_parameters, both))


def _recorded(frame_id: int | str | None) -> int | str | None:
    return frame_id[:RECORDED_NAME_MAX] if isinstance(frame_id, str) else frame_id


def _flag(text: str | None) -> bool:
    return text is None or text.lower() != "false"
