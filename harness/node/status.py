"""Where a node stands with its reconciliation, as its own code and the harness read it."""

from datetime import datetime
from enum import StrEnum

import msgspec


class ReconciliationState(StrEnum):
    """INITIALIZING -> RECONCILING -> RECONCILED -> MONITORING, and ERROR from both -ING states."""

    INITIALIZING = "INITIALIZING"
    RECONCILING = "RECONCILING"
    RECONCILED = "RECONCILED"
    MONITORING = "MONITORING"
    ERROR = "ERROR"


_STATE = ReconciliationState
TRANSITIONS: dict[ReconciliationState, frozenset[ReconciliationState]] = {
    # MONITORING at once where startup reconciliation is off.
    _STATE.INITIALIZING: frozenset({_STATE.RECONCILING, _STATE.MONITORING}),
    _STATE.RECONCILING: frozenset({_STATE.RECONCILED, _STATE.ERROR}),
    # A node can be asked to reconcile again while it runs.
    _STATE.RECONCILED: frozenset({_STATE.MONITORING, _STATE.RECONCILING}),
    _STATE.MONITORING: frozenset({_STATE.ERROR, _STATE.RECONCILING}),
    # The next check that is answered ends an error.
    _STATE.ERROR: frozenset({_STATE.MONITORING, _STATE.RECONCILING}),
}


class IllegalTransition(RuntimeError):
    """A state that does not follow the one before."""


class ReconciliationStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of a node's reconciliation.

    - `is_reconciled`: startup reconciliation has succeeded; it stays true.
    - `last_check_time`: when the venue last answered a periodic check, by the node's clock, in UTC.
    - `pending_discrepancies`: orders and positions that the venue last told otherwise than the
      cache has them now.
    - `external_orders_count`: orders in the cache that no strategy of the node submitted.
    - `inflight_orders_count`: orders in the cache that await the venue's confirmation.
    - `error`: what went wrong, in the state ERROR.
    """

    state: ReconciliationState = ReconciliationState.INITIALIZING
    is_reconciled: bool = False
    last_check_time: datetime | None = None
    pending_discrepancies: int = 0
    external_orders_count: int = 0
    inflight_orders_count: int = 0
    error: str | None = None

    def to(self, state: ReconciliationState, error: str | None = None) -> "ReconciliationStatus":
        """Return the status in its next state. Raises IllegalTransition."""
        if state not in TRANSITIONS[self.state]:
            legal = ", ".join(sorted(TRANSITIONS[self.state]))
            raise IllegalTransition(f"{state} does not follow {self.state}: must be one of {legal}")
        return msgspec.structs.replace(
            self,
            state=state,
            is_reconciled=self.is_reconciled or state is ReconciliationState.RECONCILED,
            error=error,
        )
