from harness.node.log_v2 import LogReader, Told

BEGIN = "Found 1 order open in cache"


def kinds(*messages: str) -> list[Told]:
    reader = LogReader()
    return [told for message in messages if (told := reader.read(message)) is not None]


def test_a_check_lasts_until_its_reports_are_in() -> None:
    told = kinds(
        "Starting execution state reconciliation...",
        "Found 0 orders open in cache",
        "Received 3 PositionStatusReports",
        "Received 1 OrderStatusReport",
        "Found 2 unique instrument/account combinations with open positions",
        "Received 2 PositionStatusReports",
    )
    assert told == [
        Told("reconciliation_started", {}),
        Told("check_started", {"check": "open_orders"}),
        Told("check_finished", {"check": "open_orders", "error": None}),
        Told("check_started", {"check": "positions"}),
        Told("check_finished", {"check": "positions", "error": None}),
    ]


def test_reports_that_cannot_be_had_end_a_check_as_well() -> None:
    failed = "Failed to generate order status reports from BINANCE: Network error"
    assert kinds(BEGIN, failed)[-1] == Told(
        "check_finished", {"check": "open_orders", "error": None}
    )


def test_a_check_that_expires_ends_with_an_error() -> None:
    expired = "Open-order report collection expired after 30s"
    assert kinds(BEGIN, expired)[-1] == Told(
        "check_finished", {"check": "open_orders", "error": expired}
    )


def test_reports_of_no_check_tell_nothing() -> None:
    assert kinds("Received 1 OrderStatusReport", "Cached open order missing: O-1") == []
