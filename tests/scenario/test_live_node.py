"""A node of `LiveTradingNodeConfig`, with the example of claims, is played as in production."""

from pathlib import Path

import pytest

from harness.checkers.verdict import Outcome
from harness.history import read_history
from harness.scenario.runner import play
from harness.scenario.world import World, buy
from harness.world.services import Services
from harness.world.setup import Setup

LIVE_NODE = """
from harness.node.reconciliation import (
    ExternalOrderClaimConfig, LiveTradingNodeConfig, ReconciliationConfig, ReconciliationPreset
)
from harness.node.reconciliation.example_with_claims import ClaimingStrategy, claiming_config

BTC, ETH = "BTCUSDT-PERP.BINANCE", "ETHUSDT-PERP.BINANCE"


def build():
    config = LiveTradingNodeConfig(
        trader_id="TRADER-001",
        instrument_ids=(BTC, ETH),
        reconciliation=ReconciliationConfig.from_preset(ReconciliationPreset.STANDARD),
    )
    claims = ExternalOrderClaimConfig(instrument_ids=(BTC,))
    return config.build(), [ClaimingStrategy(claiming_config(claims, config.instrument_ids))]
"""


async def orders_from_outside(world: World) -> None:
    world.venue.external_order(buy("BTCUSDT-PERP", "0.010", at="49000"))
    await world.node.start()
    world.venue.external_order(buy("ETHUSDT-PERP", "1.000", at="2900"))
    await world.converged(deadline_secs=60.0)


def test_the_production_configuration_reconciles_and_claims(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "live_node.py").write_text(LIVE_NODE)
    monkeypatch.chdir(tmp_path)
    setup = Setup(name="live", covers="test", node="live_node:build", rate=5.0)

    run = play(orders_from_outside, setup, services, tmp_path)

    assert run.verdict.outcome is Outcome.PASS, run.verdict
    events = read_history(run.directory / "history.jsonl")
    owners = {
        order["client_order_id"]: order["strategy_id"]
        for event in events
        if event.kind == "snapshot" and event.data["reason"] == "final"
        for order in event.data["orders"]
    }
    assert owners == {"web_1": "ClaimingStrategy-001", "web_2": "EXTERNAL"}
