"""The ledger's events as data for a history: decimals as text, ids as Binance has them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

import msgspec

from mock_venue.exchange.account import Balance, Position, Trade
from mock_venue.exchange.conditional import AlgoOrder
from mock_venue.exchange.decimals import plain, trimmed
from mock_venue.exchange.events import (
    AccountChanged,
    AlgoOrderChanged,
    CountdownEnded,
    ExchangeEvent,
    MarginCalled,
    OrderChanged,
    OrderTraded,
    PriceChanged,
    StatusChanged,
)
from mock_venue.exchange.income import Income
from mock_venue.exchange.instruments import Price
from mock_venue.exchange.order import Order

Source = Literal["venue", "wire"]


class Late(msgspec.Struct, frozen=True, gc=False):
    """Data of an event that nobody may ever look at: they are made when somebody does.

    What they are `about` never changes, so they are the same whenever they are made. Text that the
    first of it has under the name of a field is that field's value.
    """

    make: Callable[..., dict[str, Any]]
    about: tuple[Any, ...]


Data = dict[str, Any] | Late

Record = Callable[[Source, str, Data], object]
"""`record(source, kind, data)` appends to the history of whoever embeds the venue: the ledger's
events from "venue", what clients and venue said to each other from "wire". `at_once` makes one of a
function that wants no `Late` data."""


def made(data: Data) -> dict[str, Any]:
    """The data, made if they are not yet."""
    return data.make(*data.about) if isinstance(data, Late) else data


def has(data: Data, fields: dict[str, Any]) -> bool:
    """Whether the data have these values; late ones are made only if their text does not tell.

    An object is what has the fields of the wanted one, an amount the number that is wanted.
    """
    if isinstance(data, Late):
        subject = data.about[0]
        for name, wanted in fields.items():
            known = getattr(subject, name, None)
            if isinstance(known, str) and known != wanted:
                return False
    whole = made(data)
    return _agrees(whole, fields)


def _agrees(value: Any, wanted: Any) -> bool:
    match wanted:
        case dict():
            return isinstance(value, dict) and all(
                name in value and _agrees(value[name], one) for name, one in wanted.items()
            )
        case Decimal():
            return isinstance(value, str) and Decimal(value) == wanted
        case list():
            return isinstance(value, list | tuple) and list(value) == wanted
    return bool(value == wanted)


def at_once(record: Callable[[Source, str, dict[str, Any]], object]) -> Record:
    """A `Record` for who keeps data as they are."""
    return lambda source, kind, data: record(source, kind, made(data))


RATIO_PLACES = 16
"""Decimals of a recorded quotient (an average, an entry price); amounts are recorded exactly."""


def record_events(record: Record, events: list[ExchangeEvent]) -> None:
    """Record the ledger's side of what happened."""
    for event in events:
        match event:
            case OrderTraded():
                record("venue", "order", Late(order_data, (event.order,)))
                record("venue", "trade", Late(trade_data, (event.trade,)))
                record("venue", "position", Late(position_data, (event.position,)))
                record("venue", "balance", Late(balance_data, (event.balance,)))
                if event.fee_balance is not None:
                    record("venue", "balance", Late(balance_data, (event.fee_balance,)))
            case OrderChanged():
                record("venue", "order", Late(order_data, (event.order,)))
            case MarginCalled():
                record("venue", "margin_call", margin_call_data(event))
            case StatusChanged():
                told = {"symbol": event.symbol, "status": event.status}
                record("venue", "symbol_status", told)
            case AccountChanged():
                if event.income is not None:
                    record("venue", "movement", movement_data(event.income, event.reason))
                for position in event.positions:
                    record("venue", "position", Late(position_data, (position,)))
                for balance in event.balances:
                    record("venue", "balance", Late(balance_data, (balance,)))
            case AlgoOrderChanged():
                record("venue", "algo_order", Late(algo_order_data, (event.algo_order,)))
            case CountdownEnded():
                record("venue", "countdown", {"account": event.account, "symbol": event.symbol})
            case PriceChanged():
                record("venue", "price", Late(price_data, (event.price,)))


def order_data(order: Order) -> dict[str, Any]:
    """A full snapshot of an order."""
    return {
        "symbol": order.symbol,
        "order_id": order.order_id,
        "client_order_id": order.client_order_id,
        "side": order.side,
        "type": order.type,
        "time_in_force": order.time_in_force,
        "status": order.status,
        "quantity": plain(order.quantity),
        "price": plain(order.price),
        "filled": plain(order.filled),
        "average_price": trimmed(order.average_price, RATIO_PLACES),
        "reduce_only": order.reduce_only,
        "self_trade_prevention": order.self_trade_prevention,
        "expiry_reason": order.expiry_reason,
        "price_match": order.price_match,
        "good_till_ms": order.good_till_ms,
        "position_side": order.position_side,
        "external": order.external,
        "forced_by": order.forced_by,
        "created_ms": order.created_ms,
        "updated_ms": order.updated_ms,
        "account": order.account,
    }


def algo_order_data(order: AlgoOrder) -> dict[str, Any]:
    """A full snapshot of a conditional order; `order_id` is its regular order's, None before."""
    return {
        "symbol": order.symbol,
        "algo_id": order.algo_id,
        "client_order_id": order.client_algo_id,
        "order_id": order.order_id,
        "side": order.side,
        "type": order.type,
        "time_in_force": order.time_in_force,
        "status": order.status,
        "quantity": plain(order.quantity),
        "price": plain(order.price),
        "trigger_price": plain(order.trigger_price),
        "activate_price": plain(order.activate_price),
        "callback_rate": plain(order.callback_rate),
        "working_type": order.working_type,
        "close_position": order.close_position,
        "price_protect": order.price_protect,
        "reduce_only": order.reduce_only,
        "position_side": order.position_side,
        "reason": order.reason,
        "created_ms": order.created_ms,
        "updated_ms": order.updated_ms,
        "triggered_ms": order.triggered_ms,
        "account": order.account,
    }


def trade_data(trade: Trade) -> dict[str, Any]:
    """A trade."""
    return {
        "trade_id": trade.trade_id,
        "order_id": trade.order_id,
        "client_order_id": trade.client_order_id,
        "symbol": trade.symbol,
        "side": trade.side,
        "quantity": plain(trade.quantity),
        "price": plain(trade.price),
        "commission": plain(trade.commission),
        "commission_asset": trade.commission_asset,
        "realized_pnl": plain(trade.realized_pnl),
        "maker": trade.maker,
        "position_side": trade.position_side,
        "time_ms": trade.time_ms,
        "account": trade.account,
    }


def position_data(position: Position) -> dict[str, Any]:
    """A position; `amount` is negative when short."""
    return {
        "symbol": position.symbol,
        "position_side": position.position_side,
        "amount": plain(position.amount),
        "entry_price": trimmed(position.entry_price, RATIO_PLACES),
        "isolated_wallet": plain(position.isolated_wallet),
        "account": position.account,
    }


def balance_data(balance: Balance) -> dict[str, Any]:
    """A wallet."""
    return {
        "asset": balance.asset,
        "wallet": plain(balance.wallet),
        "isolated": plain(balance.isolated),
        "account": balance.account,
    }


def movement_data(income: Income, reason: str) -> dict[str, Any]:
    """Money that moved without a trade; `reason` is Binance's `m`."""
    return {
        "reason": reason,
        "income_type": income.type,
        "asset": income.asset,
        "amount": plain(income.amount),
        "symbol": income.symbol,
        "tran_id": income.tran_id,
        "time_ms": income.time_ms,
        "account": income.account,
    }


def margin_call_data(event: MarginCalled) -> dict[str, Any]:
    """A margin call; `cross_wallet` is None for an isolated position."""
    cross = event.cross_wallet
    return {
        "cross_wallet": None if cross is None else plain(cross),
        "positions": [
            {
                **position_data(one.position),
                "mark": plain(one.mark),
                "unrealized": plain(one.unrealized),
                "maintenance": plain(one.maintenance),
            }
            for one in event.positions
        ],
        "account": event.account,
    }


def price_data(price: Price) -> dict[str, Any]:
    """The reference prices of a symbol."""
    return {
        "symbol": price.symbol,
        "bid": plain(price.bid),
        "ask": plain(price.ask),
        "mark": plain(price.mark),
    }
