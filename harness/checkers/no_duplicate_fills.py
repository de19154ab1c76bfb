"""No trade is counted twice: not in the node's state, and not told twice to its strategies.

Looked for in three places: one trade id in two fills of the final state (which is what the store
holds, too); one trade id in two `OrderFilled` events of the runs that share a store; and an order
whose fills add up to more than the venue filled, as when an inferred fill stands beside the real
one.

Two events in different runs count only if the first was kept (`Case.was_kept`): otherwise the next
run rightly applies the same trade again.
"""

from collections.abc import Iterator

from harness.checkers.case import Case
from harness.checkers.ledger import ZERO, LedgerOrder, instrument_of, symbol_of
from harness.checkers.node_view import Run
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude
from harness.history.event import Event


def no_duplicate_fills(case: Case) -> CheckerVerdict:
    """FAIL for each trade that is counted more than once."""
    evidence = [*_in_state(case), *_in_events(case), *_by_quantity(case)]
    return conclude("no_duplicate_fills", evidence)


def _in_state(case: Case) -> Iterator[Evidence]:
    for key, held_fills in case.fills.by_trade.items():
        if len(held_fills) > 1:
            trade = case.ledger.trades[key]
            orders = ", ".join(held.order.client_order_id for held in held_fills)
            yield Evidence(
                kind="duplicate_fill",
                message=f"trade {trade.trade_id} ({trade.quantity:f} @ {trade.price:f}) is "
                f"{len(held_fills)} fills in the node: of {orders}",
                seqs=(trade.seq, case.final.seq),
                client_order_id=trade.client_order_id,
                trade_id=str(trade.trade_id),
                instrument_id=instrument_of(trade.symbol),
            )


def _in_events(case: Case) -> Iterator[Evidence]:
    first_seen: dict[tuple[str, str], tuple[Run, Event]] = {}
    for run in case.node.store_runs:
        for event in run.fills():
            fill = event.data["event"]
            key = (symbol_of(fill["instrument_id"]), fill["trade_id"])
            seen = first_seen.setdefault(key, (run, event))
            if seen[1] is not event and case.was_kept(seen[0], seen[1], run):
                yield Evidence(
                    kind="duplicate_fill",
                    message=f"trade {fill['trade_id']} of order {fill['client_order_id']} "
                    f"({fill['last_qty']} @ {fill['last_px']}) was applied in run "
                    f"{seen[0].number} and again in run {run.number}",
                    seqs=(seen[1].seq, event.seq),
                    client_order_id=fill["client_order_id"],
                    trade_id=fill["trade_id"],
                    instrument_id=fill["instrument_id"],
                )


def _by_quantity(case: Case) -> Iterator[Evidence]:
    for order in case.ledger.orders_in_scope():
        node_orders = case.matching.node_orders(order)
        fills = [fill for node_order in node_orders for fill in node_order.fills]
        counted = max(
            sum((fill.quantity for fill in fills), ZERO),
            *(node_order.filled for node_order in node_orders),
            order.filled,
        )
        if counted > order.filled:
            listed = ", ".join(f"{fill.trade_id} {fill.quantity:f}" for fill in fills)
            yield _overcounted(case, order, f"{counted:f}", listed)


def _overcounted(case: Case, order: LedgerOrder, counted: str, listed: str) -> Evidence:
    return Evidence(
        kind="duplicate_fill",
        message=f"order {order.client_order_id} counts {counted} filled in the node, "
        f"{order.filled:f} at the venue (fills: {listed or 'none'})",
        seqs=(order.seq, case.final.seq),
        client_order_id=order.client_order_id,
        instrument_id=instrument_of(order.symbol),
    )
