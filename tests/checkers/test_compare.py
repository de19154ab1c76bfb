from harness.checkers.compare import differences
from harness.checkers.ledger import Ledger
from harness.checkers.snapshot import Snapshot
from tests.checkers.histories import Story, held, place


def _differences(story: Story) -> list[str]:
    return differences(Ledger.of(story.events), Snapshot(story.events[-1]))


def test_equal_is_no_difference() -> None:
    story = Story().order("old").trade("old", 1).start().order("O-1").trade("O-1", 2, "0.004")
    story.snapshot(
        [held("O-1", "PARTIALLY_FILLED", ("2", "0.004"))], [place("0.014")], "convergence"
    )
    assert _differences(story) == []


def test_each_difference_is_one_line() -> None:
    story = Story().start().order("O-1").order("O-2").trade("O-2", 1)
    story.snapshot([held("O-3", "SUBMITTED"), held("O-4", "ACCEPTED")], [])
    assert _differences(story) == [
        "order O-1 (BUY 0.010, NEW, filled 0) is not in the node",
        "order O-2 (BUY 0.010, FILLED, filled 0.010) is not in the node",
        "order O-4 is ACCEPTED in the node, the venue never had it",
        "BTCUSDT-PERP.BINANCE is net 0 in the node, +0.010 at the venue",
        "BTCUSDT-PERP.BINANCE has no open position in the node, +0.010 at the venue",
        "order O-3 is still SUBMITTED",
    ]


def test_phantom_positions_that_net_out_are_a_difference() -> None:
    story = Story().start().position("0.010")
    story.snapshot([], [place("0.010"), place("-0.010", "X"), place("0.010", "Y")])
    (difference,) = _differences(story)
    assert "3 open positions" in difference


def test_a_ledger_kept_event_by_event_is_the_ledger_folded_at_once() -> None:
    story = Story().order("O-1").start().trade("O-1", 1, "0.004").order("O-2").end_order("O-2")
    story.kill().event("store", "flushed").trade("O-1", 2).start().order("O-3").snapshot()
    live = Ledger()
    for seq, event in enumerate(story.events):
        live.apply(event)
        folded = Ledger.of(story.events[: seq + 1])
        assert vars(live) == vars(folded)
