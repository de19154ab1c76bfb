"""Every kind of event that a venue records: where it comes from, and what its fields can be.

Whoever waits for an event that never comes waits in silence; `check_fields` says so beforehand.
"""

from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Literal, TypedDict, Union, get_args, get_origin, get_type_hints

import msgspec

from mock_venue.control.acts import ACTS, VENUE_ACTS
from mock_venue.control.choices import choices_of, told
from mock_venue.exchange.account import AccountReason
from mock_venue.exchange.commands import SymbolStatus
from mock_venue.exchange.conditional import AlgoStatus, AlgoTimeInForce, AlgoType, WorkingType
from mock_venue.exchange.income import IncomeType
from mock_venue.exchange.order import (
    ForcedBy,
    OrderStatus,
    OrderType,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from mock_venue.recording import Source
from mock_venue.script.rules import ANY, EXECUTIONS, METHODS, PUSH_EVENTS
from mock_venue.wire.connection import StreamKind
from mock_venue.wire.known import API_METHODS, PATHS
from mock_venue.wire.request_record import Outcome
from mock_venue.wire.ws_api import PATH

Amount = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]+(\.[0-9]+)?$")]
"""A decimal number as text."""


class _Placed(TypedDict):
    """What orders and conditional orders have."""

    symbol: str
    order_id: int | None
    client_order_id: str
    side: Side
    quantity: Amount
    price: Amount
    reduce_only: bool
    position_side: PositionSide
    created_ms: int
    updated_ms: int
    account: str


class _Order(_Placed):
    type: OrderType
    time_in_force: TimeInForce
    status: OrderStatus
    filled: Amount
    average_price: Amount
    self_trade_prevention: SelfTradePrevention
    expiry_reason: Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
    price_match: PriceMatch
    good_till_ms: int
    external: bool
    forced_by: ForcedBy | None


class _AlgoOrder(_Placed):
    algo_id: int
    type: AlgoType
    time_in_force: AlgoTimeInForce
    status: AlgoStatus
    trigger_price: Amount
    activate_price: Amount
    callback_rate: Amount
    working_type: WorkingType
    close_position: bool
    price_protect: bool
    reason: str
    triggered_ms: int


class _Trade(TypedDict):
    trade_id: int
    order_id: int
    client_order_id: str
    symbol: str
    side: Side
    quantity: Amount
    price: Amount
    commission: Amount
    commission_asset: str
    realized_pnl: Amount
    maker: bool
    position_side: PositionSide
    time_ms: int
    account: str


class _Position(TypedDict):
    symbol: str
    position_side: PositionSide
    amount: Amount
    entry_price: Amount
    isolated_wallet: Amount
    account: str


class _Balance(TypedDict):
    asset: str
    wallet: Amount
    isolated: Amount
    account: str


class _Movement(TypedDict):
    reason: AccountReason
    income_type: IncomeType
    asset: str
    amount: Amount
    symbol: str
    tran_id: int
    time_ms: int
    account: str


class _MarginCall(TypedDict):
    cross_wallet: Amount | None
    positions: list[Any]
    account: str


class _SymbolStatus(TypedDict):
    symbol: str
    status: SymbolStatus


class _Price(TypedDict):
    symbol: str
    bid: Amount
    ask: Amount
    mark: Amount


class _Countdown(TypedDict):
    account: str
    symbol: str


class _ScriptError(TypedDict):
    act: dict[str, Any]
    error: str


class _Arrived(TypedDict):
    """What a request has when it comes and when it is over."""

    n: int
    client_order_id: str | None
    client_order_ids: list[str]
    method: str
    path: str


class _Request(_Arrived):
    connection: int
    id: int | str | None


class _Over(_Arrived):
    params: dict[str, str]
    status: int | None
    reply: Any
    weight: int
    orders: list[int]
    outcome: Outcome
    executed: bool | None
    received_ns: int
    replied_ns: int | None


class _WsApi(_Over):
    connection: int
    id: int | str | None


class _Push(TypedDict):
    event: str
    execution: str | None
    order_id: int | None
    client_order_id: str | None
    trade_id: int | None
    connection: int | None
    outcome: Literal[
        "sent", "altered", "duplicated", "released", "held", "dropped", "no_subscriber"
    ]
    payload: dict[str, Any]


class _Connection(TypedDict):
    connection: int
    stream: StreamKind
    action: Literal["opened", "closed"]
    path: str
    reason: str | None


class _ListenKey(TypedDict):
    action: Literal["created", "kept_alive", "closed", "expired"]


class _Misbehaviour(TypedDict):
    rule: dict[str, Any]
    hit: int
    n: int
    stream: StreamKind
    order: str | None


class _Handshake(TypedDict):
    stream: StreamKind
    path: str
    status: int | None
    outcome: Literal["refused", "lost", "hung", "client_gone"]


class _Ban(TypedDict):
    until_ms: int


class _Malformed(TypedDict):
    reason: str


class Kind(msgspec.Struct, frozen=True):
    """A kind of event: its source, and the types of its fields by name."""

    source: Source
    fields: dict[str, Any]


def _kind(source: Source, shape: Any, **names: Any) -> Kind:
    """A kind of this shape; `names` are fields with names of this venue's in them."""
    return Kind(source, get_type_hints(shape, include_extras=True) | names)


def _one_of(*names: str | None) -> Any:
    return Literal[names]


def _acts() -> dict[str, Any]:
    """Each act records what it was told, and the ids of what it was about."""
    acts = [act.__name__ for act in VENUE_ACTS]
    given = {name for act in acts for name in ACTS[act].arguments.__struct_fields__}
    ids = {"order_id": int, "algo_id": int, "taken_ms": int}
    names = dict.fromkeys(("symbol", "account"), str | None)
    return {"act": _one_of(*acts, "restore"), **dict.fromkeys(sorted(given), Any), **ids, **names}


REST_METHODS = METHODS[1:]

KINDS: dict[str, Kind] = {
    "order": _kind("venue", _Order),
    "algo_order": _kind("venue", _AlgoOrder),
    "trade": _kind("venue", _Trade),
    "position": _kind("venue", _Position),
    "balance": _kind("venue", _Balance),
    "movement": _kind("venue", _Movement),
    "margin_call": _kind("venue", _MarginCall),
    "symbol_status": _kind("venue", _SymbolStatus),
    "price": _kind("venue", _Price),
    "countdown": _kind("venue", _Countdown),
    "act": Kind("venue", _acts()),
    "script_error": _kind("venue", _ScriptError),
    "request": _kind(
        "wire", _Request, method=_one_of(*REST_METHODS, *API_METHODS), path=_one_of(*PATHS, PATH)
    ),
    "http": _kind("wire", _Over, method=_one_of(*REST_METHODS), path=_one_of(*PATHS)),
    "push": _kind(
        "wire",
        _Push,
        event=_one_of(*PUSH_EVENTS[1:]),
        execution=_one_of(*EXECUTIONS[ANY], None),
    ),
    "connection": _kind("wire", _Connection),
    "listen_key": _kind("wire", _ListenKey),
    "misbehaviour": _kind("wire", _Misbehaviour),
    "ws_api": _kind("wire", _WsApi, method=_one_of(*API_METHODS), path=_one_of(PATH)),
    "handshake": _kind("wire", _Handshake),
    "ban": _kind("wire", _Ban),
    "malformed": _kind("wire", _Malformed),
}


def check_fields(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that events of a kind are to have, amounts as Decimals.

    Raises ValueError where no event of the kind has such a field, or such a value in it.
    """
    known = KINDS[kind].fields
    checked = {}
    for name, value in fields.items():
        if name not in known:
            raise ValueError(f"{kind} has no field {name!r}, but {', '.join(known)}")
        try:
            msgspec.convert(value, known[name])
        except msgspec.ValidationError:
            raise ValueError(f"{kind}: {name} must be {_said(known[name], value)}") from None
        is_amount = Amount in (known[name], *get_args(known[name]))
        checked[name] = Decimal(value) if is_amount and value is not None else value
    return checked


def _said(hint: Any, value: Any) -> str:
    """What a value may be, and what it was."""
    if choices := choices_of(hint):
        return told(choices, value)
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return f"{' or '.join(_NAMES.get(part, 'an object') for part in parts)}, was {value!r}"


_NAMES: dict[Any, str] = {
    str: "text",
    int: "an integer",
    bool: "true or false",
    type(None): "null",
    Amount: "a decimal number as text",
    list[str]: "a list of texts",
    list[int]: "a list of integers",
    list[Any]: "a list",
}
