"""`ExternalOrderClaimConfig`: what is claimed, and what is refused."""

import pytest
from nautilus_trader.model.identifiers import InstrumentId
from pydantic import ValidationError

from harness.node.reconciliation import ExternalOrderClaimConfig

BTC, ETH = "BTCUSDT-PERP.BINANCE", "ETHUSDT-PERP.BINANCE"


@pytest.mark.parametrize(
    ("config", "claimed"),
    [
        (ExternalOrderClaimConfig(), []),
        (ExternalOrderClaimConfig(instrument_ids=(ETH,)), [ETH]),
        (ExternalOrderClaimConfig(claim_all=True), [BTC, ETH]),
    ],
    ids=["nothing", "one", "all"],
)
def test_what_is_claimed(config: ExternalOrderClaimConfig, claimed: list[str]) -> None:
    expected = [InstrumentId.from_str(value) for value in claimed]
    assert config.external_order_claims([BTC, ETH]) == expected


def test_all_and_some_is_refused() -> None:
    with pytest.raises(ValidationError) as refusal:
        ExternalOrderClaimConfig(instrument_ids=(BTC, ETH), claim_all=True)
    assert (
        "claim_all was True and instrument_ids BTCUSDT-PERP.BINANCE, ETHUSDT-PERP.BINANCE: "
        "must be one or the other" in str(refusal.value)
    )


@pytest.mark.parametrize("value", ["BTCUSDT-PERP", "BINANCE", "BTCUSDT-PERP.", ".BINANCE", " .B"])
def test_an_instrument_id_of_another_format_is_refused(value: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        ExternalOrderClaimConfig(instrument_ids=(BTC, value))
    (error,) = refusal.value.errors()
    assert error["loc"] == ("instrument_ids", 1)
    assert (
        f"{value!r} is no instrument id: must be SYMBOL.VENUE, as in 'BTCUSDT-PERP.BINANCE'"
        in error["msg"]
    )


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        ExternalOrderClaimConfig(instruments=(BTC,))  # type: ignore[call-arg]
