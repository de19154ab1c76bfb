"""How often a node tells its resident size."""

import socket

import msgspec
import pytest

from harness.node.channel import Channel
from harness.node.memory import INTERVAL_SECS_MAX, MemoryWatch, resident_bytes

SECOND_NS = 1_000_000_000
MIB = 2**20


class Time:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def test_the_resident_size_is_that_of_this_process() -> None:
    before = resident_bytes()
    held = b"x" * (64 * MIB)
    assert resident_bytes() - before > 48 * MIB
    del held


def test_a_look_before_its_time_sends_nothing() -> None:
    ours, its = socket.socketpair()
    time = Time()
    with ours, its:
        watch = MemoryWatch(Channel(its, time), time)
        for ms in (0, 100, 249, 250, 300):
            time.now = ms * 1_000_000
            watch.look()
        sent = [msgspec.json.decode(line) for line in ours.recv(65_536).splitlines()]
    assert [message["ts"] for message in sent] == [0, 250_000_000]
    assert all(message["kind"] == "memory" for message in sent)
    assert all(message["data"]["resident_bytes"] > MIB for message in sent)


@pytest.mark.parametrize(("hours", "most"), [(1, 350), (24, 1_750)])
def test_the_messages_of_a_long_life_are_bounded(hours: int, most: int) -> None:
    ours, its = socket.socketpair()
    time = Time()
    with ours, its:
        watch = MemoryWatch(Channel(its, time), time)
        looks = 0
        while time.now < hours * 3600 * SECOND_NS:
            time.now += int(watch.interval_secs * SECOND_NS)
            looks += 1
        assert watch.interval_secs == INTERVAL_SECS_MAX
    assert looks <= most
