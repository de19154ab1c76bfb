"""Every trade of the ledger is once in the node, and the node holds no fill that never happened.

A trade may be in the node by its id, or by quantity, where NautilusTrader *inferred* a fill because
it could not see the trade. The two are told apart: what is inferred is noted.

Inferred fills are explained in two steps. First order by order: an inferred quantity stands for the
trades of its own order that are missing by id. What is left goes into a pool for each instrument:
NautilusTrader brings a position to the venue's with a synthetic order that the venue never had, and
that is right as long as it stands for trades which the node does not know otherwise (a cold start
with a position). So the pool is followed through time: each startup reconciliation, and each fill
outside of one, must bring in what was missing by then. A fill for which nothing is missing never
happened: a phantom.

Trades of orders in scope must be found in their own order; older orders are settled in the pool
alone.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from harness.checkers.case import Case
from harness.checkers.fills import HeldFill, total
from harness.checkers.ledger import ZERO, LedgerOrder, LedgerTrade, instrument_of, plus, signed
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude


def fill_completeness(case: Case) -> CheckerVerdict:
    """FAIL for each trade that is missing, and each fill that is not the ledger's."""
    account = _Account(case)
    evidence = [
        *_wrong_quantities(case),
        *_misattributed(case),
        *account.missing,
        *account.phantoms(),
    ]
    return conclude(
        "fill_completeness",
        evidence,
        notes=account.inferred,
        measures={
            "trades_by_id_count": len(case.fills.by_trade),
            "fills_inferred_count": len(case.fills.inferred),
        },
    )


def _wrong_quantities(case: Case) -> Iterator[Evidence]:
    for key, held_fills in case.fills.by_trade.items():
        trade = case.ledger.trades[key]
        for held in held_fills:
            if held.fill.quantity != trade.quantity:
                yield _trade_evidence(
                    case,
                    "fill_quantity",
                    trade,
                    f"is {held.fill.quantity:f} in the node, {trade.quantity:f} at the venue",
                )


def _misattributed(case: Case) -> Iterator[Evidence]:
    for key, held_fills in case.fills.by_trade.items():
        trade = case.ledger.trades[key]
        own = case.matching.node_orders(case.ledger.orders[str(trade.order_id)])
        for held in held_fills:
            if held.order not in own:
                yield _trade_evidence(
                    case,
                    "misattributed_fill",
                    trade,
                    f"is in order {held.order.client_order_id} of the node",
                )


class _Batch(msgspec.Struct):
    """Inferred fills that belong together; `seq` is the event that ended them."""

    seq: int
    fills: list[HeldFill]


class _Account:
    """The books of what is missing and what is inferred, order by order and then by instrument."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.missing: list[Evidence] = []
        self.inferred: list[Evidence] = []
        self._missing_in_scope: set[str] = set()
        self._deficits: dict[str, list[tuple[int, Decimal]]] = defaultdict(list)
        self._surplus: dict[str, list[HeldFill]] = defaultdict(list)
        inferred: dict[str, list[HeldFill]] = defaultdict(list)
        counterparts = {id(node): order for node, order in case.matching.pairs}
        for held in case.fills.inferred:
            order = counterparts.get(id(held.order))
            if order is None:
                self._surplus[held.symbol].append(held)
            else:
                inferred[str(order.order_id)].append(held)
        for order_id, order in case.ledger.orders.items():
            self._settle_order(order, inferred.get(order_id, []))

    def _settle_order(self, order: LedgerOrder, inferred: list[HeldFill]) -> None:
        missing = self._case.fills.missing_trades(self._case.ledger, order)
        if not self._case.ledger.in_scope(order):
            # NautilusTrader may hang the whole position's fill on the last order of the history.
            self._deficits[order.symbol] += [(t.seq, t.signed_quantity) for t in missing]
            self._surplus[order.symbol] += inferred
            return
        short = sum((trade.quantity for trade in missing), ZERO) - total(inferred)
        if missing and inferred:
            self.inferred.append(_inferred_note(order, missing, inferred))
        if short < 0:
            self._surplus[order.symbol].extend(_latest(inferred, -short))
        elif short > 0:
            for trade, quantity in _latest_trades(missing, short):
                change = signed(order.side, quantity)
                self._deficits[order.symbol].append((trade.seq, change))
            self._missing_in_scope.add(order.symbol)
            self.missing.extend(self._missing_evidence(order, missing, inferred, short))

    def _missing_evidence(
        self,
        order: LedgerOrder,
        missing: list[LedgerTrade],
        inferred: list[HeldFill],
        short: Decimal,
    ) -> Iterator[Evidence]:
        if inferred:
            trades = ", ".join(str(trade.trade_id) for trade in missing)
            yield _order_evidence(
                self._case,
                "missing_fill",
                order,
                f"lacks {short:f} of trades {trades}: the node inferred {total(inferred):f}",
                missing,
            )
            return
        for trade in missing:
            yield _trade_evidence(self._case, "missing_fill", trade, "never reached the node")

    def phantoms(self) -> Iterator[Evidence]:
        """Yield what the pools of the instruments cannot explain, instrument by instrument."""
        for symbol in sorted({*self._deficits, *self._surplus}):
            yield from self._settle_pool(symbol)

    def _settle_pool(self, symbol: str) -> Iterator[Evidence]:
        arrivals = sorted(self._deficits.get(symbol, []))
        next_arrival = 0
        unsettled = 0
        deficit = ZERO
        for batch in self._batches(self._surplus.get(symbol, [])):
            while next_arrival < len(arrivals) and arrivals[next_arrival][0] < batch.seq:
                deficit += arrivals[next_arrival][1]
                unsettled += 1
                next_arrival += 1
            brought = sum((held.signed_quantity for held in batch.fills), ZERO)
            if unsettled and brought == deficit:
                unsettled, deficit = 0, ZERO
            elif unsettled and _is_part(brought, deficit):
                deficit -= brought
            else:
                for held in batch.fills:
                    yield self._phantom(held, batch, deficit)
        deficit += sum((change for _, change in arrivals[next_arrival:]), ZERO)
        if deficit and symbol not in self._missing_in_scope:
            yield Evidence(
                kind="missing_quantity",
                message=f"{instrument_of(symbol)} lacks {plus(deficit)} from before the first "
                "start: the node holds no fill for it, real or inferred",
                seqs=(self._case.final.seq,),
                instrument_id=instrument_of(symbol),
            )

    def _batches(self, surplus: list[HeldFill]) -> list[_Batch]:
        """Return the fills in batches by time, with the end of each startup as a batch of its own.

        The empty batch at the end of a startup settles older history that cancels itself out.
        """
        applied = _applied(self._case)
        batches: dict[tuple[int, int], _Batch] = {}
        for run in self._case.node.store_runs:
            finished = run.reconciliation_finished
            if finished is not None:
                batches[run.number, 0] = _Batch(finished.seq, [])
        for held in surplus:
            run_number, reconciling, seq = applied.get(
                (held.order.client_order_id, held.fill.trade_id),
                (self._case.final.run, False, self._case.final.seq),
            )
            key = (run_number, 0 if reconciling else seq)
            batch = batches.setdefault(key, _Batch(seq, []))
            batch.fills.append(held)
            batch.seq = max(batch.seq, seq)
        return sorted(batches.values(), key=lambda batch: batch.seq)

    def _phantom(self, held: HeldFill, batch: _Batch, deficit: Decimal) -> Evidence:
        order, fill = held.order, held.fill
        expected = f"{plus(deficit)} was missing" if deficit else "nothing was missing"
        known = any(order is node_order for node_order, _ in self._case.matching.pairs)
        return Evidence(
            kind="duplicate_fill" if known else "phantom_fill",
            message=f"inferred fill {fill.trade_id} of order {order.client_order_id} "
            f"({plus(held.signed_quantity)} {order.instrument_id}, strategy {order.strategy_id}) "
            f"never happened: {expected}",
            seqs=(batch.seq, self._case.final.seq),
            client_order_id=order.client_order_id,
            trade_id=fill.trade_id,
            instrument_id=order.instrument_id,
        )


def _applied(case: Case) -> dict[tuple[str, str], tuple[int, bool, int]]:
    """Return by (client order id, trade id) the run, whether it was reconciling, and the seq."""
    applied: dict[tuple[str, str], tuple[int, bool, int]] = {}
    for run in case.node.store_runs:
        for event in run.fills():
            fill = event.data["event"]
            key = (fill["client_order_id"], fill["trade_id"])
            applied.setdefault(key, (run.number, bool(event.data["reconciling"]), event.seq))
    return applied


def _is_part(brought: Decimal, deficit: Decimal) -> bool:
    return brought * deficit > 0 and abs(brought) < abs(deficit)


def _latest(fills: list[HeldFill], quantity: Decimal) -> Iterator[HeldFill]:
    """Yield the latest of `fills` that make up `quantity`, the oldest of them cut to fit."""
    for held in reversed(fills):
        if quantity <= 0:
            return
        part = min(quantity, held.fill.quantity)
        quantity -= part
        yield HeldFill(held.order, msgspec.structs.replace(held.fill, quantity=part))


def _latest_trades(
    trades: list[LedgerTrade], quantity: Decimal
) -> Iterator[tuple[LedgerTrade, Decimal]]:
    """Yield the latest of `trades` that make up `quantity`, with the part of each."""
    for trade in reversed(trades):
        if quantity <= 0:
            return
        part = min(quantity, trade.quantity)
        quantity -= part
        yield trade, part


def _inferred_note(
    order: LedgerOrder, missing: list[LedgerTrade], inferred: list[HeldFill]
) -> Evidence:
    trades = ", ".join(str(trade.trade_id) for trade in missing)
    quantity = min(total(inferred), sum((trade.quantity for trade in missing), ZERO))
    return Evidence(
        kind="inferred_fill",
        message=f"order {order.client_order_id}: {quantity:f} inferred for trades {trades}",
        seqs=tuple(trade.seq for trade in missing),
        client_order_id=order.client_order_id,
        instrument_id=instrument_of(order.symbol),
    )


def _trade_evidence(case: Case, kind: str, trade: LedgerTrade, text: str) -> Evidence:
    return Evidence(
        kind=kind,
        message=f"trade {trade.trade_id} of order {trade.client_order_id} "
        f"({trade.quantity:f} @ {trade.price:f}) {text}",
        seqs=(trade.seq, case.final.seq),
        client_order_id=trade.client_order_id,
        trade_id=str(trade.trade_id),
        instrument_id=instrument_of(trade.symbol),
    )


def _order_evidence(
    case: Case, kind: str, order: LedgerOrder, text: str, trades: list[LedgerTrade]
) -> Evidence:
    return Evidence(
        kind=kind,
        message=f"order {order.client_order_id} {text}",
        seqs=(*(trade.seq for trade in trades), case.final.seq),
        client_order_id=order.client_order_id,
        instrument_id=instrument_of(order.symbol),
    )
