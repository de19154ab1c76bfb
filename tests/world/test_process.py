import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.world.ports import free_port
from harness.world.process import ServerFailed, await_listening, end, minimal_environment, spawn

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('up', flush=True); time.sleep(60)",
]
PARENT = """
import os, sys
from pathlib import Path
from harness.world.process import spawn
child = spawn([sys.executable, "-c", "import time; time.sleep(60)"], log=Path(sys.argv[1]))
print(child.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_server_that_ends_at_once_is_reported_with_its_code(tmp_path: Path) -> None:
    process = spawn([sys.executable, "-c", "exit(3)"], log=tmp_path / "log")
    with pytest.raises(ServerFailed, match="ended with code 3"):
        await_listening(process, free_port(), 30)


def test_a_server_that_does_not_listen_is_reported(tmp_path: Path) -> None:
    process = spawn(SLEEP, log=tmp_path / "log")
    with pytest.raises(ServerFailed, match="did not listen"):
        await_listening(process, free_port(), 0.05)
    end(process)


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = spawn(STUBBORN, log=log)
    while "up" not in log.read_text():
        assert process.poll() is None
    end(process, grace_secs=0.05)
    assert process.returncode == -signal.SIGKILL


def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.run(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=os.environ | {"PYTHONPATH": os.getcwd()},
    )
    assert parent.returncode == -signal.SIGKILL
    await_gone(int(parent.stdout))


def await_gone(pid: int) -> None:
    """Return once the process is gone; pytest's own time limit is the deadline."""
    while Path(f"/proc/{pid}").exists():
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "Z":
            return


def test_a_child_gets_no_proxy_settings_and_no_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://10.0.0.1:3128")
    monkeypatch.setenv("BINANCE_API_KEY", "secret")
    environment = minimal_environment()
    assert "PATH" in environment
    assert not {"HTTP_PROXY", "BINANCE_API_KEY"} & environment.keys()


def test_free_ports_lie_below_the_ephemeral_range() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(free_port() < first for _ in range(50))
