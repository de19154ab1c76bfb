"""Carrying out the harness's commands by its strategies, whatever the node's major version."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from harness.node.spec import (
    Cancel,
    CancelAll,
    Command,
    Modify,
    OrderSpec,
    Query,
    Snapshot,
    Submit,
)


class Trading(Protocol):
    """A strategy that trades on command; an order is NautilusTrader's own."""

    def submit(self, spec: OrderSpec) -> None:
        """Submit an order built from its specification."""

    def modify(self, order: Any, quantity: str | None, price: str | None) -> None:
        """Modify an order's quantity, price or both."""

    def cancel(self, order: Any) -> None:
        """Cancel an order."""

    def cancel_all(self, instrument_id: str) -> None:
        """Cancel all of its orders for an instrument."""

    def query_order(self, order: Any) -> None:
        """Query an order at the venue."""


def carry_out(
    command: Command,
    strategies: Mapping[str, Trading],
    find_order: Callable[[str], Any],
    send_snapshot: Callable[[str], None],
) -> None:
    """Carry out a command that is not the session's own.

    `find_order` returns the order of a client order id, or None. Raises ValueError for an order or
    a strategy that the node does not have.
    """

    def strategy(strategy_id: str) -> Trading:
        if strategy_id not in strategies:
            raise ValueError(f"the node does not run the strategy {strategy_id}")
        return strategies[strategy_id]

    def known_order(client_order_id: str) -> Any:
        order = find_order(client_order_id)
        if order is None:
            raise ValueError(f"the node does not know the order {client_order_id}")
        return order

    match command:
        case Submit(order=order):
            strategy(order.strategy_id).submit(order)
        case Modify():
            order = known_order(command.client_order_id)
            strategy(str(order.strategy_id)).modify(order, command.quantity, command.price)
        case Cancel():
            order = known_order(command.client_order_id)
            strategy(str(order.strategy_id)).cancel(order)
        case CancelAll():
            strategy(command.strategy_id).cancel_all(command.instrument_id)
        case Query():
            order = known_order(command.client_order_id)
            strategy(str(order.strategy_id)).query_order(order)
        case Snapshot():
            send_snapshot(command.reason)
        case _:
            raise ValueError(f"{command!r} is not a command for a driver")
