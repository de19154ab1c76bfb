"""The comparison with the SDK's models finds what the models themselves let pass."""

from typing import Any

import pytest
from binance_sdk_derivatives_trading_usds_futures.rest_api.models import (
    ChangeInitialLeverageResponse,
    NotionalAndLeverageBracketsResponse,
    SymbolPriceTickerV2Response,
)
from pydantic import BaseModel

from tests.conformance.sdk_models import problems

LEVERAGE = {"leverage": 5, "maxNotionalValue": "100", "symbol": "BTCUSDT"}
TICKER = {"symbol": "BTCUSDT", "price": "1", "time": 1}
BRACKETS = {"symbol": "BTCUSDT", "notionalCoef": 1.5, "brackets": [{"bracket": "1"}]}


@pytest.mark.parametrize(
    ("model", "reply", "found"),
    [
        (ChangeInitialLeverageResponse, LEVERAGE, []),
        (
            ChangeInitialLeverageResponse,
            {**LEVERAGE, "leverage": "5"},
            ["wrong type leverage: '5'"],
        ),
        (
            ChangeInitialLeverageResponse,
            {**LEVERAGE, "leverage": True},
            ["wrong type leverage: True"],
        ),
        (ChangeInitialLeverageResponse, {**LEVERAGE, "symbol": None}, ["null symbol"]),
        (ChangeInitialLeverageResponse, {**LEVERAGE, "more": 1}, ["unknown more"]),
        (
            ChangeInitialLeverageResponse,
            {"leverage": 5, "symbol": ""},
            ["missing maxNotionalValue"],
        ),
        (SymbolPriceTickerV2Response, TICKER, []),
        (SymbolPriceTickerV2Response, [TICKER], []),
        (SymbolPriceTickerV2Response, [TICKER, {**TICKER, "time": "1"}], ["wrong type time: '1'"]),
    ],
)
def test_what_is_wrong(model: type[BaseModel], reply: Any, found: list[str]) -> None:
    assert problems(model, reply) == found


def test_what_is_wrong_deep_inside() -> None:
    found = problems(NotionalAndLeverageBracketsResponse, [BRACKETS])

    assert "wrong type brackets[].bracket: '1'" in found
    assert "missing brackets[].cum" in found
