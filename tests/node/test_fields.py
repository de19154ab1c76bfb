"""What a release's configuration does not have is left out with one warning."""

import importlib.metadata
import warnings

import msgspec
import pytest
from nautilus_trader.adapters.binance.config import BinanceExecClientConfig
from nautilus_trader.config import LiveExecEngineConfig

from harness.node.fields import (
    EXEC_CLIENT_FIELDS,
    EXEC_ENGINE_FIELDS,
    FieldLeftOut,
    field_names,
    known_fields,
    require_exec_client_fields,
    require_exec_engine_fields,
)


class OlderConfig(msgspec.Struct, frozen=True, kw_only=True):
    """As `LiveExecEngineConfig` in a release without the position check."""

    reconciliation: bool = True
    open_check_interval_secs: float | None = None


def test_known_fields_are_passed_on_without_a_word() -> None:
    values = {"reconciliation": False, "open_check_interval_secs": 5.0}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert known_fields(OlderConfig, values) == values


def test_one_warning_names_every_field_that_is_left_out() -> None:
    values = {
        "position_check_interval_secs": 10.0,
        "reconciliation": False,
        "position_check_retries": 3,
    }
    with pytest.warns(FieldLeftOut) as caught:
        assert known_fields(OlderConfig, values) == {"reconciliation": False}
    release = importlib.metadata.version("nautilus_trader")
    assert [str(warning.message) for warning in caught] == [
        f"left out of OlderConfig, which does not have it in NautilusTrader {release}: "
        "position_check_interval_secs, position_check_retries"
    ]


def test_the_fields_of_nautilus_trader_are_found() -> None:
    names = field_names(LiveExecEngineConfig)
    assert set(LiveExecEngineConfig.__struct_fields__) == names
    assert "position_check_retries" in names


def test_a_class_of_version_2_tells_its_fields_by_its_signature() -> None:
    def made_in_rust(reconciliation: None = None, **_kwargs: object) -> None: ...

    assert field_names(made_in_rust) == {"reconciliation"}


def test_the_list_of_fields_holds_the_installed_release_and_what_only_others_have() -> None:
    only_before_1_225 = {"convert_quote_qty_to_base"}
    only_in_version_2 = {"submission_recovery_policy"}
    assert (
        field_names(LiveExecEngineConfig) | only_before_1_225 | only_in_version_2
        == EXEC_ENGINE_FIELDS
    )


def test_a_field_of_another_release_is_none_to_refuse() -> None:
    require_exec_engine_fields(["convert_quote_qty_to_base", "submission_recovery_policy"])


def test_a_misspelt_field_is_refused_with_what_is_near() -> None:
    with pytest.raises(ValueError) as refused:
        require_exec_engine_fields(["open_check_only_open"])
    assert "'open_check_only_open'" in str(refused.value)
    assert "did you mean open_check_open_only" in str(refused.value)


def test_the_list_of_the_client_s_fields_holds_the_installed_release() -> None:
    assert field_names(BinanceExecClientConfig) <= EXEC_CLIENT_FIELDS
    require_exec_client_fields(["listen_key_ping_max_failures", "use_ws_trading"])
    with pytest.raises(ValueError, match=r"exec_client was given 'max_retry', which is no field"):
        require_exec_client_fields(["max_retry"])
