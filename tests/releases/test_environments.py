"""Environments of releases, with a stand-in for uv, and a real one of an older release."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import uv

from harness.node.driver import nautilus_version
from harness.releases import (
    ReleaseMissing,
    environment_of,
    environments,
    install_release,
    installed_release,
)
from harness.world.zygote import Zygote

OLDER = "1.222.0"
MAKES = """case "$3" in
venv) for last; do :; done; mkdir -p "$last/bin"; ln -s /bin/sh "$last/bin/python";;
pip) {installs};;
esac"""


class Machine:
    """A machine with a cache and a uv of its own."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._uv = root / "uv"
        self.record = root / "record"
        self.said: list[str] = []
        monkeypatch.setattr(environments, "user_cache_path", lambda name: root / "cache" / name)
        monkeypatch.setattr(uv, "find_uv_bin", lambda: str(self._uv))
        self.make_uv("exit 0")

    def make_uv(self, installs: str) -> None:
        """Have uv make an environment whose packages are installed by a command."""
        lines = ["#!/bin/sh", f'echo "$*" >> {self.record}', MAKES.format(installs=installs), ""]
        self._uv.write_text("\n".join(lines))
        self._uv.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        return self.record.read_text().splitlines() if self.record.exists() else []

    def install(self, release: str = OLDER) -> None:
        install_release(release, self.said.append)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_the_release_beside_the_harness_needs_no_environment(machine: Machine) -> None:
    machine.install(installed_release())
    assert environment_of(installed_release()) is None
    assert (machine.asked, machine.said) == ([], [])


def test_an_environment_is_made_on_its_first_use_and_then_kept(machine: Machine) -> None:
    with pytest.raises(ReleaseMissing, match=r"nautilus 1\.222\.0 is not installed in "):
        environment_of(OLDER)
    machine.install()
    python = environment_of(OLDER)
    assert python is not None and python.exists()
    assert [line.split()[2] for line in machine.asked] == ["venv", "pip"]
    assert " nautilus_trader==1.222.0 msgspec==" in machine.asked[1]
    assert machine.said[0] == f"installing nautilus 1.222.0 into {python.parents[1]}"
    assert machine.said[1].startswith("installed nautilus 1.222.0 in ")
    machine.install()
    assert (len(machine.asked), len(machine.said)) == (2, 2)


def test_an_environment_that_was_not_finished_is_made_again(machine: Machine) -> None:
    machine.install()
    directory = environments.directory_of(OLDER)
    (directory / "complete").unlink()
    (directory / "left_over").touch()
    machine.install()
    assert environment_of(OLDER) == directory / "bin" / "python"
    assert not (directory / "left_over").exists()


def test_an_environment_whose_interpreter_has_gone_is_made_again(machine: Machine) -> None:
    machine.install()
    python = environments.directory_of(OLDER) / "bin" / "python"
    python.unlink()
    python.symlink_to("/no/such/python")
    machine.install()
    assert environment_of(OLDER) == python
    assert python.exists()


def test_a_release_that_cannot_be_installed_is_told_of_in_one_line(machine: Machine) -> None:
    machine.make_uv('echo "error: no"; echo "  wheel"; exit 1')
    with pytest.raises(ReleaseMissing) as failed:
        machine.install()
    assert str(failed.value) == "nautilus 1.222.0 cannot be installed: error: no wheel"
    with pytest.raises(ReleaseMissing):
        environment_of(OLDER)
    machine.make_uv("exit 0")
    machine.install()
    assert environment_of(OLDER) is not None


def test_a_cache_that_cannot_be_written_to_is_told_of(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    with pytest.raises(ReleaseMissing, match=r"nautilus 1\.222\.0 cannot be put in "):
        machine.install()


def test_of_those_that_ask_at_once_one_installs_and_the_others_wait(machine: Machine) -> None:
    machine.make_uv(f"test ! -e {machine.record}.begun && touch {machine.record}.begun")
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(machine.install) for _ in range(4)]:
            done.result()
    assert [line.split()[2] for line in machine.asked] == ["venv", "pip"]


def test_what_the_node_s_side_needs_names_the_environment(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = environments.directory_of(OLDER)
    monkeypatch.setattr(environments, "requirements", lambda release: ("something else",))
    assert environments.directory_of(OLDER) != before


@pytest.fixture(scope="module")
def older_zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """A zygote of an older release, from the user's cache."""
    install_release(OLDER, print)
    zygote = Zygote.start(tmp_path_factory.mktemp("older"), None, environment_of(OLDER))
    yield zygote
    zygote.stop()


def test_a_node_of_an_older_release_is_of_that_release(older_zygote: Zygote) -> None:
    assert older_zygote.release == OLDER != nautilus_version()
    assert "check:positions" in older_zygote.capabilities
    assert "exec_client:listen_key_ping_max_failures" in older_zygote.capabilities
    assert "exec_engine:position_check_retries" not in older_zygote.capabilities
