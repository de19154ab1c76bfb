"""A script: what the venue does by itself, and when.

A file of JSON Lines, an entry a line; blank lines and lines that begin with # are left out.

    {"after_ms": 5000, "do": {"act": "set_price", "symbol": "BTCUSDT", "bid": "49900.0", ...}}
    {"when": {"kind": "order", "fields": {"status": "NEW", "side": "BUY"}, "times": null},
     "do": {"act": "fill", "quantity": "0.004"}}
    {"do": {"act": "misbehave", "rule": {"type": "push", "event": "*", "action": "drop"}}}

`do` is an act (`ACTS`) or a list of them. Without `when` it is done `after_ms` (default 0) of the
venue's start. `when` names an event of the history by its kind and fields: the first `skip` that
match are passed over, then it is done at each of the next `times` (null: always), `after_ms` later.
An act of such an entry that takes an order and is given none is about the event's order.

Acts triggered by an event come right after the command it is part of, never amid it. An act that
cannot be done then (its order is closed already) is recorded as `script_error` and the script goes
on.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec

from mock_venue.control.acts import ACTS, Rules, check_act, perform
from mock_venue.control.kinds import KINDS, check_fields
from mock_venue.control.reading import BadInput, convert, decode_any, lines
from mock_venue.recording import Data, Record, has, made
from mock_venue.script.errors import VenueScriptError
from mock_venue.venue import Venue

ENTRIES_MAX = 10_000
AFTER_MS_MAX = 7 * 86_400_000
PENDING_MAX = 10_000

CallLater = Callable[[float, Callable[[], None]], object]
"""`call_later(seconds, function)`, the event loop's."""


_log = logging.getLogger("mock_venue")


class When(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the history: what kind, which fields have which values, and which of them.

    Amounts are compared as numbers, and an object is what has the fields given.
    """

    kind: str
    fields: dict[str, Any] = {}
    source: Literal["venue", "wire"] | None = None
    skip: int = 0
    times: int | None = 1

    def __post_init__(self) -> None:
        """Check that there is such an event, and the counts."""
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, was {self.kind!r}")
        check_fields(self.kind, self.fields)
        source = KINDS[self.kind].source
        if self.source not in (None, source):
            raise ValueError(f"the source of {self.kind} is {source}, was {self.source!r}")
        if self.skip < 0:
            raise ValueError(f"skip must not be negative, was {self.skip}")
        if self.times is not None and self.times < 1:
            raise ValueError(f"times must be at least 1 or null, was {self.times}")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a script."""

    do: list[dict[str, Any]] | dict[str, Any]
    when: When | None = None
    after_ms: int = 0

    def __post_init__(self) -> None:
        """Check the time."""
        if not 0 <= self.after_ms <= AFTER_MS_MAX:
            raise ValueError(f"after_ms must be 0 to {AFTER_MS_MAX}, was {self.after_ms}")

    @property
    def acts(self) -> list[dict[str, Any]]:
        """What is to be done, in order."""
        return self.do if isinstance(self.do, list) else [self.do]


def read_script(path: Path) -> list[tuple[int, Entry]]:
    """Read a script file: entries by line. Raises BadInput with path, line and reason."""
    entries: list[tuple[int, Entry]] = []
    for number, text in lines(path):
        try:
            entries.append((number, read_entry(decode_any(text))))
        except BadInput as error:
            raise BadInput(f"{path}:{number}: {error}") from None
        if len(entries) > ENTRIES_MAX:
            raise BadInput(f"{path}:{number}: more than {ENTRIES_MAX} entries")
    return entries


def read_entry(data: Any) -> Entry:
    """Check one entry and its acts. Raises BadInput."""
    entry = convert(data, Entry)
    if not entry.acts:
        raise BadInput("do must not be empty")
    _prepared(entry)
    return entry


class _Prepared(msgspec.Struct, frozen=True):
    """An act that was checked; `of_event` where it is about the event's order."""

    act: dict[str, Any]
    name: str
    arguments: msgspec.Struct
    of_event: bool

    def about(self, order_id: Any) -> msgspec.Struct:
        """Its arguments. Raises BadInput where it needs an order and the event has none."""
        if not self.of_event:
            return self.arguments
        if order_id is None:
            raise BadInput(f"{self.name}: the event has no order, and none is given")
        about: msgspec.Struct = msgspec.structs.replace(self.arguments, order=order_id)
        return about


def _prepared(entry: Entry) -> list[_Prepared]:
    """The acts of an entry. Raises BadInput."""
    return [_prepared_act(act, entry.when) for act in entry.acts]


def _prepared_act(act: dict[str, Any], when: When | None) -> _Prepared:
    name = act.get("act")
    if not isinstance(name, str):
        raise BadInput(f"act must be one of {', '.join(ACTS)}, was {name!r}")
    arguments = {key: value for key, value in act.items() if key != "act"}
    takes_order = name in ACTS and "order" in ACTS[name].arguments.__struct_fields__
    of_event = when is not None and takes_order and "order" not in arguments
    if of_event:
        assert when is not None
        if "order_id" not in KINDS[when.kind].fields:
            raise BadInput(f"{name}: {when.kind} is about no order, and none is given")
        arguments["order"] = 0
    try:
        return _Prepared(act, name, check_act(name, arguments), of_event)
    except BadInput as error:
        raise BadInput(f"{name}: {error}" if name in ACTS else str(error)) from None


class _Waiting:
    """An entry that waits for events."""

    def __init__(self, when: When, after_ms: int, acts: list[_Prepared]) -> None:
        self.after_ms = after_ms
        self.acts = acts
        self.kind = when.kind
        self._when = when
        self._fields = check_fields(when.kind, when.fields)
        self._matched = 0

    @property
    def is_over(self) -> bool:
        times = self._when.times
        return times is not None and self._matched >= self._when.skip + times

    def strikes(self, source: str, kind: str, data: Data) -> bool:
        when = self._when
        if kind != self.kind or when.source not in (None, source):
            return False
        if not has(data, self._fields) or self.is_over:
            return False
        self._matched += 1
        return self._matched > when.skip


class Player:
    """Plays scripts on a venue. Give `on_event` everything the venue records."""

    def __init__(self, venue: Venue, rules: Rules, record: Record, call_later: CallLater) -> None:
        self._venue = venue
        self._rules = rules
        self._record = record
        self._call_later = call_later
        self._waiting: list[_Waiting] = []
        self.kinds: set[str] = set()
        """The kinds of events that something waits for."""
        self._pending = 0

    @property
    def waiting(self) -> int:
        """How many entries wait for an event or for their time."""
        return len(self._waiting) + self._pending

    def play(self, entries: list[Entry]) -> None:
        """Begin: times count from now. What is to be done at once is done, in order.

        Raises VenueScriptError where one of those cannot be done, where any names a symbol or an
        account that is not there, or at the limit of entries.
        """
        if self.waiting + len(entries) > ENTRIES_MAX:
            raise VenueScriptError(f"a venue holds at most {ENTRIES_MAX} entries of scripts")
        prepared = [(entry, _prepared(entry)) for entry in entries]
        for entry, acts in prepared:
            if entry.when is not None:
                told = entry.when.fields
                self._venue.check_names("when", told.get("symbol") or None, told.get("account"))
            for act in acts:
                self._check_names(act)
        for entry, acts in prepared:
            if entry.when is not None:
                self._waiting.append(_Waiting(entry.when, entry.after_ms, acts))
                self.kinds.add(entry.when.kind)
            elif entry.after_ms:
                self._later(entry.after_ms, acts, None)
            else:
                for act in acts:
                    self._perform(act, None)

    def on_event(self, source: str, kind: str, data: Data) -> None:
        """See whether something waits for this event."""
        struck = [one for one in self._waiting if one.strikes(source, kind, data)]
        if not struck:
            return
        self._waiting = [one for one in self._waiting if not one.is_over]
        self.kinds = {one.kind for one in self._waiting}
        order_id = made(data).get("order_id")
        for one in struck:
            self._later(one.after_ms, one.acts, order_id)

    def _check_names(self, act: _Prepared) -> None:
        given = msgspec.structs.asdict(act.arguments)
        self._venue.check_names(act.name, given.get("symbol"), given.get("account"))
        self._venue.check_names(act.name, None, given.get("receiver"))
        if "rule" in given:
            self._venue.check_rule_names(given["rule"])

    def _later(self, after_ms: int, acts: list[_Prepared], order_id: Any) -> None:
        if self._pending >= PENDING_MAX:
            self._record("venue", "script_error", {"error": f"{PENDING_MAX} acts are pending"})
            return
        self._pending += 1
        self._call_later(after_ms / 1000, lambda: self._do(acts, order_id))

    def _do(self, acts: list[_Prepared], order_id: Any) -> None:
        self._pending -= 1
        for act in acts:
            try:
                self._perform(act, order_id)
            except (VenueScriptError, BadInput) as error:
                _log.warning("script: %s", error)
                self._record("venue", "script_error", {"act": act.act, "error": str(error)})

    def _perform(self, act: _Prepared, order_id: Any) -> None:
        perform(self._venue, self._rules, act.name, act.about(order_id))
