"""One node's life inside its process: build, run, obey, end."""

import asyncio
import os
import select
import socket
import time
import traceback

import msgspec

from harness.node.channel import Channel
from harness.node.clock import attach_clock
from harness.node.driver import Driver, driver_for
from harness.node.memory import MemoryWatch
from harness.node.safety import NodeRefused, require_safe
from harness.node.spec import NodeSpec, Stop

EXIT_ENDED_BY_ITSELF = 70
EXIT_BUILD_FAILED = 71
EXIT_HARNESS_GONE = 72


def run_session(spec: NodeSpec, sock: socket.socket) -> int:
    """Run a node to its end and return the process's exit code: 0 after a graceful stop."""
    now_ns = time.time_ns if spec.clock is None else attach_clock(spec.clock)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    channel = Channel(sock, now_ns)
    return loop.run_until_complete(_session(spec, channel, MemoryWatch(channel, now_ns)))


async def _session(spec: NodeSpec, channel: Channel, memory: MemoryWatch) -> int:
    try:
        require_safe(spec)
        driver = driver_for(spec, channel)
        if spec.describe:
            return _describe(driver, channel)
        driver.build()
    except Exception as error:
        traceback.print_exc()
        channel.send("build_failed", {"error": f"{type(error).__name__}: {error}"})
        return EXIT_BUILD_FAILED
    stop_asked = asyncio.Event()

    def obey() -> bool:
        if select.select([channel.fileno()], [], [], 0)[0]:
            _obey_arrived(driver, channel, stop_asked)
        memory.look()
        return not stop_asked.is_set()

    asyncio.get_running_loop().add_reader(channel.fileno(), obey)
    running = asyncio.ensure_future(driver.run(obey))
    stopping = asyncio.ensure_future(stop_asked.wait())
    watching = asyncio.ensure_future(memory.watch())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    watching.cancel()
    if stop_asked.is_set():
        await driver.stop()
        driver.dispose()
        channel.send("stopped")
        return 0
    failure = None if running.cancelled() else running.exception()
    if failure is None:
        driver.dispose()
    channel.send("ended_by_itself", {"error": None if failure is None else repr(failure)})
    return EXIT_ENDED_BY_ITSELF


def _describe(driver: Driver, channel: Channel) -> int:
    try:
        channel.send("described", msgspec.to_builtins(driver.describe()))
    except NodeRefused as refused:
        channel.send("refused", {"reason": str(refused)})
    return 0


def _obey_arrived(driver: Driver, channel: Channel, stop_asked: asyncio.Event) -> None:
    try:
        for command in channel.receive():
            if isinstance(command, Stop):
                stop_asked.set()
                continue
            try:
                driver.execute(command)
            except Exception as error:
                channel.send(
                    "command_failed",
                    {"command": repr(command), "error": f"{type(error).__name__}: {error}"},
                )
    except (EOFError, OSError):
        os._exit(EXIT_HARNESS_GONE)
