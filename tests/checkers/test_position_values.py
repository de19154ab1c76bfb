"""A position's fills, entry price and realized PnL."""

from typing import Any

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import BTC, ETH, Story, ask, held, kinds, place, synthetic


def _bought(*trades: tuple[str, str, str, str]) -> Story:
    """The venue makes trades of (side, quantity, price, realized PnL), each with a fee of 0.1."""
    story = Story().begin().start()
    for number, (side, quantity, price, realized) in enumerate(trades, start=1):
        story.order(f"O-{number}", side, quantity, at=price)
        story.trade(f"O-{number}", number, realized_pnl=realized)
    return story


def _place(quantity: str, price: str = "50000", pnl: str | None = "-0.1 USDT") -> dict[str, Any]:
    return place(quantity) | {"average_price": price, "realized_pnl": pnl}


def _orders(*fills: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        held(f"O-{number}", "FILLED", (str(number), quantity), side=side, quantity=quantity)
        for number, (side, quantity) in enumerate(fills, start=1)
    ]


LONG = ("BUY", "0.010", "50000", "0")


@pytest.mark.parametrize(
    ("told", "compared"),
    [("123", 1), ("1123", 1), ("", 1), ("12", 1), ("231", 0), ("213", 0), ("132", 0)],
)
def test_a_realized_pnl_is_compared_where_the_trades_were_told_in_their_order(
    told: str, compared: int
) -> None:
    story = _bought(LONG, LONG, ("SELL", "0.020", "50000", "0"))
    for trade_id in told:
        story.applied(f"O-{trade_id}", trade_id)
    fills = _orders(("BUY", "0.010"), ("BUY", "0.010"), ("SELL", "0.020"))
    answer = ask("position_values", story.snapshot(fills, [_place("0", pnl="-0.1 USDT")]))
    assert answer.measures["realized_pnls_compared_count"] == compared
    assert kinds(answer) == ["position_realized_pnl"] * compared


def test_a_trade_of_another_symbol_with_the_same_id_is_another_trade() -> None:
    story = _bought(LONG, ("SELL", "0.010", "50000", "0"))
    story.applied("E-1", "2", instrument_id=ETH).applied("O-1", "1").applied("O-2", "2")
    fills = _orders(("BUY", "0.010"), ("SELL", "0.010"))
    answer = ask("position_values", story.snapshot(fills, [_place("0", pnl="-0.2 USDT")]))
    assert answer.measures["realized_pnls_compared_count"] == 1


def test_a_trade_of_before_that_is_told_late_is_another_position() -> None:
    story = _bought(LONG, ("SELL", "0.010", "50000", "0"), LONG)
    for trade_id in "231":
        story.applied(f"O-{trade_id}", trade_id)
    fills = _orders(("BUY", "0.010"), ("SELL", "0.010"), ("BUY", "0.010"))
    answer = ask("position_values", story.snapshot(fills, [_place("0.010", pnl="-0.3 USDT")]))
    assert answer.measures["realized_pnls_compared_count"] == 0


def test_a_position_of_the_venues_trade_passes() -> None:
    story = _bought(LONG).snapshot(_orders(("BUY", "0.010")), [_place("0.010")])
    answer = ask("position_values", story)
    assert answer.outcome is Outcome.PASS
    assert answer.measures == {"realized_pnls_compared_count": 1}


@pytest.mark.parametrize(
    ("price", "found"),
    [
        ("50005", []),
        ("49995.0", []),
        ("50005.1", ["position_average_price"]),
        ("49994.9", ["position_average_price"]),
    ],
)
def test_the_entry_price_may_be_off_by_a_hundredth_of_a_percent(
    price: str, found: list[str]
) -> None:
    story = _bought(LONG).snapshot(_orders(("BUY", "0.010")), [_place("0.010", price)])
    assert kinds(ask("position_values", story)) == found


def test_a_position_without_a_price_has_another_one() -> None:
    position = _place("0.010") | {"average_price": None}
    story = _bought(LONG).snapshot(_orders(("BUY", "0.010")), [position])
    assert kinds(ask("position_values", story)) == ["position_average_price"]


@pytest.mark.parametrize(
    ("pnl", "found"),
    [
        ("-0.10000000 USDT", []),
        ("-0.1000009 USDT", []),
        ("-0.10000110 USDT", ["position_realized_pnl"]),
        ("0 USDT", ["position_realized_pnl"]),
        ("-0.1 BTC", ["position_realized_pnl"]),
        (None, ["position_realized_pnl"]),
    ],
)
def test_the_realized_pnl_is_the_venues_after_commission(pnl: str | None, found: list[str]) -> None:
    story = _bought(LONG).snapshot(_orders(("BUY", "0.010")), [_place("0.010", pnl=pnl)])
    assert kinds(ask("position_values", story)) == found


@pytest.mark.parametrize(
    ("trades", "quantity", "price", "pnl"),
    [
        # Reduced: 0.4 made, two fees.
        ((LONG, ("SELL", "0.004", "50100", "0.4")), "0.006", "50000", "0.2"),
        # Closed, and opened anew: the new one counts alone.
        ((LONG, ("SELL", "0.010", "50100", "1"), LONG), "0.010", "50000", "-0.1"),
        # Closed: the last one stands.
        ((LONG, ("SELL", "0.010", "50100", "1")), "0", "50000", "0.8"),
        # Turned: of the fee of 0.1, 15 of 25 are the new one's.
        ((LONG, ("SELL", "0.025", "50100", "1")), "-0.015", "50000", "-0.06"),
    ],
)
def test_the_realized_pnl_counts_from_when_the_position_was_last_flat(
    trades: tuple[tuple[str, str, str, str], ...], quantity: str, price: str, pnl: str
) -> None:
    orders = _orders(*((side, size) for side, size, _, _ in trades))
    right = _bought(*trades).snapshot(orders, [_place(quantity, price, f"{pnl} USDT")])
    wrong = _bought(*trades).snapshot(orders, [_place(quantity, price, "0.01 USDT")])
    assert kinds(ask("position_values", right)) == []
    assert kinds(ask("position_values", wrong)) == ["position_realized_pnl"]


def test_a_position_of_another_size_is_not_compared() -> None:
    story = _bought(LONG).snapshot(_orders(("BUY", "0.010")), [_place("0.009", "1", "1 USDT")])
    answer = ask("position_values", story)
    assert (answer.outcome, answer.measures) == (
        Outcome.PASS,
        {"realized_pnls_compared_count": 0},
    )


def test_of_what_was_inferred_the_price_is_compared_and_not_the_pnl() -> None:
    story = _bought(LONG).snapshot(
        [synthetic("R-1", "BUY", "0.010")], [_place("0.010", "51000", "-0.25 USDT")]
    )
    answer = ask("position_values", story)
    assert kinds(answer) == ["position_average_price"]
    assert answer.measures == {"realized_pnls_compared_count": 0}


def test_an_inferred_fill_beside_the_real_ones_spoils_the_pnl() -> None:
    orders = [*_orders(("BUY", "0.010")), synthetic("R-1", "BUY", "0.001")]
    story = _bought(LONG).snapshot(orders, [_place("0.010", pnl="-0.3 USDT")])
    assert ask("position_values", story).measures == {"realized_pnls_compared_count": 0}


def test_where_the_node_lacks_a_trade_the_pnl_is_not_compared() -> None:
    story = _bought(LONG).snapshot([], [_place("0.010", pnl="-0.3 USDT")])
    assert ask("position_values", story).measures == {"realized_pnls_compared_count": 0}


@pytest.mark.parametrize(
    "other", [{"position_id": "P"}, {"ts_event": -1_000_000}], ids=["elsewhere", "before"]
)
def test_an_inferred_fill_elsewhere_or_before_spoils_nothing(other: dict[str, Any]) -> None:
    inferred = synthetic("R-1", "BUY", "0.001")
    inferred["fills"][0] |= other
    story = _bought(LONG).snapshot([*_orders(("BUY", "0.010")), inferred], [_place("0.010")])
    assert ask("position_values", story).measures == {"realized_pnls_compared_count": 1}


def test_a_commission_in_another_asset_is_no_loss_in_this_one() -> None:
    story = Story().begin().start().order("O-1").trade("O-1", 1, commission_asset="BNB")
    story.snapshot(_orders(("BUY", "0.010")), [_place("0.010", pnl="0 USDT")])
    assert ask("position_values", story).outcome is Outcome.PASS


def test_values_are_unknown_without_a_final_snapshot() -> None:
    assert ask("position_values", _bought(LONG)).outcome is Outcome.UNKNOWN


# Fills


@pytest.mark.parametrize(("quantity", "found"), [("0.010", []), ("0.009", ["position_fill_sum"])])
def test_a_position_is_the_sum_of_its_fills(quantity: str, found: list[str]) -> None:
    orders = _orders(("BUY", "0.014"), ("SELL", "0.004"))
    story = Story().begin().start().snapshot(orders, [place(quantity)])
    assert kinds(ask("position_fills", story)) == found


def test_fills_without_a_position_and_a_position_without_fills() -> None:
    story = Story().begin().start().snapshot(_orders(("BUY", "0.010")))
    (evidence,) = ask("position_fills", story).evidence
    assert evidence.message == f"position {BTC}-BOTH is 0, its fills add up to +0.010"
    story = Story().begin().start().snapshot(positions=[place("1", "P", ETH)])
    (evidence,) = ask("position_fills", story).evidence
    assert evidence.message == "position P is +1, its fills add up to 0"


def test_a_fill_that_names_no_position_is_of_none() -> None:
    orders = _orders(("BUY", "0.010"))
    orders[0]["fills"][0]["position_id"] = None
    assert ask("position_fills", Story().begin().start().snapshot(orders)).outcome == Outcome.PASS


def test_positions_of_one_instrument_are_added_up_apart() -> None:
    orders = _orders(("BUY", "0.010"), ("SELL", "0.010"))
    orders[1]["fills"][0]["position_id"] = "P"
    positions = [place("0.010"), place("-0.010", "P")]
    assert ask("position_fills", Story().begin().start().snapshot(orders, positions)).outcome == (
        Outcome.PASS
    )


@pytest.mark.parametrize(("instrument_id", "outcome"), [(BTC, "pass"), (ETH, "fail")])
def test_where_a_filled_order_is_gone_its_fills_are_missed_and_that_is_noted(
    instrument_id: str, outcome: str
) -> None:
    story = Story().begin().start().applied("O-1", "1", instrument_id=instrument_id)
    answer = ask("position_fills", story.snapshot(positions=[place("0.010")]))
    assert answer.outcome == outcome
    assert len(answer.notes) == (outcome == "pass")


def test_the_sum_is_unknown_without_a_final_snapshot() -> None:
    assert ask("position_fills", Story().begin().start()).outcome is Outcome.UNKNOWN


# To and fro


def _moved(*quantities: str) -> Story:
    """Reconciliations infer fills, a second apart; "trade" stands for one at the venue."""
    story = Story().begin().start()
    for number, quantity in enumerate(quantities):
        if quantity == "trade":
            story.order(f"V-{number}").trade(f"V-{number}", number)
        else:
            side = "SELL" if quantity.startswith("-") else "BUY"
            story.wait(1).applied(
                f"R-{number}", f"S-{number}", quantity.strip("-"), order_side=side
            )
    return story.snapshot()


@pytest.mark.parametrize(
    ("quantities", "found"),
    [
        (("0.010",), []),
        (("0.010", "-0.010"), []),
        (("0.010", "-0.010", "0.010"), ["position_ping_pong"]),
        (("-0.010", "0.010", "-0.010", "0.010", "-0.010"), ["position_ping_pong"]),
        (("0.010", "-0.010", "0.004"), []),
        (("0.010", "0.010", "0.010"), []),
        (("0.010", "-0.010", "trade", "0.010"), []),
        (("0.010", "trade", "0.010", "-0.010", "0.010"), ["position_ping_pong"]),
    ],
)
def test_a_position_that_is_moved_there_and_back_and_there_again(
    quantities: tuple[str, ...], found: list[str]
) -> None:
    assert kinds(ask("position_ping_pong", _moved(*quantities))) == found


def test_the_fills_of_one_reconciliation_are_one_move() -> None:
    story = Story().begin().start()
    for number in range(3):
        story.wait(1).applied(f"R-{number}", f"S-{number}", "0.010")
        story.now_ns -= 99_999_999
        story.applied(f"R-{number}b", f"S-{number}b", "0.010", order_side="SELL")
    assert kinds(ask("position_ping_pong", story.snapshot())) == []


def test_real_fills_are_no_moves() -> None:
    story = Story().begin().start()
    sides = list(enumerate(("BUY", "SELL", "BUY")))
    for number, side in sides:
        story.order(f"O-{number}", side).trade(f"O-{number}", number)
    for number, side in sides:
        story.wait(1).applied(f"O-{number}", str(number), order_side=side)
    assert kinds(ask("position_ping_pong", story.snapshot())) == []


def test_to_and_fro_is_unknown_without_a_node() -> None:
    assert ask("position_ping_pong", Story().begin()).outcome is Outcome.UNKNOWN
