"""What a node's blindness costs: its position differs from the venue's, valued at the mark price.

Two parts, told apart. **Difference**: |net position in the node - position at the venue|.
**Phantom**: what the node holds in positions that cancel out, sum of |position| - |sum of
positions|; the venue has one position an instrument (in hedge mode: a side of it), so all of it is
beyond the venue's.

A node's belief is its position events, replaced by each snapshot; while no node runs, the last
belief stays. Counted from the first `strategy_started` to the final snapshot.

It is a measure of every run and no failure by itself: whatever is unseen for good, others tell.
"""

from decimal import Decimal
from operator import attrgetter
from typing import Any, Self

import msgspec

from harness.checkers.case import Case
from harness.checkers.ledger import ZERO, position_side_of, symbol_of
from harness.checkers.node_view import SECOND_NS
from harness.checkers.verdict import CheckerVerdict, Verdict, conclude
from harness.history.event import Event, Kinds

MONEY_KINDS: Kinds = {
    "venue": ("position", "price"),
    "node": ("position_event", "snapshot", "strategy_started"),
}


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """What was unseen in a run. `unseen_*` is difference and phantom together.

    `seconds_blind` is the time with anything unseen. `*_usdt_max` is the most at any instant,
    `*_usdt_seconds` the integral over time.
    """

    seconds_blind: float = 0.0
    unseen_usdt_max: Decimal = ZERO
    unseen_usdt_seconds: Decimal = ZERO
    phantom_usdt_max: Decimal = ZERO
    phantom_usdt_seconds: Decimal = ZERO
    seconds_watched: float = 0.0

    @classmethod
    def in_verdict(cls, verdict: Verdict) -> Self:
        """Return what `verdict` measured; all zero where it measured nothing."""
        measures = next((one.measures for one in verdict.checkers if one.checker == "money"), {})
        return msgspec.convert(
            {
                name: _cents(Decimal(value)) if "_usdt_" in name else value
                for name, value in measures.items()
            },
            cls,
        )


def money(case: Case) -> CheckerVerdict:
    """PASS, with what was unseen as its measures; all zero if nothing was."""
    end_ns = case.end_ns
    books = _Books()
    # Events reach the history late by the length of a pipe.
    told = case.judged(case.of_all(MONEY_KINDS))
    for event in sorted(told, key=attrgetter("ts", "seq")):
        if event.ts > end_ns:
            break
        books.apply(event)
    unseen = msgspec.structs.asdict(books.close(end_ns))
    return conclude("money", (), measures={name: float(value) for name, value in unseen.items()})


Key = tuple[str, str]
"""A symbol and a position side."""


class _Market:
    """One position at the venue, and the node's belief of it by position id."""

    def __init__(self) -> None:
        self.held = ZERO
        self.belief: dict[str, Decimal] = {}
        self.difference_usdt = ZERO
        self.phantom_usdt = ZERO

    def value(self, mark: Decimal) -> None:
        """Work out the two parts anew."""
        net = sum(self.belief.values(), ZERO)
        gross = sum((abs(quantity) for quantity in self.belief.values()), ZERO)
        self.difference_usdt = abs(net - self.held) * mark
        self.phantom_usdt = (gross - abs(net)) * mark


class _Books:
    """Integrates over time. Between two events nothing changes."""

    def __init__(self) -> None:
        self._markets: dict[Key, _Market] = {}
        self._marks: dict[str, Decimal] = {}
        self._started_ns: int | None = None
        self._now_ns = 0
        self._difference_usdt = ZERO
        self._phantom_usdt = ZERO
        self._blind_ns = 0
        self._unseen_max = ZERO
        self._phantom_max = ZERO
        self._unseen_usdt_ns = ZERO
        self._phantom_usdt_ns = ZERO

    def apply(self, event: Event) -> None:
        """Take in one event, later than all before."""
        if event.source == "venue":
            if event.kind == "position":
                self._pass_time(event.ts)
                key = event.data["symbol"], event.data.get("position_side", "BOTH")
                self._market(key).held = Decimal(event.data["amount"])
                self._revalue(key)
            elif event.kind == "price":
                self._pass_time(event.ts)
                self._marks[event.data["symbol"]] = Decimal(event.data["mark"])
                for side in ("BOTH", "LONG", "SHORT"):
                    if (key := (event.data["symbol"], side)) in self._markets:
                        self._revalue(key)
        elif event.source == "node":
            if event.kind == "position_event":
                self._pass_time(event.ts)
                key = _key(event.data)
                belief = self._market(key).belief
                belief[event.data["position_id"]] = Decimal(event.data["signed_qty"])
                self._revalue(key)
            elif event.kind == "snapshot":
                self._pass_time(event.ts)
                self._replace_belief(event)
            elif event.kind == "strategy_started" and self._started_ns is None:
                self._started_ns = self._now_ns = event.ts
                self._note_maxima()

    def close(self, end_ns: int) -> Money:
        """Return the totals, with time passed until `end_ns`."""
        if self._started_ns is None:
            return Money()
        self._pass_time(end_ns)
        return Money(
            seconds_blind=self._blind_ns / SECOND_NS,
            unseen_usdt_max=_cents(self._unseen_max),
            unseen_usdt_seconds=_cents(self._unseen_usdt_ns / SECOND_NS),
            phantom_usdt_max=_cents(self._phantom_max),
            phantom_usdt_seconds=_cents(self._phantom_usdt_ns / SECOND_NS),
            seconds_watched=(end_ns - self._started_ns) / SECOND_NS,
        )

    def _market(self, key: Key) -> _Market:
        return self._markets.setdefault(key, _Market())

    def _replace_belief(self, event: Event) -> None:
        for market in self._markets.values():
            market.belief = {}
        for position in event.data["positions"]:
            if position["is_open"]:
                quantity = Decimal(position["signed_quantity"])
                self._market(_key(position)).belief[position["position_id"]] = quantity
        for key in self._markets:
            self._revalue(key)

    def _revalue(self, key: Key) -> None:
        market = self._markets[key]
        self._difference_usdt -= market.difference_usdt
        self._phantom_usdt -= market.phantom_usdt
        market.value(self._marks.get(key[0], ZERO))
        self._difference_usdt += market.difference_usdt
        self._phantom_usdt += market.phantom_usdt
        if self._started_ns is not None:
            self._note_maxima()

    def _note_maxima(self) -> None:
        unseen = self._difference_usdt + self._phantom_usdt
        self._unseen_max = max(self._unseen_max, unseen)
        self._phantom_max = max(self._phantom_max, self._phantom_usdt)

    def _pass_time(self, now_ns: int) -> None:
        if self._started_ns is None:
            return
        passed = now_ns - self._now_ns
        self._now_ns = now_ns
        unseen = self._difference_usdt + self._phantom_usdt
        if unseen:
            self._blind_ns += passed
            self._unseen_usdt_ns += unseen * passed
            self._phantom_usdt_ns += self._phantom_usdt * passed


def _key(position: dict[str, Any]) -> Key:
    return symbol_of(position["instrument_id"]), position_side_of(position["position_id"])


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
