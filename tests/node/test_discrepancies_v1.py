"""What counts as told otherwise by the venue, and until when."""

from decimal import Decimal
from types import SimpleNamespace as Some
from typing import Any

import pytest
from nautilus_trader.core.datetime import unix_nanos_to_dt
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import (
    GenerateOrderStatusReports,
    GeneratePositionStatusReports,
)

from harness.node.discrepancies_v1 import VenueAnswers, is_external

BTC, ETH, UNKNOWN = "BTC", "ETH", "UNKNOWN"
ASKED_NS = 1_000


class Cache:
    """As NautilusTrader's, for what is asked of it."""

    def __init__(self) -> None:
        self.orders: dict[str, Any] = {}
        self.all_positions: list[Any] = []

    def instrument(self, instrument_id: str) -> str | None:
        return None if instrument_id == UNKNOWN else instrument_id

    def order(self, client_order_id: str) -> Any:
        return self.orders.get(client_order_id)

    def client_order_id(self, venue_order_id: str) -> str | None:
        return {"venue-1": "O-1"}.get(venue_order_id)

    def orders_open(self) -> list[Any]:
        return [order for order in self.orders.values() if order.is_open]

    def positions(self, instrument_id: str) -> list[Any]:
        return [one for one in self.all_positions if one.instrument_id == instrument_id]

    def positions_open(self) -> list[Any]:
        return self.all_positions


def order(
    state: str = "open", filled: str = "0", *, event_ns: int = 500, made_ns: int = 500
) -> Any:
    return Some(
        client_order_id="O-1",
        instrument_id=BTC,
        is_open=state == "open",
        is_closed=state == "closed",
        filled_qty=Decimal(filled),
        ts_init=made_ns,
        last_event=Some(ts_init=event_ns),
    )


def report(
    state: str = "open", filled: str = "0", instrument_id: str = BTC, identifier: str | None = "O-1"
) -> Any:
    return Some(
        instrument_id=instrument_id,
        client_order_id=identifier,
        venue_order_id="venue-1",
        is_open=state == "open",
        filled_qty=Decimal(filled),
    )


def position(quantity: str, *, event_ns: int = 500, instrument_id: str = BTC) -> Any:
    return Some(
        instrument_id=instrument_id,
        signed_decimal_qty=lambda: Decimal(quantity),
        last_event=Some(ts_init=event_ns),
    )


def position_report(quantity: str, instrument_id: str = BTC) -> Any:
    return Some(instrument_id=instrument_id, signed_decimal_qty=Decimal(quantity))


def orders_command(start_ns: int | None = None) -> Any:
    return GenerateOrderStatusReports(
        instrument_id=None,
        start=None if start_ns is None else unix_nanos_to_dt(start_ns),
        end=None,
        open_only=True,
        command_id=UUID4(),
        ts_init=0,
    )


POSITIONS = GeneratePositionStatusReports(
    instrument_id=None, start=None, end=None, command_id=UUID4(), ts_init=0
)


def about_order(held: Any, *told: Any, start_ns: int | None = None) -> VenueAnswers:
    cache = Cache()
    if held is not None:
        cache.orders["O-1"] = held
    answers = VenueAnswers(cache, ())
    answers.take(orders_command(start_ns), told, ASKED_NS)
    return answers


@pytest.mark.parametrize(
    ("held", "told", "differing"),
    [
        (order(), report(), 0),
        (order(filled="1"), report(filled="1"), 0),
        (order(), report(filled="1"), 1),
        (order(filled="2"), report(filled="1"), 0),
        (order("closed"), report("closed"), 0),
        (order(), report("closed"), 1),
        (order("closed"), report(), 1),
        (order("closed", event_ns=ASKED_NS), report(), 0),
        (order("in flight"), report(), 0),
        (None, report(), 1),
        (None, report("closed"), 0),
        (None, report(instrument_id=UNKNOWN), 0),
        (order(), report("closed", identifier=None), 1),
    ],
    ids=[
        "both open",
        "equally filled",
        "a fill is missing",
        "the cache has heard more",
        "both closed",
        "closed at the venue",
        "open at the venue",
        "closed since the question",
        "accepted, not yet heard of it",
        "unknown and open",
        "unknown and closed",
        "of an instrument that is not loaded",
        "known by the venue's id",
    ],
)
def test_an_order_that_is_told(held: Any, told: Any, differing: int) -> None:
    assert about_order(held, told).differing() == differing


@pytest.mark.parametrize(
    ("held", "start_ns", "differing"),
    [
        (order(), None, 1),
        (order(), 500, 1),
        (order(), 501, 0),
        (order(event_ns=ASKED_NS), None, 0),
        (order("closed"), None, 0),
    ],
    ids=["open", "just inside the lookback", "older than the lookback", "just opened", "closed"],
)
def test_an_order_that_the_venue_does_not_tell_of(
    held: Any, start_ns: int | None, differing: int
) -> None:
    assert about_order(held, start_ns=start_ns).differing() == differing


@pytest.mark.parametrize(
    ("held", "told", "differing"),
    [
        ([position("1")], [position_report("1")], 0),
        ([position("1")], [position_report("2")], 1),
        ([position("1")], [], 1),
        ([], [position_report("1")], 1),
        ([position("1"), position("-1")], [], 0),
        ([position("1"), position("-2")], [position_report("1"), position_report("-2")], 0),
        ([position("1", event_ns=ASKED_NS)], [position_report("2")], 0),
        ([position("1"), position("1", instrument_id=ETH)], [], 2),
        ([], [position_report("1", UNKNOWN)], 0),
    ],
    ids=[
        "equal",
        "another size",
        "flat at the venue",
        "flat in the cache",
        "two that cancel",
        "both sides in hedge mode",
        "changed since the question",
        "two instruments",
        "of an instrument that is not loaded",
    ],
)
def test_positions(held: list[Any], told: list[Any], differing: int) -> None:
    cache = Cache()
    cache.all_positions = held
    answers = VenueAnswers(cache, ())
    answers.take(POSITIONS, told, ASKED_NS)
    assert answers.differing() == differing


def test_what_the_cache_has_taken_over_is_pending_no_more() -> None:
    held = order()
    answers = about_order(held, report(filled="1"))
    assert answers.differing() == 1
    held.filled_qty = Decimal(1)
    assert answers.differing() == 0


def test_the_next_answer_replaces_the_last_of_its_kind_only() -> None:
    answers = about_order(order(), report(filled="1"))
    answers.take(POSITIONS, [position_report("1")], ASKED_NS)
    assert answers.differing() == 2
    answers.take(POSITIONS, [], ASKED_NS)
    assert answers.differing() == 1
    answers.take(orders_command(), [report()], ASKED_NS)
    assert answers.differing() == 0


def test_instruments_that_are_not_to_be_reconciled_are_left_out() -> None:
    cache = Cache()
    cache.all_positions = [position("1")]
    answers = VenueAnswers(cache, (ETH,))
    answers.take(POSITIONS, [position_report("5"), position_report("1", ETH)], ASKED_NS)
    assert answers.differing() == 1


@pytest.mark.parametrize(
    ("venue_order_id", "ts_submitted", "tags", "external"),
    [
        ("1", 0, None, True),
        ("1", 0, ["VENUE"], True),
        ("1", 0, ["RECONCILIATION"], False),
        ("1", 0, ["INTERNAL"], False),
        ("1", 5, None, False),
        (None, 0, None, False),
    ],
)
def test_what_is_external(
    venue_order_id: str | None, ts_submitted: int, tags: list[str] | None, external: bool
) -> None:
    one = Some(venue_order_id=venue_order_id, ts_submitted=ts_submitted, tags=tags)
    assert is_external(one) is external
