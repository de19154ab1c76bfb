"""At the end no order still waits for the venue's answer."""

from harness.checkers.case import Case
from harness.checkers.compare import in_flight_orders
from harness.checkers.verdict import CheckerVerdict, conclude


def in_flight_resolved(case: Case) -> CheckerVerdict:
    """FAIL for each order that is SUBMITTED, PENDING_UPDATE or PENDING_CANCEL."""
    return conclude("in_flight_resolved", in_flight_orders(case.final))
