"""What the history has of a request: that it arrived, and how it ended.

Nobody may ever look at it, so it is kept as it came, since text takes the least room, and made into
data late. What is outsized is cut at once.
"""

import hashlib
from itertools import islice
from typing import Any, Literal

import msgspec

from mock_venue.wire.params import parse

RECORDED_REPLY_BYTES_MAX = 4_096
RECORDED_PATH_MAX = 200
RECORDED_PARAMS_MAX = 4_096
"""Characters of names and values."""
RECORDED_PARAMS_COUNT = 32
SECRETS = ("signature", "apiKey", "listenKey")

Outcome = Literal["replied", "lost", "hung", "client_gone"]
KeptParams = dict[str, str] | tuple[str, str]
"""The parameters, or query and body."""
KeptReply = bytes | str | dict[str, Any]
"""JSON, another text, or what is told of a long reply."""

_decode = msgspec.json.Decoder().decode


class Ended(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is kept of a request that has ended."""

    n: int
    method: str
    path: str
    params: KeptParams
    status: int | None
    reply: KeptReply | None
    weight: int
    orders: tuple[int, int]
    outcome: Outcome
    executed: bool | None
    received_ns: int
    replied_ns: int | None
    client_order_id: str | None
    client_order_ids: tuple[str, ...]
    about: dict[str, Any]


def arrived_data(
    n: int,
    method: str,
    path: str,
    client_order_id: str | None,
    client_order_ids: tuple[str, ...],
    about: dict[str, Any],
) -> dict[str, Any]:
    """A request that has arrived, as recorded."""
    return {
        "n": n,
        "method": method,
        "path": path,
        "client_order_id": client_order_id,
        "client_order_ids": sorted(client_order_ids),
        **about,
    }


def ended_data(ended: Ended) -> dict[str, Any]:
    """A request that has ended, as recorded."""
    data = msgspec.structs.asdict(ended)
    about: dict[str, Any] = data.pop("about")
    if isinstance(ended.params, tuple):
        data["params"] = _recorded_params(parse(*ended.params)[0])
    if isinstance(ended.reply, bytes):
        reply = _decode(ended.reply)
        data["reply"] = _without_secrets(reply) if isinstance(reply, dict) else reply
    data["client_order_ids"] = sorted(ended.client_order_ids)
    return data | about


def kept_params(parts: tuple[str, str] | None, values: dict[str, str]) -> KeptParams:
    """Query and body if there are, else the parameters that were read."""
    if parts is not None and len(parts[0]) + len(parts[1]) <= RECORDED_PARAMS_MAX:
        return parts
    return _recorded_params(values)


def kept_reply(body: bytes, payload: Any) -> KeptReply:
    """A body, which says `payload`; of a long one its hash and how many items it has."""
    if len(body) <= RECORDED_REPLY_BYTES_MAX:
        return payload if isinstance(payload, str) else body
    return {
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "items": len(payload) if isinstance(payload, list) else None,
    }


def _without_secrets(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in SECRETS}


def _recorded_params(values: dict[str, str]) -> dict[str, str]:
    """The parameters that are no secrets; of an outsized request the sensible ones alone."""
    params = _without_secrets(values)
    if sum(map(len, params)) + sum(map(len, params.values())) <= RECORDED_PARAMS_MAX:
        return params
    short = (
        (name, value)
        for name, value in params.items()
        if len(name) + len(value) <= RECORDED_PARAMS_MAX // RECORDED_PARAMS_COUNT
    )
    return dict(islice(short, RECORDED_PARAMS_COUNT))
