"""Funding: what longs pay shorts (at a negative rate, shorts longs) when it is charged.

Each position pays notional at the mark price x rate, rounded to the money unit: a cross position
out of the cross wallet, an isolated one out of its own. Whom that leaves with too little margin is
liquidated.

Source: developers.binance.com, "Event: Balance and Position Update", "Get Funding Rate History".
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from mock_venue.exchange.commands import ChargeFunding
from mock_venue.exchange.decimals import EXACT, ZERO, money
from mock_venue.exchange.events import ExchangeEvent
from mock_venue.exchange.instruments import QUOTE_ASSET
from mock_venue.exchange.liquidation import look
from mock_venue.exchange.movements import move

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange

INTERVAL_MS = 8 * 3_600_000
INTEREST_RATE = Decimal("0.0001")


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """Funding of a symbol that was charged."""

    rate: Decimal
    mark: Decimal
    time_ms: int


class Funding:
    """Rates by symbol, and what was charged since the venue began at `began_ms`."""

    def __init__(self, began_ms: int) -> None:
        self.began_ms = began_ms
        self._charged: dict[str, list[Charge]] = {}

    def rate(self, symbol: str) -> Decimal:
        """The rate that was charged last; the interest rate before that."""
        charged = self._charged.get(symbol)
        return charged[-1].rate if charged else INTEREST_RATE

    def charged(self, symbol: str) -> list[Charge]:
        """What was charged, oldest first."""
        return list(self._charged.get(symbol, ()))

    def put(self, symbol: str, charge: Charge) -> None:
        """Append a charge. For the exchange alone."""
        self._charged.setdefault(symbol, []).append(charge)


def next_ms(now_ms: int) -> int:
    """The next funding time: 00:00, 08:00, 16:00 UTC."""
    return (now_ms // INTERVAL_MS + 1) * INTERVAL_MS


def charge_funding(
    exchange: "Exchange", command: ChargeFunding, now_ms: int
) -> Iterator[ExchangeEvent]:
    """Carry out a command: every account with a position pays or gets. Raises -1121."""
    symbol = exchange.spec(command.symbol).symbol
    rate = exchange.funding.rate(symbol) if command.rate is None else command.rate
    mark = exchange.prices[symbol].mark
    charged = exchange.funding.charged(symbol)
    time_ms = max(now_ms, charged[-1].time_ms if charged else 0)
    exchange.funding.put(symbol, Charge(rate=rate, mark=mark, time_ms=time_ms))
    for account in exchange.ledger.exposure.holders(symbol):
        isolated = exchange.settings.margin_type(account, symbol) == "ISOLATED"
        for side in exchange.settings.position_sides(account):
            position = exchange.ledger.position(account, symbol, side)
            notional = EXACT.multiply(position.amount, mark)
            amount = -money(EXACT.multiply(notional, rate))
            if not amount:
                continue
            if isolated:
                position = msgspec.structs.replace(
                    position,
                    isolated_wallet=position.isolated_wallet + amount,
                    updated_ms=now_ms,
                )
                exchange.ledger.put_position(position)
            yield move(
                exchange,
                account,
                QUOTE_ASSET,
                amount,
                "FUNDING_FEE",
                now_ms,
                symbol=symbol,
                positions=(position,) if isolated else (),
                isolated=amount if isolated else ZERO,
            )
    yield from look(exchange, symbol, now_ms)
