"""The HTTP server under REST and WebSockets: what is no HTTP is refused as Binance refuses.

Before Binance stands a proxy whose own refusals are HTML; here every refusal has `code` and `msg`.
What a client sends is never the cause of a traceback in the log; it is recorded as `malformed`.

Ordinary requests are answered as they come; a connection is aiohttp's from the first other one on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler, RequestPayloadError

from mock_venue.exchange import errors
from mock_venue.recording import Record
from mock_venue.wire.plain_http import PlainRequest, read_plain

RECORDED_REASON_MAX = 200

MALFORMED = (HttpProcessingError, RequestPayloadError)
"""What aiohttp raises over bytes that are no HTTP."""

Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
AnswerNow = Callable[[PlainRequest, asyncio.Transport], bool]
"""Answers a request at once; False, and nothing has happened, where that cannot be."""


class HttpServer(web.Server):
    """Makes the protocol of each connection; a handler ends when its client goes away."""

    def __init__(self, handle: Handle, answer_now: AnswerNow, record: Record) -> None:
        # Nobody compresses requests, and what is not unpacked cannot swell.
        super().__init__(handle, handler_cancellation=True, access_log=None, auto_decompress=False)
        self._answer_now = answer_now
        self._record = record

    def __call__(self) -> RequestHandler:
        """The protocol of a new connection."""
        return _Protocol(self, self._answer_now, self._record, loop=self._loop, **self._kwargs)


class _Protocol(RequestHandler):
    __slots__ = ("_answer_now", "_is_plain", "_record")

    def __init__(
        self, server: HttpServer, answer_now: AnswerNow, record: Record, **options: Any
    ) -> None:
        super().__init__(server, **options)
        self._answer_now = answer_now
        self._record = record
        self._is_plain = True
        """Whether aiohttp's parser has seen nothing of this connection yet."""

    def data_received(self, data: bytes) -> None:
        """Answer an ordinary request; everything else is aiohttp's."""
        if self._is_plain:
            request = None if self._close or self._force_close else read_plain(data)
            transport = self.transport
            if request and transport and self._answer_now(request, transport):
                self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
                return
            self._is_plain = False
        super().data_received(data)

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
