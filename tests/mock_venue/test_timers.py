"""Whatever the venue does later, it does by the timers it was given: hours here pass in moments."""

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest
import pytest_asyncio

from mock_venue import VenueConfig
from mock_venue.script.rules import Delay, ReplyRule
from mock_venue.timers import Timer, sleep
from tests.mock_venue.helpers import START_MS, SYMBOL, World

HOUR_SECS = 3_600.0
HOUR_MS = 3_600_000
FASTER = 20_000.0


def call_later(seconds: float, function: Callable[[], object]) -> Timer:
    return asyncio.get_running_loop().call_later(seconds / FASTER, function)


@pytest_asyncio.fixture
async def fast() -> AsyncIterator[World]:
    config = msgspec.structs.replace(VenueConfig(), price_interval_ms=HOUR_MS)
    async with World(config, call_later) as running:
        yield running


@pytest.mark.asyncio
@pytest.mark.parametrize("before", [True, False])
async def test_replies_are_delayed_by_the_venue_s_time(fast: World, before: bool) -> None:
    fast.venue.misbehave(ReplyRule("POST", "/fapi/v1/order", Delay(HOUR_MS, before=before)))
    status, _ = await fast.limit()
    assert status == 200


@pytest.mark.asyncio
async def test_the_price_path_goes_on_by_the_venue_s_time(fast: World) -> None:
    await fast.log.wait("price", symbol=SYMBOL)
    fast.log.events.clear()
    await fast.log.wait("price", symbol=SYMBOL)


@pytest.mark.asyncio
async def test_listen_keys_expire_by_the_venue_s_time(fast: World) -> None:
    await fast.user_stream()
    fast.clock.ms += 2 * HOUR_MS
    await fast.log.wait("listen_key", action="expired")


@pytest.mark.asyncio
async def test_what_is_due_happens_by_the_venue_s_time(fast: World) -> None:
    good_till_ms = START_MS + 2 * HOUR_MS
    status, _ = await fast.limit(timeInForce="GTD", goodTillDate=good_till_ms)
    assert status == 200
    fast.clock.ms = good_till_ms + 1_000
    await fast.log.wait("order", status="CANCELED")


@pytest.mark.asyncio
async def test_a_sleep_that_is_cancelled_leaves_no_timer() -> None:
    pending: list[Callable[[], object]] = []

    class Pending:
        def __init__(self, function: Callable[[], object]) -> None:
            self.function = function
            pending.append(function)

        def cancel(self) -> None:
            if self.function in pending:
                pending.remove(self.function)

    sleeping = asyncio.ensure_future(sleep(lambda _, function: Pending(function), HOUR_SECS))
    await asyncio.sleep(0)
    assert pending
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    assert not pending
