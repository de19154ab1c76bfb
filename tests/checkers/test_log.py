"""Errors of the node's log: expected where the history holds their cause, else a failure."""

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import Story, ask, kinds

REFUSED = "Cannot generate OrderStatusReport: {'code': -1001, 'msg': 'Internal error'}"
PAGE = "Failed on submit_order ClientOrderId('O-1'): BinanceServerError('<html>502</html>')"
UNSENT = "Failed to generate reports: error sending request for url (http://x)"
UNREAD = "Failed to decode WebSocket API message"
UNWRITTEN = "broken pipe"
FULL = 'Transaction aborted: [(Index 0, error: "OOM": command not allowed)]'
UNOPENED = "Failed to recover: Failed to connect Binance Futures user data stream, disconnecting"
UNOPENED_BEFORE_1_230 = "Failed to recover REST listenKey: IO error: Connection refused"


def running() -> Story:
    return Story().begin().start()


def reply(story: Story, status: int | None, body: object, outcome: str = "replied") -> Story:
    story.post_order("O-1")
    story.events[-1].data.update(status=status, reply=body, outcome=outcome)
    return story


def test_a_silent_log_passes() -> None:
    answer = ask("log", running().log("Residual Position", level="WARN"))
    assert answer.outcome is Outcome.PASS
    assert answer.notes == ()


def test_without_a_node_it_is_unknown() -> None:
    assert ask("log", Story().begin()).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "message",
    [REFUSED, PAGE, UNREAD, UNSENT, UNWRITTEN, FULL, UNOPENED, UNOPENED_BEFORE_1_230, "anything"],
)
def test_in_a_clean_run_every_error_fails(message: str) -> None:
    story = running().log(message)
    assert kinds(ask("log", story)) == ["unexpected_error"]


def test_a_refusal_explains_the_error_with_its_code() -> None:
    answer = ask("log", reply(running(), 503, {"code": -1001}).log(REFUSED))
    assert answer.outcome is Outcome.PASS
    assert [note.kind for note in answer.notes] == ["expected_error"]
    other = reply(running(), 503, {"code": -1007}).log(REFUSED)
    assert kinds(ask("log", other)) == ["unexpected_error"]


def test_a_refusal_explains_nothing_that_was_logged_before_it() -> None:
    story = reply(running().log(REFUSED).wait(2), 503, {"code": -1001})
    assert kinds(ask("log", story)) == ["unexpected_error"]


def test_a_push_of_what_never_happened_explains_a_fill_that_is_refused() -> None:
    def pushed(fields: object) -> Story:
        rule = {"type": "push", "fields": fields}
        story = running().event("wire", "misbehaviour", rule=rule, hit=1)
        return story.log("Order overfill rejected: ClientOrderId('O-1')")

    assert ask("log", pushed({"o": {"t": 7}})).outcome is Outcome.PASS
    assert kinds(ask("log", pushed(None))) == ["overfill_rejected"]


def test_a_page_that_is_no_refusal_explains_it_too() -> None:
    story = reply(running(), 200, "<html>").log("Cannot generate: Non-JSON response (HTTP 200)")
    assert ask("log", story).outcome is Outcome.PASS


@pytest.mark.parametrize("message", [PAGE, UNREAD])
def test_a_page_explains_an_error_with_a_page(message: str) -> None:
    assert ask("log", reply(running(), 502, "<html>").log(message)).outcome is Outcome.PASS


def test_a_request_that_was_lost_or_a_broken_link_explains_what_was_not_sent() -> None:
    lost = reply(running(), None, None, "lost").log(UNSENT)
    assert ask("log", lost).outcome is Outcome.PASS
    cut = running().event("link", "cut", link="rest").log(UNSENT)
    assert ask("log", cut).outcome is Outcome.PASS
    recorded_late = running().log(UNSENT).event("link", "cut", link="rest")
    assert ask("log", recorded_late).outcome is Outcome.PASS
    other = running().event("link", "cut", link="store").log(UNSENT)
    assert kinds(ask("log", other)) == ["unexpected_error"]


@pytest.mark.parametrize("message", [UNWRITTEN, FULL])
def test_a_disturbed_store_explains_a_write_that_failed(message: str) -> None:
    cut = running().event("link", "cut", link="store").log(message)
    assert ask("log", cut).outcome is Outcome.PASS
    full = running().event("store", "full").log(message)
    assert ask("log", full).outcome is Outcome.PASS
    other = running().event("link", "cut", link="rest").log(message)
    assert kinds(ask("log", other)) == ["unexpected_error"]


@pytest.mark.parametrize("message", [UNOPENED, UNOPENED_BEFORE_1_230])
def test_a_broken_link_or_a_refused_handshake_explains_a_stream_that_does_not_open(
    message: str,
) -> None:
    cut = running().event("link", "cut", link="user_stream").log(message)
    assert ask("log", cut).outcome is Outcome.PASS
    refused = running().event("wire", "handshake", stream="user", outcome="refused").log(message)
    assert ask("log", refused).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (
            "Position discrepancy for BTC unresolved after 3 attempts (cached_qty=0)",
            "discrepancy_given_up",
        ),
        ("Order overfill rejected: ClientOrderId('O-1')", "overfill_rejected"),
        ("report.filled_qty 0.1 < order.filled_qty 0.2, this could", "filled_beyond_report"),
        ("Integrity failure in _index_order_position: O-1 not found", "store_integrity"),
        ("Cannot load position: no instrument found for BTC", "store_integrity"),
        ("Error on applying OrderAccepted(...) to MarketOrder", "event_not_applied"),
    ],
)
def test_no_fault_explains_an_error_with_a_name(message: str, kind: str) -> None:
    story = reply(running(), 503, {"code": -1001}).event("link", "cut", link="rest").log(message)
    assert kinds(ask("log", story)) == [kind]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Traceback (most recent call last):", "uncaught_exception"),
        ("Task exception was never retrieved", "uncaught_exception"),
        ("thread 'tokio' panicked at src/lib.rs:1:1", "panic"),
        ("Fatal Python error: Segmentation fault", "panic"),
    ],
)
def test_an_exception_that_nobody_caught_fails(message: str, kind: str) -> None:
    assert kinds(ask("log", running().log(message, component="stderr"))) == [kind]


def test_lines_that_differ_in_numbers_are_told_once() -> None:
    story = running().log("lost 12 of O-1").log("lost 13 of O-2").log("found 1")
    answer = ask("log", story)
    assert [evidence.message for evidence in answer.evidence] == [
        "run 1 logged in CHAOS-001.ExecEngine, 2 times: lost 12 of O-1",
        "run 1 logged in CHAOS-001.ExecEngine: found 1",
    ]
