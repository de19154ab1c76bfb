"""Data that are made late tell of the moment they were recorded at."""

from typing import Any

from mock_venue import Venue, VenueConfig
from mock_venue.recording import Data, Late, at_once, made
from tests.mock_venue.helpers import SYMBOL, Clock

Recorded = list[tuple[str, str, Data]]


def play(venue: Venue) -> None:
    """Whatever a record tells of changes again later."""
    order = venue.external_order(SYMBOL, "BUY", "0.100", "49000")
    venue.fill(order.order_id, "0.010")
    venue.external_order(SYMBOL, "SELL", "0.005")
    venue.set_price(SYMBOL, "48000", "48000.1")
    venue.fill(order.order_id, "0.020", "48500")
    venue.deposit("12.5")
    venue.funding(SYMBOL, "0.0001")
    venue.margin_call()
    venue.cancel(order.order_id)
    venue.set_price(SYMBOL, "51000", "51000.1")
    venue.liquidate(SYMBOL)


def test_late_data_are_those_of_the_moment() -> None:
    now: list[tuple[str, str, dict[str, Any]]] = []
    late: Recorded = []

    play(Venue(VenueConfig(), Clock().now_ns, at_once(lambda *event: now.append(event))))
    play(Venue(VenueConfig(), Clock().now_ns, lambda *event: late.append(event)))

    assert [(source, kind, made(data)) for source, kind, data in late] == now
    kinds = {kind for _, kind, data in late if isinstance(data, Late)}
    assert {"order", "trade", "position", "balance", "price", "push"} <= kinds
