"""A node's state against the ledger: what differs, as evidence.

One implementation for two readers: the checkers judge a finished history by it, and a runner asks
`differences` again and again while a run goes on, to know when the node has converged.
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from harness.checkers.ledger import ZERO, Ledger, LedgerOrder, instrument_of, plus, symbol_of
from harness.checkers.snapshot import Matching, NodeOrder, NodePosition, Snapshot
from harness.checkers.verdict import Evidence

AVERAGE_PRICE_TOLERANCE = Decimal("0.0001")

NODE_STATUSES: dict[str, frozenset[str]] = {
    "NEW": frozenset({"ACCEPTED", "TRIGGERED"}),
    "PARTIALLY_FILLED": frozenset({"PARTIALLY_FILLED"}),
    "FILLED": frozenset({"FILLED"}),
    "CANCELED": frozenset({"CANCELED"}),
    "EXPIRED": frozenset({"EXPIRED"}),
    # Of conditional orders alone: refused when they triggered.
    "REJECTED": frozenset({"REJECTED"}),
    # NautilusTrader reads it as EXPIRED from the user stream and as CANCELED from REST.
    "EXPIRED_IN_MATCH": frozenset({"EXPIRED", "CANCELED"}),
}
"""The statuses a node may show for each of the venue's."""


def differences(ledger: Ledger, snapshot: Snapshot) -> list[str]:
    """Return one line for each way in which the node differs from the ledger; empty when equal.

    Looks at orders in scope, open orders both ways, positions net and by id, and orders in flight.
    """
    matching = Matching.of(ledger, snapshot)
    orders = list(order_differences(ledger, snapshot, matching))
    named = {evidence.client_order_id for evidence in orders}
    found = [
        *orders,
        *(
            evidence
            for evidence in open_order_differences(ledger, snapshot, matching)
            if evidence.client_order_id not in named
        ),
        *net_position_differences(ledger, snapshot),
        *position_id_differences(ledger, snapshot),
        *in_flight_orders(snapshot),
    ]
    return [evidence.message for evidence in found]


def order_differences(ledger: Ledger, snapshot: Snapshot, matching: Matching) -> Iterator[Evidence]:
    """Yield where orders in scope differ: presence, state, quantity, price, what is filled, how."""
    for order in ledger.orders_in_scope():
        node_orders = matching.node_orders(order)
        if not node_orders:
            yield _missing_order(ledger, snapshot, order)
        for node_order in node_orders:
            yield from _compare_order(snapshot, order, node_order)
        if len(node_orders) > 1:
            names = ", ".join(node_order.client_order_id for node_order in node_orders)
            yield _order_evidence(
                "duplicate_order",
                order,
                snapshot,
                f"is {len(node_orders)} orders in the node: {names}",
            )


def open_order_differences(
    ledger: Ledger, snapshot: Snapshot, matching: Matching
) -> Iterator[Evidence]:
    """Yield where the two sets of open orders differ, both ways."""
    for order in ledger.open_orders():
        node_orders = matching.node_orders(order)
        if not any(node_order.is_open or node_order.in_flight for node_order in node_orders):
            held = node_orders[0].status if node_orders else "missing"
            kind = "live_at_venue_closed_in_node" if node_orders else "missing_open_order"
            yield _order_evidence(
                kind, order, snapshot, f"is open at the venue ({order.status}), {held} in the node"
            )
    for node_order, order in matching.pairs:
        if node_order.is_open and not order.is_open:
            yield _order_evidence(
                "closed_at_venue_open_in_node",
                order,
                snapshot,
                f"is {node_order.status} in the node, closed at the venue ({order.status})",
            )
    for node_order in matching.unmatched:
        if node_order.is_open and not node_order.in_flight:
            yield Evidence(
                kind="phantom_order",
                message=f"order {node_order.client_order_id} is {node_order.status} in the node, "
                "the venue never had it",
                seqs=(snapshot.seq,),
                client_order_id=node_order.client_order_id,
                instrument_id=node_order.instrument_id,
            )


def net_position_differences(ledger: Ledger, snapshot: Snapshot) -> Iterator[Evidence]:
    """Yield each instrument, or side of one in hedge mode, that does not add up to the venue's."""
    for place in _places(ledger, snapshot):
        held, net = place.held(ledger), _net(place.positions(snapshot))
        if net != held:
            yield _position_evidence(
                "position_difference",
                place,
                ledger,
                snapshot,
                f"{place} is net {plus(net)} in the node, {plus(held)} at the venue",
            )


def position_id_differences(ledger: Ledger, snapshot: Snapshot) -> Iterator[Evidence]:
    """Yield each instrument, or side of one, that is not one position of the venue's size."""
    for place in _places(ledger, snapshot):
        positions = place.positions(snapshot)
        held = place.held(ledger)
        if len(positions) > 1:
            signs = {position.signed_quantity > 0 for position in positions}
            listed = ", ".join(
                f"{position.position_id} {plus(position.signed_quantity)}" for position in positions
            )
            same_way = len(signs) == 1 and _net(positions) == held
            yield _position_evidence(
                "split_position" if same_way else "phantom_position",
                place,
                ledger,
                snapshot,
                f"{place} is {len(positions)} open positions in the node ({listed}), "
                f"one of {plus(held)} at the venue",
            )
        elif positions and positions[0].signed_quantity != held:
            position = positions[0]
            yield _position_evidence(
                "position_difference" if held else "phantom_position",
                place,
                ledger,
                snapshot,
                f"position {position.position_id} is {plus(position.signed_quantity)}, "
                f"{plus(held)} at the venue",
            )
        elif not positions and held:
            yield _position_evidence(
                "missing_position",
                place,
                ledger,
                snapshot,
                f"{place} has no open position in the node, {plus(held)} at the venue",
            )


def in_flight_orders(snapshot: Snapshot) -> Iterator[Evidence]:
    """Yield each order that still waits for the venue's answer."""
    for order in snapshot.orders:
        if order.in_flight:
            yield Evidence(
                kind="in_flight",
                message=f"order {order.client_order_id} is still {order.status}",
                seqs=(snapshot.seq,),
                client_order_id=order.client_order_id,
                instrument_id=order.instrument_id,
            )


def _missing_order(ledger: Ledger, snapshot: Snapshot, order: LedgerOrder) -> Evidence:
    twins = [twin for twin in ledger.by_client_order_id(order.client_order_id) if twin is not order]
    if twins:
        others = ", ".join(str(twin.order_id) for twin in twins)
        return _order_evidence(
            "double_order",
            order,
            snapshot,
            f"reached the venue more than once: {order.order_id} ({order.status}, filled "
            f"{order.filled:f}) beside {others}; the node knows one",
        )
    return _order_evidence(
        "missing_order",
        order,
        snapshot,
        f"({order.side} {order.quantity:f}, {order.status}, filled {order.filled:f}) "
        "is not in the node",
    )


def _compare_order(
    snapshot: Snapshot, order: LedgerOrder, node_order: NodeOrder
) -> Iterator[Evidence]:
    if not node_order.in_flight and node_order.status not in NODE_STATUSES[order.status]:
        yield _order_evidence(
            _status_kind(order, node_order),
            order,
            snapshot,
            f"is {node_order.status} in the node, {order.status} at the venue",
        )
    if node_order.quantity != order.quantity:
        yield _order_evidence(
            "order_quantity",
            order,
            snapshot,
            f"has quantity {node_order.quantity:f} in the node, {order.quantity:f} at the venue",
        )
    if order.is_open and order.price and node_order.price != order.price:
        text = f"has price {node_order.price} in the node, {order.price:f} at the venue"
        yield _order_evidence("order_price", order, snapshot, text)
    if node_order.filled != order.filled:
        yield _order_evidence(
            "order_filled",
            order,
            snapshot,
            f"has filled {node_order.filled:f} in the node, {order.filled:f} at the venue",
        )
    elif order.filled and not _close(node_order.average_price, order.average_price):
        yield _order_evidence(
            "order_average_price",
            order,
            snapshot,
            f"has average price {node_order.average_price} in the node, "
            f"{order.average_price:f} at the venue",
        )


def _status_kind(order: LedgerOrder, node_order: NodeOrder) -> str:
    if order.is_open and node_order.is_closed:
        return "live_at_venue_closed_in_node"
    if node_order.status in ("REJECTED", "DENIED"):
        return "false_rejection"
    return "order_status"


def _close(seen: Decimal | None, true: Decimal) -> bool:
    return seen is not None and abs(seen - true) <= abs(true) * AVERAGE_PRICE_TOLERANCE


def _net(positions: list[NodePosition]) -> Decimal:
    return sum((position.signed_quantity for position in positions), ZERO)


class _Place(msgspec.Struct, frozen=True, order=True):
    """Where the venue holds one position: an instrument, in hedge mode a side of it."""

    instrument_id: str
    position_side: str

    def __str__(self) -> str:
        side = "" if self.position_side == "BOTH" else f" {self.position_side}"
        return self.instrument_id + side

    def held(self, ledger: Ledger) -> Decimal:
        return ledger.position(symbol_of(self.instrument_id), self.position_side)

    def positions(self, snapshot: Snapshot) -> list[NodePosition]:
        return snapshot.open_positions.get((self.instrument_id, self.position_side), [])


def _places(ledger: Ledger, snapshot: Snapshot) -> list[_Place]:
    at_venue = {_Place(instrument_of(symbol), side) for symbol, side in ledger.positions}
    return sorted(at_venue | {_Place(*key) for key in snapshot.open_positions})


def _order_evidence(kind: str, order: LedgerOrder, snapshot: Snapshot, text: str) -> Evidence:
    return Evidence(
        kind=kind,
        message=f"order {order.client_order_id} {text}",
        seqs=(order.seq, snapshot.seq),
        client_order_id=order.client_order_id,
        instrument_id=instrument_of(order.symbol),
    )


def _position_evidence(
    kind: str, place: _Place, ledger: Ledger, snapshot: Snapshot, message: str
) -> Evidence:
    position = ledger.positions.get((symbol_of(place.instrument_id), place.position_side))
    return Evidence(
        kind=kind,
        message=message,
        seqs=(snapshot.seq,) if position is None else (position.seq, snapshot.seq),
        instrument_id=place.instrument_id,
    )
