"""A fill of a trade is that trade: its side, price, commission and asset, liquidity side and time.

Looked for in what strategies were told (`OrderFilled`) and in the final state, by the trade's id;
the quantity is `fill_completeness`'s. A fill whose id the ledger does not know was *inferred*:
NautilusTrader made it up, marked `reconciliation`, or named "ALGO-..." at the end of a conditional
order. Without such a mark it claims to be a trade that the venue never made.

An inferred fill may be replaced by the real ones later, which is noted. The other way round is
wrong: a fill of a real trade, once told, stays in its order.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

from harness.checkers.case import Case
from harness.checkers.ledger import LedgerTrade, symbol_of
from harness.checkers.node_view import Run
from harness.checkers.snapshot import NodeOrder
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude
from harness.history.event import Event

INFERRED_PREFIX = "ALGO-"
MILLISECOND_NS = 1_000_000


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """A fill as the node tells it, in an event or in its final state."""

    seq: int
    client_order_id: str
    instrument_id: str
    trade_id: str
    order_side: str
    last_px: Decimal
    liquidity_side: str
    ts_event: int
    commission: str | None = None
    reconciliation: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return symbol_of(self.instrument_id), self.trade_id

    @property
    def is_marked_inferred(self) -> bool:
        return self.reconciliation or self.trade_id.startswith(INFERRED_PREFIX)


class _Applied(NamedTuple):
    """A fill that a run told to its strategies, and the event that did."""

    run: Run
    event: Event
    told: _Told


def fill_identity(case: Case) -> CheckerVerdict:
    """FAIL for each fill that is not the trade it names, or was one and is so no more."""
    events = list(_in_events(case))
    kept = {run.number for run in case.node.store_runs}
    applied = [one for one in events if one.run.number in kept]
    evidence: dict[tuple[str, str, str], Evidence] = {}
    for told in (*(one.told for one in events), *_in_state(case)):
        for one in _judge(case, told):
            evidence.setdefault((one.kind, *told.key), one)
    return conclude(
        "fill_identity",
        [*evidence.values(), *_lost(case, applied)],
        notes=_replaced(case, applied),
    )


def _in_events(case: Case) -> Iterator[_Applied]:
    for run in case.runs:
        for event in run.fills():
            told = msgspec.convert({**event.data["event"], "seq": event.seq}, _Told)
            yield _Applied(run, event, told)


def _in_state(case: Case) -> Iterator[_Told]:
    for order in case.final.orders:
        for fill in order.fills:
            yield _Told(
                seq=case.final.seq,
                client_order_id=order.client_order_id,
                instrument_id=order.instrument_id,
                trade_id=fill.trade_id,
                order_side=order.side,
                last_px=fill.price,
                liquidity_side=fill.liquidity_side,
                ts_event=fill.ts_event,
                commission=fill.commission,
                reconciliation=fill.reconciliation,
            )


def _judge(case: Case, told: _Told) -> Iterator[Evidence]:
    trade = case.ledger.trades.get(told.key)
    if trade is None:
        if not told.is_marked_inferred:
            text = "is no trade of the venue, and not marked as inferred"
            yield _evidence("invented_trade_id", told, text, told.seq)
        return
    for kind, seen, true in _compared(told, trade):
        if seen != true and not (kind == "ts_event" and seen in _times_told(case, trade)):
            text = f"has {kind.replace('_', ' ')} {seen} in the node, {true} at the venue"
            yield _evidence(f"fill_{kind}", told, text, trade.seq, told.seq)


def _times_told(case: Case, trade: LedgerTrade) -> set[int]:
    """Return the times that altered pushes gave the trade: the node cannot know better."""
    return {
        event.data["payload"]["o"]["T"]
        for event in case.of("wire", "push")
        if event.data["outcome"] == "altered" and event.data["trade_id"] == trade.trade_id
        if "o" in event.data["payload"]
    }


def _compared(told: _Told, trade: LedgerTrade) -> Iterator[tuple[str, object, object]]:
    """Yield what is compared: its name, the node's value, the venue's."""
    amount, _, asset = (told.commission or "").partition(" ")
    yield "side", told.order_side, trade.side
    yield "price", told.last_px, trade.price
    yield "commission", Decimal(amount) if amount else None, trade.commission
    yield "commission_asset", asset, trade.commission_asset
    yield "liquidity_side", told.liquidity_side, "MAKER" if trade.maker else "TAKER"
    # NautilusTrader makes nanoseconds of the venue's milliseconds by way of a float.
    yield "ts_event", round(told.ts_event / MILLISECOND_NS), trade.time_ms


def _lost(case: Case, applied: list[_Applied]) -> Iterator[Evidence]:
    """Yield each real trade that was told of an order and is not in it at the end."""
    held = {order.client_order_id: order for order in case.final.orders}
    for run, event, told in applied:
        order = held.get(told.client_order_id)
        if order is None or told.key not in case.ledger.trades or _holds(order, told.trade_id):
            continue
        if case.was_kept(run, event, case.runs[-1]):
            text = f"was told in run {run.number}, and is no fill of its order at the end"
            yield _evidence("real_fill_lost", told, text, event.seq, case.final.seq)


def _replaced(case: Case, applied: list[_Applied]) -> Iterator[Evidence]:
    """Yield each inferred fill in whose place the order now has the real ones."""
    held = {node.client_order_id: (node, order) for node, order in case.matching.pairs}
    for _, event, told in applied:
        if told.client_order_id not in held:
            continue
        node_order, order = held[told.client_order_id]
        gone = not _holds(node_order, told.trade_id)
        if gone and not case.fills.missing_trades(case.ledger, order):
            yield _evidence(
                "inferred_fill_replaced",
                told,
                "was inferred, and the order has the venue's own in its place",
                event.seq,
                case.final.seq,
            )


def _holds(order: NodeOrder, trade_id: str) -> bool:
    return any(fill.trade_id == trade_id for fill in order.fills)


def _evidence(kind: str, told: _Told, text: str, *seqs: int) -> Evidence:
    return Evidence(
        kind=kind,
        message=f"fill {told.trade_id} of order {told.client_order_id} {text}",
        seqs=seqs,
        client_order_id=told.client_order_id,
        trade_id=told.trade_id,
        instrument_id=told.instrument_id,
    )
