"""The price path: where a symbol's market goes when nobody here moves it.

A path is a function of the symbol, its prices now and the number of the step, so a run is the same
each time, and no path reads a clock: whoever has one says when the next step is (`Advance`).
"""

from decimal import Decimal
from random import Random

import msgspec

from mock_venue.exchange.book import quantity_worth
from mock_venue.exchange.decimals import to_decimal
from mock_venue.exchange.instruments import Price, SymbolSpec
from mock_venue.exchange.order import Side

TRADES_MAX = 3
TRADE_UNIT_NOTIONAL = Decimal(500)
TRADE_UNITS_MAX = 40
STEP_BASIS_POINTS = 1
RANGE_FACTOR = 2
"""A walk stays between the first bid divided and multiplied by this."""
MOVE_TRADES_MAX = 1_000


class MarketTrade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade that others bring about: `side` is the taker's. Decimals may be given as str."""

    side: Side
    price: Decimal
    quantity: Decimal


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a path: the trades first, then the reference prices; no mark: the middle."""

    bid: Decimal
    ask: Decimal
    mark: Decimal | None = None
    trades: tuple[MarketTrade, ...] = ()


class Constant(msgspec.Struct, frozen=True, tag="constant"):
    """The prices stay where they are; others trade at them."""


class Walk(msgspec.Struct, frozen=True, tag="walk"):
    """A seeded random walk of up to `STEP_BASIS_POINTS` a step, the spread kept."""


class Recorded(msgspec.Struct, frozen=True, tag="recorded"):
    """The moves of each symbol in turn. After its last one a symbol stands still."""

    moves: dict[str, tuple[Move, ...]]


PricePath = Constant | Walk | Recorded


def next_move(
    path: PricePath, spec: SymbolSpec, price: Price, seed: int, number: int
) -> Move | None:
    """The symbol's step with this number, from 0; None if the path has ended."""
    if isinstance(path, Recorded):
        moves = path.moves.get(spec.symbol, ())
        return moves[number] if number < len(moves) else None
    random = Random(f"{seed}/{spec.symbol}/{number}")
    trades = tuple(_trade(random, spec, price) for _ in range(random.randint(0, TRADES_MAX)))
    if isinstance(path, Constant):
        return Move(bid=price.bid, ask=price.ask, mark=price.mark, trades=trades)
    farthest = max(1, int(price.bid * STEP_BASIS_POINTS / 10_000 / spec.tick_size))
    lowest = max(_on_tick(spec.bid / RANGE_FACTOR, spec), spec.min_price)
    highest = _on_tick(spec.bid * RANGE_FACTOR, spec)
    bid = price.bid + random.randint(-farthest, farthest) * spec.tick_size
    bid = min(max(bid, lowest), highest)
    return Move(bid=bid, ask=bid + (spec.ask - spec.bid), trades=trades)


def check_move(move: Move, spec: SymbolSpec) -> Move:
    """The move in the symbol's own decimals. Raises ValueError that names what is wrong."""
    bid = _checked("bid", move.bid, spec.tick_size)
    ask = _checked("ask", move.ask, spec.tick_size)
    if bid >= ask:
        raise ValueError(f"bid must be below ask, were {bid} and {ask}")
    if bid < spec.min_price or ask > spec.max_price:
        raise ValueError(
            f"bid and ask must be between {spec.min_price} and {spec.max_price},"
            f" were {bid} and {ask}"
        )
    if len(move.trades) > MOVE_TRADES_MAX:
        raise ValueError(f"trades must be at most {MOVE_TRADES_MAX}, were {len(move.trades)}")
    return Move(
        bid=bid,
        ask=ask,
        mark=None if move.mark is None else _positive("mark", move.mark),
        trades=tuple(
            MarketTrade(
                side=trade.side,
                price=_checked("trade price", trade.price, spec.tick_size),
                quantity=_checked("trade quantity", trade.quantity, spec.step_size),
            )
            for trade in move.trades
        ),
    )


def _trade(random: Random, spec: SymbolSpec, price: Price) -> MarketTrade:
    side: Side = "BUY" if random.random() < 0.5 else "SELL"
    at = price.ask if side == "BUY" else price.bid
    notional = TRADE_UNIT_NOTIONAL * random.randint(1, TRADE_UNITS_MAX)
    return MarketTrade(side=side, price=at, quantity=quantity_worth(notional, at, spec.step_size))


def _on_tick(price: Decimal, spec: SymbolSpec) -> Decimal:
    return (price / spec.tick_size).to_integral_value() * spec.tick_size


def _positive(name: str, value: Decimal) -> Decimal:
    amount = to_decimal(value)
    if amount <= 0:
        raise ValueError(f"{name} must be positive, was {amount}")
    return amount


def _checked(name: str, value: Decimal, unit: Decimal) -> Decimal:
    amount = _positive(name, value)
    if amount % unit:
        raise ValueError(f"{name} must be a multiple of {unit}, was {amount}")
    return amount.quantize(unit)
