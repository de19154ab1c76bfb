"""The control API: acts, misbehaviour, state, ledger, history, snapshot and restore over HTTP.

Below /chaos/v1 on the venue's port. It is for this machine alone: beyond listening on loopback it
answers no request whose Host (DNS rebinding) or Origin (a web page in the user's browser) names
another machine, and takes a body only as application/json, which a page of another origin cannot
send unasked. Errors are {"error": "..."}.
"""

import logging
import re
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from ipaddress import ip_address
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from mock_venue.control.acts import ACTS, Rules, RuleState, check_act, perform
from mock_venue.control.kinds import KINDS
from mock_venue.control.openapi import Endpoint, document, page
from mock_venue.control.player import ENTRIES_MAX, Entry, Player, read_entry
from mock_venue.control.reading import BadInput, convert, decode_any
from mock_venue.exchange.account import Balance, Position, Trade
from mock_venue.exchange.conditional import AlgoOrder
from mock_venue.exchange.instruments import Price, SymbolSpec
from mock_venue.exchange.order import Order
from mock_venue.recording import Data, Source, made
from mock_venue.script.errors import VenueScriptError
from mock_venue.venue import Venue
from mock_venue.wire.http import MALFORMED

PREFIX = "/chaos/v1"
SNAPSHOT_BYTES_MAX = 256 * 1_048_576
PAGE_DEFAULT = 500
PAGE_MAX = 1_000
HISTORY_KEPT = 10_000

_log = logging.getLogger("mock_venue")


class HistoryEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event, as the venue recorded it."""

    seq: int
    time_ms: int
    source: Source
    kind: str
    data: dict[str, Any]


class History:
    """The last events, each at its time in UNIX nanoseconds."""

    def __init__(self) -> None:
        self._kept: deque[tuple[int, Source, str, Data]] = deque(maxlen=HISTORY_KEPT)
        self._recorded = 0

    def add(self, time_ns: int, source: Source, kind: str, data: Data) -> None:
        """Append one; the oldest goes."""
        self._recorded += 1
        self._kept.append((time_ns, source, kind, data))

    def after(self, number: int, limit: int, kind: str | None) -> list[HistoryEvent]:
        """The first `limit` events after a number, of a kind if one is given."""
        first = self._recorded - len(self._kept) + 1
        found = (
            HistoryEvent(
                seq=seq, time_ms=time_ns // 1_000_000, source=source, kind=is_of, data=made(data)
            )
            for seq, (time_ns, source, is_of, data) in enumerate(self._kept, start=first)
            if seq > number and kind in (None, is_of)
        )
        return list(islice(found, limit))


class AccountState(msgspec.Struct, frozen=True, kw_only=True):
    """An account; its secret is not told."""

    name: str
    key: str


class ConnectionState(msgspec.Struct, frozen=True, kw_only=True):
    """An open WebSocket."""

    number: int
    stream: str
    path: str
    opened_ms: int
    streams: int


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What the venue is and does now."""

    now_ms: int
    port: int
    matching: str
    seed: int
    symbols: list[SymbolSpec]
    accounts: list[AccountState]
    prices: list[Price]
    connections: list[ConnectionState]
    rules: list[RuleState]
    script_entries_waiting: int


class LedgerState(msgspec.Struct, frozen=True, kw_only=True):
    """The truth: what is open and owned, and how much else there is."""

    open_orders: list[Order]
    open_algo_orders: list[AlgoOrder]
    positions: list[Position]
    balances: list[Balance]
    orders: int
    algo_orders: int
    trades: int


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """Entries to play; see the script file's format."""

    entries: list[Entry]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries of scripts wait for their event or time."""

    waiting: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The exchange's state. What is in `state` is nobody's business but the venue's."""

    version: int
    taken_ms: int
    symbols: list[str]
    accounts: list[str]
    sha256: str
    state: dict[str, Any]


class Answer(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status


class ControlApi:
    """Serves the control API of one venue."""

    def __init__(self, venue: Venue, rules: Rules, player: Player, history: History) -> None:
        self._venue = venue
        self._rules = rules
        self._player = player
        self._history = history
        self._endpoints = self._make_endpoints()
        self._document = document(self._endpoints, PREFIX)

    def _make_endpoints(self) -> list[Endpoint]:
        rule = "/misbehaviours/{name}"
        paged = ("from_id", "limit")
        return [
            *(
                Endpoint(
                    method="POST",
                    path=f"/acts/{kind.name}",
                    text=kind.text,
                    body=kind.arguments,
                    reply=kind.result,
                    handler=self._act(kind.name),
                    group="acts",
                )
                for kind in ACTS.values()
            ),
            _get("/misbehaviours", "All rules.", list[RuleState], lambda _: self._rules.states()),
            _get(rule, "One rule.", RuleState, lambda given: self._rules.state(given["name"])),
            Endpoint(
                method="POST",
                path=f"{rule}/release",
                text="Let go what the rule holds; how many there were.",
                reply=int,
                handler=lambda given: self._rules.release(given["name"]),
            ),
            Endpoint(
                method="DELETE",
                path=rule,
                text="End a rule. What it holds stays held until it is released.",
                reply=RuleState,
                handler=lambda given: self._rules.cancel_rule(given["name"]),
            ),
            Endpoint(
                method="POST",
                path="/script",
                text="Play entries of a script; their times count from now.",
                body=Script,
                reply=Waiting,
                handler=self._script,
            ),
            _get("/state", "What the venue is and does now.", State, self._state),
            _get("/ledger", "What is open and owned.", LedgerState, self._ledger),
            _get("/ledger/orders", "Orders by id, oldest first.", list[Order], self._orders, paged),
            _get(
                "/ledger/algo_orders",
                "Conditional orders by id, oldest first.",
                list[AlgoOrder],
                self._algo_orders,
                paged,
            ),
            _get("/ledger/trades", "Trades by id, oldest first.", list[Trade], self._trades, paged),
            _get(
                "/history",
                f"Events after a number, of the last {HISTORY_KEPT}.",
                list[HistoryEvent],
                self._events,
                ("after", "limit", "kind"),
            ),
            _get(
                "/snapshot",
                self._venue.snapshot.__doc__ or "",
                Snapshot,
                lambda _: self._venue.snapshot(),
            ),
            Endpoint(
                method="POST",
                path="/restore",
                text=self._venue.restore.__doc__ or "",
                body=Snapshot,
                reply=None,
                handler=lambda given: self._venue.restore(given["body"]),
                body_bytes_max=SNAPSHOT_BYTES_MAX,
            ),
            _get("/openapi.json", "This API.", dict[str, Any], lambda _: self._document),
        ]

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        try:
            _check_local(request)
            path = request.path.removeprefix(PREFIX).rstrip("/")
            if not path and request.method == "GET":
                return web.Response(text=page(self._document), content_type="text/html")
            endpoint, given = self._find(request.method, path)
            given |= {
                name: value for name, value in request.query.items() if name in endpoint.query
            }
            unknown = [name for name in request.query if name not in endpoint.query]
            if unknown:
                raise Answer(400, f"there is no parameter {unknown[0]!r}")
            if endpoint.body is not None:
                given["body"] = decode_any(await _read(request, endpoint.body_bytes_max))
            return _json(200, endpoint.handler(given))
        except Answer as error:
            return _json(error.status, {"error": str(error)})
        except (BadInput, VenueScriptError) as error:
            return _json(400, {"error": str(error)})
        except MALFORMED:
            return _json(400, {"error": "the body cannot be read"})
        except Exception:
            _log.exception("control: %s %s failed", request.method, request.path)
            return _json(500, {"error": "the venue failed; its log says how"})

    def _find(self, method: str, path: str) -> tuple[Endpoint, dict[str, Any]]:
        known = False
        for endpoint in self._endpoints:
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", endpoint.path)
            match = re.fullmatch(pattern, path)
            if match is not None:
                known = True
                if endpoint.method == method:
                    return endpoint, dict(match.groupdict())
        raise (
            Answer(405, f"{method} is not for {path}")
            if known
            else Answer(404, f"there is no {path}; GET {PREFIX} lists what there is")
        )

    def _act(self, name: str) -> Callable[[dict[str, Any]], Any]:
        def act(given: dict[str, Any]) -> Any:
            arguments = given["body"]
            if not isinstance(arguments, dict):
                raise BadInput(f"{name}: the body must be an object")
            try:
                checked = check_act(name, arguments)
            except BadInput as error:
                raise BadInput(f"{name}: {error}") from None
            return perform(self._venue, self._rules, name, checked)

        return act

    def _script(self, given: dict[str, Any]) -> Waiting:
        convert(given["body"], Script)
        entries = []
        for number, one in enumerate(given["body"]["entries"][: ENTRIES_MAX + 1]):
            try:
                entries.append(read_entry(one))
            except BadInput as error:
                raise BadInput(f"entries[{number}]: {error}") from None
        self._player.play(entries)
        return Waiting(waiting=self._player.waiting)

    def _state(self, given: dict[str, Any]) -> State:
        venue, config = self._venue, self._venue.config
        return State(
            now_ms=venue.now_ms(),
            port=venue.port,
            matching=config.matching,
            seed=config.seed,
            symbols=list(config.symbols),
            accounts=[AccountState(name=one.name, key=one.key) for one in config.accounts],
            prices=venue.prices,
            connections=[
                ConnectionState(
                    number=one.number,
                    stream=one.kind,
                    path=one.path,
                    opened_ms=one.opened_ms,
                    streams=len(one.streams),
                )
                for one in venue.connections
            ],
            rules=self._rules.states(),
            script_entries_waiting=self._player.waiting,
        )

    def _ledger(self, given: dict[str, Any]) -> LedgerState:
        ledger, algos = self._venue.ledger, self._venue.algos
        return LedgerState(
            open_orders=ledger.open_orders(),
            open_algo_orders=algos.open_orders(),
            positions=ledger.positions(),
            balances=ledger.balances(),
            orders=len(ledger.orders()),
            algo_orders=len(algos.orders()),
            trades=len(ledger.trades()),
        )

    def _orders(self, given: dict[str, Any]) -> list[Order]:
        orders = sorted(self._venue.ledger.orders(), key=lambda order: order.order_id)
        start = bisect_left(orders, _number(given, "from_id", 0), key=lambda one: one.order_id)
        return orders[start : start + _limit(given)]

    def _algo_orders(self, given: dict[str, Any]) -> list[AlgoOrder]:
        orders = self._venue.algos.orders()
        start = bisect_left(orders, _number(given, "from_id", 0), key=lambda one: one.algo_id)
        return orders[start : start + _limit(given)]

    def _trades(self, given: dict[str, Any]) -> list[Trade]:
        trades = self._venue.ledger.trades()
        start = bisect_left(trades, _number(given, "from_id", 0), key=lambda one: one.trade_id)
        return trades[start : start + _limit(given)]

    def _events(self, given: dict[str, Any]) -> list[HistoryEvent]:
        kind = given.get("kind")
        if kind not in (None, *KINDS):
            raise Answer(400, f"kind must be one of {', '.join(KINDS)}, was {kind!r}")
        return self._history.after(_number(given, "after", 0), _limit(given), kind)


def _get(
    path: str,
    text: str,
    reply: Any,
    handler: Callable[[dict[str, Any]], Any],
    query: tuple[str, ...] = (),
) -> Endpoint:
    return Endpoint(method="GET", path=path, text=text, reply=reply, handler=handler, query=query)


def _check_local(request: web.BaseRequest) -> None:
    if not _is_local(f"//{request.headers.get('Host', '')}"):
        raise Answer(403, "the control API is for this machine: Host must be a loopback address")
    origin = request.headers.get("Origin")
    if origin is not None and not _is_local(origin):
        raise Answer(403, "the control API is for this machine, not for pages of another origin")


def _is_local(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def _read(request: web.BaseRequest, bytes_max: int) -> bytes:
    if request.content_type != "application/json":
        raise Answer(415, "Content-Type must be application/json")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > bytes_max:
            raise Answer(413, f"the body must be at most {bytes_max} bytes")
    return bytes(body) or b"{}"


def _number(given: dict[str, Any], name: str, default: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,19}", text):
        raise Answer(400, f"{name} must be a number, was {text!r}")
    return int(text)


def _limit(given: dict[str, Any]) -> int:
    limit = _number(given, "limit", PAGE_DEFAULT)
    if not 1 <= limit <= PAGE_MAX:
        raise Answer(400, f"limit must be 1 to {PAGE_MAX}, was {limit}")
    return limit


def _json(status: int, payload: Any) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode(payload), content_type="application/json"
    )
