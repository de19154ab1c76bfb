"""Bugs planted in what the venue's client of a 1.x node tells the engines, as a faulty adapter has.

What an engine makes of it is its own.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.events import (
    AccountState,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderUpdated,
)

PlantedBug = Callable[[TradingNode], None]

ONE_LOT = Decimal("0.001")
ONE_TICK = Decimal("0.10")


def _replace_endpoint(
    node: TradingNode,
    endpoint: str,
    handler: Callable[[Any], None],
    alter: Callable[[Any], Iterator[Any]],
) -> None:
    def altered(message: Any) -> None:
        for one in alter(message):
            handler(one)

    node.kernel.msgbus.deregister(endpoint, handler)
    node.kernel.msgbus.register(endpoint, altered)


def order_events(alter: Callable[[TradingNode, Any], Iterator[Any]]) -> PlantedBug:
    """Return the bug that passes every order event of the venue's client through `alter`."""

    def bug(node: TradingNode) -> None:
        engine = node.kernel.exec_engine
        _replace_endpoint(
            node, "ExecEngine.process", engine.process, lambda event: alter(node, event)
        )

    return bug


def _account_states(alter: Callable[[Any], Iterator[Any]]) -> PlantedBug:
    def bug(node: TradingNode) -> None:
        portfolio = node.kernel.portfolio
        _replace_endpoint(node, "Portfolio.update_account", portfolio.update_account, alter)

    return bug


def _dropped(type_: type) -> PlantedBug:
    def alter(_: TradingNode, event: Any) -> Iterator[Any]:
        if not isinstance(event, type_):
            yield event

    return order_events(alter)


def changed(event: Any, **values: Any) -> Any:
    """Return the event with other values, and an id of its own."""
    values.setdefault("event_id", str(UUID4()))
    return type(event).from_dict(type(event).to_dict(event) | values)


def fill_altered(change: Callable[[dict[str, Any]], dict[str, Any]]) -> PlantedBug:
    """Return the bug that replaces values of each fill by what `change` makes of it."""

    def alter(_: TradingNode, event: Any) -> Iterator[Any]:
        if isinstance(event, OrderFilled):
            yield changed(event, **change(OrderFilled.to_dict(event)))
        else:
            yield event

    return order_events(alter)


def a_lot_less(fill: dict[str, Any]) -> dict[str, Any]:
    """Return the quantity of a fill, less one lot."""
    return {"last_qty": str(Decimal(fill["last_qty"]) - ONE_LOT)}


def _fill_doubled(_: TradingNode, event: Any) -> Iterator[Any]:
    yield event
    if isinstance(event, OrderFilled):
        yield changed(event, trade_id=f"{event.trade_id}-again")


def _fill_misattributed(node: TradingNode, event: Any) -> Iterator[Any]:
    if not isinstance(event, OrderFilled):
        yield event
        return
    other = next(
        order
        for order in node.cache.orders(instrument_id=event.instrument_id)
        if order.client_order_id != event.client_order_id and not order.is_closed
    )
    venue_order_id = other.venue_order_id or event.venue_order_id
    yield changed(
        event, client_order_id=str(other.client_order_id), venue_order_id=str(venue_order_id)
    )


def _fill_of_another_position() -> PlantedBug:
    fills: list[OrderFilled] = []

    def alter(_: TradingNode, event: Any) -> Iterator[Any]:
        if isinstance(event, OrderFilled):
            fills.append(event)
            yield changed(event, position_id=f"{event.position_id}-{len(fills)}")
        else:
            yield event

    return order_events(alter)


def _invented(type_: type) -> PlantedBug:
    """Return the bug that tells an order's end right after its acceptance."""

    def alter(_: TradingNode, event: Any) -> Iterator[Any]:
        yield event
        if isinstance(event, OrderAccepted):
            known = OrderAccepted.to_dict(event) | {"event_id": str(UUID4())}
            known.pop("type")
            yield type_.from_dict(known)  # type: ignore[attr-defined]

    return order_events(alter)


def _reject_invented(_: TradingNode, event: Any) -> Iterator[Any]:
    if isinstance(event, OrderAccepted):
        known = OrderAccepted.to_dict(event) | {"reason": "planted", "due_post_only": False}
        yield OrderRejected.from_dict(known)
    else:
        yield event


def _cancel_told_twice(_: TradingNode, event: Any) -> Iterator[Any]:
    yield event
    if isinstance(event, OrderCanceled):
        yield changed(event)


def _balances_off_by_a_cent(state: AccountState) -> Iterator[AccountState]:
    values = AccountState.to_dict(state)
    for balance in values["balances"]:
        for field in ("total", "free"):
            balance[field] = str(Decimal(balance[field]) + Decimal("0.01"))
    yield AccountState.from_dict(values)


def _first_alone() -> Callable[[Any], Iterator[Any]]:
    seen: list[Any] = []

    def alter(state: Any) -> Iterator[Any]:
        if not seen:
            seen.append(state)
            yield state

    return alter


IN_MESSAGES: MappingProxyType[str, PlantedBug] = MappingProxyType(
    {
        "fill_dropped": _dropped(OrderFilled),
        "fill_doubled": order_events(_fill_doubled),
        "fill_quantity_off_by_one_lot": fill_altered(a_lot_less),
        "fill_price_off_by_one_tick": fill_altered(
            lambda fill: {"last_px": str(Decimal(fill["last_px"]) + ONE_TICK)}
        ),
        "fill_commission_off": fill_altered(lambda _: {"commission": "0.01000000 USDT"}),
        "fill_liquidity_side_swapped": fill_altered(
            lambda fill: {
                "liquidity_side": "MAKER" if fill["liquidity_side"] == "TAKER" else "TAKER"
            }
        ),
        "fill_trade_id_altered": fill_altered(lambda fill: {"trade_id": f"{fill['trade_id']}0"}),
        "fill_time_altered": fill_altered(
            lambda fill: {"ts_event": fill["ts_event"] - 60_000_000_000}
        ),
        "fill_misattributed": order_events(_fill_misattributed),
        "cancel_dropped": _dropped(OrderCanceled),
        "update_dropped": _dropped(OrderUpdated),
        "acceptance_dropped": _dropped(OrderAccepted),
        "reject_invented": order_events(_reject_invented),
        "cancel_invented": _invented(OrderCanceled),
        "expiry_invented": _invented(OrderExpired),
        "balances_off_by_a_cent": _account_states(_balances_off_by_a_cent),
        "balances_never_updated": _account_states(_first_alone()),
        "position_split": _fill_of_another_position(),
        "order_canceled_twice": order_events(_cancel_told_twice),
    }
)
