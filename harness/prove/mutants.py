"""The planted bugs, each with the checker that must see it and the script in which it shows."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from harness.prove import altered, scripts
from harness.prove.altered import Alter, unrecorded
from harness.scenario.world import World

Script = Callable[[World], Awaitable[None]]


class UnknownMutant(ValueError):
    """A name that no mutant has."""


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """A script and how it is played. Without a bug it must pass.

    `unchecked`: no periodic check repairs what the bug has done.
    """

    script: Script
    rate: float = 10.0
    unchecked: bool = False

    @property
    def name(self) -> str:
        """What tells it from the others."""
        checks = ", no checks" if self.unchecked else ""
        return f"{self.script.__name__}, x{self.rate:g}{checks}"


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """A bug, planted in the node of a real run, or where that cannot be done in its history.

    `checker` is the one meant for it: it must fail; where the bug is the harness's and nothing can
    be `seen` of the node, it must be unknown. `alter` makes the history that the bug would have
    left out of a clean one; without it `name` is planted in the node.
    """

    name: str
    checker: str
    play: Play
    alter: Alter | None = None
    seen: bool = True


def _unchecked(script: Script) -> Play:
    return Play(script=script, unchecked=True)


_FILLS = Play(script=scripts.fills)
_CANCEL = Play(script=scripts.cancel)
_EXTERNAL = Play(script=scripts.external)
_ROUND_TRIP = Play(script=scripts.round_trip)
_COLD_STARTS = Play(script=scripts.cold_starts)

_IN_NODE = (
    ("fill_dropped", "fill_completeness", _unchecked(scripts.fills)),
    ("fill_doubled", "no_duplicate_fills", _unchecked(scripts.filled_in_part)),
    ("fill_quantity_off_by_one_lot", "fill_completeness", _unchecked(scripts.fills)),
    ("fill_price_off_by_one_tick", "fill_identity", _FILLS),
    ("fill_commission_off", "fill_identity", _FILLS),
    ("fill_liquidity_side_swapped", "fill_identity", _FILLS),
    ("fill_trade_id_altered", "fill_identity", _unchecked(scripts.fills)),
    ("fill_time_altered", "fill_identity", _FILLS),
    ("fill_misattributed", "fill_completeness", _unchecked(scripts.fills)),
    ("cancel_dropped", "open_orders_equal", _unchecked(scripts.cancel)),
    ("update_dropped", "orders_equal", _unchecked(scripts.modify)),
    ("acceptance_dropped", "in_flight_resolved", _unchecked(scripts.resting)),
    ("reject_invented", "orders_equal", _unchecked(scripts.fills)),
    ("cancel_invented", "closed_by_the_venue", _unchecked(scripts.fills)),
    ("expiry_invented", "closed_by_the_venue", _unchecked(scripts.fills)),
    ("balances_off_by_a_cent", "balances_equal", _FILLS),
    ("balances_never_updated", "balances_equal", _FILLS),
    ("checks_stopped", "convergence", _FILLS),
    ("check_slow", "periodic_check_time", Play(script=scripts.fills, rate=1.0)),
    ("start_late", "startup_time", Play(script=scripts.fills, rate=1.0)),
    ("reconciliation_skipped", "open_orders_equal", _unchecked(scripts.placed_while_down)),
    ("order_sent_twice", "submissions", _unchecked(scripts.at_market)),
    ("request_storm", "rate_budget", _FILLS),
    ("error_logged", "log", _FILLS),
    ("process_exited", "node_alive", _FILLS),
    ("memory_leaked", "memory", Play(script=scripts.idle)),
    ("fill_late", "repair_time", Play(script=scripts.filled_late)),
    ("order_purged", "purged_after_buffer", _CANCEL),
    ("position_off_by_one_lot", "positions_equal", _unchecked(scripts.filled_in_part)),
    ("position_split", "position_ids", _unchecked(scripts.round_trip)),
    ("position_without_a_fill", "position_fills", _unchecked(scripts.filled_in_part)),
    ("entry_price_off", "position_values", _unchecked(scripts.filled_in_part)),
    ("realized_pnl_off_by_a_cent", "position_values", _unchecked(scripts.filled_in_part)),
    ("fill_persisted_twice", "persisted_fills", _FILLS),
    ("index_entry_orphaned", "store_equal", _FILLS),
    ("order_canceled_twice", "order_life", _CANCEL),
    ("order_attributed_without_a_claim", "external_claims", _EXTERNAL),
    ("order_before_reconciliation", "startup_gating", _FILLS),
    ("checks_too_early", "continuous_loop_delay", _FILLS),
    ("check_failed", "periodic_check_time", _FILLS),
)

_IN_HISTORY = (
    ("order_resurrected", "orders_equal", _CANCEL, altered.order_resurrected),
    ("position_to_and_fro", "position_ping_pong", _COLD_STARTS, altered.position_to_and_fro),
    (
        "fill_inferred_under_another_id",
        "synthetic_ids",
        _COLD_STARTS,
        altered.fill_inferred_under_another_id,
    ),
    ("fill_untold", "order_life", _FILLS, unrecorded("node", "order_event", type="OrderFilled")),
    (
        "position_untold",
        "position_fills",
        _ROUND_TRIP,
        unrecorded("node", "position_event", type="PositionClosed"),
    ),
    ("event_awaited_in_vain", "expectations", _FILLS, altered.event_awaited_in_vain),
)

_UNSEEN = (
    ("command_not_carried_out", "carried_out", _FILLS, altered.command_not_carried_out),
    ("order_events_unheard", "fill_identity", _FILLS, unrecorded("node", "order_event")),
    ("position_events_unheard", "money", _FILLS, unrecorded("node", "position_event")),
    ("account_events_unheard", "balances_equal", _FILLS, unrecorded("node", "account_event")),
    ("checks_unheard", "periodic_check_time", _FILLS, unrecorded("node", "check_started")),
    ("memory_unheard", "memory", _FILLS, unrecorded("node", "memory")),
    ("log_unread", "log", _FILLS, unrecorded("node", "log")),
    ("end_unseen", "node_alive", _FILLS, unrecorded("node", "exited")),
    ("snapshots_untaken", "positions_equal", _FILLS, unrecorded("node", "snapshot")),
    ("requests_unrecorded", "rate_budget", _FILLS, unrecorded("wire", "http")),
    ("orders_unrecorded", "closed_by_the_venue", _FILLS, unrecorded("venue", "order")),
    ("positions_unrecorded", "position_ids", _ROUND_TRIP, unrecorded("venue", "position")),
    ("balances_unrecorded", "balances_equal", _FILLS, unrecorded("venue", "balance")),
    ("prices_unrecorded", "money", _FILLS, unrecorded("venue", "price")),
    ("store_unread", "store_equal", _FILLS, unrecorded("store", "persisted")),
    ("convergence_unasked", "convergence", _FILLS, unrecorded("harness", "converged")),
    ("heal_unrecorded", "repair_time", _FILLS, unrecorded("harness", "healed")),
)

MUTANTS: tuple[Mutant, ...] = (
    *(Mutant(name=name, checker=checker, play=play) for name, checker, play in _IN_NODE),
    *(
        Mutant(name=name, checker=checker, play=play, alter=alter)
        for name, checker, play, alter in _IN_HISTORY
    ),
    *(
        Mutant(name=name, checker=checker, play=play, alter=alter, seen=False)
        for name, checker, play, alter in _UNSEEN
    ),
)
"""Every mutant, those of the node first, those of the harness last."""


def mutants_named(names: Sequence[str]) -> tuple[Mutant, ...]:
    """Return these mutants, every one where no name is given. Raises UnknownMutant."""
    known = {mutant.name: mutant for mutant in MUTANTS}
    for name in names:
        if name not in known:
            raise UnknownMutant(f"unknown bug {name!r}: must be one of {', '.join(known)}")
    return tuple(known[name] for name in names) or MUTANTS
