"""The listen key of the user stream: the API key is enough, a signature does no harm."""

from typing import Any

from mock_venue.wire.routing import Call, Route


def _create(call: Call) -> Any:
    desk = call.desk
    return {"listenKey": desk.listen_keys.create(call.account, desk.executor.now_ms())}


def _keep_alive(call: Call) -> Any:
    desk = call.desk
    return {"listenKey": desk.listen_keys.keep_alive(call.account, desk.executor.now_ms())}


def _close(call: Call) -> Any:
    key = call.desk.listen_keys.close(call.account)
    if key is not None:
        for connection in call.desk.connections.listening(key):
            connection.close("listen key closed")
    return {}


def _route(method: str, handler: Any) -> Route:
    return Route(
        method=method, path="/fapi/v1/listenKey", security="KEY", weight=1, handler=handler
    )


ROUTES = (_route("POST", _create), _route("PUT", _keep_alive), _route("DELETE", _close))
