"""One zygote for each release that is played on, and not too many."""

from pathlib import Path
from typing import Any, cast

import pytest

from harness.world import services
from harness.world.services import ZYGOTES_MAX, Services
from harness.world.zygote import Zygote


class Fake:
    """A zygote that runs nothing."""

    def __init__(self, python: Path | None) -> None:
        self.python = python
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Fake]:
    """What has been started in a zygote's place."""
    fakes: list[Fake] = []

    def start(directory: Path, shim: Path | None, python: Path | None = None) -> Zygote:
        fakes.append(Fake(python))
        return cast(Zygote, fakes[-1])

    monkeypatch.setattr(Zygote, "start", staticmethod(start))
    monkeypatch.setattr(services, "environment_of", lambda release: Path(release))
    return fakes


@pytest.fixture
def worker(tmp_path: Path, started: list[Fake]) -> Services:
    nothing = cast(Any, None)
    return Services(tmp_path, nothing, nothing, None, {})


def test_a_release_has_a_zygote_of_its_own_that_is_started_once(
    worker: Services, started: list[Fake]
) -> None:
    for release in (None, "1.222.0", None, "1.222.0"):
        worker.play_on(release)
    assert [fake.python for fake in started] == [None, Path("1.222.0")]
    assert worker.zygote is cast(Any, started[1])


def test_the_zygote_used_longest_ago_ends_where_there_are_too_many(
    worker: Services, started: list[Fake]
) -> None:
    releases = [f"1.{minor}.0" for minor in range(222, 222 + ZYGOTES_MAX)]
    for release in [*releases, releases[0], "1.231.0"]:
        worker.play_on(release)
    assert [fake.python for fake in started if fake.stopped] == [Path(releases[1])]
    worker.play_on(releases[1])
    assert len(started) == ZYGOTES_MAX + 2
