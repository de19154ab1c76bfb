import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import BTC, ETH, Story, ask, held, kinds, place, synthetic

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
        (ETH, "INTERNAL-DIFF", "fail"),
        (BTC, "EXTERNAL", "pass"),
        (BTC, "INTERNAL-DIFF", "pass"),
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


def _told_to(strategy_id: str, *kinds: str) -> Story:
    story = Story().begin(CLAIMS_ETH, OTHER).start("S-001", "S-002").submitted("O-1")
    for client_order_id in ("O-1", "web_1"):
        story.told(*kinds, client_order_id=client_order_id, strategy_id=strategy_id)
    return story.snapshot(
        [held("O-1", "ACCEPTED"), held("web_1", "ACCEPTED", strategy_id="EXTERNAL")]
    )


@pytest.mark.parametrize(
    ("strategy_id", "found"),
    [
        ("S-001", ["wrong_claim"]),
        ("EXTERNAL", ["lost_owner"]),
        ("S-002", ["lost_owner", "wrong_claim"]),
    ],
)
def test_a_strategy_that_was_told_of_anothers_order_on_the_way(
    strategy_id: str, found: list[str]
) -> None:
    answer = ask("external_claims", _told_to(strategy_id, "OrderAccepted", "OrderAccepted"))
    assert kinds(answer) == found
    assert answer.evidence[0].message.endswith(f"it was told as belonging to {strategy_id}")


def test_an_order_that_was_only_made_up_or_denied_is_nobodys() -> None:
    story = Story().begin().start().told("OrderDenied", client_order_id="X", strategy_id="S-002")
    story.snapshot([held("X", "DENIED"), held("Y", "INITIALIZED")])
    assert ask("external_claims", story).outcome is Outcome.PASS


def test_a_denied_order_stays_its_strategys() -> None:
    story = Story().begin().start().submitted("O-1")
    (evidence,) = ask(
        "external_claims", story.snapshot([held("O-1", "DENIED", strategy_id="EXTERNAL")])
    ).evidence
    assert evidence.kind == "lost_owner"
    assert evidence.message.endswith("in the node it belongs to EXTERNAL")


@pytest.mark.parametrize(
    ("owner", "quantity", "found"),
    [
        ("S-001", "0.010", []),
        ("EXTERNAL", "0.010", []),
        ("S-002", "0.010", ["position_owner"]),
        ("S-002", "0", []),
    ],
)
def test_a_position_belongs_to_a_strategy_that_filled_in_it(
    owner: str, quantity: str, found: list[str]
) -> None:
    story = Story().begin().start().submitted("O-1")
    orders = [held("O-1", "FILLED", ("1", "0.010")), synthetic("R-1", "BUY", "0.010")]
    position = place(quantity) | {"strategy_id": owner}
    assert kinds(ask("external_claims", story.snapshot(orders, [position]))) == found


def test_of_a_position_without_fills_nothing_is_known() -> None:
    story = Story().begin().start().snapshot([], [place("0.010")])
    assert ask("external_claims", story).outcome is Outcome.PASS
