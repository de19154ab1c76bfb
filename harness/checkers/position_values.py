"""A position has the venue's entry price, within 0.01 %, and the venue's realized PnL.

The realized PnL counts from when the position was last flat, and after commissions. It is compared
where the node knows each trade since then by its id, and was told of them in their order: what it
inferred has a commission that NautilusTrader made up and a price that is rounded to a tick or, from
a position report, follows from the entry price; and where a fill comes late, the node was flat, or
turned, at another moment, and counts from there. What is left of it then is compared all the same:
the entry price here, what the closing orders were filled at by `orders_equal`, the money itself by
`balances_equal`.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from harness.checkers.case import Case
from harness.checkers.compare import AVERAGE_PRICE_TOLERANCE
from harness.checkers.ledger import ZERO, LedgerTrade, position_side_of, symbol_of
from harness.checkers.snapshot import NodePosition
from harness.checkers.verdict import CheckerVerdict, Evidence, conclude

# NautilusTrader adds up in floats, and rounds to 8 decimals with each fill.
PNL_TOLERANCE = Decimal("0.000001")
SETTLEMENT = "USDT"


class _Cycle(msgspec.Struct):
    """A position at the venue since it was last flat."""

    amount: Decimal = ZERO
    realized_pnl: Decimal = ZERO
    trades: list[LedgerTrade] = []

    def trade(self, trade: LedgerTrade) -> None:
        """Take in a trade; one that turns the position belongs to the new one with its rest."""
        change = trade.signed_quantity
        commission = trade.commission if trade.commission_asset == SETTLEMENT else ZERO
        if not self.amount:
            self.realized_pnl, self.trades = ZERO, []
        after = self.amount + change
        if self.amount * after < 0:
            self.trades = []
            self.realized_pnl = -commission * abs(after) / abs(change)
        else:
            self.realized_pnl += trade.realized_pnl - commission
        self.trades.append(trade)
        self.amount = after


def position_values(case: Case) -> CheckerVerdict:
    """FAIL for each position of the venue's size with another entry price or realized PnL."""
    cycles: dict[tuple[str, str], _Cycle] = defaultdict(_Cycle)
    for trade in case.ledger.trades.values():
        cycles[trade.symbol, trade.position_side].trade(trade)
    evidence: list[Evidence] = []
    judged = 0
    for position in case.final.positions:
        key = symbol_of(position.instrument_id), position_side_of(position.position_id)
        if position.signed_quantity != case.ledger.position(*key):
            continue
        if position.is_open:
            evidence += _price(case, position, *key)
        if _is_known(case, position, cycles[key]):
            judged += 1
            evidence += _pnl(case, position, cycles[key])
    return conclude("position_values", evidence, measures={"realized_pnls_compared_count": judged})


def _price(case: Case, position: NodePosition, symbol: str, side: str) -> Iterator[Evidence]:
    true = case.ledger.positions[symbol, side].entry_price
    seen = position.average_price
    if seen is None or abs(seen - true) > true * AVERAGE_PRICE_TOLERANCE:
        text = f"has average price {seen} in the node, {true:f} at the venue"
        yield _evidence(case, "position_average_price", position, text)


def _is_known(case: Case, position: NodePosition, cycle: _Cycle) -> bool:
    """Return whether the node made this position of the trades of the cycle, and them alone."""
    if not cycle.trades or not all(case.fills.holds(trade) for trade in cycle.trades):
        return False
    if not _came_in_order(case, cycle.trades):
        return False
    since_ms = cycle.trades[0].time_ms
    return not any(
        held.fill.position_id == position.position_id and held.fill.ts_event // 10**6 >= since_ms
        for held in case.fills.inferred
    )


def _came_in_order(case: Case, made: list[LedgerTrade]) -> bool:
    """Return whether the node was told of these trades as they were made, and of none between."""
    where = made[0].symbol, made[0].position_side
    fills = (event.data["event"] for run in case.store_runs for event in run.fills())
    keys = ((symbol_of(fill["instrument_id"]), fill["trade_id"]) for fill in fills)
    trades = map(case.ledger.trades.get, keys)
    told = list(
        dict.fromkeys(
            trade.trade_id
            for trade in trades
            if trade is not None and (trade.symbol, trade.position_side) == where
        )
    )
    ids = [trade.trade_id for trade in made]
    since = next((place for place, trade_id in enumerate(told) if trade_id in ids), len(told))
    return told[since:] == [trade_id for trade_id in ids if trade_id in told]


def _pnl(case: Case, position: NodePosition, cycle: _Cycle) -> Iterator[Evidence]:
    amount, _, currency = (position.realized_pnl or "").partition(" ")
    seen = Decimal(amount) if amount else ZERO
    if abs(seen - cycle.realized_pnl) > PNL_TOLERANCE or currency not in ("", SETTLEMENT):
        text = f"has realized {position.realized_pnl} in the node, {cycle.realized_pnl:f} "
        yield _evidence(case, "position_realized_pnl", position, f"{text}{SETTLEMENT} at the venue")


def _evidence(case: Case, kind: str, position: NodePosition, text: str) -> Evidence:
    return Evidence(
        kind=kind,
        message=f"position {position.position_id} {text}",
        seqs=(case.final.seq,),
        instrument_id=position.instrument_id,
    )
