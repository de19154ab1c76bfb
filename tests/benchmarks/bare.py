"""`python -m tests.benchmarks.bare SAID`: the least that aiohttp can do with the venue's bytes.

A request gets the reply and no thought. One to `/push/<group>` lets all WebSockets of that group
have the frames, `times` over.
"""

import asyncio
import sys
from collections import defaultdict

import msgspec
import uvloop
from aiohttp import web


class Said(msgspec.Struct):
    """What a venue said: a reply, and frames of a stream."""

    body: str = ""
    headers: dict[str, str] = {}
    frames: list[str] = []
    times: int = 1
    plain: bool = False
    """As aiohttp's own examples have it: a `web.Application` on asyncio's event loop.
    Else the server class and the event loop are the venue's."""


class Bare:
    """A server that says what it was told to."""

    def __init__(self, said: Said) -> None:
        self._said = said
        self._body = said.body.encode()
        self._sockets: dict[str, list[web.WebSocketResponse]] = defaultdict(list)
        self._pushing: set[asyncio.Task[None]] = set()

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._listen(request)
        if request.path.startswith("/push/"):
            pushing = asyncio.create_task(self._push(request.path.removeprefix("/push/")))
            self._pushing.add(pushing)
            pushing.add_done_callback(self._pushing.discard)
        return web.Response(body=self._body, headers=self._said.headers)

    async def _listen(self, request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self._sockets[request.path.removeprefix("/ws/")].append(socket)
        async for _ in socket:
            pass
        return socket

    async def _push(self, group: str) -> None:
        for _ in range(self._said.times):
            for text in self._said.frames:
                for socket in self._sockets[group]:
                    await socket.send_str(text)


async def main(said: Said) -> None:
    """Serve until killed."""
    serve = Bare(said).serve
    server = web.Server(serve, handler_cancellation=True, access_log=None)
    if said.plain:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", serve)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        assert runner.server is not None
        server = runner.server
    listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", flush=True)
    await listener.serve_forever()


if __name__ == "__main__":
    said = msgspec.json.decode(sys.argv[1], type=Said)
    (asyncio.run if said.plain else uvloop.run)(main(said))
