"""The HTTP server under REST and WebSockets: what is no HTTP is refused as Binance refuses.

Before Binance stands a proxy whose own refusals are HTML; here every refusal has `code` and `msg`.
What a client sends is never the cause of a traceback in the log; it is recorded as `malformed`.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler, RequestPayloadError

from mock_venue.exchange import errors
from mock_venue.recording import Record

RECORDED_REASON_MAX = 200

MALFORMED = (HttpProcessingError, RequestPayloadError)
"""What aiohttp raises over bytes that are no HTTP."""

Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class HttpServer(web.Server):
    """Makes the protocol of each connection; a handler ends when its client goes away."""

    def __init__(self, handle: Handle, record: Record) -> None:
        # Nobody compresses requests, and what is not unpacked cannot swell.
        super().__init__(handle, handler_cancellation=True, access_log=None, auto_decompress=False)
        self._record = record

    def __call__(self) -> RequestHandler:
        """The protocol of a new connection."""
        return _Protocol(self, self._record, loop=self._loop, **self._kwargs)


class _Protocol(RequestHandler):
    __slots__ = ("_record",)

    def __init__(self, server: HttpServer, record: Record, **options: Any) -> None:
        super().__init__(server, **options)
        self._record = record

    def log_exception(self, *args: Any, **kwargs: Any) -> None:
        """Log an error of our own; a body that broke off after its answer is none."""
        if not isinstance(kwargs.get("exc_info"), MALFORMED):
            super().log_exception(*args, **kwargs)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Refuse what is malformed; an error of our own is logged."""
        if not isinstance(exc, MALFORMED):
            return super().handle_error(request, status, exc, message)
        reason = f"{type(exc).__name__}: {exc}"[:RECORDED_REASON_MAX]
        self._record("wire", "malformed", {"reason": reason})
        return malformed()


def malformed(status: int = HTTPStatus.BAD_REQUEST) -> web.Response:
    """The reply to a request that cannot be read; the connection ends with it."""
    error = errors.MALFORMED_REQUEST()
    body = msgspec.json.encode({"code": error.code, "msg": error.msg})
    response = web.Response(status=status, body=body, content_type="application/json")
    response.force_close()
    return response
