"""The orders open at the venue are the orders open in the node, both ways."""

from harness.checkers.case import Case
from harness.checkers.compare import open_order_differences
from harness.checkers.verdict import CheckerVerdict, conclude


def open_orders_equal(case: Case) -> CheckerVerdict:
    """FAIL for each order that is open on one side only."""
    evidence = open_order_differences(case.ledger, case.final, case.matching)
    return conclude("open_orders_equal", evidence)
