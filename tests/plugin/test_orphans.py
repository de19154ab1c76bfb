"""However a session ends, it leaves no node and no server behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from harness.node.lifeline import EXIT_ORPHANED
from tests.plugin.projects import LASTS, TWO_WORKERS, Project

START_DEADLINE_SECS = 60.0
GONE_DEADLINE_SECS = 30.0
END_DEADLINE_SECS = 60.0
POLL_SECS = 0.02

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's part is Linux's")

Session = subprocess.Popen[bytes]


@pytest.fixture
def start(project: Project) -> Iterator[Callable[[int], Session]]:
    """Start a session that lasts, in a process group of its own; the servers' files go to `tmp`."""
    sessions: list[Session] = []
    (project.root / "tmp").mkdir()

    def start(workers: int) -> Session:
        project.write(LASTS)
        with (project.root / "output").open("wb") as output:
            session = subprocess.Popen(
                [sys.executable, "-m", "pytest", "scenarios", *(TWO_WORKERS if workers else ())],
                cwd=project.root,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | {"TMPDIR": str(project.root / "tmp")},
                start_new_session=True,
            )
        sessions.append(session)
        return session

    yield start
    for session in sessions:
        session.kill()
        session.wait()


def await_nodes(session: Session, count: int) -> list[psutil.Process]:
    """Return all descendants of the session, once so many nodes run."""
    deadline = time.monotonic() + START_DEADLINE_SECS
    while time.monotonic() < deadline:
        assert session.poll() is None, "the session has ended"
        family: list[psutil.Process] = psutil.Process(session.pid).children(recursive=True)
        if sum(_is_node(process) for process in family) == count:
            return family
        time.sleep(POLL_SECS)
    raise AssertionError(f"{count} nodes did not start within {START_DEADLINE_SECS} s")


def _is_node(process: psutil.Process) -> bool:
    """A node is a zygote's child."""
    try:
        parent = process.parent()
        return parent is not None and _kind(parent) == "zygote"
    except psutil.Error:
        return False


def _kind(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    for kind in ("toxiproxy-server", "valkey-server"):
        if kind in words:
            return kind
    return "zygote" if "harness.node.zygote" in words else "worker"


def kinds(family: list[psutil.Process]) -> list[str]:
    return sorted("node" if _is_node(process) else _kind(process) for process in family)


def assert_gone(family: list[psutil.Process]) -> None:
    """All of them are gone in time; one that only waits to be reaped is gone."""
    deadline = time.monotonic() + GONE_DEADLINE_SECS
    while left := [process for process in family if _lives(process)]:
        assert time.monotonic() < deadline, f"{kinds(left)} are left behind"
        time.sleep(POLL_SECS)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


SERVERS = ["node", "toxiproxy-server", "valkey-server", "zygote"]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_session_that_is_killed_leaves_nothing_behind(
    start: Callable[[int], Session], workers: int
) -> None:
    session = start(workers)
    family = await_nodes(session, workers or 1)
    assert kinds(family) == sorted(SERVERS * (workers or 1) + ["worker"] * workers)
    session.send_signal(signal.SIGKILL)
    assert_gone(family)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_session_that_is_interrupted_leaves_nothing_behind(
    project: Project, start: Callable[[int], Session], workers: int
) -> None:
    session = start(workers)
    family = await_nodes(session, workers or 1)
    os.killpg(session.pid, signal.SIGINT)
    session.wait(END_DEADLINE_SECS)
    assert_gone(family)
    assert session.returncode == pytest.ExitCode.INTERRUPTED
    assert not list((project.root / "tmp").glob("nautilus-chaos-*"))
    assert "Traceback" not in (project.root / "output").read_text()


def test_a_worker_that_crashes_leaves_nothing_behind(start: Callable[[int], Session]) -> None:
    session = start(2)
    crashing = next(one for one in await_nodes(session, 2) if one.ppid() == session.pid)
    family = crashing.children(recursive=True)
    assert kinds(family) == SERVERS
    crashing.send_signal(signal.SIGSEGV)
    assert_gone([crashing, *family])
    assert session.poll() is None


def test_a_process_whose_parent_has_died_before_it_could_ask_ends_at_once() -> None:
    """The kernel tells of a parent's death only those who have asked before it."""
    program = "from harness.node.lifeline import die_with_parent; die_with_parent(1 << 22 | 1)"
    worker = subprocess.run(
        [sys.executable, "-c", program + "; print('alive')"], capture_output=True
    )
    assert (worker.returncode, worker.stdout) == (EXIT_ORPHANED, b"")
