"""Reconciliation does not move a position to and fro.

Each startup reconciliation, and each periodic check, may infer fills that move a position to where
it should be. When a later one moves it back by as much, and another forth again, while the venue
has made no trade, they disagree with each other for ever.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from harness.checkers.case import Case
from harness.checkers.ledger import ZERO, instrument_of, plus, signed, symbol_of
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude

REVERSALS_MIN = 2
# Inferred fills that belong together follow each other at once.
TOGETHER_NS = 10_000_000


class _Move(msgspec.Struct):
    """What one reconciliation did to an instrument."""

    from_ns: int
    until_ns: int
    change: Decimal
    seqs: list[int]


def position_ping_pong(case: Case) -> CheckerVerdict:
    """FAIL for each instrument that inferred fills moved there, back, and there again."""
    return conclude("position_ping_pong", _found(case))


def _found(case: Case) -> Iterator[Evidence]:
    trades: dict[str, list[int]] = {}
    for event in case.judged(case.of("venue", "trade")):
        trades.setdefault(event.data["symbol"], []).append(event.ts)
    for symbol, moves in _moves(case).items():
        swing: list[_Move] = []
        for move in moves:
            if swing and (
                move.change != -swing[-1].change
                or _between(trades.get(symbol, []), swing[-1].until_ns, move.from_ns)
            ):
                swing = []
            swing.append(move)
            if len(swing) == REVERSALS_MIN + 1:
                yield Evidence(
                    kind="position_ping_pong",
                    message=f"{instrument_of(symbol)} was moved by "
                    f"{', '.join(plus(one.change) for one in swing)} in reconciliations, and the "
                    "venue made no trade in between",
                    seqs=tuple(seq for one in swing for seq in one.seqs),
                    instrument_id=instrument_of(symbol),
                )


def _between(times: list[int], from_ns: int, until_ns: int) -> bool:
    """Return whether one of `times`, which are in order, lies between the two."""
    return bisect_right(times, from_ns) < bisect_left(times, until_ns)


def _moves(case: Case) -> dict[str, list[_Move]]:
    """Return by symbol what each reconciliation did that did anything."""
    moves: dict[str, list[_Move]] = {}
    for run in case.store_runs:
        for event in case.judged(list(run.fills())):
            fill = event.data["event"]
            symbol = symbol_of(fill["instrument_id"])
            if (symbol, fill["trade_id"]) in case.ledger.trades:
                continue
            change = signed(fill["order_side"], Decimal(fill["last_qty"]))
            found = moves.setdefault(symbol, [])
            if found and event.ts - found[-1].until_ns <= TOGETHER_NS * case.rate:
                found[-1].until_ns = event.ts
                found[-1].change += change
                found[-1].seqs.append(event.seq)
            else:
                found.append(_Move(event.ts, event.ts, change, [event.seq]))
    return {
        symbol: [move for move in found if move.change != ZERO] for symbol, found in moves.items()
    }
