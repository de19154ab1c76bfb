"""The example strategy claims what it is told to, and nothing else."""

from nautilus_trader.model.identifiers import InstrumentId

from harness.node.reconciliation import ExternalOrderClaimConfig
from harness.node.reconciliation.example_with_claims import ClaimingStrategy, claiming_config

BTC, ETH = "BTCUSDT-PERP.BINANCE", "ETHUSDT-PERP.BINANCE"


def test_the_example_claims_what_is_named() -> None:
    config = claiming_config(ExternalOrderClaimConfig(instrument_ids=(BTC,)), [BTC, ETH])
    strategy = ClaimingStrategy(config)
    assert strategy.external_order_claims == [InstrumentId.from_str(BTC)]
    assert str(strategy.id) == "ClaimingStrategy-001"


def test_the_example_claims_all_that_is_loaded() -> None:
    config = claiming_config(ExternalOrderClaimConfig(claim_all=True), [BTC, ETH], order_id_tag="7")
    strategy = ClaimingStrategy(config)
    assert [str(claim) for claim in strategy.external_order_claims] == [BTC, ETH]
    assert str(strategy.id) == "ClaimingStrategy-7"
