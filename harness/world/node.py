"""The node: the system under test, in a process of its own, one run after another."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import msgspec

from harness.clock import WallClock
from harness.history import Event, History, Source
from harness.node.session import EXIT_ENDED_BY_ITSELF
from harness.node.spec import Command, Message, NodeSpec, Snapshot, Stop
from harness.world.node_log import LogEntry, LogLines
from harness.world.zygote import Exit, Zygote

MESSAGE_BYTES_MAX = 1 << 28
# By the machine's clock: it is the process's own work that takes the time.
STOP_DEADLINE_SECS = 15.0
EXIT_DEADLINE_SECS = 5.0
SNAPSHOT_DEADLINE_SECS = 10.0


class NodeNotRunning(RuntimeError):
    """A command was given while no node runs."""


class _Run:
    """One incarnation of the node."""

    def __init__(self, number: int, pid: int, channel: socket.socket) -> None:
        self.number = number
        self.pid = pid
        self.channel = channel
        self.kill_asked = False
        self.stop_asked = False
        self.termination_asked = False
        self.exited: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.Event()
        self.task: asyncio.Task[None]


class Node:
    """Starts, kills and stops the node, passes commands to it and records what it says.

    At most one run is alive at a time. All state is in the history but for the process itself.
    `wall` is what its runs take for the time of day; None where that cannot be set.
    """

    def __init__(
        self,
        zygote: Zygote,
        history: History,
        specify: Callable[[int], NodeSpec],
        log: Path,
        source: Source = "node",
        wall: WallClock | None = None,
    ) -> None:
        self.wall = wall
        self._zygote = zygote
        self._source: Source = source
        self._history = history
        self._specify = specify
        self._log = log.open("ab", buffering=0)
        self._runs: list[_Run] = []
        self._decoder = msgspec.json.Decoder(Message)
        self._encoder = msgspec.json.Encoder()
        zygote.attach(self._on_exit)

    @property
    def run(self) -> int:
        """The number of the last run started; 0 before the first."""
        return len(self._runs)

    @property
    def alive(self) -> bool:
        """Whether a node's process runs."""
        return bool(self._runs) and not self._runs[-1].exited.done()

    async def fork(self) -> None:
        """Start the next run. Raises ServerFailed, or RuntimeError while another one is alive."""
        if self.alive:
            raise RuntimeError("a node is running already: kill or stop it first")
        if self._runs:
            await asyncio.wait_for(self._runs[-1].ended.wait(), 2 * EXIT_DEADLINE_SECS)
        ours, its = socket.socketpair()
        log_read, log_write = os.pipe()
        number = self.run + 1
        try:
            spec = msgspec.structs.replace(
                self._specify(number), clock=None if self.wall is None else self.wall.where
            )
            pid = await self._zygote.fork(spec, its, log_write)
        except BaseException:
            ours.close()
            os.close(log_read)
            raise
        finally:
            its.close()
            os.close(log_write)
        run = _Run(number, pid, ours)
        self._runs.append(run)
        self._history.record(self._source, "forked", {"run": number, "pid": pid})
        run.task = asyncio.create_task(self._attend(run, log_read))

    def send(self, command: Command) -> None:
        """Send a command. Raises NodeNotRunning."""
        run = self._alive_run()
        try:
            run.channel.send(self._encoder.encode(command) + b"\n")
        except OSError as error:
            raise NodeNotRunning(f"the node does not take commands: {error}") from None

    async def snapshot(self, reason: str) -> Event:
        """Return a snapshot taken now. Raises NodeNotRunning or TimeoutError."""
        number = self._alive_run().number
        since = len(self._history)
        self.send(Snapshot(reason))
        async with asyncio.timeout(SNAPSHOT_DEADLINE_SECS):
            event = await self._history.wait_for(
                lambda event: (
                    event.source == self._source
                    and event.data.get("run") == number
                    and (
                        event.kind == "exited"
                        or (event.kind == "snapshot" and event.data["reason"] == reason)
                    )
                ),
                None,
                since=since,
            )
        if event.kind == "exited":
            raise NodeNotRunning("the node ended before it sent a snapshot")
        return event

    async def kill(self) -> None:
        """Kill the node with SIGKILL and return once it is gone."""
        run = self._alive_run()
        run.kill_asked = True
        self._history.record(self._source, "killed", {"run": run.number})
        os.kill(run.pid, signal.SIGKILL)
        await asyncio.wait_for(run.ended.wait(), EXIT_DEADLINE_SECS)

    async def terminate(self) -> None:
        """Send SIGTERM and return once the node is gone. Raises TimeoutError."""
        run = self._alive_run()
        run.termination_asked = True
        self._history.record(self._source, "terminated", {"run": run.number})
        os.kill(run.pid, signal.SIGTERM)
        await self._await_end(run, "SIGTERM")

    def pause(self) -> None:
        """Have the node stand still (SIGSTOP)."""
        run = self._alive_run()
        os.kill(run.pid, signal.SIGSTOP)
        self._history.record(self._source, "paused", {"run": run.number})

    def resume(self) -> None:
        """Have the node go on (SIGCONT), if it is still there."""
        if self.alive:
            self._history.record(self._source, "resumed", {"run": self.run})
            os.kill(self._runs[-1].pid, signal.SIGCONT)

    async def stop(self) -> None:
        """Stop the node gracefully and return once it is gone. Raises TimeoutError."""
        run = self._alive_run()
        run.stop_asked = True
        self._history.record(self._source, "stop_requested", {"run": run.number})
        self.send(Stop())
        await self._await_end(run, "a request")

    async def close(self) -> None:
        """Kill what runs and let go of the zygote."""
        try:
            if self.alive:
                await self.kill()
        finally:
            self._zygote.detach(self._on_exit)
            self._log.close()

    async def _await_end(self, run: _Run, asked_by: str) -> None:
        try:
            await asyncio.wait_for(run.ended.wait(), STOP_DEADLINE_SECS)
        except TimeoutError:
            raise TimeoutError(
                f"the node did not end within {STOP_DEADLINE_SECS:g} s of {asked_by}"
            ) from None

    def _alive_run(self) -> _Run:
        if not self.alive:
            raise NodeNotRunning("no node is running")
        return self._runs[-1]

    def _on_exit(self, ended: Exit) -> None:
        for run in self._runs:
            if run.pid == ended.pid and not run.exited.done():
                run.exited.set_result(ended)

    async def _attend(self, run: _Run, log_fd: int) -> None:
        log = asyncio.create_task(self._read_log(run, log_fd))
        messages = asyncio.create_task(self._read_messages(run))
        ended = await run.exited
        read, unread = await asyncio.wait({log, messages}, timeout=EXIT_DEADLINE_SECS)
        for task in unread:
            task.cancel()
        self._history.record(
            self._source,
            "exited",
            {
                "run": run.number,
                "pid": ended.pid,
                "code": ended.code,
                "signal": ended.signal,
                "log_entries": log.result() if log in read and not log.exception() else None,
                "expected": (run.kill_asked and ended.signal == signal.SIGKILL)
                or (run.stop_asked and ended.code == 0)
                or (run.termination_asked and ended.code == EXIT_ENDED_BY_ITSELF),
            },
        )
        run.ended.set()

    async def _read_messages(self, run: _Run) -> None:
        reader, writer = await asyncio.open_connection(
            sock=run.channel.dup(), limit=MESSAGE_BYTES_MAX
        )
        try:
            while line := await reader.readline():
                if line.endswith(b"\n"):
                    message = self._decoder.decode(line)
                    data = {"run": run.number} | message.data
                    self._history.record(self._source, message.kind, data, message.ts)
        except ConnectionError:
            pass
        except Exception as error:
            data = {"run": run.number, "error": f"{type(error).__name__}: {error}"}
            self._history.record("harness", "channel_failed", data)
        finally:
            writer.close()
            run.channel.close()

    async def _read_log(self, run: _Run, fd: int) -> int:
        """Record what is to be told of the log, and return how many entries that were."""
        reader = asyncio.StreamReader(limit=MESSAGE_BYTES_MAX)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(fd, "rb", buffering=0)
        )
        lines = LogLines()
        entries = 0
        try:
            while line := await reader.readline():
                with contextlib.suppress(OSError):  # The history, on the same disk, tells of it.
                    self._log.write(line)
                entry = lines.read(line.decode(errors="replace").rstrip())
                if entry is not None:
                    self._record_log(run.number, entry)
                    entries += 1
        finally:
            transport.close()
        return entries

    def _record_log(self, number: int, entry: LogEntry) -> None:
        # By a wrong clock the entry's time is no time of the scenario.
        true = self.wall is None or self.wall.is_true
        data = {
            "run": number,
            "level": entry.level,
            "component": entry.component,
            "message": entry.message,
        }
        self._history.record(self._source, "log", data, entry.ts if true else None)
