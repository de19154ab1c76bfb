"""Which cycles of the periodic checks count."""

from typing import Any

import pytest

from harness.history import Event
from harness.history.event import Source
from harness.scenario.convergence import _Cycles

POSITIONS = "/fapi/v3/positionRisk"


def event(ts: int, source: Source, kind: str, **data: Any) -> Event:
    return Event(0, ts, source, kind, data)


def check(ts: int, kind: str, error: str | None = None) -> Event:
    return event(ts, "node", f"check_{kind}", check="positions", error=error)


def http(received_ns: int, path: str = POSITIONS, status: int = 200) -> Event:
    return event(
        received_ns + 1,
        "wire",
        "http",
        path=path,
        status=status,
        outcome="replied",
        received_ns=received_ns,
    )


def lacking(*events: Event) -> bool:
    """Whether two cycles of these events are fewer than two."""
    cycles = _Cycles()
    for n in range(2):
        for one in events:
            data = dict(one.data)
            if "received_ns" in data:
                data["received_ns"] += 100 * n
            cycles.follow(Event(0, one.ts + 100 * n, one.source, one.kind, data))
    return cycles.lacking({"positions"}) == ["positions"]


@pytest.mark.parametrize(
    "events",
    [
        (check(10, "started"), http(20), check(30, "finished")),
        (http(20), check(10, "started"), check(30, "finished")),
        (check(10, "started"), http(20), http(40, "/x", 500), check(30, "finished")),
        (http(5, POSITIONS, 500), check(10, "started"), http(20), check(30, "finished")),
    ],
)
def test_a_cycle_counts_that_the_venue_answered_whenever_it_is_told(
    events: tuple[Event, ...],
) -> None:
    assert not lacking(*events)


@pytest.mark.parametrize(
    "events",
    [
        (check(10, "started"), check(30, "finished")),
        (check(10, "started"), http(20), check(30, "finished", "it failed")),
        (check(10, "started"), http(20, POSITIONS, 503), check(30, "finished")),
        (check(10, "started"), http(20), http(21, POSITIONS, 503), check(30, "finished")),
        (check(10, "started"), http(20, "/fapi/v1/openOrders"), check(30, "finished")),
        (http(5), check(10, "started"), http(40), check(30, "finished")),
        (http(20), check(30, "finished")),
    ],
)
def test_a_cycle_without_its_answer_does_not_count(events: tuple[Event, ...]) -> None:
    assert lacking(*events)
