"""All positions in a symbol taken together: the open interest, and the queue for ADL.

Others hold what the accounts' positions need and no more: so the open interest is the accounts'
longs or their shorts, whichever are more.

ADL takes first who gains most on the thinnest margin: a position's place is its profit by what its
wallet holds (1 at least), times its margin ratio; losers are all alike. Only the accounts'
positions are in the queue, and the cross positions of hedge mode are as one.

Source: Binance's FAQ "What Is Auto-Deleveraging" (LeveragePnl); developers.binance.com, "Position
ADL Quantile Estimation", "Open Interest".
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from mock_venue.exchange.decimals import EXACT, ZERO
from mock_venue.exchange.margin import Figures, figures, standing
from mock_venue.exchange.order import PositionSide

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange

QUANTILES = 5


def open_interest(exchange: "Exchange", symbol: str) -> Decimal:
    """How many contracts are open."""
    amounts = [
        one.position.amount
        for account in exchange.ledger.exposure.holders(symbol)
        for one in _held(exchange, account, symbol)
    ]
    longs = sum((amount for amount in amounts if amount > 0), ZERO)
    return max(longs, longs - sum(amounts, ZERO))


def adl_quantiles(exchange: "Exchange", account: str, symbol: str) -> dict[PositionSide, int]:
    """The queue's fifth, 0 to 4, that each of the account's positions in a symbol stands in."""
    queue = {
        (holder, side): score
        for holder in exchange.ledger.exposure.holders(symbol)
        for side, score in _leverage_pnls(exchange, holder, symbol)
    }
    return {
        side: QUANTILES * sum(other < score for other in queue.values()) // len(queue)
        for (holder, side), score in queue.items()
        if holder == account
    }


def _held(exchange: "Exchange", account: str, symbol: str) -> list[Figures]:
    sides = exchange.settings.position_sides(account)
    found = [figures(exchange, account, symbol, side) for side in sides]
    return [one for one in found if one.position.amount]


def _leverage_pnls(
    exchange: "Exchange", account: str, symbol: str
) -> Iterator[tuple[PositionSide, Decimal]]:
    held = _held(exchange, account, symbol)
    total = standing(exchange, account)
    crossed = sum((one.unrealized for one in held), ZERO)
    for one in held:
        position = one.position
        if one.isolated:
            score = _leverage_pnl(one.unrealized, position.isolated_wallet, one.maintenance)
        else:
            score = _leverage_pnl(crossed, total.cross_wallet, total.cross_maintenance)
        yield position.position_side, score


def _leverage_pnl(profit: Decimal, wallet: Decimal, maintenance: Decimal) -> Decimal:
    if profit <= 0 or wallet + profit <= 0:
        return ZERO
    gained = EXACT.divide(profit, max(wallet, Decimal(1)))
    return EXACT.divide(EXACT.multiply(gained, maintenance), wallet + profit)
