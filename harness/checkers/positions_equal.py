"""The node's positions of each instrument add up to the venue's."""

from harness.checkers.case import Case
from harness.checkers.compare import net_position_differences
from harness.checkers.verdict import CheckerVerdict, conclude


def positions_equal(case: Case) -> CheckerVerdict:
    """FAIL for each instrument with another net position."""
    return conclude("positions_equal", net_position_differences(case.ledger, case.final))
