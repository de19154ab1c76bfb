"""What a checker looks at was recorded: where it was not, that it found nothing says nothing.

Nearly every checker looks for what should not be there, and finds none of it in a history in which
a whole kind of event is missing: a release whose events the driver no longer hears, a log that was
not read, a venue that recorded no request. So for each kind there is something else in the history
by which it must be there, and without it the checkers that look at it are UNKNOWN.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from harness.checkers.case import Case
from harness.checkers.ledger import LedgerTrade
from harness.checkers.periodic_checks import intervals_secs
from harness.checkers.verdict import NothingToJudge


class _Record(NamedTuple):
    """A kind of event: who looks at it, what it is, and whether it is missing in a history."""

    checkers: frozenset[str]
    what: str
    is_missing: Callable[[Case], bool]


class Recorded:
    """Which kinds of events are missing in a history, each looked for once."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._missing: dict[str, bool] = {}

    def require(self, checker: str) -> None:
        """Raise NothingToJudge where something is missing that a checker looks at."""
        for record in _RECORDS:
            if checker in record.checkers and self._is_missing(record):
                raise NothingToJudge(f"the history lacks {record.what}")

    def _is_missing(self, record: _Record) -> bool:
        if record.what not in self._missing:
            self._missing[record.what] = record.is_missing(self._case)
        return self._missing[record.what]


def _no_order_events(case: Case) -> bool:
    return bool(_held_last(case, "orders")) and not any(
        run.order_events for run in case.node.store_runs
    )


def _no_position_events(case: Case) -> bool:
    return bool(_held_last(case, "positions")) and not case.of("node", "position_event")


def _no_account_events(case: Case) -> bool:
    return bool(_held_last(case, "balances")) and not case.of("node", "account_event")


def _held_last(case: Case, what: str) -> list[Any]:
    held: list[Any] = [] if case.final_event is None else case.final_event.data[what]
    return held


def _no_checks(case: Case) -> bool:
    """A node has converged only after each check that it tells of: of none, if it has not."""
    answers = case.of("harness", "converged")
    if not answers or not answers[-1].data["converged"]:
        return False
    due = intervals_secs(case.scenario["preset_values"]).keys() & case.scenario["checks_told"]
    return not due <= {check.name for check in case.runs[-1].checks if check.finished}


def _no_requests(case: Case) -> bool:
    """A strategy starts after reconciliation, which asks the venue."""
    started = any(run.strategies_started for run in case.node.runs)
    return started and not case.of("wire", "http", "ws_api")


def _no_samples(case: Case) -> bool:
    sampled = {event.data["run"] for event in case.of("node", "memory")}
    return any(run.strategies_started and run.number not in sampled for run in case.node.runs)


def _log_unread(case: Case) -> bool:
    """What is counted is a run's entries, as they were read; None where reading them failed."""
    for source in ("node", "second_node"):
        kept = Counter(event.data["run"] for event in case.of(source, "log"))
        for ended in case.of(source, "exited"):
            if ended.data["log_entries"] != kept[ended.data["run"]]:
                return True
    return False


def _no_end(case: Case) -> bool:
    return any(run.exited is None for run in case.node.runs)


def _never_healed(case: Case) -> bool:
    return bool(case.of("harness", "converged")) and case.healed is None


def _no_orders(case: Case) -> bool:
    return any(str(trade.order_id) not in case.ledger.orders for trade in _trades(case))


def _no_positions(case: Case) -> bool:
    return any(
        (trade.symbol, trade.position_side) not in case.ledger.positions for trade in _trades(case)
    )


def _no_prices(case: Case) -> bool:
    told = {event.data["symbol"] for event in case.of("venue", "price")}
    return any(trade.symbol not in told for trade in _trades(case))


def _trades(case: Case) -> list[LedgerTrade]:
    return list(case.ledger.trades.values())


_RECORDS = (
    _Record(
        frozenset(
            {
                "closed_by_the_venue",
                "external_claims",
                "fill_completeness",
                "fill_identity",
                "no_duplicate_fills",
                "order_life",
                "orders_equal",
                "persisted_fills",
                "position_ping_pong",
                "repair_time",
                "startup_gating",
                "submissions",
                "synthetic_ids",
            }
        ),
        "the events of the node's orders",
        _no_order_events,
    ),
    _Record(
        frozenset(
            {"money", "position_fills", "purged_after_buffer", "repair_time", "synthetic_ids"}
        ),
        "the events of the node's positions",
        _no_position_events,
    ),
    _Record(frozenset({"balances_equal"}), "the events of the node's account", _no_account_events),
    _Record(
        frozenset({"continuous_loop_delay", "periodic_check_time"}),
        "the node's periodic checks",
        _no_checks,
    ),
    _Record(
        frozenset({"log", "rate_budget", "startup_gating", "submissions"}),
        "the node's requests",
        _no_requests,
    ),
    _Record(frozenset({"memory"}), "the node's memory", _no_samples),
    _Record(frozenset({"log"}), "entries of the node's log", _log_unread),
    _Record(frozenset({"node_alive"}), "how a run of the node ended", _no_end),
    _Record(
        frozenset({"periodic_check_time", "repair_time"}), "when all was healed", _never_healed
    ),
    _Record(
        frozenset(
            {
                "closed_by_the_venue",
                "fill_completeness",
                "open_orders_equal",
                "orders_equal",
                "repair_time",
            }
        ),
        "orders of the venue that have traded",
        _no_orders,
    ),
    _Record(
        frozenset({"money", "position_ids", "position_values", "positions_equal", "repair_time"}),
        "positions of the venue that have traded",
        _no_positions,
    ),
    _Record(frozenset({"money"}), "prices of what has traded", _no_prices),
)
