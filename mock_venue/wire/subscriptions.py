"""What a client of a stream connection sends: SUBSCRIBE and its kin, and the answers.

    {"method": "SUBSCRIBE", "params": ["btcusdt@depth"], "id": 1}  ->  {"result": null, "id": 1}

The id is an unsigned integer or, as the official SDK sends it, a string, and comes back as it was
sent. (Binance: "Live Subscribing/Unsubscribing to streams"; what it answers to SUBSCRIBE without a
list of names is not documented.)
"""

from collections.abc import Callable
from typing import Any

import msgspec

from mock_venue.wire.connection import Connection, Connections, Events

STREAM_NAME_MAX = 200
METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")

UNKNOWN_PROPERTY = (0, "Unknown property")
NO_BOOLEAN = (1, "Invalid value type: expected Boolean")
NO_ID = (2, "Invalid request: request ID must be an unsigned integer")
NO_PROPERTY_NAME = (2, "Invalid request: property name must be a string")
TOO_MANY_PARAMETERS = (2, "Invalid request: too many parameters")
NO_METHOD = (2, "Invalid request: missing field `method` at line 1 column 1")
NO_STREAM_NAMES = (2, "Invalid request: params must be a list of stream names")
NO_JSON = (3, "Invalid JSON: expected value at line 1 column 1")

Subscribe = Callable[[Connection, dict[str, Events]], None]


class _Bad(Exception):
    def __init__(self, code: int, msg: str) -> None:
        super().__init__(msg)
        self.answer = {"code": code, "msg": msg}


def take(
    connections: Connections, connection: Connection, data: str | bytes, subscribe: Subscribe
) -> None:
    """Carry out one message and answer it, with an error where it is malformed."""
    try:
        message = _decode(data)
        method, params = message["method"], message.get("params")
        result = _perform(connections, connection, method, params)
    except _Bad as error:
        connection.send_text(msgspec.json.encode(error.answer))
        return
    answer = {"result": result, "id": message["id"]}
    connection.send_text(msgspec.json.encode(answer))
    if method == "SUBSCRIBE":
        subscribe(connection, dict.fromkeys(_stream_names(params)))


def _decode(data: str | bytes) -> dict[str, Any]:
    try:
        message = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise _Bad(*NO_JSON) from None
    if not isinstance(message, dict) or "method" not in message:
        raise _Bad(*NO_METHOD)
    number = message.get("id")
    if isinstance(number, bool) or not isinstance(number, int | str):
        raise _Bad(*NO_ID)
    if isinstance(number, int) and number < 0:
        raise _Bad(*NO_ID)
    return message


def _perform(connections: Connections, connection: Connection, method: Any, params: Any) -> Any:
    match method:
        case "SUBSCRIBE":
            _stream_names(params)
        case "UNSUBSCRIBE":
            for name in _stream_names(params):
                connections.unsubscribe(connection, name)
        case "LIST_SUBSCRIPTIONS":
            return list(connection.streams)
        case "SET_PROPERTY":
            wrapped = _property(params, 2)[1]
            if not isinstance(wrapped, bool):
                raise _Bad(*NO_BOOLEAN)
            connection.wrapped = wrapped
        case "GET_PROPERTY":
            _property(params, 1)
            return connection.wrapped
        case _:
            known = ", ".join(f"`{name}`" for name in METHODS)
            raise _Bad(
                2,
                f"Invalid request: unknown variant {str(method)[:STREAM_NAME_MAX]},"
                f" expected one of {known} at line 1 column 1",
            )
    return None


def _stream_names(params: Any) -> list[str]:
    names = params if isinstance(params, list) else [params]
    found = [name for name in names if isinstance(name, str) and len(name) <= STREAM_NAME_MAX]
    if params != found:
        raise _Bad(*NO_STREAM_NAMES)
    return found


def _property(params: Any, count: int) -> list[Any]:
    """The property's name, which can only be `combined`, and its value."""
    if not isinstance(params, list) or not params or not isinstance(params[0], str):
        raise _Bad(*NO_PROPERTY_NAME)
    if params[0] != "combined":
        raise _Bad(*UNKNOWN_PROPERTY)
    if len(params) > count:
        raise _Bad(*TOO_MANY_PARAMETERS)
    return params if len(params) == count else [*params, None]
