from typing import Any

import pytest

from harness.checkers.verdict import CheckerVerdict, Outcome
from tests.checkers.histories import Story, ask, held, kinds


def _submitted() -> Story:
    return Story().begin().start().submitted("O-1")


def _life(*told: str) -> CheckerVerdict:
    """Of an order that was told these events; "0.004" stands for a fill of as much."""
    story = _submitted()
    for number, one in enumerate(told):
        if one.startswith("0."):
            story.applied("O-1", str(number), one)
        else:
            story.told(one)
    return ask("order_life", story.snapshot())


@pytest.mark.parametrize(
    "told",
    [
        ("OrderAccepted", "0.004", "0.006"),
        ("OrderAccepted", "OrderTriggered", "0.010"),
        ("0.010",),
        ("OrderRejected",),
        ("OrderAccepted", "OrderPendingUpdate", "OrderAccepted", "OrderExpired"),
        ("OrderAccepted", "OrderPendingCancel", "0.004", "OrderCancelRejected", "OrderCanceled"),
        ("OrderAccepted", "OrderPendingCancel", "0.010", "OrderCancelRejected"),
        ("OrderAccepted", "OrderCanceled", "0.004"),
        ("OrderAccepted", "OrderExpired", "0.010"),
    ],
)
def test_a_life_as_nautilus_trader_has_it(told: tuple[str, ...]) -> None:
    answer = _life(*told)
    assert (answer.outcome, answer.notes) == (Outcome.PASS, ())


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (("OrderInitialized",), "illegal_transition"),
        (("OrderDenied",), "illegal_transition"),
        (("OrderAccepted", "0.004", "OrderRejected"), "illegal_transition"),
        (("OrderRejected", "0.010"), "event_after_terminal"),
        (("0.010", "OrderCanceled"), "event_after_terminal"),
        (("0.010", "OrderRejected"), "event_after_terminal"),
        (("OrderAccepted", "OrderCanceled", "OrderExpired"), "event_after_terminal"),
        (("OrderAccepted", "OrderCanceled", "OrderCanceled"), "event_after_terminal"),
        (("0.010", "0.004"), "event_after_terminal"),
        (("0.004", "0.008"), "overfill"),
    ],
)
def test_what_no_order_can_live_through(told: tuple[str, ...], kind: str) -> None:
    answer = _life(*told)
    assert kinds(answer) == [kind]
    assert answer.evidence[0].client_order_id == "O-1"


@pytest.mark.parametrize(
    "told",
    [
        ("0.010", "OrderAccepted"),
        ("0.004", "OrderAccepted"),
        ("0.010", "OrderPendingCancel"),
        ("OrderRejected", "OrderTriggered"),
    ],
)
def test_what_comes_late_and_changes_nothing_is_noted(told: tuple[str, ...]) -> None:
    answer = _life(*told)
    assert answer.outcome is Outcome.PASS
    assert [note.kind for note in answer.notes] == ["late_event"]


def _then_held(status: str, *told: str, **options: Any) -> list[str]:
    story = _submitted().told(*told).snapshot([held("O-1", status, **options)])
    return kinds(ask("order_life", story))


@pytest.mark.parametrize(
    ("told", "status", "found"),
    [
        (("OrderAccepted",), "ACCEPTED", []),
        (("OrderAccepted",), "PENDING_CANCEL", []),
        (("OrderAccepted",), "CANCELED", []),
        (("OrderAccepted", "OrderCanceled"), "ACCEPTED", ["resurrected_order"]),
        (("OrderRejected",), "SUBMITTED", ["resurrected_order"]),
        (("OrderAccepted", "OrderCanceled"), "EXPIRED", ["terminal_status_changed"]),
        (("OrderAccepted",), "SUBMITTED", ["status_went_back"]),
    ],
)
def test_the_state_is_held_against_what_was_told(
    told: tuple[str, ...], status: str, found: list[str]
) -> None:
    assert _then_held(status, *told) == found


def test_an_order_with_more_fills_than_quantity_is_told_once() -> None:
    story = _submitted().applied("O-1", "1", "0.012")
    for reason in ("convergence", "final"):
        story.snapshot([held("O-1", "FILLED", ("1", "0.012"))], reason=reason)
    answer = ask("order_life", story)
    assert kinds(answer) == ["overfill"]
    assert answer.evidence[0].message == "order O-1 has filled 0.012 of its 0.010"


@pytest.mark.parametrize("quantity", ["0.006", "0.010"])
def test_a_fill_that_was_voided_makes_room_for_another(quantity: str) -> None:
    story = _submitted().told("OrderAccepted").applied("O-1", "1", quantity)
    story.told("OrderFillVoided", voided_qty=quantity, is_reopened=True)
    answer = ask("order_life", story.applied("O-1", "2", "0.010").snapshot())
    assert (answer.outcome, answer.notes) == (Outcome.PASS, ())


def test_an_amended_quantity_counts() -> None:
    story = _submitted().told("OrderAccepted").told("OrderUpdated", quantity="0.020")
    answer = ask("order_life", story.applied("O-1", "1", "0.015").snapshot())
    assert answer.outcome is Outcome.PASS


@pytest.mark.parametrize(("lived_secs", "found"), [(0, []), (2, ["resurrected_order"])])
def test_an_order_stays_closed_over_a_restart_if_the_run_could_write_it(
    lived_secs: float, found: list[str]
) -> None:
    story = _submitted().told("OrderAccepted", "OrderCanceled").wait(lived_secs).kill()
    story.start().snapshot([held("O-1", "ACCEPTED")])
    assert kinds(ask("order_life", story)) == found


def test_of_an_order_that_was_open_a_new_run_knows_nothing() -> None:
    story = _submitted().told("OrderAccepted").wait(5).kill().start()
    answer = ask("order_life", story.submitted("O-1").snapshot())
    assert (answer.outcome, answer.notes) == (Outcome.PASS, ())


def test_an_emptied_store_begins_all_lives_anew() -> None:
    story = _submitted().told("OrderAccepted", "OrderCanceled").wait(2).stop()
    story.event("store", "flushed").start().submitted("O-1").told("OrderAccepted")
    assert ask("order_life", story.snapshot()).outcome is Outcome.PASS


def test_what_was_told_before_the_store_was_emptied_does_not_count() -> None:
    story = _submitted().told("OrderRejected", "OrderCanceled").stop()
    story.event("store", "flushed").start().snapshot()
    assert ask("order_life", story).outcome is Outcome.PASS


def test_an_overfill_without_an_event_is_seen_in_the_state() -> None:
    story = _submitted().told("OrderAccepted").snapshot([held("O-1", "ACCEPTED", filled="0.012")])
    assert kinds(ask("order_life", story)) == ["overfill"]


def test_what_is_told_after_the_final_snapshot_does_not_count() -> None:
    story = _submitted().applied("O-1", "1").snapshot().told("OrderRejected")
    assert ask("order_life", story).outcome is Outcome.PASS


def test_without_a_node_nothing_is_known_of_lives() -> None:
    assert ask("order_life", Story().begin()).outcome is Outcome.UNKNOWN


def test_a_fill_that_no_event_told_of_fails() -> None:
    order = held("O-1", "PARTIALLY_FILLED", ("1001", "0.004"), ("1002", "0.002"))
    story = Story().begin().start().submitted("O-1").order("O-1").told("OrderAccepted")
    story.applied("O-1", "1001", "0.004").snapshot([order], reason="convergence")
    answer = ask("order_life", story.snapshot([order]))
    assert kinds(answer) == ["untold_fill"]
    assert "O-1 has the fill 1002, and no event told" in answer.evidence[0].message


def test_what_an_order_from_the_store_has_filled_was_told_before() -> None:
    order = held("O-1", "PARTIALLY_FILLED", ("1001", "0.004"))
    story = Story().begin().start().snapshot([order], reason="reconciled")
    story.applied("O-1", "1002", "0.002")
    order = held("O-1", "PARTIALLY_FILLED", ("1001", "0.004"), ("1002", "0.002"))
    assert ask("order_life", story.snapshot([order])).outcome is Outcome.PASS
    order = held("O-1", "FILLED", ("1001", "0.004"), ("1002", "0.002"), ("1003", "0.004"))
    assert kinds(ask("order_life", story.snapshot([order]))) == ["untold_fill"]
