"""What lives as long as a worker: the toxiproxy-server, the store's server and the zygotes."""

import shutil
import tempfile
from pathlib import Path

from harness.clock import RATE_MAX, Clock, NoShim, shim
from harness.node.spec import Description
from harness.releases import environment_of
from harness.setup.toxiproxy import toxiproxy_server
from harness.setup.valkey import valkey_server
from harness.world.own_node import describe
from harness.world.store import StoreServer
from harness.world.toxiproxy import ToxiproxyServer
from harness.world.zygote import Zygote

MACHINE_CLOCK = "the machine's"
ZYGOTES_MAX = 2


class Services:
    """The servers that the scenarios of one worker share, one scenario at a time.

    `zygote` has the release that is played on, of the `ZYGOTES_MAX` used last. Without the shim the
    nodes' clocks are the machine's.
    """

    def __init__(
        self,
        directory: Path,
        toxiproxy: ToxiproxyServer,
        store: StoreServer,
        preloaded: Path | None,
        servers: dict[str, str],
    ) -> None:
        self._directory = directory
        self._preloaded = preloaded
        self._servers = servers
        self._zygotes: dict[str | None, Zygote] = {}
        self._described: dict[tuple[str, str], Description] = {}
        self._release: str | None = None
        self.toxiproxy = toxiproxy
        self.store = store
        self.zygote: Zygote

    @classmethod
    def start(cls, release: str | None = None) -> "Services":
        """Start all of them, to play on a release, by default the one beside the harness.

        Raises MissingBinary, ServerFailed or ReleaseMissing, and then leaves none behind.
        """
        toxiproxy_binary, valkey_binary = toxiproxy_server(), valkey_server()
        directory = Path(tempfile.mkdtemp(prefix="nautilus-chaos-"))
        started: list[ToxiproxyServer | StoreServer] = []
        preloaded: Path | None = None
        clock = "set by a preload shim"
        try:
            preloaded = shim()
        except NoShim as reason:
            clock = f"{MACHINE_CLOCK}: {reason}"
        try:
            started.append(toxiproxy := ToxiproxyServer.start(toxiproxy_binary, directory))
            started.append(store := StoreServer.start(valkey_binary, directory))
            versions = {
                "toxiproxy": toxiproxy.version(),
                "store": store.version(),
                "clock": clock,
            }
            services = cls(directory, toxiproxy, store, preloaded, versions)
            services.play_on(release)
        except BaseException:
            for server in started:
                server.stop()
            shutil.rmtree(directory, ignore_errors=True)
            raise
        return services

    @property
    def versions(self) -> dict[str, str]:
        """What is played on, by name."""
        return {"nautilus_trader": self.zygote.release} | self._servers

    def play_on(self, release: str | None) -> None:
        """Have `zygote` be a release's, None for the one beside the harness; no node may run.

        Raises ServerFailed or ReleaseMissing.
        """
        zygote = self._zygotes.pop(release, None)
        if zygote is None:
            python = None if release is None else environment_of(release)
            if len(self._zygotes) >= ZYGOTES_MAX:
                self._zygotes.pop(next(iter(self._zygotes))).stop()
            directory = Path(tempfile.mkdtemp(prefix="zygote-", dir=self._directory))
            zygote = Zygote.start(directory, self._preloaded, python)
        self._zygotes[release] = self.zygote = zygote
        self._release = release

    def ended(self) -> list[str]:
        """Return in words which of the servers have ended by themselves, and how."""
        servers = (self.toxiproxy, self.store, self.zygote)
        return [told for server in servers if (told := server.ended) is not None]

    def start_again(self) -> None:
        """Put new servers in the place of those that have ended; no node may run.

        Raises ServerFailed.
        """
        for server in (self.toxiproxy, self.store):
            if not server.runs:
                server.start_again()
        if self.zygote.ended is not None:
            self._zygotes.pop(self._release).stop()
            self.play_on(self._release)

    def describe(self, build: str) -> Description:
        """Return what the user's node is that a function builds. Raises NodeRefused."""
        key = (self.zygote.release, build)
        if key not in self._described:
            self._described[key] = describe(self.zygote, build)
        return self._described[key]

    def clock(self, rate_max: float = RATE_MAX) -> Clock:
        """Return a new clock for one scenario, which goes no faster than that."""
        return Clock(self._preloaded, rate_max=rate_max)

    def stop(self) -> None:
        """End all of them."""
        for zygote in self._zygotes.values():
            zygote.stop()
        self.store.stop()
        self.toxiproxy.stop()
        shutil.rmtree(self._directory, ignore_errors=True)
