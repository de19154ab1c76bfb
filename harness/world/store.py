"""The store: the Valkey server behind the node's cache, alive as long as its worker."""

import subprocess
from collections.abc import Callable, Mapping, Set
from pathlib import Path

import redis
import redis.asyncio

from harness.world.persisted import read_event
from harness.world.ports import free_port
from harness.world.process import ServerFailed, await_listening, end, how_it_ended, spawn

START_DEADLINE_SECS = 10.0
CALL_DEADLINE_SECS = 5.0
_PORT_TRIES_MAX = 5
# Keyspace notifications of list commands.
_LIST_WRITES = "Kl"
_DUMP = "dump.rdb"


class StoreServer:
    """A Valkey server that keeps everything in memory, and what `kill` is told to keep on disk."""

    def __init__(
        self, binary: Path, directory: Path, process: subprocess.Popen[bytes], port: int
    ) -> None:
        self._binary = binary
        self._directory = directory
        self._process = process
        self._killed = False
        self.port = port
        self.client = redis.Redis(
            port=port,
            socket_timeout=CALL_DEADLINE_SECS,
            socket_connect_timeout=CALL_DEADLINE_SECS,
        )

    @classmethod
    def start(cls, binary: Path, directory: Path) -> "StoreServer":
        """Start the server. Raises ServerFailed."""
        failure: ServerFailed | None = None
        for _ in range(_PORT_TRIES_MAX):
            port = free_port()
            try:
                return cls(binary, directory, _spawn(binary, directory, port), port)
            except ServerFailed as error:
                failure = error
        raise failure or ServerFailed("valkey-server could not be started")

    @property
    def runs(self) -> bool:
        """Whether the server's process is there."""
        return self._process.poll() is None

    @property
    def ended(self) -> str | None:
        """In words, how it ended by itself, and not by `kill`; None while it runs."""
        return None if self._killed else how_it_ended(self._process, "valkey-server")

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def version(self) -> str:
        """Return the server's name and version."""
        info = self.client.info("server")
        return f"valkey {info.get('valkey_version', info['redis_version'])}"

    def flush(self) -> None:
        """Remove everything from the store."""
        self.client.flushall()

    def kill(self, *, keep: bool) -> None:
        """Kill the server with SIGKILL; what it holds now is there at its next start, or is not."""
        if keep:
            self.client.save()
        else:
            (self._directory / _DUMP).unlink(missing_ok=True)
        self._killed = True
        self._process.kill()
        self._process.wait(CALL_DEADLINE_SECS)

    def start_again(self) -> None:
        """Start the server after its end, on its port. Raises ServerFailed."""
        self._process = _spawn(self._binary, self._directory, self.port)
        self._killed = False

    def limit(self, *, full: bool) -> None:
        """Have the server refuse every write for lack of memory, or take them again."""
        self.client.config_set("maxmemory", "1" if full else "0")

    def stop(self) -> None:
        """End the server."""
        self.client.close()
        end(self._process)


def _spawn(binary: Path, directory: Path, port: int) -> subprocess.Popen[bytes]:
    process = spawn(
        [
            *(str(binary), "--port", str(port), "--bind", "127.0.0.1"),
            *("--save", "", "--appendonly", "no", "--dir", str(directory), "--dbfilename", _DUMP),
            *("--maxmemory-policy", "noeviction", "--notify-keyspace-events", _LIST_WRITES),
        ],
        log=directory / "valkey.log",
    )
    try:
        await_listening(process, port, START_DEADLINE_SECS)
    except ServerFailed:
        end(process)
        raise
    return process


async def await_written(
    port: int, prefix: str, wanted: Callable[[], Mapping[str, Set[str]]]
) -> None:
    """Return once the lists of a cache hold what is wanted of them, whose keys have a prefix.

    `wanted` is asked again at each write, and maps a list (`orders:O-1`, `positions:P-1`) to the
    ids, of events or of trades, that must be in it.
    """
    async with (
        redis.asyncio.Redis(port=port) as client,
        client.pubsub() as writes,
    ):
        await writes.psubscribe(f"__keyspace@0__:{prefix}:*")
        written: dict[str, Set[str]] = {}
        while True:
            missing = {name: ids for name, ids in wanted().items() if written.get(name) != ids}
            for name, ids in missing.items():
                values: list[bytes] = await client.lrange(f"{prefix}:{name}", 0, -1)  # type: ignore[assignment]
                events = [read_event(value) for value in values]
                there = {event.get(key) for event in events for key in ("event_id", "trade_id")}
                if ids <= there:
                    written[name] = ids
            if all(written.get(name) == ids for name, ids in missing.items()):
                return
            await writes.get_message(timeout=None)
