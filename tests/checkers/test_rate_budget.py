"""Request weight and orders in the windows in which Binance counts them."""

from typing import Any

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import Story, ask, kinds

MINUTE_SECS = 60


class Wire(Story):
    """A story whose clock stands at the start of a minute."""

    def __init__(self, **scenario: Any) -> None:
        super().__init__()
        self.start_ns = self.now_ns - self.now_ns % (MINUTE_SECS * 10**9)
        self.begin()
        self.events[0].data.update(scenario)

    def request(self, at_secs: float, weight: int = 0, orders: tuple[int, int] = (0, 0)) -> "Wire":
        self.event(
            "wire",
            "http",
            method="GET",
            path="/fapi/v1/openOrders",
            params={},
            weight=weight,
            orders=list(orders),
            received_ns=self.start_ns + int(at_secs * 1e9),
            client_order_id=None,
        )
        return self


def test_a_full_window_passes() -> None:
    answer = ask("rate_budget", Wire().request(1, 1_200).request(59, 1_200).request(61, 1))
    assert answer.outcome is Outcome.PASS
    assert answer.measures["request_weight_max"] == 2_400


def test_too_much_weight_in_a_minute_fails() -> None:
    answer = ask("rate_budget", Wire().request(1, 1_200).request(59, 1_201).request(61, 2_400))
    assert kinds(answer) == ["request_weight_exceeded"]
    assert answer.evidence[0].message == ("2401 of request weight in 60 s: the limit is 2400")
    assert answer.evidence[0].seqs == (1, 2)


def test_a_connection_to_the_websocket_api_weighs_five() -> None:
    story = Wire().event("wire", "connection", stream="ws_api", action="opened")
    answer = ask("rate_budget", story)
    assert answer.measures["request_weight_max"] == 5


@pytest.mark.parametrize(
    ("orders", "found"),
    [((300, 60), []), ((301, 60), ["orders_10s_exceeded"]), ((60, 1_201), ["orders_1m_exceeded"])],
)
def test_orders_are_counted_in_ten_seconds_and_a_minute(
    orders: tuple[int, int], found: list[str]
) -> None:
    assert kinds(ask("rate_budget", Wire().request(1, orders=orders))) == found


def test_orders_of_two_windows_do_not_add_up() -> None:
    story = Wire().request(9, orders=(300, 1)).request(10, orders=(300, 1))
    answer = ask("rate_budget", story)
    assert answer.outcome is Outcome.PASS
    assert answer.measures["orders_10s_max"] == 600


def test_a_faster_pace_has_a_shorter_window() -> None:
    story = Wire(pace=10.0).request(1, 2_000).request(7, 2_000)
    assert ask("rate_budget", story).outcome is Outcome.PASS
    assert kinds(ask("rate_budget", story.request(8, 401))) == ["request_weight_exceeded"]


def test_requests_without_their_weight_are_unknown() -> None:
    story = Story().begin().start().post_order("O-1")
    del story.events[-1].data["weight"]
    assert ask("rate_budget", story).outcome is Outcome.UNKNOWN
