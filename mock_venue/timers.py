"""What the venue does later: as its clock, given by whoever embeds it."""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that is to come."""

    def cancel(self) -> object:
        """Do not call. After the call it is no error."""


class CallLater(Protocol):
    """Calls a function in the running event loop, in so many seconds of the venue's clock."""

    def __call__(self, seconds: float, function: Callable[[], object], /) -> Timer:
        """Return what cancels the call."""


def loop_call_later(seconds: float, function: Callable[[], object], /) -> Timer:
    """For a venue whose clock is the machine's."""
    return asyncio.get_running_loop().call_later(seconds, function)


async def sleep(call_later: CallLater, seconds: float) -> None:
    """Return after so many seconds."""
    over = asyncio.Event()
    timer = call_later(seconds, over.set)
    try:
        await over.wait()
    finally:
        timer.cancel()
