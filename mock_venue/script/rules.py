"""Misbehaviour rules: which request, handshake or push, and what goes wrong with it.

A rule is data: frozen, comparable, and it survives JSON (`msgspec.json`), so a scenario file can
hold it. `skip` lets that many matches pass first; then the rule strikes `times` times (None: until
it is cancelled). Where several rules match, the first one registered strikes.
Wrong fields raise VenueScriptError.
"""

import re
from typing import Any, Final, Literal, get_args

import msgspec

from mock_venue.exchange.conditional import AlgoStatus
from mock_venue.exchange.order import Execution
from mock_venue.script.errors import VenueScriptError

ANY: Final = "*"
METHODS = (ANY, "GET", "POST", "PUT", "DELETE")
OWN_HEADERS = ("connection", "content-length", "date", "server", "transfer-encoding")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
PushAction = Literal["drop", "hold", "duplicate", "swap", "alter"]
PUSH_ACTIONS = ("drop", "hold", "duplicate", "swap", "alter")
PUSH_EVENTS = (
    ANY,
    "TRADE_LITE",
    "ORDER_TRADE_UPDATE",
    "ACCOUNT_UPDATE",
    "ALGO_UPDATE",
    "ACCOUNT_CONFIG_UPDATE",
    "MARGIN_CALL",
    "listenKeyExpired",
)
EXECUTIONS: dict[str, tuple[str, ...]] = {
    "ORDER_TRADE_UPDATE": get_args(Execution),
    "ALGO_UPDATE": get_args(AlgoStatus),
    ANY: tuple(dict.fromkeys((*get_args(Execution), *get_args(AlgoStatus)))),
}
WITHOUT_ORDER = ("ACCOUNT_CONFIG_UPDATE", "MARGIN_CALL", "listenKeyExpired")
HandshakeStream = Literal["*", "user", "market", "ws_api"]
HANDSHAKE_STREAMS = (ANY, "user", "market", "ws_api")


class Lose(msgspec.Struct, frozen=True, tag="lose"):
    """The request is executed, then the connection is reset without a reply."""


class Hang(msgspec.Struct, frozen=True, tag="hang"):
    """The request is executed and never answered; the connection stays open."""


class Refuse(msgspec.Struct, frozen=True, tag="refuse"):
    """Answer with this status and body instead; `executed` says whether the request was executed.

    A body that is a str is sent as it is (text/html), anything else as JSON. `headers` are added
    and may replace Content-Type; those of `OWN_HEADERS` are the venue's. On the WebSocket API the
    body is the `result` (status 200) or the `error`, a str is a frame of its own, and there are no
    headers.
    """

    status: int
    body: Any
    executed: bool = False
    headers: dict[str, str] = {}

    def __post_init__(self) -> None:
        """Check status and headers."""
        if not 200 <= self.status <= 599:
            raise VenueScriptError(f"Refuse: status must be 200 to 599, was {self.status}")
        for name, value in self.headers.items():
            if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
                raise VenueScriptError(f"Refuse: no HTTP header is {name!r}: {value!r}")
            if name.lower() in OWN_HEADERS:
                raise VenueScriptError(f"Refuse: {name} is the venue's own header")


class Delay(msgspec.Struct, frozen=True, tag="delay"):
    """Wait `delay_ms` of the event loop's time, before execution or between it and the reply.

    A request that waits before execution is executed even if its client goes away meanwhile: it has
    arrived.
    """

    delay_ms: int
    before: bool = True

    def __post_init__(self) -> None:
        """Check the delay."""
        if not 0 <= self.delay_ms <= 3_600_000:
            raise VenueScriptError(f"Delay: delay_ms must be 0 to 3600000, was {self.delay_ms}")


class Hold(msgspec.Struct, frozen=True, tag="hold"):
    """The request is executed, the reply waits for `Venue.release`."""


class HoldRequest(msgspec.Struct, frozen=True, tag="hold_request"):
    """The request has arrived and waits for `Venue.release`; dropped when the client goes away."""


class Duplicate(msgspec.Struct, frozen=True, tag="duplicate"):
    """The request is executed once and its reply sent twice."""


class Alter(msgspec.Struct, frozen=True, tag="alter"):
    """The request is executed, and the reply has these fields instead of its own.

    In a list, every object that has such a field; errors are left alone. A field that nothing in
    the reply has is recorded as `script_error`.
    """

    fields: dict[str, Any]


class Stale(msgspec.Struct, frozen=True, tag="stale"):
    """A read is answered from the orders, trades, positions and balances of an earlier time.

    It is the time at which the rule was registered.
    """


ReplyAction = Lose | Hang | Refuse | Delay | Hold | HoldRequest | Duplicate | Alter | Stale
HandshakeAction = Lose | Hang | Refuse | Delay | HoldRequest


class ReplyRule(msgspec.Struct, frozen=True, tag="reply"):
    """Misbehave at a REST request.

    `method` and `path` ("/fapi/v1/order") may be "*". `order` is a client order id that the request
    is about, by whatever id it names it. `params` must all be in the request with these values;
    numbers are compared as such, booleans in any case.
    """

    method: str
    path: str
    action: ReplyAction
    order: str | None = None
    skip: int = 0
    times: int | None = 1
    params: dict[str, str] | None = None

    def __post_init__(self) -> None:
        """Check the fields."""
        if self.method not in METHODS:
            raise VenueScriptError(
                f"ReplyRule: method must be one of {', '.join(METHODS)}, was {self.method!r}"
            )
        if self.path != ANY and not self.path.startswith("/"):
            raise VenueScriptError(
                f"ReplyRule: path must be '*' or begin with '/', was {self.path!r}"
            )
        _check_action("ReplyRule", self.action)
        if isinstance(self.action, Stale) and self.method != "GET":
            raise VenueScriptError(
                f"ReplyRule: method must be GET where the action is Stale, was {self.method!r}"
            )
        _check_counts("ReplyRule", self.skip, self.times)


class ApiRule(msgspec.Struct, frozen=True, tag="api"):
    """Misbehave at a request to the WebSocket API.

    `method` ("order.place", "v2/account.status") may be "*"; requests match under the name without
    a version prefix unless the prefix makes it another method. The rest is as in ReplyRule. Lose
    resets the WebSocket; the other requests on it go on under Hang, Hold and Delay.
    """

    method: str
    action: ReplyAction
    order: str | None = None
    skip: int = 0
    times: int | None = 1
    params: dict[str, str] | None = None

    def __post_init__(self) -> None:
        """Check the fields."""
        if not self.method or self.method.startswith("/"):
            raise VenueScriptError(
                f"ApiRule: method must be '*' or a method's name, was {self.method!r}"
            )
        _check_action("ApiRule", self.action)
        if isinstance(self.action, Stale):
            raise VenueScriptError("ApiRule: only a ReplyRule's action may be Stale")
        _check_counts("ApiRule", self.skip, self.times)


class HandshakeRule(msgspec.Struct, frozen=True, tag="handshake"):
    """Misbehave at the opening of a WebSocket of one kind, or of any ("*").

    Lose resets the connection without an answer, Hang never answers, Refuse answers with its status
    and body instead of 101, Delay and HoldRequest put the opening off.
    """

    stream: HandshakeStream
    action: HandshakeAction
    skip: int = 0
    times: int | None = 1

    def __post_init__(self) -> None:
        """Check the fields."""
        if self.stream not in HANDSHAKE_STREAMS:
            raise VenueScriptError(
                f"HandshakeRule: stream must be one of {', '.join(HANDSHAKE_STREAMS)},"
                f" was {self.stream!r}"
            )
        if not isinstance(self.action, HandshakeAction):
            raise VenueScriptError(
                "HandshakeRule: action must be Lose, Hang, Refuse, Delay or HoldRequest,"
                f" was {self.action!r}"
            )
        if isinstance(self.action, Refuse) and self.action.executed:
            raise VenueScriptError("HandshakeRule: a refused handshake is not executed")
        _check_counts("HandshakeRule", self.skip, self.times)


class PushRule(msgspec.Struct, frozen=True, tag="push"):
    """Misbehave at a push of the user stream, for all its connections alike.

    `event` is Binance's `e` ("ORDER_TRADE_UPDATE") or "*"; `execution` its `x`, an ALGO_UPDATE's
    `X`; `order` the client order id. Actions: "drop"; "hold" until `Venue.release`; "duplicate"
    sends it twice; "swap" delivers it right after the account's next push that is sent, so that
    many change places in pairs; "alter" sends it with `fields` (objects in objects) instead of its
    own and its times (`E`, `T`) moved by `shift_ms`. A duplicate may be altered: the second one is.
    """

    event: str
    action: PushAction
    execution: str | None = None
    order: str | None = None
    skip: int = 0
    times: int | None = 1
    fields: dict[str, Any] = {}
    shift_ms: int = 0

    def __post_init__(self) -> None:
        """Check the fields."""
        alters = bool(self.fields) or self.shift_ms != 0
        if alters and self.action not in ("alter", "duplicate"):
            raise VenueScriptError(
                f"PushRule: only alter and duplicate take fields and shift_ms, not {self.action}"
            )
        if self.action == "alter" and not alters:
            raise VenueScriptError("PushRule: alter needs fields or shift_ms, or both")
        if self.event not in PUSH_EVENTS:
            raise VenueScriptError(
                f"PushRule: event must be one of {', '.join(PUSH_EVENTS)}, was {self.event!r}"
            )
        executions = EXECUTIONS.get(self.event)
        if self.execution is not None and executions is None:
            raise VenueScriptError(f"PushRule: {self.event} has no execution")
        if self.execution not in (None, *(executions or ())):
            raise VenueScriptError(
                f"PushRule: execution must be one of {', '.join(executions or ())},"
                f" was {self.execution!r}"
            )
        if self.order is not None and self.event in WITHOUT_ORDER:
            raise VenueScriptError(f"PushRule: {self.event} is about no order")
        if self.action not in PUSH_ACTIONS:
            raise VenueScriptError(
                f"PushRule: action must be one of {', '.join(PUSH_ACTIONS)}, was {self.action!r}"
            )
        _check_counts("PushRule", self.skip, self.times)


Misbehaviour = ReplyRule | ApiRule | HandshakeRule | PushRule


def _check_action(name: str, action: object) -> None:
    if not isinstance(action, ReplyAction):
        actions = [kind.__name__ for kind in get_args(ReplyAction)]
        raise VenueScriptError(
            f"{name}: action must be {', '.join(actions[:-1])} or {actions[-1]}, was {action!r}"
        )


def _check_counts(name: str, skip: int, times: int | None) -> None:
    if skip < 0:
        raise VenueScriptError(f"{name}: skip must not be negative, was {skip}")
    if times is not None and times < 1:
        raise VenueScriptError(f"{name}: times must be at least 1 or None, was {times}")
