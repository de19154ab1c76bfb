"""The user's node, described before anything is played on it, so that it can be refused in time."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import msgspec

from harness.node.safety import NodeRefused
from harness.node.spec import Description, Message, NodeSpec, OwnNode, Urls
from harness.world.zygote import Exit, Zygote

DESCRIBE_DEADLINE_SECS = 60.0

# Nothing is connected to: what is described does not run.
_NOWHERE = Urls(
    rest="http://127.0.0.1:9",
    market_stream="ws://127.0.0.1:9",
    user_stream="ws://127.0.0.1:9/private",
    ws_api="ws://127.0.0.1:9/ws-fapi/v1",
)


def own_node(build: str) -> OwnNode:
    """Return the user's node as the node's process has to know it."""
    return OwnNode(build=build, import_paths=(str(Path.cwd()), *filter(None, sys.path)))


def describe(zygote: Zygote, build: str) -> Description:
    """Return what the user's node is. Raises NodeRefused with the reason in one line."""
    return asyncio.run(_describe(zygote, build))


async def _describe(zygote: Zygote, build: str) -> Description:
    spec = NodeSpec(
        run=0,
        trader_id="",
        api_key="",
        api_secret="",
        urls=_NOWHERE,
        store_host="127.0.0.1",
        store_port=9,
        instrument_ids=(),
        exec_engine={},
        exec_client={},
        strategies=(),
        own=own_node(build),
        describe=True,
    )
    exits: asyncio.Queue[Exit] = asyncio.Queue()
    zygote.attach(exits.put_nowait)
    ours, its = socket.socketpair()
    try:
        with its, open(os.devnull, "wb") as nowhere:
            pid = await zygote.fork(spec, its, nowhere.fileno())
        said = await _everything_said(ours, pid)
        while (await exits.get()).pid != pid:
            pass
    finally:
        ours.close()
        zygote.detach(exits.put_nowait)
    for line in said.splitlines():
        message = msgspec.json.decode(line, type=Message)
        if message.kind == "described":
            return msgspec.convert(message.data, Description)
        raise NodeRefused(f"the node {build}: {message.data.get('reason', message.data)}")
    raise NodeRefused(
        f"the node {build}: its process ended before it was built, or was not done within "
        f"{DESCRIBE_DEADLINE_SECS:g} s"
    )


async def _everything_said(sock: socket.socket, pid: int) -> bytes:
    """Return what a process says until it ends; it is killed where it is not done in time."""
    reader, writer = await asyncio.open_connection(sock=sock.dup())
    try:
        async with asyncio.timeout(DESCRIBE_DEADLINE_SECS):
            return await reader.read()
    except TimeoutError:
        os.kill(pid, signal.SIGKILL)
        return b""
    finally:
        writer.close()
