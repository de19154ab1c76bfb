from typing import Any

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import Story, ask, kinds


def _balance(
    total: str, free: str | None = None, locked: str = "0", currency: str = "USDT"
) -> dict[str, Any]:
    return {"currency": currency, "total": total, "free": free or total, "locked": locked}


def _started(wallet: str = "100000") -> Story:
    return Story().begin().wallet(wallet).start()


@pytest.mark.parametrize(
    ("total", "found"),
    [
        ("100000", []),
        ("100000.00000000", []),
        ("99999.99", ["balance_total"]),
        ("100000.00000001", ["balance_total"]),
    ],
)
def test_the_total_is_the_wallet_to_the_last_digit(total: str, found: list[str]) -> None:
    story = _started().snapshot(balances=[_balance(total)])
    assert kinds(ask("balances_equal", story)) == found


def test_the_latest_wallet_counts() -> None:
    story = _started().wallet("99999.9").snapshot(balances=[_balance("100000")])
    (evidence,) = ask("balances_equal", story).evidence
    assert evidence.message == "balance of USDT is 100000 in the node, 99999.9 at the venue"


@pytest.mark.parametrize(("wallet", "found"), [("0", []), ("1.5", ["missing_balance"])])
def test_an_asset_that_the_node_does_not_know(wallet: str, found: list[str]) -> None:
    story = _started().wallet(wallet, "BNB").snapshot(balances=[_balance("100000")])
    assert kinds(ask("balances_equal", story)) == found


@pytest.mark.parametrize(
    ("free", "locked", "found"),
    [
        ("99500", "500", []),
        ("99500", "499.99999999", ["balance_parts"]),
        ("100500", "-500", ["balance_parts"]),
        ("-500", "100500", ["balance_parts"]),
    ],
)
def test_free_and_locked_make_up_the_total(free: str, locked: str, found: list[str]) -> None:
    balance = _balance("100000", free, locked)
    assert kinds(ask("balances_equal", _started().snapshot(balances=[balance]))) == found
    story = _started().told_balance(balance).snapshot(balances=[_balance("100000")])
    assert kinds(ask("balances_equal", story)) == found


@pytest.mark.parametrize(
    ("total", "found"),
    [("100000", []), ("99999.9", []), ("99999.8", ["invented_balance"])],
)
def test_what_is_told_on_the_way_was_the_wallets_at_some_time(total: str, found: list[str]) -> None:
    story = _started().wallet("99999.9").told_balance(_balance(total)).wallet("99999.8")
    assert kinds(ask("balances_equal", story.snapshot(balances=[_balance("99999.8")]))) == found


def test_an_asset_that_never_was_may_be_told_as_nothing() -> None:
    story = _started().told_balance(_balance("0", currency="BNB"))
    assert kinds(ask("balances_equal", story.snapshot(balances=[_balance("100000")]))) == []
    story = _started().told_balance(_balance("5", currency="BNB"))
    answer = ask("balances_equal", story.snapshot(balances=[_balance("100000")]))
    assert kinds(answer) == ["invented_balance"]


def test_balances_are_unknown_where_one_side_was_not_told() -> None:
    assert ask("balances_equal", _started()).outcome is Outcome.UNKNOWN
    story = Story().begin().start().snapshot(balances=[_balance("1")])
    assert ask("balances_equal", story).outcome is Outcome.UNKNOWN
