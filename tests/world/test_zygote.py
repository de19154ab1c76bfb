import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.node.driver import nautilus_version
from harness.world.process import ServerFailed
from harness.world.zygote import Zygote, node_side


def test_another_interpreter_imports_the_nodes_side_and_nothing_else(tmp_path: Path) -> None:
    program = (
        "import harness.node.session\n"
        "try:\n    import harness.history\n"
        "except ModuleNotFoundError as error:\n    print(error.name)"
    )
    told = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env=os.environ | {"PYTHONPATH": str(node_side(tmp_path))},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (told.stdout, told.stderr) == ("harness.history\n", "")


def test_a_zygote_runs_with_the_interpreter_it_is_given(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ntouch {tmp_path}/asked\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    zygote = Zygote.start(tmp_path / "zygote", None, python)
    try:
        assert zygote.release == nautilus_version()
    finally:
        zygote.stop()
    assert (tmp_path / "asked").exists()


def test_an_interpreter_without_nautilus_trader_is_told_of(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    with pytest.raises(ServerFailed, match="could not be imported: ModuleNotFoundError"):
        Zygote.start(tmp_path / "zygote", None, python)
