from typing import Any

import pytest

from harness.checkers.verdict import Outcome
from harness.history.event import Event
from tests.checkers.histories import Story, ask, held, kinds


def _filled() -> Story:
    return Story().begin().start().submitted("O-1").order("O-1").trade("O-1", 1001)


def _held(**fill: Any) -> dict[str, Any]:
    order = held("O-1", "FILLED", ("1001", "0.010"))
    order["fills"][0] |= fill
    return order


def _altered(story: Story, **fill: Any) -> Story:
    """The latest event, told otherwise."""
    event = story.events.pop()
    data = {**event.data, "event": event.data["event"] | fill}
    story.events.append(Event(event.seq, event.ts, event.source, event.kind, data))
    return story


def test_a_fill_that_is_its_trade_passes() -> None:
    story = _filled().applied("O-1", "1001").snapshot([_held()])
    assert ask("fill_identity", story).outcome is Outcome.PASS


def test_digits_that_say_nothing_and_nanoseconds_made_of_a_float_do_not_count() -> None:
    same = _held(price="50000.00", commission="0.10000000 USDT", ts_event=64)
    assert ask("fill_identity", _filled().snapshot([same])).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("kind", "altered", "message"),
    [
        ("fill_price", {"price": "50000.1"}, "has price 50000.1 in the node, 50000 at the venue"),
        ("fill_commission", {"commission": "0.10000001 USDT"}, "has commission 0.10000001"),
        ("fill_commission", {"commission": None}, "has commission None"),
        ("fill_commission_asset", {"commission": "0.1 BNB"}, "has commission asset BNB"),
        ("fill_liquidity_side", {"liquidity_side": "TAKER"}, "has liquidity side TAKER"),
        ("fill_ts_event", {"ts_event": 1_000_000}, "has ts event 1 in the node, 0 at the venue"),
    ],
)
def test_what_differs_in_the_final_state_is_told(
    kind: str, altered: dict[str, Any], message: str
) -> None:
    answer = ask("fill_identity", _filled().applied("O-1", "1001").snapshot([_held(**altered)]))
    assert kind in kinds(answer)
    assert any(message in evidence.message for evidence in answer.evidence)


@pytest.mark.parametrize(
    ("kind", "altered"),
    [
        ("fill_side", {"order_side": "SELL"}),
        ("fill_price", {"last_px": "49999.9"}),
        ("fill_commission", {"commission": "0 USDT"}),
        ("fill_liquidity_side", {"liquidity_side": "NO_LIQUIDITY_SIDE"}),
        ("fill_ts_event", {"ts_event": 2_000_000}),
    ],
)
def test_what_strategies_were_told_is_compared_too(kind: str, altered: dict[str, Any]) -> None:
    story = _altered(_filled().applied("O-1", "1001"), **altered).snapshot([_held()])
    answer = ask("fill_identity", story)
    assert kinds(answer) == [kind]
    assert answer.evidence[0].trade_id == "1001"


def test_one_difference_in_event_and_state_is_one_piece_of_evidence() -> None:
    story = _altered(_filled().applied("O-1", "1001"), last_px="50001")
    assert kinds(ask("fill_identity", story.snapshot([_held(price="50001")]))) == ["fill_price"]


@pytest.mark.parametrize(
    ("trade_id", "reconciliation", "found"),
    [
        ("1002", False, ["invented_trade_id"]),
        ("S-1f", True, []),
        ("ALGO-9007199254741993", False, []),
    ],
)
def test_a_fill_of_no_trade_must_be_marked_as_inferred(
    trade_id: str, reconciliation: bool, found: list[str]
) -> None:
    fill = _held(trade_id=trade_id, reconciliation=reconciliation, price="1", commission=None)
    assert kinds(ask("fill_identity", _filled().snapshot([fill]))) == found


def test_an_inferred_fill_that_the_real_one_has_replaced_is_noted() -> None:
    story = _filled().applied("O-1", "S-1f", reconciling=True).applied("O-1", "1001")
    answer = ask("fill_identity", story.snapshot([_held()]))
    assert answer.outcome is Outcome.PASS
    assert [note.kind for note in answer.notes] == ["inferred_fill_replaced"]


@pytest.mark.parametrize("real", [[], ["1001"]])
def test_an_inferred_fill_that_still_stands_is_not_replaced(real: list[str]) -> None:
    story = _filled().applied("O-1", "S-1f", reconciling=True)
    order = held("O-1", "FILLED", *((trade_id, "0.010") for trade_id in ("S-1f", *real)))
    order["fills"][0]["reconciliation"] = True
    answer = ask("fill_identity", story.snapshot([order]))
    assert (answer.outcome, answer.notes) == (Outcome.PASS, ())


def test_a_real_fill_that_an_inferred_one_has_replaced_is_lost() -> None:
    story = _filled().applied("O-1", "1001")
    answer = ask("fill_identity", story.snapshot([_held(trade_id="S-1f", reconciliation=True)]))
    assert kinds(answer) == ["real_fill_lost"]
    assert "1001 of order O-1 was told in run 1" in answer.evidence[0].message


@pytest.mark.parametrize(("lived_secs", "found"), [(0, []), (2, ["real_fill_lost"])])
def test_a_killed_run_may_take_with_it_what_it_had_not_written(
    lived_secs: float, found: list[str]
) -> None:
    story = _filled().applied("O-1", "1001").wait(lived_secs).kill().start()
    answer = ask("fill_identity", story.snapshot([held("O-1", "ACCEPTED")]))
    assert kinds(answer) == found


def test_identity_is_unknown_without_a_final_snapshot() -> None:
    assert ask("fill_identity", _filled()).outcome is Outcome.UNKNOWN
