"""REST: what an HTTP request asks for, and its reply."""

import asyncio
from functools import lru_cache
from http.client import responses

from aiohttp import web
from aiohttp.helpers import (
    must_be_empty_body,
    rfc822_formatted_time,
    should_remove_content_length,
)
from aiohttp.http import SERVER_SOFTWARE

from mock_venue.exchange import errors
from mock_venue.wire.connection import reset
from mock_venue.wire.http import MALFORMED
from mock_venue.wire.params import parse
from mock_venue.wire.plain_http import PlainRequest
from mock_venue.wire.request import Answer, Request, Requests
from mock_venue.wire.routes import ROUTES
from mock_venue.wire.signing import signed_text

HEADS_KEPT = 16


class Rest:
    """Serves REST requests."""

    def __init__(self, requests: Requests, body_bytes_max: int) -> None:
        self._requests = requests
        self._body_bytes_max = body_bytes_max

    async def serve(self, http: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, or fail to, as the rules have it."""
        request = await self._read(http)

        async def deliver(answer: Answer | None) -> web.StreamResponse:
            if answer is None:
                if http.transport is not None:
                    reset(http.transport)
                return web.Response()
            if http.transport is None or http.transport.is_closing():
                raise ConnectionResetError("the client is gone")
            raw = _raw(answer, http.method, http.keep_alive)
            http.transport.write(raw * request.copies)
            request.outcome = "replied"
            return _Written(http)

        return await self._requests.serve(request, self._requests.arrive(request), deliver)

    def answer_now(self, plain: PlainRequest, transport: asyncio.Transport) -> bool:
        """Answer an ordinary request to an endpoint, unless a rule can strike. True if it has."""
        if not self._requests.is_undisturbed or len(plain.body) > self._body_bytes_max:
            return False
        path, _, query = plain.target.partition("?")
        if (plain.method, path) not in ROUTES:
            return False
        body = plain.body.decode("utf-8", "replace")
        now_ns = self._requests.now_ns()
        request = _request(plain.method, path, query, body, plain.key, now_ns, None)
        self._requests.arrive(request)
        answer = self._requests.execute(request)
        if not transport.is_closing():
            transport.write(_raw(answer, plain.method, True))
            request.outcome = "replied"
        self._requests.note(request)
        return True

    async def _read(self, http: web.BaseRequest) -> Request:
        received_ns = self._requests.now_ns()
        # What is no UTF-8 comes as surrogates, which no JSON can hold.
        target = http.raw_path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        path, _, query = target.partition("?")
        body, fault = "", None
        try:
            body = await self._body(http)
        except errors.ExchangeError as error:
            fault = error
        key = http.headers.get("X-MBX-APIKEY")
        return _request(http.method, path, query, body, key, received_ns, fault)

    async def _body(self, http: web.BaseRequest) -> str:
        """The body. Raises -1101 where it is over the limit, -1102 where it cannot be read."""
        if not http.body_exists:
            return ""
        if (http.content_length or 0) > self._body_bytes_max:
            raise errors.BODY_TOO_LARGE()
        try:
            body = await http.read()
        except web.HTTPRequestEntityTooLarge:
            raise errors.BODY_TOO_LARGE() from None
        except MALFORMED:
            raise errors.MALFORMED_REQUEST() from None
        if len(body) > self._body_bytes_max:
            raise errors.BODY_TOO_LARGE()
        return body.decode("utf-8", "replace")


def _request(
    method: str,
    path: str,
    query: str,
    body: str,
    key: str | None,
    received_ns: int,
    fault: errors.ExchangeError | None,
) -> Request:
    values, twice = parse(query, body)
    route = ROUTES.get((method, path))
    if route is None:
        fault = errors.UNKNOWN_PATH(path, method)
    elif fault is None and twice is not None:
        fault = errors.DUPLICATE_PARAMETER()
    return Request(
        kind="http",
        method=method,
        path=path,
        values=values,
        route=route,
        key=key,
        signed=(signed_text(query, body),),
        fault=fault,
        received_ns=received_ns,
        parts=(query, body),
    )


class _Written(web.StreamResponse):
    """A response that is on its way already."""

    def __init__(self, http: web.BaseRequest) -> None:
        super().__init__()
        self._is_kept_alive = http.keep_alive

    @property
    def keep_alive(self) -> bool:
        """Whether the connection goes on, which is for the client to say."""
        return self._is_kept_alive

    async def prepare(self, _: web.BaseRequest) -> None:
        """The head is written."""

    async def write_eof(self, _: bytes = b"") -> None:
        """The body is too."""


def _raw(answer: Answer, method: str, keep_alive: bool) -> bytes:
    """An answer as bytes, head and body: one write, and less than half of aiohttp's own way."""
    status, body = answer.status, answer.body
    head = _head(status, rfc822_formatted_time(), keep_alive)
    lines = "".join([f"{name}: {value}\r\n" for name, value in answer.headers.items()])
    if not should_remove_content_length(method, status):
        lines += f"Content-Length: {len(body)}\r\n"
    return f"{head}{lines}\r\n".encode() + (b"" if must_be_empty_body(method, status) else body)


@lru_cache(HEADS_KEPT)
def _head(status: int, date: str, keep_alive: bool) -> str:
    """How every answer begins; the same for a second, so it is kept as long."""
    return (
        f"HTTP/1.1 {status} {responses.get(status, '')}\r\nDate: {date}\r\n"
        f"Server: {SERVER_SOFTWARE}\r\nConnection: {'keep-alive' if keep_alive else 'close'}\r\n"
    )
