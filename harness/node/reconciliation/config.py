"""How a node reconciles: at its start, while orders are in flight, and for as long as it runs."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from harness.node.presets import preset
from harness.node.reconciliation.model import SOME, ConfigModel, InstrumentIdText
from harness.node.reconciliation.native import instrument_id

# Where NautilusTrader's configuration has another name for it, in both major versions the same.
_NATIVE_NAMES = {
    "enabled": "reconciliation",
    "startup_delay_secs": "reconciliation_startup_delay_secs",
    "lookback_mins": "reconciliation_lookback_mins",
}
# What it is called elsewhere: natively, and in specifications older than the releases.
_FIELD_FOR = {native: field for field, native in _NATIVE_NAMES.items()} | {
    "inflight_check_interval_secs": "inflight_check_interval_ms",
    "inflight_timeout_ms": "inflight_check_threshold_ms",
    "reconciliation_interval_secs": "open_check_interval_secs",
}

Milliseconds = Annotated[int, Field(ge=1_000)]
Seconds = Annotated[float, Field(ge=1.0)]
LookbackMinutes = Annotated[int, Field(ge=60)]
Count = Annotated[int, Field(ge=1)]


class ReconciliationPreset(StrEnum):
    """Named settings; their values are in `harness.node.presets`.

    What each looks back on at a start, and what it loses when the node was down for longer, is told
    in docs/configuration.md.
    """

    CONSERVATIVE = "conservative"
    STANDARD = "standard"
    AGGRESSIVE = "aggressive"
    DISABLED = "disabled"

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise ValueError(f"unknown preset {value!r}: must be one of {', '.join(cls)}")


class ReconciliationConfig(ConfigModel):
    """How a node reconciles; the last unit of a field's name is its unit.

    - `enabled`: reconcile at the start, before any strategy is started.
    - `startup_delay_secs`: how long the periodic checks wait after that. It delays neither the
      startup reconciliation nor the strategies.
    - `lookback_mins`: how much of the venue's history is asked for at the start; None or 0 asks for
      as much as the venue gives.
    - `inflight_check_*`: how often orders in flight are looked at, for how long one may be in
      flight before the venue is asked about it, and how often it is asked.
    - `open_check_*`: how often the venue's open orders are compared to the node's (None: never),
      how far back, and for how long after an order's last event a difference is let be.
    - `position_check_*`: the same for positions, and how often a difference is worked on.
    - `purge_closed_orders_*`: how often closed orders are dropped from memory, and how long after
      they closed. The store keeps them.
    - `reconciliation_instrument_ids`: reconcile these instruments only; None: all.

    Raises pydantic's ValidationError, which says what each refused value was and may be.
    """

    enabled: bool = True
    startup_delay_secs: Annotated[float, Field(ge=10.0)] = 10.0
    lookback_mins: Annotated[int, Field(ge=0)] | None = None
    inflight_check_interval_ms: Milliseconds = 2_000
    inflight_check_threshold_ms: Milliseconds = 5_000
    inflight_check_retries: Count = 5
    open_check_interval_secs: Seconds | None = 5.0
    open_check_lookback_mins: LookbackMinutes = 60
    open_check_threshold_ms: Milliseconds = 5_000
    position_check_interval_secs: Seconds | None = 10.0
    position_check_lookback_mins: LookbackMinutes = 60
    position_check_threshold_ms: Milliseconds = 5_000
    position_check_retries: Count = 3
    purge_closed_orders_interval_mins: Count = 10
    purge_closed_orders_buffer_mins: Count = 60
    reconciliation_instrument_ids: Annotated[tuple[InstrumentIdText, ...], SOME] | None = None

    @classmethod
    def from_preset(cls, name: ReconciliationPreset, **changes: Any) -> Self:
        """Return a preset's settings, with some fields changed. Raises ValidationError."""
        values = {
            _FIELD_FOR.get(native, native): value
            for native, value in preset(ReconciliationPreset(name)).items()
        }
        return cls(**values | changes)

    @model_validator(mode="before")
    @classmethod
    def _name_the_field_that_was_meant(cls, values: Any) -> Any:
        for name in values:
            if name in _FIELD_FOR:
                raise ValueError(f"no field {name!r}: must be {_FIELD_FOR[name]!r}")
        return values

    @model_validator(mode="after")
    def _require_time_to_answer(self) -> Self:
        if self.inflight_check_threshold_ms < self.inflight_check_interval_ms:
            raise ValueError(
                f"inflight_check_threshold_ms was {self.inflight_check_threshold_ms}: must be at "
                f"least inflight_check_interval_ms, which was {self.inflight_check_interval_ms}"
            )
        return self

    def to_live_exec_engine_config(self) -> dict[str, Any]:
        """Return the fields of NautilusTrader's configuration, by its own names.

        It is `LiveExecEngineConfig`, and in 2.x `LiveExecutionEngineConfig`.

        Not every release has them all: `build_exec_engine_config` leaves out what it has not.
        """
        values = {_NATIVE_NAMES.get(field, field): value for field, value in self}
        if self.reconciliation_instrument_ids is not None:
            values["reconciliation_instrument_ids"] = [
                instrument_id(value) for value in self.reconciliation_instrument_ids
            ]
        return values
