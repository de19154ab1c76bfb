"""The node stays within Binance's limits in every window, also in the storm after an outage.

Binance counts request weight against the address and orders against the account, in fixed windows:
2400 of weight a minute, 300 orders in ten seconds, 1200 in a minute. What a request costs is
recorded with it, whether it was answered, refused or lost. A preset whose checks come at a pace
faster than NautilusTrader's own has windows of weight that are shorter by as much.

Counted at the requests' arrival, in the scenario's time. The worst sliding window is only measured:
Binance does not count so, but a budget that holds by the luck of a window's edge is no budget.
"""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from harness.checkers.case import Case
from harness.checkers.node_view import SECOND_NS
from harness.checkers.verdict import CheckerVerdict, Evidence, NothingToJudge, conclude
from harness.history.event import Event

REQUEST_WEIGHT_1M_MAX = 2_400
ORDERS_10S_MAX = 300
ORDERS_1M_MAX = 1_200
# Of a connection to the WebSocket API.
HANDSHAKE_WEIGHT = 5


class _Count(msgspec.Struct, frozen=True):
    """What one request counts, and when it arrived."""

    at_ns: int
    amount: int
    event: Event


class _Limit(msgspec.Struct, frozen=True):
    kind: str
    what: str
    window_secs: float
    most: int


def rate_budget(case: Case) -> CheckerVerdict:
    """FAIL for each fixed window that holds more than Binance allows; measures the fullest ones."""
    pace = float(case.scenario.get("pace", 1.0))
    minute_secs = 60.0 / pace
    weight = _Limit("request_weight_exceeded", "request weight", minute_secs, REQUEST_WEIGHT_1M_MAX)
    in_10s = _Limit("orders_10s_exceeded", "orders", 10.0, ORDERS_10S_MAX)
    in_1m = _Limit("orders_1m_exceeded", "orders", 60.0, ORDERS_1M_MAX)
    requests = case.of("wire", "http", "ws_api")
    if any("weight" not in event.data for event in islice(requests, 1)):
        raise NothingToJudge("the requests were recorded without what they count for")
    counted = (
        (weight, _weights(case, requests)),
        (in_10s, _orders(requests, 0)),
        (in_1m, _orders(requests, 1)),
    )
    return conclude(
        "rate_budget",
        (evidence for limit, counts in counted for evidence in _exceeded(limit, counts)),
        measures={
            "request_weight_max": _fullest_sliding(weight, counted[0][1]),
            "orders_10s_max": _fullest_sliding(in_10s, counted[1][1]),
            "orders_1m_max": _fullest_sliding(in_1m, counted[2][1]),
        },
    )


def _weights(case: Case, requests: Sequence[Event]) -> list[_Count]:
    handshakes = (
        _Count(event.ts, HANDSHAKE_WEIGHT, event)
        for event in case.of("wire", "connection")
        if event.data["stream"] == "ws_api" and event.data["action"] == "opened"
    )
    counts = (
        _Count(event.data["received_ns"], event.data["weight"], event)
        for event in requests
        if event.data["weight"]
    )
    return sorted((*handshakes, *counts), key=_at_ns)


def _orders(requests: Sequence[Event], which: int) -> list[_Count]:
    counts = (
        _Count(event.data["received_ns"], event.data["orders"][which], event)
        for event in requests
        if event.data["orders"][which]
    )
    return sorted(counts, key=_at_ns)


def _at_ns(count: _Count) -> int:
    return count.at_ns


def _exceeded(limit: _Limit, counts: Sequence[_Count]) -> Iterator[Evidence]:
    window_ns = int(limit.window_secs * SECOND_NS)
    used = Counter[int]()
    first: dict[int, Event] = {}
    over: dict[int, Event] = {}
    for count in counts:
        window = count.at_ns // window_ns
        used[window] += count.amount
        first.setdefault(window, count.event)
        if used[window] > limit.most:
            over.setdefault(window, count.event)
    for window, event in over.items():
        yield Evidence(
            kind=limit.kind,
            message=f"{used[window]} of {limit.what} in {limit.window_secs:g} s: the limit is "
            f"{limit.most}",
            seqs=(first[window].seq, event.seq),
        )


def _fullest_sliding(limit: _Limit, counts: Sequence[_Count]) -> float:
    window_ns = int(limit.window_secs * SECOND_NS)
    inside: deque[_Count] = deque()
    used = fullest = 0
    for count in counts:
        inside.append(count)
        used += count.amount
        while inside[0].at_ns <= count.at_ns - window_ns:
            used -= inside.popleft().amount
        fullest = max(fullest, used)
    return float(fullest)
