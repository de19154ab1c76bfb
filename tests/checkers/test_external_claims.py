import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import BTC, ETH, Story, ask, held, kinds, synthetic

CLAIMS_ETH = {"strategy_id": "S-001", "claims": [ETH]}
OTHER = {"strategy_id": "S-002", "claims": []}


def _external(instrument_id: str, owner: str) -> Story:
    story = Story().begin(CLAIMS_ETH, OTHER)
    symbol = instrument_id.removesuffix("-PERP.BINANCE")
    story.order("web_1", symbol=symbol, external=True).start("S-001", "S-002")
    return story.snapshot(
        [held("web_1", "ACCEPTED", instrument_id=instrument_id, strategy_id=owner)]
    )


@pytest.mark.parametrize(
    ("instrument_id", "owner", "outcome"),
    [
        (ETH, "S-001", "pass"),
        (ETH, "EXTERNAL", "fail"),
        (ETH, "S-002", "fail"),
        (BTC, "EXTERNAL", "pass"),
        (BTC, "S-001", "fail"),
        (BTC, "S-002", "fail"),
    ],
)
def test_an_external_order_belongs_to_the_claim_else_to_external(
    instrument_id: str, owner: str, outcome: str
) -> None:
    answer = ask("external_claims", _external(instrument_id, owner))
    assert answer.outcome == outcome
    assert set(kinds(answer)) <= {"wrong_claim"}


def test_an_order_whose_store_is_gone_is_external() -> None:
    story = Story().begin().start().submitted("O-1").order("O-1").kill()
    story.event("store", "flushed").start()
    story.snapshot([held("O-1", "ACCEPTED", strategy_id="S-001")])
    answer = ask("external_claims", story)
    assert "O-1 is external, BTCUSDT-PERP.BINANCE claimed by none" in answer.evidence[0].message


def test_a_synthetic_order_is_external() -> None:
    story = Story().begin().start().snapshot([synthetic("R-1", "BUY", "0.010")])
    assert ask("external_claims", story).outcome is Outcome.PASS


@pytest.mark.parametrize(("owner", "found"), [("S-001", []), ("EXTERNAL", ["lost_owner"])])
def test_an_order_that_a_strategy_submitted_stays_its_own(owner: str, found: list[str]) -> None:
    story = Story().begin().start().submitted("O-1").order("O-1").kill().start()
    story.snapshot([held("O-1", "ACCEPTED", strategy_id=owner)])
    assert kinds(ask("external_claims", story)) == found


def test_claims_are_unknown_without_a_final_snapshot() -> None:
    assert ask("external_claims", Story().begin().start()).outcome is Outcome.UNKNOWN
