"""What lives as long as a worker: the toxiproxy-server, the store's server and the zygote."""

import shutil
import tempfile
from pathlib import Path

from harness.clock import Clock, NoShim, shim
from harness.setup.toxiproxy import toxiproxy_server
from harness.setup.valkey import valkey_server
from harness.world.store import StoreServer
from harness.world.toxiproxy import ToxiproxyServer
from harness.world.zygote import Zygote

MACHINE_CLOCK = "the machine's"


class Services:
    """The servers that the scenarios of one worker share, one scenario at a time.

    Without the shim the nodes' clocks are the machine's.
    """

    def __init__(
        self,
        directory: Path,
        toxiproxy: ToxiproxyServer,
        store: StoreServer,
        zygote: Zygote,
        preloaded: Path | None,
        clock: str,
    ) -> None:
        self._directory = directory
        self._preloaded = preloaded
        self.toxiproxy = toxiproxy
        self.store = store
        self.zygote = zygote
        self.versions = {
            "nautilus_trader": zygote.release,
            "toxiproxy": toxiproxy.version(),
            "store": store.version(),
            "clock": clock,
        }

    @classmethod
    def start(cls) -> "Services":
        """Start all of them. Raises MissingBinary or ServerFailed, and then leaves none behind."""
        toxiproxy_binary, valkey_binary = toxiproxy_server(), valkey_server()
        directory = Path(tempfile.mkdtemp(prefix="nautilus-chaos-"))
        started: list[ToxiproxyServer | StoreServer | Zygote] = []
        preloaded: Path | None = None
        clock = "set by a preload shim"
        try:
            preloaded = shim()
        except NoShim as reason:
            clock = f"{MACHINE_CLOCK}: {reason}"
        try:
            started.append(toxiproxy := ToxiproxyServer.start(toxiproxy_binary, directory))
            started.append(store := StoreServer.start(valkey_binary, directory))
            started.append(zygote := Zygote.start(directory / "zygote", preloaded))
        except BaseException:
            for server in started:
                server.stop()
            shutil.rmtree(directory, ignore_errors=True)
            raise
        return cls(directory, toxiproxy, store, zygote, preloaded, clock)

    def clock(self) -> Clock:
        """Return a new clock for one scenario."""
        return Clock(self._preloaded)

    def stop(self) -> None:
        """End all of them."""
        self.zygote.stop()
        self.store.stop()
        self.toxiproxy.stop()
        shutil.rmtree(self._directory, ignore_errors=True)
