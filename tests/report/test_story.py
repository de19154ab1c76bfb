from io import StringIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from harness.history.event import Event
from harness.report.story import BULK_ROWS_SHOWN, COLUMNS, Row, tell
from harness.report.terminal import story, story_list, story_table
from tests.checkers.histories import Story, held, place


def _texts(rows: list[Row]) -> list[str]:
    return [getattr(row, column) for row in rows for column in COLUMNS if getattr(row, column)]


def _get(story: Story, path: str) -> Story:
    return story.event(
        "wire",
        "http",
        method="GET",
        path=f"/fapi/v1/{path}",
        params={},
        status=200,
        reply={},
        outcome="replied",
        executed=None,
        received_ns=0,
        replied_ns=0,
        n=1,
        client_order_id=None,
    )


def _push(story: Story, execution: str | None, outcome: str = "sent") -> Story:
    return story.event(
        "wire",
        "push",
        event="ORDER_TRADE_UPDATE" if execution else "ACCOUNT_UPDATE",
        execution=execution,
        order_id=1 if execution else None,
        client_order_id="O-1" if execution else None,
        trade_id=1001 if execution else None,
        connection=1,
        outcome=outcome,
        payload={},
    )


def _step(story: Story, kind: str, **fields: object) -> Story:
    return story.event("harness", "step", n=1, phase="begin", step={"type": kind, **fields})


def test_each_column_tells_its_own() -> None:
    story = _step(Story(), "Fill", order="O-1", quantity="0.004", price=None)
    story.order("O-1").post_order("O-1").pending_cancel("O-1").event("link", "cut", link="rest")
    rows = tell(story.events)
    assert [(row.fault, row.wire, row.node, row.ledger) for row in rows] == [
        ("Fill O-1 0.004", "", "", ""),
        ("", "", "", "O-1 NEW BUY 0.010 BTCUSDT @ 50000"),
        ("", "POST order O-1: 200", "", ""),
        ("", "", "O-1 PendingCancel", ""),
        ("rest cut", "", "", ""),
    ]
    assert rows[0].seconds == 0
    assert round(rows[-1].seconds, 3) == 0.4


def test_what_says_nothing_new_is_counted_in_one_row() -> None:
    story = Story().begin()
    for _ in range(12):
        _get(story, "openOrders").check("in_flight")
    _get(story, "positionRisk")
    rows = tell(story.finish().events)
    assert [row.quiet for row in rows] == [False, True, False]
    assert rows[1].wire == "openOrders x12, positionRisk"
    assert rows[1].node == "in_flight check x12"


def test_quiet_names_beyond_the_first_few_are_only_counted() -> None:
    story = Story()
    for n in range(7):
        _get(story, f"path{n}")
    assert tell(story.events)[0].wire == "path0, path1, path2, path3, 3 more"


def test_bulk_is_told_by_its_first_rows_and_a_count() -> None:
    story = Story().begin()
    for n in range(40):
        story.order(f"old-{n}").trade(f"old-{n}", n)
    rows = tell(story.start().events)
    assert [row.ledger for row in rows[1 : BULK_ROWS_SHOWN + 2]] == [
        "old-0 NEW BUY 0.010 BTCUSDT @ 50000",
        "old-0 FILLED",
        "... and 158 more of the ledger",
    ]
    assert rows[BULK_ROWS_SHOWN + 2].node == "run 1 forked"


def test_what_goes_wrong_is_never_quiet() -> None:
    story = _push(_push(Story(), "TRADE"), "TRADE", "dropped")
    _push(_push(story, None), None, "dropped").check(error="OSError()").reconciled(success=False)
    story.exit(code=134).converged("O-1 is missing", "O-2 is missing").finish("gone")
    assert _texts(tell(story.events)) == [
        "push TRADE O-1 1001",
        "push TRADE O-1 1001: dropped",
        "ACCOUNT_UPDATE",
        "push ACCOUNT_UPDATE: dropped",
        "in_flight check FAILED: OSError()",
        "RECONCILIATION FAILED",
        "DIED, code 134",
        "NOT CONVERGED: O-1 is missing (and 1 more)",
        "scenario stopped: gone",
    ]


def test_a_lost_reply_says_whether_the_venue_executed() -> None:
    story = Story().post_order("O-1")
    sent = story.events[0]
    lost = sent.data | {"outcome": "lost", "status": None, "executed": True}
    refused = sent.data | {"status": 503, "reply": {"code": -1007, "msg": "Timeout"}}
    events = [Event(0, 1, "wire", "http", lost), Event(1, 2_000_000, "wire", "http", refused)]
    assert _texts(tell(events)) == ["POST order O-1: lost, executed", "POST order O-1: 503 (-1007)"]


def test_a_read_that_fails_again_is_quiet() -> None:
    story = _get(Story(), "order")
    failed = story.events[0].data | {"status": 400, "reply": {"code": -2013}}
    rows = tell([Event(n, n * 10**9, "wire", "http", failed) for n in range(3)])
    assert [row.wire for row in rows] == ["GET order: 400 (-2013)", "GET order: 400 (-2013) x2"]


def test_a_rule_is_told_without_its_counters() -> None:
    action = {"type": "Refuse", "status": 503, "body": {"code": -1007, "msg": "Timeout"}}
    rule = {"path": "/fapi/v1/order", "action": action | {"executed": True}, "times": 1}
    story = _step(Story(), "Misbehave", name="rule-1", rule=rule)
    assert _texts(tell(story.events)) == ["Misbehave rule-1 /fapi/v1/order 503 -1007 executed"]


def test_a_warning_given_before_is_quiet() -> None:
    story = Story()
    for n in range(3):
        story.node(
            "log",
            level="WARN",
            component="T-001.ExecEngine",
            message=f"Position discrepancy detected for BTCUSDT-PERP.BINANCE: {n}",
        )
    rows = tell(story.events)
    assert [row.node for row in rows] == [
        "WARN ExecEngine: Position discrepancy detected for BTCUSDT-PERP: 0",
        "WARN ExecEngine: Position discrepancy... x2",
    ]


def test_one_millisecond_in_different_columns_shares_a_row() -> None:
    story = Story().order("O-1").pending_cancel("O-1").fork()
    start = story.events[0].ts
    together = [
        Event(event.seq, start + n * 100_000, event.source, event.kind, event.data)
        for n, event in enumerate(story.events)
    ]
    rows = tell(together)
    assert [(row.ledger[:7], row.node) for row in rows] == [
        ("O-1 NEW", "O-1 PendingCancel"),
        ("", "run 1 forked"),
    ]


def test_what_is_counted_shares_no_row() -> None:
    story = _get(Story(), "openOrders").order("O-1")
    at_once = [Event(e.seq, 0, e.source, e.kind, e.data) for e in story.events]
    assert [(row.quiet, bool(row.wire), bool(row.ledger)) for row in tell(at_once)] == [
        (True, True, False),
        (False, False, True),
    ]


def test_the_order_is_that_of_time() -> None:
    story = Story().fork().event("link", "cut", link="rest")
    swapped = [story.events[1], story.events[0]]
    assert _texts(tell(swapped)) == ["run 1 forked", "rest cut"]


def test_a_story_of_nothing_is_empty() -> None:
    assert tell([]) == []


def test_the_table_fits_a_hundred_columns() -> None:
    story = Story().begin().start().order("O-1").trade("O-1", 1001).applied("O-1", "1001")
    story.snapshot([held("O-1", "FILLED", ("1001", "0.010"))], [place("0.010")])
    console = Console(width=100, record=True, file=StringIO(), color_system=None)
    console.print(story_table(story.events))
    text = console.export_text()
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "tiny, nautilus 1.231.0, seed 1" in text
    assert "at the end:" in text


def test_what_has_several_lines_is_told_in_one() -> None:
    rows = tell(Story().begin().finish("not so:\n  1 is\n\n  not 2\n").events)
    assert rows[-1].fault == "scenario stopped: not so: 1 is not 2"


def test_where_a_table_would_be_too_narrow_the_story_is_a_list() -> None:
    told = Story().begin().start().order("O-1").finish("no " * 60)
    narrow = [line for text in story_list(told.events, 60) for line in text.plain.split("\n")]
    assert narrow[0] == "tiny, nautilus 1.231.0, seed 1"
    assert "    0.000  fault   scenario begins, preset quick" in narrow
    assert max(map(len, narrow)) <= 60
    assert narrow[-1].startswith(" " * 19 + "no ")
    unbroken = [text.plain for text in story_list(told.events, None)]
    assert unbroken[-1].endswith("scenario stopped: " + ("no " * 60)[:139] + "...")
    assert isinstance(story(told.events, 100), Table)
    assert not isinstance(story(told.events, 99), Table)
    assert not isinstance(story(told.events, None), Table)


@given(st.integers(min_value=0))
def test_any_prefix_can_be_told(length: int) -> None:
    story = Story().begin().start().order("O-1").post_order("O-1").trade("O-1", 1)
    story.applied("O-1", "1").believe("P", "0.010").check().kill().start().converged("x").snapshot()
    prefix = story.events[: length % (len(story.events) + 1)]
    story_table(prefix)
    list(story_list(prefix, 80))


def test_the_status_of_reconciliation_is_told_with_what_is_not_zero() -> None:
    def status(**told: Any) -> Story:
        counts = ("pending_discrepancies", "external_orders_count", "inflight_orders_count")
        data = dict.fromkeys(counts, 0) | {"error": None} | told
        return Story().event("node", "reconciliation_status", run=1, **data)

    assert _texts(tell(status(state="RECONCILED").events)) == ["RECONCILED"]
    monitoring = status(state="MONITORING", pending_discrepancies=2, inflight_orders_count=1)
    assert _texts(tell(monitoring.events)) == ["MONITORING: 2 differing, 1 in flight"]
    assert _texts(tell(status(state="ERROR", error="no answer").events)) == ["ERROR: no answer"]


def test_a_users_node_is_named_with_all_that_was_rewritten() -> None:
    story = Story().begin()
    story.events[0].data.update(node="a:build", rewritten=["cache.database.host", "b"], preset=None)
    console = Console(width=100, record=True, file=StringIO(), color_system=None)
    console.print(story_table(story.events))
    told = console.export_text()
    assert "node a:build; rewritten: cache.database.host, b" in told
    assert "scenario begins, node a:build" in " ".join(told.split())


def test_a_history_without_its_end_says_so() -> None:
    whole = Story().begin().start().finish()
    cut_off = "The history ends here: the run was cut off."
    assert story_table(whole.events).caption is None
    assert story_table(whole.events[:-1]).caption == cut_off
    assert cut_off not in [text.plain for text in story_list(whole.events, 80)]
    assert [*story_list(whole.events[:-1], 80)][-1].plain == cut_off
