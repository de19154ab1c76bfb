"""In one-way mode an instrument has at most one open position, and it is of the venue's size.

Two opposite phantom positions net out, and a strategy that asks for its own still trades on one.
"""

from harness.checkers.case import Case
from harness.checkers.compare import position_id_differences
from harness.checkers.verdict import CheckerVerdict, conclude


def position_ids(case: Case) -> CheckerVerdict:
    """FAIL for each instrument that is not one position of the venue's size."""
    return conclude("position_ids", position_id_differences(case.ledger, case.final))
