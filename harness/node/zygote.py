"""A process that has imported NautilusTrader once and forks a node at a time.

`python -m harness.node.zygote FD` speaks lines of JSON on the socket FD:
in, one `NodeSpec` a line, with two descriptors attached (the node's channel, the node's log);
out, `{"ready": version, "capabilities": [...]}`, `{"forked": pid}`,
`{"exited": pid, "code": n, "signal": n}`, of which one is null.
It ends, with every node it forked, when the harness closes the socket.
"""

import gc
import os
import select
import signal
import socket
import sys
import traceback
from typing import Any, NoReturn

import msgspec

from harness.node.driver import capabilities, nautilus_version
from harness.node.lifeline import die_with_parent
from harness.node.session import run_session
from harness.node.spec import NodeSpec

SPEC_BYTES_MAX = 1 << 20


class Zygote:
    """Forks nodes on request and reports their ends."""

    def __init__(self, sock: socket.socket, capable_of: frozenset[str]) -> None:
        self._sock = sock
        self._capable_of = capable_of
        self._nodes: set[int] = set()
        self._decoder = msgspec.json.Decoder(NodeSpec)

    def serve(self) -> None:
        """Serve until the harness is gone, then kill what still runs."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._send({"ready": nautilus_version(), "capabilities": sorted(self._capable_of)})
        try:
            while True:
                readable, _, _ = select.select([self._sock.fileno(), wake_read], [], [])
                if wake_read in readable:
                    os.read(wake_read, 4096)
                    self._reap()
                if self._sock.fileno() in readable and not self._fork_next():
                    return
        finally:
            for pid in self._nodes:
                os.kill(pid, signal.SIGKILL)

    def _send(self, message: dict[str, Any]) -> None:
        self._sock.sendall(msgspec.json.encode(message) + b"\n")

    def _reap(self) -> None:
        for pid in list(self._nodes):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self._nodes.remove(pid)
                code = os.waitstatus_to_exitcode(status)
                self._send(
                    {
                        "exited": pid,
                        "code": code if code >= 0 else None,
                        "signal": -code if code < 0 else None,
                    }
                )

    def _fork_next(self) -> bool:
        line = b""
        fds: list[int] = []
        while not line.endswith(b"\n"):
            chunk, received, _, _ = socket.recv_fds(self._sock, 65_536, 2)
            if not chunk or len(line) > SPEC_BYTES_MAX:
                return False
            line, fds = line + chunk, fds + list(received)
        channel_fd, log_fd = fds
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_node(zygote, line, channel_fd, log_fd)
        self._nodes.add(pid)
        os.close(channel_fd)
        os.close(log_fd)
        self._send({"forked": pid})
        return True

    def _become_node(self, zygote: int, line: bytes, channel_fd: int, log_fd: int) -> NoReturn:
        code = 1
        try:
            die_with_parent(zygote)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._sock.close()
            os.dup2(log_fd, 1)
            os.dup2(log_fd, 2)
            os.close(log_fd)
            code = run_session(self._decoder.decode(line), socket.socket(fileno=channel_fd))
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            # NautilusTrader's threads can hang the interpreter's own exit.
            os._exit(code)


def main() -> None:
    """Import NautilusTrader, then serve.

    What is imported is no garbage: a node need not look at it again and again.
    """
    capable_of = capabilities()
    gc.collect()
    gc.freeze()
    Zygote(socket.socket(fileno=int(sys.argv[1])), capable_of).serve()


if __name__ == "__main__":
    main()
