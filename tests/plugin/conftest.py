"""Fixtures of the plugin's tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import harness.report.session
import harness.reports
import harness.scenario.api  # noqa: F401  # else each session in this process imports it anew
from harness.setup.toxiproxy import toxiproxy_server
from harness.world.services import Services
from tests.plugin.projects import Project


@pytest.fixture(scope="session")
def toxiproxy_directory() -> Path:
    """Where toxiproxy-server is: a test's own HOME has no cache to find it in."""
    return toxiproxy_server().parent


@pytest.fixture
def project(
    toxiproxy_directory: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Project:
    monkeypatch.setenv("PATH", str(toxiproxy_directory), prepend=os.pathsep)
    return Project(pytester)


@pytest.fixture(scope="session")
def shared_servers() -> Iterator[Services]:
    servers = Services.start()
    yield servers
    servers.stop()


@pytest.fixture
def servers(shared_servers: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Real servers for sessions run in this process, which would start and stop their own."""
    monkeypatch.setattr(Services, "start", staticmethod(lambda release=None: shared_servers))
    monkeypatch.setattr(shared_servers, "stop", lambda: None)
    return shared_servers
