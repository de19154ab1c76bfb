"""The harness's end of a zygote: forks nodes of one NautilusTrader release."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

import harness
from harness.node.spec import NodeSpec
from harness.world.process import ServerFailed, end, how_it_ended, spawn

START_DEADLINE_SECS = 60.0
FORK_DEADLINE_SECS = 10.0
END_DEADLINE_SECS = 10.0


class Exit(msgspec.Struct, frozen=True):
    """How a node's process ended: by an exit code, or by a signal."""

    pid: int
    code: int | None
    signal: int | None


class Zygote:
    """A process that has imported NautilusTrader, alive as long as its worker.

    `attach` to it in the running event loop before the first fork, and `detach` before its end.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        sock: socket.socket,
        release: str,
        capabilities: frozenset[str],
    ) -> None:
        self._process = process
        self._sock = sock
        self._buffer = b""
        self._on_exit: list[Callable[[Exit], None]] = []
        self._forked: asyncio.Future[int] | None = None
        self._nodes: set[int] = set()
        self._attached = False
        self._gone = False
        self.release = release
        self.capabilities = capabilities

    @classmethod
    def start(cls, directory: Path, shim: Path | None, python: Path | None = None) -> "Zygote":
        """Start a zygote, whose nodes' clocks can be set if there is a shim.

        `python` is the interpreter of a release's environment, this one by default; `directory` is
        the zygote's alone. Raises ServerFailed with the reason in one line.
        """
        directory.mkdir(parents=True, exist_ok=True)
        environment = {} if shim is None else {"LD_PRELOAD": str(shim)}
        interpreter = [sys.executable]
        if python is not None:
            interpreter = [str(python), "-P"]
            environment["PYTHONPATH"] = str(node_side(directory))
        ours, its = socket.socketpair()
        log = directory / "zygote.log"
        process = spawn(
            [*interpreter, "-m", "harness.node.zygote", str(its.fileno())],
            log=log,
            pass_fds=(its.fileno(),),
            environment=environment,
        )
        its.close()
        ours.settimeout(START_DEADLINE_SECS)
        try:
            line = ours.makefile("rb", buffering=0).readline()
        except TimeoutError:
            line = b""
        if not line:
            end(process)
            ours.close()
            output = log.read_text(errors="replace").strip().splitlines() or ["no output"]
            raise ServerFailed(f"NautilusTrader could not be imported: {output[-1]}")
        ours.setblocking(False)
        ready = msgspec.json.decode(line)
        return cls(process, ours, ready["ready"], frozenset(ready["capabilities"]))

    @property
    def ended(self) -> str | None:
        """In words, how it ended by itself; None while it runs."""
        if self._gone:
            self._process.wait(END_DEADLINE_SECS)
        return how_it_ended(self._process, "the zygote")

    @property
    def pid(self) -> int:
        """The zygote's process id."""
        return self._process.pid

    def attach(self, on_exit: Callable[[Exit], None]) -> None:
        """Have `on_exit` called in the running loop whenever a node's process has ended."""
        self._on_exit.append(on_exit)
        asyncio.get_running_loop().add_reader(self._sock.fileno(), self._read)
        self._attached = True

    def detach(self, on_exit: Callable[[Exit], None]) -> None:
        """End the calls; with the last one the zygote is off the running loop."""
        self._on_exit.remove(on_exit)
        if self._attached and not self._on_exit:
            asyncio.get_running_loop().remove_reader(self._sock.fileno())
            self._attached = False

    async def fork(self, spec: NodeSpec, channel: socket.socket, log_fd: int) -> int:
        """Fork a node that gets the two descriptors; return its process id. Raises ServerFailed."""
        self._forked = asyncio.get_running_loop().create_future()
        line = msgspec.json.encode(spec) + b"\n"
        try:
            socket.send_fds(self._sock, [line], [channel.fileno(), log_fd])
            return await asyncio.wait_for(self._forked, FORK_DEADLINE_SECS)
        except (OSError, TimeoutError) as error:
            raise ServerFailed(f"the zygote did not fork a node: {error!r}") from None
        finally:
            self._forked = None

    def stop(self) -> None:
        """End the zygote and with it every node it forked."""
        self._sock.close()
        end(self._process)

    def _read(self) -> None:
        try:
            chunk = self._sock.recv(65_536)
        except BlockingIOError:
            return
        if not chunk:
            self._end_with_all_nodes()
            return
        *lines, self._buffer = (self._buffer + chunk).split(b"\n")
        for line in lines:
            self._handle(msgspec.json.decode(line))

    def _handle(self, message: dict[str, Any]) -> None:
        if "exited" in message:
            self._nodes.discard(message["exited"])
            self._tell(Exit(message["exited"], message["code"], message["signal"]))
        elif self._forked is not None and not self._forked.done():
            self._nodes.add(message["forked"])
            self._forked.set_result(message["forked"])

    def _end_with_all_nodes(self) -> None:
        """The zygote is gone, and the kernel has killed its nodes with it."""
        asyncio.get_running_loop().remove_reader(self._sock.fileno())
        self._attached = False
        self._gone = True
        if self._forked is not None and not self._forked.done():
            self._forked.set_exception(ServerFailed("the zygote has ended"))
        for pid in self._nodes:
            self._tell(Exit(pid, None, signal.SIGKILL))
        self._nodes.clear()

    def _tell(self, ended: Exit) -> None:
        for on_exit in list(self._on_exit):
            on_exit(ended)


def node_side(directory: Path) -> Path:
    """Make a place from which the node's side of the harness can be imported, and nothing else.

    Where the harness itself is imported from, this interpreter's NautilusTrader may be as well.
    """
    place = directory / "node_side"
    package = place / harness.__name__
    package.mkdir(parents=True)
    for name in ("__init__.py", "node"):
        (package / name).symlink_to(Path(harness.__file__).with_name(name))
    return place


def nodes_of(zygote_pid: int) -> list[int]:
    """Return the process ids of the nodes a zygote has running (Linux)."""
    children = Path(f"/proc/{zygote_pid}/task/{zygote_pid}/children")
    return [int(pid) for pid in children.read_text().split()] if os.path.exists(children) else []
