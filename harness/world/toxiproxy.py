"""The toxiproxy-server of a worker, through toxiproxy-python."""

import asyncio
import json
import subprocess
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests
import toxiproxy.api
from toxiproxy import Toxiproxy
from toxiproxy.api import APIConsumer
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists
from toxiproxy.proxy import Proxy

from harness.world.ports import free_port
from harness.world.process import ServerFailed, await_listening, end, how_it_ended, spawn

START_DEADLINE_SECS = 10.0
CALL_DEADLINE_SECS = 5.0
_PORT_TRIES_MAX = 5


class ToxiproxyFailed(RuntimeError):
    """Toxiproxy refused a call."""


class ToxiproxySilent(ToxiproxyFailed):
    """Toxiproxy did not answer in time: it can hang when a toxic is removed under load."""


class _Session(requests.Session):
    """What toxiproxy-python calls instead of the module `requests`.

    With a deadline, without proxy settings from the environment, and a failure is an exception.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = CALL_DEADLINE_SECS
        response = super().request(*args, **kwargs)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise requests.HTTPError(response.text.strip(), response=response)
        return response


class ToxiproxyServer:
    """A toxiproxy-server, alive as long as its worker.

    toxiproxy-python keeps the server's address in class attributes: one server a process.
    """

    def __init__(
        self, binary: Path, directory: Path, process: subprocess.Popen[bytes], port: int
    ) -> None:
        self._binary = binary
        self._directory = directory
        self._process = process
        self._port = port
        self._client = Toxiproxy()
        self._client.update_api_consumer("127.0.0.1", port)
        toxiproxy.api.requests = _Session()

    @classmethod
    def start(cls, binary: Path, directory: Path) -> "ToxiproxyServer":
        """Start the server. Raises ServerFailed."""
        failure: ServerFailed | None = None
        for _ in range(_PORT_TRIES_MAX):
            port = free_port()
            try:
                return cls(binary, directory, _spawn(binary, directory, port), port)
            except ServerFailed as error:
                failure = error
        raise failure or ServerFailed("toxiproxy-server could not be started")

    async def replace(self) -> None:
        """Put another server in this one's place, on the same port, without its proxies.

        Raises ServerFailed.
        """
        self._process.kill()
        await asyncio.to_thread(self._process.wait, CALL_DEADLINE_SECS)
        # Not in a thread: a child dies with the thread that started it.
        self.start_again()

    def start_again(self) -> None:
        """Start the server after its end, on its port, without its proxies. Raises ServerFailed."""
        self._process = _spawn(self._binary, self._directory, self._port)

    @property
    def runs(self) -> bool:
        """Whether the server's process is there."""
        return self._process.poll() is None

    @property
    def ended(self) -> str | None:
        """In words, how it ended by itself; None while it runs."""
        return how_it_ended(self._process, "toxiproxy-server")

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def version(self) -> str:
        """Return the server's version. Raises ServerFailed where it does not answer."""
        answer = self._client.version()
        if answer is None:
            raise ServerFailed("toxiproxy-server does not tell its version")
        return str(json.loads(answer)["version"])

    def stop(self) -> None:
        """End the server."""
        end(self._process)

    async def create(self, name: str, upstream_port: int) -> Proxy:
        """Create a proxy to a port of this machine, on a port outside the ephemeral range."""
        failure: ToxiproxyFailed | None = None
        for _ in range(_PORT_TRIES_MAX):
            try:
                return await self.create_on(name, upstream_port, free_port())
            except ToxiproxyFailed as error:
                failure = error
        raise failure or ToxiproxyFailed(f"the proxy {name} could not be created")

    async def create_on(self, name: str, upstream_port: int, port: int) -> Proxy:
        """Create a proxy on a given port. Raises ToxiproxyFailed."""
        return await self.call(
            self._client.create,
            upstream=f"127.0.0.1:{upstream_port}",
            name=name,
            listen=f"127.0.0.1:{port}",
        )

    async def update_toxic(self, proxy: Proxy, name: str, attributes: dict[str, int]) -> None:
        """Give a toxic other attributes while it works; toxiproxy-python cannot."""
        await self.call(
            APIConsumer.post,
            f"/proxies/{proxy.name}/toxics/{name}",
            json={"attributes": attributes},
        )

    async def enable(self, proxy: Proxy) -> None:
        """Have a proxy listen again. Raises ToxiproxyFailed if it then does not."""
        await self.call(proxy.enable)
        enabled = await self.call(self._client.get_proxy, proxy.name)
        if enabled is None or not enabled.enabled:
            raise ToxiproxyFailed(f"the link {proxy.name} did not come back on {proxy.listen}")

    async def clear(self) -> None:
        """Remove all proxies."""
        await self.call(self._client.destroy_all)

    async def call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Make one call of toxiproxy-python, off the event loop and with a deadline.

        Raises ToxiproxyFailed.
        """
        try:
            return await asyncio.to_thread(method, *args, **kwargs)
        except requests.Timeout:
            raise ToxiproxySilent(
                f"toxiproxy did not answer within {CALL_DEADLINE_SECS} s"
            ) from None
        except KeyError as error:
            # How toxiproxy-python shows a port in use.
            raise ToxiproxyFailed(f"toxiproxy refused the call: no {error} in its answer") from None
        except (requests.RequestException, NotFound, InvalidToxic, ProxyExists) as error:
            raise ToxiproxyFailed(f"toxiproxy refused the call: {error}") from None


def _spawn(binary: Path, directory: Path, port: int) -> subprocess.Popen[bytes]:
    process = spawn(
        [str(binary), "-host", "127.0.0.1", "-port", str(port)], log=directory / "toxiproxy.log"
    )
    try:
        await_listening(process, port, START_DEADLINE_SECS)
    except ServerFailed:
        end(process)
        raise
    return process
