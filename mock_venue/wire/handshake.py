"""The opening of a WebSocket, and what keeps it from opening: a rule, or a limit.

A handshake with the WebSocket API costs weight and is refused over HTTP like a request; streams
cost nothing. What does not open is recorded as `handshake`, what opens as `connection`.
"""

import asyncio

import msgspec
from aiohttp import web

from mock_venue.recording import Record
from mock_venue.script.misbehaviour import Misbehaviours
from mock_venue.script.rules import Delay, Hang, HoldRequest, Lose, Refuse
from mock_venue.timers import sleep
from mock_venue.wire.connection import StreamKind, reset
from mock_venue.wire.limits import Limits, RateLimited
from mock_venue.wire.request import Answer, Requests, refused

WS_API_WEIGHT = 5


class Handshakes:
    """Decides whether WebSockets open."""

    def __init__(
        self, requests: Requests, limits: Limits, misbehaviours: Misbehaviours, record: Record
    ) -> None:
        self._requests = requests
        self._limits = limits
        self._misbehaviours = misbehaviours
        self._record = record

    async def refuse(
        self, http: web.BaseRequest, kind: StreamKind, path: str, now_ms: int
    ) -> web.StreamResponse | None:
        """None where the WebSocket may open; else its client has what it gets already."""
        answer = self._limited(now_ms) if kind == "ws_api" else None
        outcome = "refused"
        handle = self._misbehaviours.for_handshake(kind)
        action = handle.rule.action if handle is not None else None
        try:
            match action:
                case Refuse():
                    answer = refused(action)
                case Lose():
                    outcome = "lost"
                case Hang():
                    outcome = "hung"
                    await self._requests.until_closed()
                case Delay():
                    await sleep(self._requests.call_later, action.delay_ms / 1000)
                case HoldRequest() if self._misbehaviours.has_room:
                    assert handle is not None
                    if not await handle.gate():
                        outcome = "hung"
        except asyncio.CancelledError:
            self._note(kind, path, None, "hung" if outcome == "hung" else "client_gone")
            raise
        if outcome != "refused":
            self._note(kind, path, None, outcome)
            if http.transport is not None:
                reset(http.transport)
            return web.Response()
        if answer is None:
            return None
        self._note(kind, path, answer.status, outcome)
        response = web.Response(status=answer.status, body=answer.body, headers=answer.headers)
        await response.prepare(http)
        await response.write_eof()
        return response

    def _limited(self, now_ms: int) -> Answer | None:
        try:
            self._limits.admit(WS_API_WEIGHT, now_ms)
        except RateLimited as error:
            payload = {"code": error.code, "msg": error.msg}
            return Answer(
                status=error.status,
                body=msgspec.json.encode(payload),
                payload=payload,
                headers={"Content-Type": "application/json", **error.headers},
            )
        return None

    def _note(self, kind: StreamKind, path: str, status: int | None, outcome: str) -> None:
        self._record(
            "wire",
            "handshake",
            {"stream": kind, "path": path, "status": status, "outcome": outcome},
        )
