"""The ids that NautilusTrader makes up in reconciliation are the same for the same cause.

What it infers once, it infers again after a restart whose store is gone, and whatever it told to
others under the first ids is lost if the second ones differ: a fill is counted twice, an order is
unknown. The cause of an inferred fill is what the venue did so far in the symbol, the real order it
is of (none for a synthetic one), its side and quantity, and what the node held before it.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

from harness.checkers.case import Case
from harness.checkers.ledger import EMPTYING_KINDS, ZERO, Ledger, plus, signed, symbol_of
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude
from harness.history.event import Event, Kinds

FOLDED: Kinds = {
    "venue": ("trade",),
    "store": EMPTYING_KINDS,
    "node": ("forked", "order_event", "position_event", "snapshot"),
}
ORDER_IDS = ("venue_order_id", "client_order_id")
"""What is made up for a synthetic order; a real one has the venue's."""


class _Cause(NamedTuple):
    symbol: str
    trades_before: int
    order_id: str | None
    side: str
    quantity: Decimal
    held_before: Decimal


class _Inferred(msgspec.Struct, frozen=True):
    run: int
    event: Event


def synthetic_ids(case: Case) -> CheckerVerdict:
    """FAIL for each id that is another one when its cause comes again, in a later run or later."""
    causes: dict[_Cause, list[_Inferred]] = {}
    for cause, inferred in _inferred(case):
        causes.setdefault(cause, []).append(inferred)
    return conclude(
        "synthetic_ids",
        (
            evidence
            for cause, (first, *others) in causes.items()
            for other in others
            for evidence in _differing(cause, first, other)
        ),
        measures={
            "runs_count": float(len(case.runs)),
            "inferred_count": float(sum(map(len, causes.values()))),
            "inferred_again_count": float(sum(len(all_) - 1 for all_ in causes.values())),
        },
    )


def _inferred(case: Case) -> Iterator[tuple[_Cause, _Inferred]]:
    """Yield the fills in which the node made something up, each with its cause."""
    books = _Books(case.ledger)
    for event in case.judged(case.of_all(FOLDED)):
        cause = books.apply(event)
        if cause is not None:
            yield cause, _Inferred(event.data["run"], event)


class _Books:
    """The venue's trades so far, and what the node holds, by symbol."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._trades: dict[str, int] = {}
        self._held: dict[str, dict[str, Decimal]] = {}
        self._store_is_empty = False

    def apply(self, event: Event) -> _Cause | None:
        """Take in an event; the cause where it is an inferred fill."""
        data = event.data
        match event.kind:
            case "trade":
                self._trades[data["symbol"]] = self._trades.get(data["symbol"], 0) + 1
            case "flushed" | "emptied":
                self._store_is_empty = True
            case "forked":
                if self._store_is_empty:
                    self._held = {}
                self._store_is_empty = False
            case "snapshot":
                self._held = {}
                for position in data["positions"]:
                    quantity = Decimal(position["signed_quantity"])
                    self._hold(position["instrument_id"], position["position_id"], quantity)
            case "position_event":
                quantity = Decimal(data["signed_qty"])
                self._hold(data["instrument_id"], data["position_id"], quantity)
            case "order_event" if data["type"] == "OrderFilled":
                fill = data["event"]
                symbol = symbol_of(fill["instrument_id"])
                if (symbol, fill["trade_id"]) not in self._ledger.trades:
                    known = fill["venue_order_id"] in self._ledger.orders
                    return _Cause(
                        symbol=symbol,
                        trades_before=self._trades.get(symbol, 0),
                        order_id=fill["venue_order_id"] if known else None,
                        side=fill["order_side"],
                        quantity=Decimal(fill["last_qty"]),
                        held_before=sum(self._held.get(symbol, {}).values(), ZERO),
                    )
        return None

    def _hold(self, instrument_id: str, position_id: str, quantity: Decimal) -> None:
        self._held.setdefault(symbol_of(instrument_id), {})[position_id] = quantity


def _differing(cause: _Cause, first: _Inferred, other: _Inferred) -> Iterator[Evidence]:
    was, now = first.event.data["event"], other.event.data["event"]
    names = ("trade_id", "position_id", *(() if cause.order_id else ORDER_IDS))
    for name in names:
        if was[name] != now[name]:
            what = f"of order {cause.order_id}" if cause.order_id else "of a synthetic order"
            yield Evidence(
                kind=f"unstable_{name}",
                message=f"the inferred fill {plus(signed(cause.side, cause.quantity))} "
                f"{cause.symbol} {what} has the {name} {was[name]} in run {first.run} and "
                f"{now[name]} in run {other.run}",
                seqs=(first.event.seq, other.event.seq),
                client_order_id=now["client_order_id"],
                trade_id=now["trade_id"],
                instrument_id=now["instrument_id"],
            )
