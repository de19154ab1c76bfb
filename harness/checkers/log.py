"""The node logs no error that nothing explains, and no exception goes uncaught.

An ERROR line is *expected* where the history holds what it tells of: a request that the venue
refused with the code in the line, one that was never answered, a user stream that could not be
opened. Everything else is a failure. Some failures have a name, because they say what has gone
wrong in the node; the others are `unexpected_error`. Lines that differ in numbers alone are told
once.

How a process ended is `node_alive`'s.
"""

import re
from collections.abc import Callable, Iterator
from functools import cached_property

import msgspec

from harness.checkers.case import Case
from harness.checkers.node_view import SECOND_NS
from harness.checkers.verdict import CheckerVerdict, Evidence, NothingToJudge, conclude
from harness.history.event import Event, Kinds

LOGS: Kinds = {"node": ("log",), "second_node": ("log",)}
STDERR = "stderr"
TOLD_CHARACTERS_MAX = 240
# By the machine's clock: a link is broken before the harness records that it is.
RECORDED_SECS_MAX = 1.0

NAMED: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("discrepancy_given_up", re.compile(r"Position discrepancy .* unresolved after")),
    ("overfill_rejected", re.compile(r"Order overfill rejected")),
    ("filled_beyond_report", re.compile(r"report\.filled_qty \S+ < order\.filled_qty")),
    ("store_integrity", re.compile(r"Integrity (failure|check failed)|^Cannot load ")),
    ("event_not_applied", re.compile(r"Error on applying Order")),
)
"""What says itself what has gone wrong."""

# Lines that go with the one before.
_DETAIL = "  Fill: "
_NUMBERS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|S-[0-9a-f-]+|signature=\w+|\d[\d_.]*")


class _Causes:
    """What makes a node log errors, by the time from which on it can."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.late_ns = int(RECORDED_SECS_MAX * case.rate * SECOND_NS)

    @cached_property
    def _requests(self) -> list[Event]:
        return self._case.of("wire", "http", "ws_api")

    @cached_property
    def _refused(self) -> dict[str, int]:
        first: dict[str, int] = {}
        for request in self._requests:
            status, reply = request.data["status"], request.data["reply"]
            if isinstance(reply, str) or (status is not None and status >= 400):
                code = str(reply.get("code")) if isinstance(reply, dict) else ""
                first.setdefault(code, request.data["received_ns"])
        return first

    @cached_property
    def _unanswered_ns(self) -> int | None:
        unanswered = (
            request.data["received_ns"]
            for request in self._requests
            if request.data["outcome"] != "replied"
        )
        return min((*unanswered, *self._broken_ns("rest")), default=None)

    @cached_property
    def _told_wrongly_ns(self) -> int | None:
        struck = (event for event in self._case.of("wire", "misbehaviour"))
        return min((event.ts for event in struck if event.data["rule"].get("fields")), default=None)

    @cached_property
    def _unopened_ns(self) -> int | None:
        refused = (event.ts for event in self._case.of("wire", "handshake"))
        return min((*refused, *self._broken_ns("user_stream")), default=None)

    @cached_property
    def _store_disturbed_ns(self) -> int | None:
        disturbed = (event.ts for event in self._case.of("store", "killed", "full"))
        return min((*disturbed, *self._broken_ns("store")), default=None)

    def _broken_ns(self, link: str) -> Iterator[int]:
        return (event.ts for event in self._case.of("link") if event.data.get("link") == link)

    def refused(self, match: re.Match[str]) -> int | None:
        """When the venue first refused a request with the code in the line."""
        return self._refused.get(match["code"])

    def answered_in_html(self, _: re.Match[str]) -> int | None:
        """When the venue first answered a request with a page."""
        return self._refused.get("")

    def told_wrongly(self, _: re.Match[str]) -> int | None:
        """When the venue first pushed something else than what had happened."""
        return self._told_wrongly_ns

    def unanswered(self, _: re.Match[str]) -> int | None:
        """When a request was first not answered, or the way to the venue broken."""
        return self._unanswered_ns

    def store_disturbed(self, _: re.Match[str]) -> int | None:
        """When the store was first killed or full, or the way to it broken."""
        return self._store_disturbed_ns

    def unopened(self, _: re.Match[str]) -> int | None:
        """When a user stream was first refused, or the way to it broken."""
        return self._unopened_ns


EXPECTED: tuple[tuple[re.Pattern[str], Callable[[_Causes, re.Match[str]], int | None]], ...] = (
    (re.compile(r"'code': (?P<code>-\d+)"), _Causes.refused),
    (
        re.compile(r"Binance(Client|Server)Error\(['\"]<|Non-JSON response"),
        _Causes.answered_in_html,
    ),
    (re.compile(r"^Failed to decode (WebSocket API )?message"), _Causes.answered_in_html),
    (re.compile(r"Order overfill rejected"), _Causes.told_wrongly),
    (re.compile(r"error sending request|^Error on '\w+: "), _Causes.unanswered),
    (
        re.compile(
            r"Failed to connect Binance Futures user data stream"
            r"|^Failed to recover REST listenKey: I/?O error"
        ),
        _Causes.unopened,
    ),
    # 2.x tells of writes that failed.
    (re.compile(r"^broken pipe$|^Transaction aborted: .*\"OOM\""), _Causes.store_disturbed),
)
"""What a line looks like that a fault explains, and what must have happened before it."""


class _Seen(msgspec.Struct):
    """Error lines that are alike."""

    first: Event
    count: int = 0


def log(case: Case) -> CheckerVerdict:
    """FAIL for each error line that nothing explains; those that something does are noted."""
    if not case.node.runs:
        raise NothingToJudge("no node was started")
    causes = _Causes(case)
    unexplained: dict[tuple[str, str], _Seen] = {}
    explained: dict[tuple[str, str], _Seen] = {}
    for event in case.of_all(LOGS):
        if event.data["level"] == "ERROR" and not event.data["message"].startswith(_DETAIL):
            kind = _kind(event, causes)
            seen = explained if kind == "expected_error" else unexplained
            alike = kind, _NUMBERS.sub("#", event.data["message"])
            seen.setdefault(alike, _Seen(event)).count += 1
    return conclude(
        "log",
        _told(unexplained),
        notes=_told(explained),
    )


def _kind(event: Event, causes: _Causes) -> str:
    message = event.data["message"]
    if event.data["component"] == STDERR:
        crashed = "panicked" in message or message.startswith("Fatal")
        return "panic" if crashed else "uncaught_exception"
    for pattern, cause in EXPECTED:
        if match := pattern.search(message):
            since_ns = cause(causes, match)
            if since_ns is not None and since_ns <= event.ts + causes.late_ns:
                return "expected_error"
    for kind, pattern in NAMED:
        if pattern.search(message):
            return kind
    return "unexpected_error"


def _told(seen: dict[tuple[str, str], _Seen]) -> Iterator[Evidence]:
    for (kind, _), lines in seen.items():
        data = lines.first.data
        times = f", {lines.count} times" if lines.count > 1 else ""
        yield Evidence(
            kind=kind,
            message=f"run {data['run']} logged in {data['component']}{times}: "
            f"{data['message'][:TOLD_CHARACTERS_MAX]}",
            seqs=(lines.first.seq,),
        )
