import pytest
from nautilus_trader.config import LiveExecEngineConfig

from harness.node.presets import PRESETS, preset


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_is_a_configuration_of_the_installed_release(name: str) -> None:
    config = LiveExecEngineConfig(**preset(name))
    for field, value in preset(name).items():
        assert getattr(config, field) == value


def test_an_unknown_preset_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError) as refused:
        preset("fast")
    assert str(refused.value) == (
        "unknown preset 'fast': must be one of "
        "conservative, standard, aggressive, disabled, default, quick"
    )


def test_quick_is_standard_at_a_tenth_without_a_limit_to_what_it_looks_back_on() -> None:
    changed = {
        field: (value, preset("standard")[field])
        for field, value in preset("quick").items()
        if value != preset("standard")[field]
    }
    assert preset("quick").keys() == preset("standard").keys()
    assert changed == {
        "reconciliation_startup_delay_secs": (1.0, 10.0),
        "reconciliation_lookback_mins": (None, 60),
        "inflight_check_interval_ms": (200, 2_000),
        "inflight_check_threshold_ms": (500, 5_000),
        "open_check_interval_secs": (0.5, 5.0),
        "open_check_threshold_ms": (500, 5_000),
        "position_check_interval_secs": (1.0, 10.0),
        "position_check_threshold_ms": (500, 5_000),
    }


def test_a_preset_is_a_copy() -> None:
    preset("standard")["reconciliation"] = False
    assert preset("standard")["reconciliation"] is True


@pytest.mark.parametrize("name", sorted(set(PRESETS) - {"default"}))
def test_no_preset_looks_back_less_than_an_hour_in_its_periodic_checks(name: str) -> None:
    assert preset(name)["open_check_lookback_mins"] >= 60
    assert preset(name)["position_check_lookback_mins"] >= 60
