"""The guard holds: nothing that a client is tempted with leaves this machine."""

import re
import socket

import aiohttp
import pytest
import requests

from tests.conformance.guard import LeavesThisMachine
from tests.conformance.live import LiveVenue

ELSEWHERE = "192.0.2.1"
"""An address for documentation: nobody has it."""


def test_connections_and_look_ups_are_stopped() -> None:
    with pytest.raises(LeavesThisMachine, match=f"a connection to {re.escape(ELSEWHERE)}"):
        socket.create_connection((ELSEWHERE, 443), timeout=1)
    with pytest.raises(LeavesThisMachine, match=r"a look-up of fapi\.binance\.com"):
        socket.getaddrinfo("fapi.binance.com", 443)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        pytest.raises(LeavesThisMachine),
    ):
        datagrams.sendto(b"", (ELSEWHERE, 53))
    with pytest.raises(LeavesThisMachine):
        requests.get("https://fapi.binance.com/fapi/v1/ping", timeout=1)


@pytest.mark.asyncio
async def test_so_they_are_in_an_event_loop() -> None:
    async with aiohttp.ClientSession() as session:
        for url in ("https://fapi.binance.com/fapi/v1/ping", f"http://{ELSEWHERE}/"):
            with pytest.raises(LeavesThisMachine):
                await session.get(url)
        with pytest.raises(LeavesThisMachine):
            await session.ws_connect("wss://fstream.binance.com/ws")


@pytest.mark.asyncio
async def test_the_venue_is_reached(live: LiveVenue) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{live.http}/fapi/v1/time") as reply:
            assert reply.status == 200
        async with session.get(f"http://localhost:{live.venue.port}/fapi/v1/time") as reply:
            assert reply.status == 200
