"""The shim is compiled once; where it cannot be, a line says why."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from harness.clock import NoShim, build

ZIG = importlib.util.find_spec("ziglang")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "cache"
    monkeypatch.setattr(build, "user_cache_path", lambda _: directory)
    return directory


def compiler(directory: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `cc` a shell script, and the only program on PATH but for the system's."""
    program = directory / "bin" / "cc"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}/bin")


linux = pytest.mark.skipif(sys.platform != "linux", reason="the shim is for Linux")


@linux
def test_it_is_compiled_once_and_again_when_its_source_changes(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler(
        tmp_path,
        'while [ "$1" != -o ]; do shift; done; echo x >> "$2"; echo x >> "$0.log"',
        monkeypatch,
    )
    first = build.shim()
    assert first.is_file()
    assert build.shim() == first
    assert [path.name for path in cache.iterdir()] == [first.name]
    sources = tmp_path / "shim"
    sources.mkdir()
    (sources / "other.c").write_text("int other;")
    monkeypatch.setattr(build, "SOURCES", sources)
    assert build.shim() != first
    assert (tmp_path / "bin" / "cc.log").read_text() == "x\nx\n"


@linux
@pytest.mark.skipif(ZIG is not None, reason="the wheel ziglang is installed")
def test_no_compiler_is_said(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoShim, match="no C compiler for the clock: install `cc` or the wheel"):
        build.shim()
    assert not list(cache.iterdir())


@linux
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'shim.h:1: fatal error: no time.h' >&2; exit 1", "fatal error: no time.h"),
        ("exit 3", "code 3"),
    ],
)
def test_a_compiler_that_fails_is_quoted(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    compiler(tmp_path, script, monkeypatch)
    with pytest.raises(NoShim, match=f"compiling the clock failed: .*{reason}$"):
        build.shim()
    assert not list(cache.iterdir())


@linux
def test_a_cache_that_cannot_be_preloaded_from_is_said(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "user_cache_path", lambda _: cache / "with space")
    with pytest.raises(NoShim, match="a space or colon"):
        build.shim()


@linux
def test_a_cache_that_cannot_be_written_is_said(cache: Path) -> None:
    cache.write_text("a file")
    with pytest.raises(NoShim, match="could not be put in"):
        build.shim()


def test_another_system_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(NoShim, match="on Linux only, this is darwin"):
        build.shim()
