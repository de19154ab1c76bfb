"""`ReconciliationConfig`: its defaults, each rule at its edge, and what NautilusTrader is given."""

from typing import Any

import pytest
from nautilus_trader.config import LiveExecEngineConfig
from nautilus_trader.model.identifiers import InstrumentId
from pydantic import ValidationError

from harness.node.presets import preset
from harness.node.reconciliation import ReconciliationConfig, ReconciliationPreset

DEFAULTS: dict[str, Any] = {
    "enabled": True,
    "startup_delay_secs": 10.0,
    "lookback_mins": None,
    "inflight_check_interval_ms": 2_000,
    "inflight_check_threshold_ms": 5_000,
    "inflight_check_retries": 5,
    "open_check_interval_secs": 5.0,
    "open_check_lookback_mins": 60,
    "open_check_threshold_ms": 5_000,
    "position_check_interval_secs": 10.0,
    "position_check_lookback_mins": 60,
    "position_check_threshold_ms": 5_000,
    "position_check_retries": 3,
    "purge_closed_orders_interval_mins": 10,
    "purge_closed_orders_buffer_mins": 60,
    "reconciliation_instrument_ids": None,
}


def made(**values: Any) -> ReconciliationConfig:
    return ReconciliationConfig(**values)


def refused(**values: Any) -> str:
    with pytest.raises(ValidationError) as refusal:
        made(**values)
    (error,) = refusal.value.errors()
    return f"{error['loc'][0] if error['loc'] else ''}: {error['msg']}, was {error['input']!r}"


def test_the_defaults() -> None:
    assert ReconciliationConfig().model_dump() == DEFAULTS


@pytest.mark.parametrize(
    ("field", "least", "below"),
    [
        ("startup_delay_secs", 10.0, 9.999),
        ("lookback_mins", 0, -1),
        ("inflight_check_interval_ms", 1_000, 999),
        ("inflight_check_retries", 1, 0),
        ("open_check_interval_secs", 1.0, 0.999),
        ("open_check_lookback_mins", 60, 59),
        ("open_check_threshold_ms", 1_000, 999),
        ("position_check_interval_secs", 1.0, 0.999),
        ("position_check_lookback_mins", 60, 59),
        ("position_check_threshold_ms", 1_000, 999),
        ("position_check_retries", 1, 0),
        ("purge_closed_orders_interval_mins", 1, 0),
        ("purge_closed_orders_buffer_mins", 1, 0),
    ],
)
def test_the_least_value_is_taken_and_the_next_below_refused(
    field: str, least: float, below: float
) -> None:
    assert getattr(made(**{field: least}), field) == least
    assert refused(**{field: below}) == (
        f"{field}: Input should be greater than or equal to {least:g}, was {below!r}"
    )


def test_the_inflight_threshold_is_at_least_a_second() -> None:
    shortest = ReconciliationConfig(
        inflight_check_interval_ms=1_000, inflight_check_threshold_ms=1_000
    )
    assert shortest.inflight_check_threshold_ms == 1_000
    assert refused(inflight_check_interval_ms=1_000, inflight_check_threshold_ms=999) == (
        "inflight_check_threshold_ms: Input should be greater than or equal to 1000, was 999"
    )


def test_the_inflight_threshold_is_no_shorter_than_the_interval() -> None:
    values = {"inflight_check_interval_ms": 5_000}
    assert made(**values, inflight_check_threshold_ms=5_000)
    assert (
        "inflight_check_threshold_ms was 4999: must be at least "
        "inflight_check_interval_ms, which was 5000"
    ) in refused(**values, inflight_check_threshold_ms=4_999)


@pytest.mark.parametrize(
    "field", ["lookback_mins", "open_check_interval_secs", "position_check_interval_secs"]
)
def test_what_may_be_none(field: str) -> None:
    assert getattr(made(**{field: None}), field) is None


@pytest.mark.parametrize("field", sorted(set(DEFAULTS) - {"enabled"}))
def test_what_is_no_number_or_infinite_is_refused(field: str) -> None:
    assert f"{field}:" in refused(**{field: "soon"})
    if field.endswith("_secs"):
        assert "finite number, was inf" in refused(**{field: float("inf")})


def test_an_unknown_field_is_refused() -> None:
    assert refused(open_check=5) == "open_check: Extra inputs are not permitted, was 5"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("inflight_check_interval_secs", "inflight_check_interval_ms"),
        ("inflight_timeout_ms", "inflight_check_threshold_ms"),
        ("reconciliation_interval_secs", "open_check_interval_secs"),
        ("reconciliation", "enabled"),
        ("reconciliation_lookback_mins", "lookback_mins"),
        ("reconciliation_startup_delay_secs", "startup_delay_secs"),
    ],
)
def test_a_name_from_elsewhere_is_refused_with_the_one_to_use(name: str, meant: str) -> None:
    assert f"no field {name!r}: must be {meant!r}" in refused(**{name: 5})


def test_it_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="Instance is frozen"):
        ReconciliationConfig().enabled = False


@pytest.mark.parametrize("value", ["BTCUSDT", "BTCUSDT.", ".BINANCE", "BTC USDT.BINANCE", ""])
def test_an_instrument_id_of_another_format_is_refused(value: str) -> None:
    message = refused(reconciliation_instrument_ids=[value])
    assert f"{value!r} is no instrument id: must be SYMBOL.VENUE" in message


def test_no_instrument_to_reconcile_is_refused() -> None:
    message = refused(reconciliation_instrument_ids=())
    assert "no instrument was named: must be one or more" in message


@pytest.mark.parametrize("name", list(ReconciliationPreset))
def test_a_preset_is_what_scenarios_play_with(name: ReconciliationPreset) -> None:
    config = ReconciliationConfig.from_preset(name)
    native = config.to_live_exec_engine_config()
    assert native.pop("reconciliation_instrument_ids") is None
    assert native == preset(name)


@pytest.mark.parametrize(
    ("name", "differs"),
    [
        (ReconciliationPreset.CONSERVATIVE, {"startup_delay_secs": 15.0, "lookback_mins": 120}),
        (ReconciliationPreset.STANDARD, {"lookback_mins": 60}),
        (ReconciliationPreset.AGGRESSIVE, {"lookback_mins": 30}),
        (
            ReconciliationPreset.DISABLED,
            {
                "enabled": False,
                "lookback_mins": 60,
                "open_check_interval_secs": None,
                "position_check_interval_secs": None,
            },
        ),
    ],
)
def test_what_a_preset_changes(name: ReconciliationPreset, differs: dict[str, Any]) -> None:
    assert ReconciliationConfig.from_preset(name).model_dump() == DEFAULTS | differs


def test_a_preset_can_be_changed_within_the_rules() -> None:
    name = ReconciliationPreset.AGGRESSIVE
    assert ReconciliationConfig.from_preset(name, lookback_mins=90).lookback_mins == 90
    with pytest.raises(ValidationError, match="greater than or equal to 60"):
        ReconciliationConfig.from_preset(name, open_check_lookback_mins=30)


def test_an_unknown_preset_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError) as refusal:
        ReconciliationPreset("quick")
    assert str(refusal.value) == (
        "unknown preset 'quick': must be one of conservative, standard, aggressive, disabled"
    )


def test_nautilus_trader_is_given_every_field_by_its_own_name() -> None:
    values = {
        "enabled": False,
        "startup_delay_secs": 11.0,
        "lookback_mins": 61,
        "inflight_check_interval_ms": 2_001,
        "inflight_check_threshold_ms": 5_001,
        "inflight_check_retries": 6,
        "open_check_interval_secs": 5.5,
        "open_check_lookback_mins": 62,
        "open_check_threshold_ms": 5_002,
        "position_check_interval_secs": 10.5,
        "position_check_lookback_mins": 63,
        "position_check_threshold_ms": 5_003,
        "position_check_retries": 4,
        "purge_closed_orders_interval_mins": 11,
        "purge_closed_orders_buffer_mins": 64,
        "reconciliation_instrument_ids": ["BTCUSDT-PERP.BINANCE"],
    }
    native = made(**values).to_live_exec_engine_config()
    assert native == {
        "reconciliation": False,
        "reconciliation_startup_delay_secs": 11.0,
        "reconciliation_lookback_mins": 61,
        **{
            field: value
            for field, value in values.items()
            if "_check_" in field or "purge" in field
        },
        "reconciliation_instrument_ids": [InstrumentId.from_str("BTCUSDT-PERP.BINANCE")],
    }
    config = LiveExecEngineConfig(**native)
    assert {field: getattr(config, field) for field in native} == native
    assert set(values) == set(DEFAULTS)
