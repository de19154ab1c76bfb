"""What every machine must have come to, so that no command and no rule starves."""

from collections.abc import Iterator
from typing import get_args

from mock_venue.exchange.commands import Command
from mock_venue.exchange.events import (
    AccountChanged,
    AlgoOrderChanged,
    ExchangeEvent,
    OrderChanged,
    OrderTraded,
)

TIMES_MIN = 3
ALGO_TYPES = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
ALGO_STATUSES = ("NEW", "CANCELED", "EXPIRED", "TRIGGERING", "TRIGGERED", "FINISHED")
EXPECTED = frozenset(
    (
        *(command.__name__ for command in get_args(Command)),
        *(event.__name__ for event in get_args(ExchangeEvent)),
        *(f"LIMIT {one}" for one in ("GTC", "IOC", "FOK", "GTX", "GTD")),
        *("MARKET GTC", "BOTH", "LONG", "SHORT"),
        *("OPPONENT", "OPPONENT_5", "QUEUE", "QUEUE_5"),
        *("LIQUIDATION", "ADL", "SETTLEMENT"),
        *("AMENDMENT", "CANCELED", "PARTIALLY_FILLED", "FILLED"),
        *(f"er {reason}" for reason in "012457"),
        *("maker", "taker", "fee in USDT", "fee in BNB", "realized", "isolated"),
        *(f"{kind} {status}" for kind in ALGO_TYPES for status in ALGO_STATUSES),
        *("MARGIN_TRANSFER", "MARGIN_TYPE_CHANGE", "FUNDING_FEE", "DEPOSIT", "ASSET_TRANSFER"),
    )
)
OF_THE_POOR = frozenset(("INSURANCE_CLEAR", "PlaceOrder -2019"))
"""What accounts with little money come to beside that."""


def name_of(command: Command) -> str:
    """What a command counts as; a refused one with its code."""
    return type(command).__name__


def marks(event: ExchangeEvent) -> Iterator[str]:
    """What an event shows to have been reached."""
    yield type(event).__name__
    match event:
        case OrderChanged(order=order, execution="NEW"):
            yield f"{order.type} {order.time_in_force}"
            yield order.position_side
            yield order.price_match
            if order.forced_by is not None:
                yield order.forced_by
        case OrderChanged(order=order, execution="EXPIRED"):
            yield f"er {order.expiry_reason}"
        case OrderChanged(execution=execution):
            yield execution
        case OrderTraded(order=order, trade=trade, position=position):
            yield order.status
            yield "maker" if trade.maker else "taker"
            yield f"fee in {trade.commission_asset}"
            if trade.realized_pnl:
                yield "realized"
            if position.isolated_wallet:
                yield "isolated"
        case AlgoOrderChanged(algo_order=algo):
            yield f"{algo.type} {algo.status}"
        case AccountChanged(reason=reason):
            yield reason
