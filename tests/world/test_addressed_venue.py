from typing import Any

import pytest

from harness.node.addressing import Addressing
from harness.world.addressed_venue import AddressedVenue
from mock_venue import Venue, VenueConfig
from mock_venue.script.rules import Hang, PushRule, ReplyRule

ADDRESSING = Addressing(
    client_order_id_prefix="x-B-R", paths={"/fapi/v3/account": "/fapi/v2/account"}
)


class Recorded(list[tuple[str, dict[str, Any]]]):
    def __call__(self, source: str, kind: str, data: dict[str, Any]) -> None:
        self.append((kind, data))

    def names(self, kind: str) -> set[str]:
        return {data["client_order_id"] for one, data in self if one == kind}


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


@pytest.fixture
def venue(recorded: Recorded) -> AddressedVenue:
    return AddressedVenue(
        ADDRESSING, VenueConfig(), lambda: 1_700_000_000_000_000_000, recorded, lambda *_: None
    )


def place(venue: Venue, client_order_id: str) -> None:
    venue.external_order("BTCUSDT", "BUY", "0.010", price="50000", client_order_id=client_order_id)


def test_an_order_is_addressed_by_the_nodes_name_for_it(
    venue: AddressedVenue, recorded: Recorded
) -> None:
    place(venue, "x-B-RO-1")
    assert venue.fill("O-1", "0.004").client_order_id == "x-B-RO-1"
    assert venue.cancel("O-1").status == "CANCELED"
    assert recorded.names("order") == recorded.names("trade") == {"O-1"}


def test_an_order_of_the_web_keeps_its_name(venue: AddressedVenue, recorded: Recorded) -> None:
    place(venue, "web_1")
    venue.expire("web_1")
    assert recorded.names("order") == {"web_1"}


def test_a_rule_strikes_where_the_release_asks(venue: AddressedVenue) -> None:
    reply = venue.misbehave(ReplyRule("GET", "/fapi/v3/account", Hang(), order="O-1")).rule
    assert isinstance(reply, ReplyRule)
    assert (reply.path, reply.order) == ("/fapi/v2/account", "x-B-RO-1")
    other = venue.misbehave(ReplyRule("GET", "/fapi/v1/openOrders", Hang())).rule
    assert isinstance(other, ReplyRule)
    assert (other.path, other.order) == ("/fapi/v1/openOrders", None)
    push = venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop", order="O-2")).rule
    assert isinstance(push, PushRule)
    assert push.order == "x-B-RO-2"
