"""One request from arrival to answer, over REST or the WebSocket API, and what befalls it.

    arrive -> [Refuse, HoldRequest, Delay before] -> execute, on a past state if Stale
           -> [Lose, Hang, Hold, Refuse, Delay, Alter] -> answer, twice if Duplicate

A request whose client goes away before it is executed is dropped, except under a Delay.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from http import HTTPStatus
from typing import Any, Literal, Protocol

import msgspec

from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.exchange import Exchange
from mock_venue.recording import Late, Record
from mock_venue.script.misbehaviour import Handle, Misbehaviours
from mock_venue.script.rules import (
    Alter,
    Delay,
    Duplicate,
    Hang,
    Hold,
    HoldRequest,
    Lose,
    Refuse,
)
from mock_venue.timers import CallLater, sleep
from mock_venue.wire.request_record import (
    RECORDED_PATH_MAX,
    Ended,
    Outcome,
    arrived_data,
    ended_data,
    kept_params,
    kept_reply,
)
from mock_venue.wire.routing import Route

UNKNOWN_ROUTE_WEIGHT = 1
CLIENT_ID_MAX = 100
"""A longer client order id names no order."""
LISTED_MAX = 10
"""Binance takes no longer list of orders."""
CLIENT_ID_PARAMETERS = ("newClientOrderId", "origClientOrderId", "clientAlgoId")
ID_LISTS = ("orderIdList", "orderidlist", "origClientOrderIdList", "origclientorderidlist")
OTHER_ID_PARAMETERS = frozenset({"orderId", "algoId", "batchOrders", *ID_LISTS})

_ORDER_ID = re.compile(r"[0-9]{1,19}")
_encode = msgspec.json.Encoder().encode


class Answer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What goes back: `payload` is what `body` says, decoded.

    `ordering` is the account whose orders the request counted for, None if it was no order.
    """

    status: int
    body: bytes
    payload: Any
    headers: dict[str, str]
    ordering: str | None = None


class Request(msgspec.Struct, kw_only=True):
    """A request, and what has become of it so far.

    `key` is the API key in the request, `session_key` the one its connection logged on with: a
    request without a key of its own needs no signature then. `signed` are the texts of which one
    must have been signed. `fault` is what is wrong with the request itself; it counts before
    everything else but the limits. Without a route there is one.
    """

    kind: Literal["http", "ws_api"]
    method: str
    path: str
    values: dict[str, str]
    route: Route | None
    key: str | None
    session_key: str | None = None
    signed: tuple[str, ...]
    fault: ExchangeError | None
    received_ns: int
    parts: tuple[str, str] | None = None
    """Query and body, of which the values were read; None over the WebSocket API."""
    about: dict[str, Any] = {}
    """More to record about it."""
    id: int | str | None = None
    """What a client of the WebSocket API calls it."""
    n: int = 0
    client_order_id: str | None = None
    orders: tuple[str, ...] = ()
    answer: Answer | None = None
    executed: bool = False
    copies: int = 1
    """How often the answer is sent."""
    outcome: Outcome = "client_gone"
    late: asyncio.Task[Answer] | None = None
    """The execution that a Delay puts off; it outlives the client."""

    @property
    def weight(self) -> int:
        """What it counts against the limit of request weight."""
        if self.route is None:
            return UNKNOWN_ROUTE_WEIGHT
        return self.route.weight_of(self.values)


class Execute(Protocol):
    """Carries a request out, on a past state of the exchange if one is given."""

    def __call__(self, request: Request, past: Exchange | None = None) -> Answer:
        """Return the answer."""


class Requests:
    """Brings requests to their end. `close` lets go of everything that hangs."""

    def __init__(
        self,
        exchange: Exchange,
        execute: Execute,
        misbehaviours: Misbehaviours,
        record: Record,
        now_ns: Callable[[], int],
        call_later: CallLater,
    ) -> None:
        self.execute = execute
        self.call_later = call_later
        self.now_ns = now_ns
        self._exchange = exchange
        self._misbehaviours = misbehaviours
        self._record = record
        self._count = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def close(self) -> None:
        """Let go of hanging and delayed requests; they are not answered."""
        if not self._closing.done():
            self._closing.set_result(None)
        for task in self._tasks:
            task.cancel()

    async def until_closed(self) -> None:
        """Wait for `close`."""
        await asyncio.shield(self._closing)

    @property
    def is_undisturbed(self) -> bool:
        """Whether no rule can strike at a request."""
        return self._misbehaviours.is_idle

    def arrive(self, request: Request) -> Handle | None:
        """Number and record a request; returns the rule that strikes at it."""
        self._count += 1
        request.n = self._count
        self._name_orders(request)
        recorded = (
            request.n,
            request.method,
            request.path[:RECORDED_PATH_MAX],
            request.client_order_id,
            request.orders,
            request.about,
        )
        self._record("wire", "request", Late(arrived_data, recorded))
        rules = self._misbehaviours
        if rules.is_idle:
            return None
        about = (request.values, request.orders)
        if request.kind == "ws_api":
            return rules.for_api_request(request.n, request.method, *about)
        return rules.for_request(request.n, request.method, request.path, *about)

    async def serve[T](
        self,
        request: Request,
        handle: Handle | None,
        deliver: Callable[[Answer | None], Awaitable[T]],
    ) -> T:
        """Answer a request, or fail to, as the rule has it; `deliver(None)` is to reset.

        `deliver` sets the outcome "replied" once the answer is on its way.
        """
        try:
            return await deliver(await self._answer(request, handle))
        finally:
            if request.late is None or request.late.done():
                self.note(request)
            else:
                request.late.add_done_callback(lambda _: self.note(request))

    async def _answer(self, request: Request, handle: Handle | None) -> Answer | None:
        """Execute the request and return the answer; None where the connection is to be reset."""
        action = handle.rule.action if handle is not None else None
        match action:
            case Refuse(executed=False):
                request.answer = refused(action)
                return request.answer
            case HoldRequest() if self._misbehaviours.has_room:
                assert handle is not None
                if not await handle.gate():
                    request.outcome = "hung"
                    return None
            case Delay(before=True):
                request.late = self._spawn(self._execute_late(request, action.delay_ms))
                return await asyncio.shield(request.late)
        past = handle.past if handle is not None else None
        answer = self.execute(request, past)
        match action:
            case Duplicate():
                request.copies = 2
            case Alter() if answer.status == HTTPStatus.OK:
                self._note_missing(request, answer.payload, action.fields)
                payload = _altered(answer.payload, action.fields)
                answer = msgspec.structs.replace(answer, payload=payload, body=_encode(payload))
                request.answer = answer
            case Lose():
                request.outcome = "lost"
                return None
            case Hang():
                request.outcome = "hung"
                await self.until_closed()
                return None
            case Hold() if self._misbehaviours.has_room:
                assert handle is not None
                if not await handle.gate():
                    request.outcome = "hung"
                    return None
            case Delay(before=False):
                await sleep(self.call_later, action.delay_ms / 1000)
            case Refuse(executed=True):
                request.answer = answer = refused(action)
        return answer

    def _note_missing(self, request: Request, payload: Any, fields: dict[str, Any]) -> None:
        """Record what a rule would alter in a reply that has no such field."""
        items = payload if isinstance(payload, list) else [payload]
        there = {name for item in items if isinstance(item, dict) for name in item}
        if items and (missing := [name for name in fields if name not in there]):
            asked = f"{request.method} {request.path}"
            error = f"Alter: the reply to {asked} has no field {', '.join(missing)}"
            self._record("venue", "script_error", {"error": error})

    async def _execute_late(self, request: Request, delay_ms: int) -> Answer:
        await sleep(self.call_later, delay_ms / 1000)
        return self.execute(request)

    def _spawn(self, work: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _name_orders(self, request: Request) -> None:
        """Find the client order ids that the request is about, by whatever id it names them."""
        values = request.values
        names = _short([values[name] for name in CLIENT_ID_PARAMETERS if name in values])
        if not OTHER_ID_PARAMETERS.isdisjoint(values):
            names += self._otherwise_named(values)
        request.orders = tuple(dict.fromkeys(names))
        request.client_order_id = names[0] if len(request.orders) == 1 else None

    def _otherwise_named(self, values: dict[str, str]) -> set[str]:
        """The client order ids of what is named by other ids, or in lists."""
        names: set[str] = set()
        ids = [values["orderId"]] if "orderId" in values else []
        for name in ID_LISTS:
            if name not in values:
                continue
            listed = _decoded(values[name], list[int | str])
            ids.extend(str(one) for one in listed if isinstance(one, int))
            names.update(_short(listed))
        batch = values.get("batchOrders")
        for item in _decoded(batch, list[dict[str, Any]]) if batch is not None else ():
            names.update(_short(map(item.get, CLIENT_ID_PARAMETERS)))
            ids.append(str(item.get("orderId", "")))
        for text in ids:
            order = self._exchange.ledger.order(int(text)) if _ORDER_ID.fullmatch(text) else None
            if order is not None:
                names.add(order.client_order_id)
        algo_id = values.get("algoId", "")
        if _ORDER_ID.fullmatch(algo_id):
            algo_order = self._exchange.algos.order(int(algo_id))
            if algo_order is not None:
                names.add(algo_order.client_algo_id)
        return names

    def note(self, request: Request) -> None:
        """Record how a request ended."""
        if request.outcome == "client_gone" and self._closing.done():
            request.outcome = "hung"
        answer, route = request.answer, request.route
        replied = request.outcome == "replied"
        changes = route is not None and route.changes_orders
        names = request.orders
        if changes and answer is not None:
            names = tuple(dict.fromkeys([*names, *_answered(answer.payload)]))
        ended = Ended(
            n=request.n,
            method=request.method,
            path=request.path[:RECORDED_PATH_MAX],
            params=kept_params(request.parts, request.values),
            status=answer.status if replied and answer is not None else None,
            reply=None if answer is None else kept_reply(answer.body, answer.payload),
            weight=request.weight,
            orders=(0, 0) if route is None else route.orders,
            outcome=request.outcome,
            executed=request.executed if changes else None,
            received_ns=request.received_ns,
            replied_ns=self.now_ns() if replied else None,
            client_order_id=names[0] if len(names) == 1 else request.client_order_id,
            client_order_ids=names,
            about=request.about,
        )
        self._record("wire", request.kind, Late(ended_data, (ended,)))


def _answered(payload: Any) -> list[str]:
    """The client order ids in a reply about orders, those that the exchange made too."""
    return _short(
        [
            item[name]
            for item in (payload if isinstance(payload, list) else [payload])
            if isinstance(item, dict)
            for name in ("clientOrderId", "clientAlgoId")
            if name in item
        ]
    )


def _short(given: Iterable[Any]) -> list[str]:
    """Those that can be client order ids."""
    return [one for one in given if isinstance(one, str) and 0 < len(one) <= CLIENT_ID_MAX]


def _decoded[T](text: str, to: type[list[T]]) -> list[T]:
    """The first of a parameter that should be a list; empty where it is none."""
    try:
        return msgspec.json.decode(text, type=to)[:LISTED_MAX]
    except (msgspec.MsgspecError, RecursionError):
        return []


def refused(action: Refuse) -> Answer:
    """The answer that a rule gives."""
    if isinstance(action.body, str):
        body, content_type = action.body.encode(), "text/html"
    else:
        body, content_type = _encode(action.body), "application/json"
    headers = dict(action.headers)
    if "content-type" not in map(str.lower, headers):
        headers["Content-Type"] = content_type
    return Answer(status=action.status, body=body, payload=action.body, headers=headers)


def _altered(payload: Any, fields: dict[str, Any]) -> Any:
    if isinstance(payload, list):
        return [_altered(item, fields) for item in payload]
    if not isinstance(payload, dict):
        return payload
    return payload | {name: value for name, value in fields.items() if name in payload}
