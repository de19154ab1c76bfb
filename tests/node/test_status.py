"""The states of reconciliation: which follow which."""

from itertools import product

import msgspec
import pytest

from harness.node.status import IllegalTransition, ReconciliationState, ReconciliationStatus

INITIALIZING, RECONCILING, RECONCILED, MONITORING, ERROR = ReconciliationState

LEGAL = {
    (INITIALIZING, RECONCILING),
    (INITIALIZING, MONITORING),
    (RECONCILING, RECONCILED),
    (RECONCILING, ERROR),
    (RECONCILED, MONITORING),
    (RECONCILED, RECONCILING),
    (MONITORING, RECONCILING),
    (MONITORING, ERROR),
    (ERROR, MONITORING),
    (ERROR, RECONCILING),
}


def test_a_node_begins_by_initializing() -> None:
    status = ReconciliationStatus()
    assert status.state is INITIALIZING
    assert not status.is_reconciled
    assert status.last_check_time is None
    assert status.error is None


@pytest.mark.parametrize(("state", "then"), list(product(ReconciliationState, repeat=2)))
def test_what_follows_what(state: ReconciliationState, then: ReconciliationState) -> None:
    status = ReconciliationStatus(state=state, pending_discrepancies=3)
    if (state, then) in LEGAL:
        assert status.to(then) == msgspec.structs.replace(
            status, state=then, is_reconciled=then is RECONCILED
        )
    else:
        with pytest.raises(IllegalTransition) as refused:
            status.to(then)
        may_be = ", ".join(sorted(after for before, after in LEGAL if before is state))
        assert str(refused.value) == f"{then} does not follow {state}: must be one of {may_be}"


def test_what_is_reconciled_stays_so() -> None:
    reconciled = ReconciliationStatus(state=RECONCILING).to(RECONCILED)
    failed = reconciled.to(MONITORING).to(ERROR, "no answer")
    assert failed.is_reconciled
    assert failed.to(RECONCILING).is_reconciled


def test_an_error_is_told_until_it_is_over() -> None:
    failed = ReconciliationStatus(state=MONITORING).to(ERROR, "no answer")
    assert failed.error == "no answer"
    assert failed.to(MONITORING).error is None
