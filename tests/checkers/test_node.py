"""Node alive, convergence, startup gating."""

import json

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import VENUE_ID, Story, ask, kinds

# Alive


def test_a_node_that_lives_to_the_final_snapshot_passes() -> None:
    story = Story().begin().start().kill().start().snapshot().finish().stop()
    assert ask("node_alive", story).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("code", "signal", "text"), [(134, None, "exit code 134"), (None, 6, "signal 6")]
)
def test_a_run_that_ends_by_itself_fails_with_how_it_ended(
    code: int | None, signal: int | None, text: str
) -> None:
    story = Story().begin().start().exit(code=code, signal=signal).start().snapshot()
    answer = ask("node_alive", story)
    assert kinds(answer) == ["node_died"]
    assert answer.evidence[0].message == f"run 1 of the node ended by itself with {text}"


def test_a_node_without_its_strategy_fails() -> None:
    story = Story().begin().start("S-002", success=False).snapshot()
    answer = ask("node_alive", story)
    assert kinds(answer) == ["strategy_not_started"]
    assert "S-001 never started (startup reconciliation failed)" in answer.evidence[0].message


def test_a_strategy_that_stops_by_itself_fails() -> None:
    story = Story().begin().start().node("strategy_stopped", strategy_id="S-001").snapshot()
    assert kinds(ask("node_alive", story)) == ["strategy_stopped"]


def test_a_strategy_stops_with_its_node() -> None:
    story = Story().begin().start().snapshot().node("stop_requested")
    story.node("strategy_stopped", strategy_id="S-001").exit(code=0, expected=True)
    assert ask("node_alive", story).outcome is Outcome.PASS


def test_alive_is_unknown_without_a_node_or_when_the_scenario_ended_it() -> None:
    assert ask("node_alive", Story().begin()).outcome is Outcome.UNKNOWN
    assert ask("node_alive", Story().begin().start().kill().finish()).outcome is Outcome.UNKNOWN


# Convergence


def test_converged_passes_and_is_measured() -> None:
    answer = ask("convergence", Story().begin().converged())
    assert answer.outcome is Outcome.PASS
    assert answer.measures == {"convergence_secs_max": 0.5}


def test_each_difference_left_is_evidence() -> None:
    story = Story().begin().converged("order O-1 is missing", "position differs").converged()
    answer = ask("convergence", story)
    assert [evidence.message for evidence in answer.evidence] == [
        "not converged after 0.5 s: order O-1 is missing",
        "not converged after 0.5 s: position differs",
    ]


def test_convergence_is_unknown_where_nobody_asked() -> None:
    assert ask("convergence", Story().begin().finish()).outcome is Outcome.UNKNOWN


# Gating


def test_an_order_after_reconciliation_passes() -> None:
    story = Story().begin().start().submitted("O-1").post_order("O-1")
    assert ask("startup_gating", story).outcome is Outcome.PASS


def test_an_order_before_reconciliation_fails() -> None:
    story = Story().begin().fork().submitted("O-1").post_order("O-1").reconciled()
    answer = ask("startup_gating", story)
    assert kinds(answer) == ["early_order"]
    assert "order O-1 (BUY 0.010 BTCUSDT) reached the venue in run 1 before" in (
        answer.evidence[0].message
    )


@pytest.mark.parametrize(
    ("kind", "method", "path"),
    [
        ("http", "POST", "/fapi/v1/batchOrders"),
        ("http", "POST", "/fapi/v1/algoOrder"),
        ("ws_api", "order.place", "/ws-fapi/v1"),
        ("ws_api", "algoOrder.place", "/ws-fapi/v1"),
    ],
)
def test_an_early_order_fails_whichever_way_it_comes(kind: str, method: str, path: str) -> None:
    story = Story().begin().fork()
    params = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.010"}
    story.event(
        "wire",
        kind,
        method=method,
        path=path,
        params=params,
        received_ns=story.now_ns,
        client_order_id="O-1",
    )
    assert kinds(ask("startup_gating", story.reconciled())) == ["early_order"]


def test_an_order_of_a_run_that_failed_to_reconcile_fails() -> None:
    story = Story().begin().start(success=False).submitted("O-1").post_order("O-1")
    assert "unreconciled" in ask("startup_gating", story).evidence[0].message


def test_an_order_of_a_node_that_is_not_to_reconcile_passes() -> None:
    story = Story().begin(reconciliation=False).fork().submitted("O-1").post_order("O-1")
    assert ask("startup_gating", story).outcome is Outcome.PASS


@pytest.mark.parametrize("reduce_only", ["True", "true"])
def test_a_reduce_only_order_may_come_early(reduce_only: str) -> None:
    story = Story().begin().fork().post_order("O-1", reduceOnly=reduce_only).reconciled()
    assert ask("startup_gating", story).outcome is Outcome.PASS


def test_an_order_that_closes_the_position_may_come_early() -> None:
    story = Story().begin().fork().post_order("O-1", closePosition="true").reconciled()
    assert ask("startup_gating", story).outcome is Outcome.PASS


def test_of_a_batch_the_orders_that_may_increase_risk_count() -> None:
    batch = [
        {"newClientOrderId": "O-1", "symbol": "BTCUSDT", "side": "BUY", "reduceOnly": "true"},
        {"newClientOrderId": "O-2", "symbol": "BTCUSDT", "side": "BUY", "quantity": "1"},
    ]
    story = Story().begin().fork()
    story.ask_venue("POST", "/fapi/v1/batchOrders", {"batchOrders": json.dumps(batch)}).reconciled()
    (evidence,) = ask("startup_gating", story).evidence
    assert evidence.client_order_id == "O-2"


def _amended(quantity: str, *, told: bool = True) -> Story:
    story = Story().begin().start().submitted("O-1").order("O-1").stop().fork()
    if told:
        story.told("OrderPendingUpdate")
    ids = {"orderId": str(VENUE_ID), "quantity": quantity}
    return story.ask_venue("PUT", "/fapi/v1/order", ids).reconciled()


def test_an_early_amendment_to_more_fails() -> None:
    answer = ask("startup_gating", _amended("0.011"))
    assert kinds(answer) == ["early_amendment"]
    assert answer.evidence[0].message == (
        "an amendment of order O-1 from 0.010 to 0.011 reached the venue in run 2 before its "
        "startup reconciliation finished"
    )


@pytest.mark.parametrize(("quantity", "told"), [("0.010", True), ("0.011", False)])
def test_an_early_amendment_to_no_more_passes_and_so_does_an_earlier_runs(
    quantity: str, told: bool
) -> None:
    assert ask("startup_gating", _amended(quantity, told=told)).outcome is Outcome.PASS


def test_an_amendment_names_the_order_by_either_id() -> None:
    story = Story().begin().start().submitted("O-1").order("O-1").stop().fork()
    story.told("OrderPendingUpdate")
    ids = {"origClientOrderId": "O-1", "quantity": "1"}
    story.ask_venue("PUT", "/fapi/v1/order", ids).reconciled()
    assert kinds(ask("startup_gating", story)) == ["early_amendment"]


def test_what_an_earlier_run_sent_may_arrive_late() -> None:
    story = Story().begin().start().submitted("O-1").kill().fork().post_order("O-1").reconciled()
    assert ask("startup_gating", story).outcome is Outcome.PASS


def test_gating_is_unknown_without_a_node() -> None:
    assert ask("startup_gating", Story().begin()).outcome is Outcome.UNKNOWN


# Expectations


def test_a_step_that_waited_in_vain_fails() -> None:
    story = (
        Story()
        .begin()
        .event(
            "harness",
            "expectation_failed",
            message="O-1 was not accepted",
            evidence="deadline_passed",
        )
    )
    answer = ask("expectations", story)
    assert kinds(answer) == ["deadline_passed"]
    assert answer.evidence[0].message == "O-1 was not accepted"
    assert ask("expectations", Story().begin()).outcome is Outcome.PASS
