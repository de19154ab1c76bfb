import pytest

from harness.node.capabilities import (
    ALGO_ORDERS,
    NEW_LISTEN_KEY,
    TRADES_AT_START,
    check_names,
    each,
    lacking,
)
from harness.node.driver import capabilities
from harness.node.traits_v1 import traits_of

SINCE_1_223 = {ALGO_ORDERS, TRADES_AT_START, NEW_LISTEN_KEY, "keepalive:30"}


def test_the_installed_release_can_do_what_every_scenario_asks_of_it() -> None:
    assert {
        "check:in_flight",
        "check:open_orders",
        "check:positions",
        "order:STOP_MARKET",
        "command:Modify",
        "exec_engine:position_check_retries",
        "exec_client:max_retries",
        "hedging",
        "claims",
        "algo_orders",
        "new_listen_key",
        "keepalive:30",
        "new_listen_key_by_ws_api",
        "ws_api:user_stream",
    } <= capabilities()


def test_what_is_lacking_is_said_in_words() -> None:
    has = each("check", ["in_flight"]) | each("exec_engine", ["qsize"])
    assert lacking(has, has) is None
    assert lacking(has, has | each("check", ["positions"]) | {"hedging"}) == (
        "no periodic check positions that can be observed; no hedge mode"
    )
    assert lacking(has, each("exec_engine", ["position_check_retries"])) == (
        "no field position_check_retries in LiveExecEngineConfig"
    )


def test_a_kind_of_capability_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind of capability 'chekc': must be one of"):
        each("chekc", ["positions"])


def test_a_name_that_is_no_capability_is_refused() -> None:
    check_names(["algo_orders", "check:positions"])
    with pytest.raises(ValueError, match="unknown capability 'algos': must be one of check, order"):
        check_names(["algos"])


@pytest.mark.parametrize(
    ("release", "does"),
    [
        ("1.221.0", {"keepalive:5"}),
        ("1.222.0", {ALGO_ORDERS, TRADES_AT_START, "keepalive:5"}),
        ("1.225.0", SINCE_1_223),
        ("1.226.0", SINCE_1_223 | {"new_listen_key_by_ws_api"}),
    ],
)
def test_what_a_release_does_by_itself_is_declared(release: str, does: set[str]) -> None:
    assert traits_of(release).does == does


@pytest.mark.parametrize(
    ("release", "user_stream", "ws_api", "checks"),
    [
        ("1.220.0", "base_url_ws", None, set()),
        ("1.221.0", "base_url_ws", None, {"in_flight", "open_orders"}),
        ("1.222.0", "base_url_ws", None, {"in_flight", "open_orders", "positions"}),
        ("1.223.0", "base_url_ws_stream", "base_url_ws", {"in_flight", "open_orders", "positions"}),
        ("1.231.0", "base_url_ws_stream", "base_url_ws", {"in_flight", "open_orders", "positions"}),
    ],
)
def test_a_release_is_as_the_one_before_but_for_what_it_changed(
    release: str, user_stream: str, ws_api: str | None, checks: set[str]
) -> None:
    traits = traits_of(release)
    assert (traits.user_stream_field, traits.ws_api_field) == (user_stream, ws_api)
    assert set(traits.checks) == checks


def test_a_release_before_all_that_are_supported_has_no_driver() -> None:
    with pytest.raises(RuntimeError, match=r"1\.219\.0: must be 1\.220\.0 or later"):
        traits_of("1.219.0")
