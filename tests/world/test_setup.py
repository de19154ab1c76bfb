from typing import Any

import pytest

from harness.node.spec import Description, OrderSpec, StrategySpec
from harness.scenario import steps
from harness.world.setup import Setup, patience_secs, shortest_timeout_secs

ORDER = OrderSpec(
    client_order_id="O-1",
    instrument_id="BTCUSDT-PERP.BINANCE",
    side="BUY",
    quantity="0.010",
    type="STOP_MARKET",
    trigger_price="51000",
)


def test_a_scenario_needs_the_fields_that_it_names_and_no_preset_s() -> None:
    assert Setup(name="it", covers="FR-001", preset="quick").needs_in_all() == frozenset()
    setup = Setup(
        name="it",
        covers="FR-001",
        exec_engine={"position_check_retries": 1, "position_check_interval_secs": None},
        exec_client={"max_retries": 3},
        strategies=(StrategySpec(hedging=True, claims=("BTCUSDT-PERP.BINANCE",)),),
    )
    assert setup.needs_in_all() == {
        "exec_engine:position_check_retries",
        "exec_client:max_retries",
        "hedging",
        "claims",
    }


def test_a_step_needs_what_it_has_the_node_do_and_what_it_waits_for() -> None:
    assert steps.Submit(order=ORDER).needs() == {"command:Submit", "order:STOP_MARKET"}
    assert steps.CancelAll(instrument_id="BTCUSDT-PERP.BINANCE").needs() == {"command:CancelAll"}
    awaited = steps.AwaitEvent(source="node", kind="check_finished", where={"check": "positions"})
    assert awaited.needs() == {"check:positions"}
    assert steps.AwaitEvent(source="node", kind="strategy_started").needs() == frozenset()
    assert steps.Fill(order="O-1").needs() == frozenset()


def test_patience_is_for_the_slowest_check_with_all_its_retries() -> None:
    engine = Setup(name="a", covers="b", preset="standard").engine_values() | {
        "open_check_missing_retries": 5,
        "position_check_retries": 3,
    }
    # 10 s of delay, 5 s of threshold, and 3 retries and 3 looks of 10 s each.
    assert patience_secs(engine) == 10 + 5 + 6 * 10
    assert patience_secs(engine | {"position_check_interval_secs": None}) == 10 + 5 + 8 * 5
    # Release 1.223 has no field for the retries of the position check.
    del engine["position_check_retries"]
    assert patience_secs(engine) == 10 + 5 + 8 * 10


def test_which_settings_are_the_scenarios_own() -> None:
    assert Setup(name="a", covers="b", matching="auto", seed=2).set_of_the_node() == []
    setup = Setup(name="a", covers="b", preset="standard", instrument_ids=("ETHUSDT-PERP.BINANCE",))
    assert setup.set_of_the_node() == ["preset", "instrument_ids"]


PATIENT = {
    "inflight_check_threshold_ms": 60_000,
    "open_check_threshold_ms": 60_000,
    "position_check_threshold_ms": 60_000,
}


@pytest.mark.parametrize(
    ("exec_engine", "recv_window_ms", "expected"),
    [
        ({}, 5_000, 5.0),
        ({"inflight_check_threshold_ms": 500}, 5_000, 0.5),
        (PATIENT, 5_000, 5.0),
        (PATIENT, 3_000, 3.0),
        # Silence on a stream is taken for its end.
        (PATIENT, 60_000, 5.0),
        # What a check reads is sent without the window that is configured.
        (PATIENT | {"open_check_interval_secs": 5.0}, 60_000, 5.0),
    ],
)
def test_the_shortest_timeout_is_the_least_that_is_in_play(
    exec_engine: dict[str, Any], recv_window_ms: int, expected: float
) -> None:
    node = Description(
        trader_id="T-1",
        instrument_ids=(),
        strategies=(),
        exec_engine=exec_engine,
        exec_client={"recv_window_ms": recv_window_ms},
    )
    assert shortest_timeout_secs(node) == expected
