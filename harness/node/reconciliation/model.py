"""What the configuration models here have in common."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

_INSTRUMENT_ID = re.compile(r"\S+\.[^\s.]+")


class ConfigModel(BaseModel):
    """Frozen, and refuses a field that it does not have."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _require_instrument_id(value: str) -> str:
    if not _INSTRUMENT_ID.fullmatch(value):
        raise ValueError(
            f"{value!r} is no instrument id: must be SYMBOL.VENUE, as in 'BTCUSDT-PERP.BINANCE'"
        )
    return value


def _require_some(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("no instrument was named: must be one or more")
    return values


InstrumentIdText = Annotated[str, AfterValidator(_require_instrument_id)]
SOME = AfterValidator(_require_some)
