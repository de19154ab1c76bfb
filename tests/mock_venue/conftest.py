"""Fixtures of the venue's tests."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from mock_venue import VenueConfig
from tests.mock_venue.helpers import Core, World


@pytest.fixture
def core() -> Core:
    return Core()


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    """A running venue with the default configuration."""
    async with World(VenueConfig()) as running:
        yield running
