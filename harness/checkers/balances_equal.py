"""The node's balances are the venue's wallets, to the last digit.

The total is the wallet. Free and locked are NautilusTrader's own: from REST free is what the venue
has available, from the user stream all of the wallet; they must add up to the total, and neither
may be negative. In between, every total that the node tells must have been the wallet's at some
time, or nothing: one that never was is made up.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from harness.checkers.case import Case
from harness.checkers.ledger import ZERO
from harness.checkers.snapshot import NodeBalance
from harness.checkers.verdict import CheckerVerdict, Evidence, NothingToJudge, conclude
from harness.history.event import Kinds

TOLD: Kinds = {"venue": ("balance",), "node": ("account_event",)}


def balances_equal(case: Case) -> CheckerVerdict:
    """FAIL for each balance that differs at the end, does not add up, or never was."""
    if not case.ledger.balances:
        raise NothingToJudge("the venue told of no balance")
    return conclude("balances_equal", [*_at_the_end(case), *_on_the_way(case)])


def _at_the_end(case: Case) -> Iterator[Evidence]:
    held = {balance.currency: balance for balance in case.final.balances}
    for asset, wallet in case.ledger.balances.items():
        seen = held.get(asset)
        if seen is None:
            if wallet:
                text = f"{asset} is missing in the node, {wallet:f} at the venue"
                yield _evidence("missing_balance", text, case.final.seq)
        elif seen.total != wallet:
            text = f"{asset} is {seen.total:f} in the node, {wallet:f} at the venue"
            yield _evidence("balance_total", text, case.final.seq)
    for balance in case.final.balances:
        yield from _parts(balance, case.final.seq)


def _on_the_way(case: Case) -> Iterator[Evidence]:
    wallets: dict[str, set[Decimal]] = defaultdict(set)
    for event in sorted(case.judged(case.of_all(TOLD)), key=lambda event: (event.ts, event.seq)):
        if event.source == "venue":
            wallets[event.data["asset"]].add(Decimal(event.data["wallet"]))
            continue
        for data in event.data["event"]["balances"]:
            balance = msgspec.convert(data, NodeBalance)
            if balance.total not in wallets[balance.currency] | {ZERO}:
                text = f"{balance.currency} was told as {balance.total:f}, which it never was"
                yield _evidence("invented_balance", text, event.seq)
            yield from _parts(balance, event.seq)


def _parts(balance: NodeBalance, seq: int) -> Iterator[Evidence]:
    whole = balance.free + balance.locked == balance.total
    if not whole or balance.free < 0 or balance.locked < 0:
        text = (
            f"{balance.currency} is {balance.total:f} in all, {balance.free:f} free and "
            f"{balance.locked:f} locked"
        )
        yield _evidence("balance_parts", text, seq)


def _evidence(kind: str, text: str, seq: int) -> Evidence:
    return Evidence(kind=kind, message=f"balance of {text}", seqs=(seq,))
