"""The registered rules: which one strikes, how often it has, and what it holds back."""

import asyncio
import copy
import re
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

import msgspec

from mock_venue.exchange.exchange import Exchange
from mock_venue.recording import Record
from mock_venue.script.errors import VenueScriptError
from mock_venue.script.rules import (
    ANY,
    ApiRule,
    HandshakeRule,
    Misbehaviour,
    PushRule,
    ReplyRule,
    Stale,
)

RULES_MAX = 1_000

_NUMBER = re.compile(r"-?[0-9]{1,40}\.?[0-9]{0,40}")


class Handle:
    """A registered rule: `hits` so far, `cancel()` it; `past` is what a Stale one reads.

    Cancelling ends the strikes; what the rule holds stays held until it is released.
    """

    def __init__(
        self,
        rule: Misbehaviour,
        forget: Callable[["Handle"], None],
        is_active: Callable[["Handle"], bool],
        past: Exchange | None,
    ) -> None:
        self.rule = rule
        self.past = past
        self.hits = 0
        self._skipped = 0
        self._forget = forget
        self._is_active = is_active
        self._gates: list[asyncio.Future[bool]] = []
        self._held: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """End the rule. Doing it twice is no error."""
        self._forget(self)

    def strikes_now(self) -> bool:
        """Count a match; whether the rule strikes at it."""
        if self._skipped < self.rule.skip:
            self._skipped += 1
            return False
        self.hits += 1
        if self.rule.times is not None and self.hits >= self.rule.times:
            self._forget(self)
        return True

    @property
    def is_active(self) -> bool:
        """Whether the rule can strike again."""
        return self._is_active(self)

    @property
    def holds(self) -> int:
        """How many requests, replies or pushes wait for a release."""
        return len(self._gates) + len(self._held)

    async def gate(self) -> bool:
        """Wait for a release. False if the venue closes instead."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._gates.append(future)
        try:
            return await future
        finally:
            if future in self._gates:
                self._gates.remove(future)

    def hold(self, deliver: Callable[[], None]) -> None:
        """Keep a push; `deliver` is called on release, in the order of holding."""
        self._held.append(deliver)

    def release(self, through: bool = True) -> int:
        """Let everything held go, or (not `through`) drop it; how many there were."""
        gates, self._gates = self._gates, []
        held, self._held = self._held, []
        for future in gates:
            if not future.done():
                future.set_result(through)
        if through:
            for deliver in held:
                deliver()
        return len(gates) + len(held)


class Misbehaviours:
    """All rules of a venue, in the order of their registration."""

    def __init__(self, record: Record, held_max: int, exchange: Exchange) -> None:
        self._record = record
        self._exchange = exchange
        self._held_max = held_max
        self._active: list[Handle] = []
        self._handles: list[Handle] = []

    def add(self, rule: Misbehaviour) -> Handle:
        """Register a rule. Raises VenueScriptError at the limit or where it is no rule."""
        if not isinstance(rule, Misbehaviour):
            raise VenueScriptError(
                "misbehave: must be a ReplyRule, an ApiRule, a HandshakeRule or a PushRule,"
                f" was {rule!r}"
            )
        self._handles = [known for known in self._handles if known in self._active or known.holds]
        if len(self._handles) >= RULES_MAX:
            raise VenueScriptError(f"misbehave: {RULES_MAX} rules are active, the limit")
        stale = isinstance(rule, ReplyRule) and isinstance(rule.action, Stale)
        past = copy.deepcopy(self._exchange) if stale else None
        handle = Handle(rule, self._forget, self._active.__contains__, past)
        self._active.append(handle)
        self._handles.append(handle)
        return handle

    def for_request(
        self, n: int, method: str, path: str, params: dict[str, str], orders: Collection[str]
    ) -> Handle | None:
        """The rule that strikes at this request, if any; recorded."""
        for handle in list(self._active):
            rule = handle.rule
            if (
                isinstance(rule, ReplyRule)
                and rule.method in (ANY, method)
                and rule.path in (ANY, path)
                and _is_about(rule, params, orders)
                and handle.strikes_now()
            ):
                self._struck(handle, {"n": n})
                return handle
        return None

    def for_api_request(
        self, n: int, method: str, params: dict[str, str], orders: Collection[str]
    ) -> Handle | None:
        """The rule that strikes at this request to the WebSocket API, if any; recorded."""
        for handle in list(self._active):
            rule = handle.rule
            if (
                isinstance(rule, ApiRule)
                and rule.method in (ANY, method)
                and _is_about(rule, params, orders)
                and handle.strikes_now()
            ):
                self._struck(handle, {"n": n})
                return handle
        return None

    def for_handshake(self, stream: str) -> Handle | None:
        """The rule that strikes at the opening of this kind of WebSocket, if any; recorded."""
        for handle in list(self._active):
            rule = handle.rule
            if (
                isinstance(rule, HandshakeRule)
                and rule.stream in (ANY, stream)
                and handle.strikes_now()
            ):
                self._struck(handle, {"stream": stream})
                return handle
        return None

    def for_push(self, event: str, execution: str | None, order: str | None) -> Handle | None:
        """The rule that strikes at this push, if any; recorded."""
        if not self._active:
            return None
        for handle in list(self._active):
            rule = handle.rule
            if (
                isinstance(rule, PushRule)
                and rule.event in (ANY, event)
                and rule.execution in (None, execution)
                and rule.order in (None, order)
                and handle.strikes_now()
            ):
                self._struck(handle, {"order": order})
                return handle
        return None

    @property
    def is_idle(self) -> bool:
        """Whether no rule can strike."""
        return not self._active

    @property
    def has_room(self) -> bool:
        """Whether another request or push can be held back; without room it goes its way."""
        return sum(handle.holds for handle in self._handles) < self._held_max

    def close(self) -> None:
        """End all rules and drop all that is held."""
        self._active.clear()
        for handle in self._handles:
            handle.release(through=False)

    def _forget(self, handle: Handle) -> None:
        if handle in self._active:
            self._active.remove(handle)

    def _struck(self, handle: Handle, where: dict[str, Any]) -> None:
        rule = msgspec.to_builtins(handle.rule)
        self._record("wire", "misbehaviour", {"rule": rule, "hit": handle.hits, **where})


def _is_about(rule: ReplyRule | ApiRule, params: dict[str, str], orders: Collection[str]) -> bool:
    if rule.order is not None and rule.order not in orders:
        return False
    return all(_means(params.get(name), value) for name, value in (rule.params or {}).items())


def _means(sent: str | None, wanted: str) -> bool:
    """Whether a parameter is the wanted one: clients write numbers and booleans in many ways."""
    if sent is None or sent == wanted:
        return sent is not None
    if wanted.lower() in ("true", "false"):
        return sent.lower() == wanted.lower()
    numbers = _NUMBER.fullmatch(sent) and _NUMBER.fullmatch(wanted)
    return bool(numbers) and Decimal(sent) == Decimal(wanted)
