"""What is done with a request, whichever way it came: limits, who asks, the handler, the answer.

One synchronous call, so requests never see each other half done.
"""

import logging
from collections.abc import Callable
from typing import Any

import msgspec

from mock_venue.exchange import errors
from mock_venue.exchange.exchange import Exchange
from mock_venue.wire.limits import Limits, RateLimited
from mock_venue.wire.params import Params
from mock_venue.wire.request import Answer, Request
from mock_venue.wire.routing import Call, Desk, Route

RECV_WINDOW_DEFAULT_MS = 5_000
AHEAD_MAX_MS = 1_000

_log = logging.getLogger("mock_venue")
_encode = msgspec.json.Encoder().encode


class Execution:
    """Executes requests; nothing raises, every failure is an answer."""

    def __init__(self, desk: Desk, limits: Limits, expire_due: Callable[[], None]) -> None:
        self._desk = desk
        self._limits = limits
        self._expire_due = expire_due

    def execute(self, request: Request, past: Exchange | None = None) -> Answer:
        """Carry out a request, on a past state if given; the answer is kept in it too."""
        desk = self._desk if past is None else msgspec.structs.replace(self._desk, exchange=past)
        self._expire_due()
        now_ms = self._desk.executor.pass_time()
        params = Params(request.values)
        weighed = request.route is None or request.route.pool == "weight"
        ordering = None
        status = 200
        headers: dict[str, str] = {}
        payload: Any
        try:
            if weighed:
                self._limits.admit(request.weight, now_ms)
            else:
                self._limits.admit_funding(now_ms)
            route = _acceptable(request)
            account = self._authenticate(route, request, params, now_ms)
            if any(route.orders):
                ordering = account
                self._limits.admit_orders(account, route.orders, now_ms)
            payload = route.handler(Call(desk=desk, account=account, params=params))
        except errors.ExchangeError as error:
            status, payload = error.status, {"code": error.code, "msg": error.msg}
            headers = error.headers if isinstance(error, RateLimited) else {}
        except Exception:
            _log.exception("%s %s failed", request.method, request.path)
            status = 500
            payload = {
                "code": -1000,
                "msg": "An unknown error occurred while processing the request.",
            }
        request.executed = status == 200
        request.answer = Answer(
            status=status,
            body=_encode(payload),
            payload=payload,
            headers={
                "Content-Type": "application/json",
                **(self._limits.headers(ordering, now_ms) if weighed else {}),
                **headers,
            },
            ordering=ordering,
        )
        return request.answer

    def _authenticate(self, route: Route, request: Request, params: Params, now_ms: int) -> str:
        if route.security == "NONE":
            return ""
        name = request.key or request.session_key
        if not name:
            raise errors.BAD_KEY_FORMAT()
        key = self._desk.api_keys.find(name)
        if key is None:
            raise errors.UNKNOWN_KEY()
        if route.security == "KEY":
            return key.account
        timestamp = params.integer("timestamp")
        # What a logged on session sends in its own name is not signed.
        signature = params.text("signature") if request.key else None
        window = params.find_integer("recvWindow")
        if timestamp >= now_ms + AHEAD_MAX_MS:
            raise errors.TIMESTAMP_AHEAD()
        if now_ms - timestamp > (RECV_WINDOW_DEFAULT_MS if window is None else window):
            raise errors.TIMESTAMP_OUTSIDE_WINDOW()
        if signature is not None and not any(
            key.signed(text, signature) for text in request.signed
        ):
            raise errors.BAD_SIGNATURE()
        return key.account


def _acceptable(request: Request) -> Route:
    if request.fault is not None:
        raise request.fault
    for name, value in request.values.items():
        if not value:
            raise errors.PARAMETER_EMPTY(name)
    assert request.route is not None
    return request.route
