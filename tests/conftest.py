from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.setup.toxiproxy import toxiproxy_server
from harness.world.services import Services
from harness.world.toxiproxy import ToxiproxyServer

pytest_plugins = ["pytester"]


@pytest.fixture(scope="session")
def toxiproxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToxiproxyServer]:
    """A real toxiproxy-server."""
    server = ToxiproxyServer.start(toxiproxy_server(), tmp_path_factory.mktemp("toxiproxy"))
    yield server
    server.stop()


@pytest.fixture
def services() -> Iterator[Services]:
    """Real servers and a real zygote, of a test's own."""
    started = Services.start()
    yield started
    started.stop()


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Where a test's run directories go."""
    return tmp_path / "reports"
