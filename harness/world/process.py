"""Servers that the harness starts as its children, and that never outlive it."""

import functools
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from harness.node.lifeline import die_with_parent

_POLL_SECS = 0.01


class ServerFailed(RuntimeError):
    """A server could not be started, or did not answer in time."""


def minimal_environment() -> dict[str, str]:
    """Return the environment for a child: no proxy settings, no credentials, nothing inherited but
    what a program needs to run.
    """
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV", "PYENV_VERSION")
    return {name: os.environ[name] for name in kept if name in os.environ}


def spawn(
    command: list[str],
    *,
    log: Path,
    pass_fds: tuple[int, ...] = (),
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own that dies with this process; output goes to `log`."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=minimal_environment()
            | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            | (environment or {}),
            pass_fds=pass_fds,
            start_new_session=True,
            preexec_fn=functools.partial(die_with_parent, os.getpid()),
        )


def await_listening(process: subprocess.Popen[bytes], port: int, deadline_secs: float) -> None:
    """Return once the child itself listens on the port, not another program that has taken it.

    Raises ServerFailed if the child has ended or is too late.
    """
    end = time.monotonic() + deadline_secs
    while time.monotonic() < end:
        if process.poll() is not None:
            raise ServerFailed(f"{process.args!r} ended with code {process.returncode}")
        if _listens(process.pid, port):
            return
        time.sleep(_POLL_SECS)
    raise ServerFailed(f"{process.args!r} did not listen on port {port} within {deadline_secs} s")


def _listens(pid: int, port: int) -> bool:
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(
        connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        for connection in connections
    )


def how_it_ended(process: subprocess.Popen[bytes], name: str) -> str | None:
    """Return in words how a child ended by itself; None while it runs."""
    code = process.poll()
    if code is None:
        return None
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"{name} ended by itself with {how}"


def end(process: subprocess.Popen[bytes], grace_secs: float = 2.0) -> None:
    """End a child: SIGTERM, then SIGKILL after `grace_secs`; always reaped on return."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace_secs)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
