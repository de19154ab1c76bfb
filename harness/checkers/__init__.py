"""The checkers: pure functions of a history, each in a file of its own name.

    verdict = judge(history.events, CHECKERS)

They see nothing but the history. What they share (the ledger, the node's runs, its final state) is
folded once, in a `Case`. To add a checker, write a function of a `Case` and list it here.
"""

from harness.checkers.balances_equal import balances_equal
from harness.checkers.carried_out import carried_out
from harness.checkers.closed_by_the_venue import closed_by_the_venue
from harness.checkers.continuous_loop_delay import continuous_loop_delay
from harness.checkers.convergence import convergence
from harness.checkers.expectations import expectations
from harness.checkers.external_claims import external_claims
from harness.checkers.fill_completeness import fill_completeness
from harness.checkers.fill_identity import fill_identity
from harness.checkers.in_flight_resolved import in_flight_resolved
from harness.checkers.judge import Checker
from harness.checkers.log import log
from harness.checkers.memory import memory
from harness.checkers.money import money
from harness.checkers.no_duplicate_fills import no_duplicate_fills
from harness.checkers.node_alive import node_alive
from harness.checkers.open_orders_equal import open_orders_equal
from harness.checkers.order_life import order_life
from harness.checkers.orders_equal import orders_equal
from harness.checkers.periodic_check_time import periodic_check_time
from harness.checkers.persisted_fills import persisted_fills
from harness.checkers.position_fills import position_fills
from harness.checkers.position_ids import position_ids
from harness.checkers.position_ping_pong import position_ping_pong
from harness.checkers.position_values import position_values
from harness.checkers.positions_equal import positions_equal
from harness.checkers.purged_after_buffer import purged_after_buffer
from harness.checkers.rate_budget import rate_budget
from harness.checkers.repair_time import repair_time
from harness.checkers.startup_gating import startup_gating
from harness.checkers.startup_time import startup_time
from harness.checkers.store_equal import store_equal
from harness.checkers.submissions import submissions
from harness.checkers.synthetic_ids import synthetic_ids

CHECKERS: tuple[Checker, ...] = (
    carried_out,
    node_alive,
    expectations,
    fill_completeness,
    fill_identity,
    no_duplicate_fills,
    persisted_fills,
    store_equal,
    orders_equal,
    open_orders_equal,
    order_life,
    closed_by_the_venue,
    positions_equal,
    position_ids,
    position_fills,
    position_values,
    position_ping_pong,
    balances_equal,
    purged_after_buffer,
    in_flight_resolved,
    external_claims,
    synthetic_ids,
    submissions,
    startup_gating,
    startup_time,
    continuous_loop_delay,
    periodic_check_time,
    repair_time,
    rate_budget,
    memory,
    convergence,
    log,
    money,
)
"""All checkers, those that say most about a failure first."""

__all__ = ["CHECKERS"]
