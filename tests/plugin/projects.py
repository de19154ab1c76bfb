"""A little project with scenarios of its own, for a pytest to be run on."""

from pathlib import Path

import pytest

from harness.report.summary import Summary, decode_summary

HEAD = """\
import msgspec

from harness.known_bugs import KNOWN_BUGS
from harness.scenario import steps
from harness.scenario.api import PushRule, buy, known_bug, scenario
from harness.scenario.ending import ExpectedFailure
from harness.scenario.marks import KNOWN_BUG_ATTRIBUTE

# The in-flight check alone: two of its cycles are over in half a second.
QUICKEST = {
    "reconciliation_startup_delay_secs": 0.0,
    "open_check_interval_secs": None,
    "position_check_interval_secs": None,
}
NEVER = steps.AwaitEvent(source="node", kind="never", deadline_secs=0.1)
"""
PASSES = """
@scenario(covers="FR-001", exec_engine=QUICKEST)
async def test_passes(world):
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010"))
    await order.filled()
    await world.converged()
"""
FAILS = """
@scenario(covers="FR-002", exec_engine=QUICKEST)
async def test_fails(world):
    await world.node.start()
    await world.perform(NEVER)
"""
HANDS = """
@scenario(covers="FR-001", exec_engine=QUICKEST)
async def test_hands(node, venue):
    await node.start()
    order = await node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    venue.fill(order)
    await order.filled()
"""
UNKNOWN = """
@scenario(covers="FR-003", exec_engine=QUICKEST)
async def test_unknown(world):
    await world.node.start()
    raise RuntimeError("boom")
"""
FINDS = """
# Every release has it: a fill whose push is lost is never found where nothing looks for it.
BLINDNESS = msgspec.structs.replace(KNOWN_BUGS["K06"], id="K99", releases=">=1")

def finds_blindness(test):
    setattr(test, KNOWN_BUG_ATTRIBUTE, ExpectedFailure((BLINDNESS,)))
    return test

@finds_blindness
@scenario(covers="K99", exec_engine=QUICKEST)
async def test_finds(world):
    await world.node.start()
    order = await world.node.submit(buy("BTCUSDT-PERP", "0.010", at="50000"))
    await order.accepted()
    lost = world.venue.misbehave(PushRule("ORDER_TRADE_UPDATE", "drop"))
    world.venue.fill(order)
    await lost.struck()
    await world.converged(deadline_secs=0.2)
"""
FINDS_NO_MORE = """
@known_bug("K01", "K02")
@scenario(covers="K01", exec_engine=QUICKEST)
async def test_finds_no_more(world):
    await world.node.start()
"""
BY_CHANCE = """
@known_bug(by_chance=["K01"])
@scenario(covers="K01", exec_engine=QUICKEST)
async def test_by_chance(world):
    await world.node.start()
"""
CRASHES = """
@scenario(covers="FR-004", exec_engine=QUICKEST)
async def test_crashes(world):
    await world.node.start()
    import os
    os._exit(7)
"""
LASTS = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
@scenario(covers="FR-001", exec_engine=QUICKEST)
async def test_lasts(world, number):
    await world.node.start()
    await world.elapse(60.0)
"""
# A field that releases before 1.226.0 have.
NOT_APPLICABLE = """
@scenario(covers="FR-001", exec_engine=QUICKEST | {"convert_quote_qty_to_base": True})
async def test_not_applicable(world):
    await world.node.start()
"""
NO_SCENARIO = """
def test_plainly_fails():
    assert False
"""

INI = """
[pytest]
addopts = --import-mode=importlib -p no:valkey -p no:cacheprovider
asyncio_default_fixture_loop_scope = function
chaos_rate = 1
"""

# Workers that start quickly: without the plugins that scenarios do not need.
TWO_WORKERS = ("-n2", *(f"-pno:{name}" for name in ("asyncio", "hypothesispytest", "timeout")))


class Project:
    """A directory with a folder `scenarios`."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        self.root = pytester.path
        (self.root / "pytest.ini").write_text(INI)
        (self.root / "scenarios").mkdir()

    def write(self, *scenarios: str, head: str = HEAD) -> None:
        (self.root / "scenarios" / "test_it.py").write_text(head + "".join(scenarios))

    def run(self, *options: str) -> pytest.RunResult:
        """Run pytest in a process of its own."""
        return self._pytester.runpytest_subprocess("scenarios", *options, timeout=60)

    def run_here(self, *options: str) -> pytest.RunResult:
        """Run pytest in this process, which is quicker."""
        return self._pytester.runpytest_inprocess("scenarios", *options)

    def summary(self, reports: str = "reports") -> Summary:
        return decode_summary((self.root / reports / "latest" / "summary.json").read_bytes())

    @property
    def run_directories(self) -> list[Path]:
        return sorted((self.root / "reports" / "runs").glob("*"))


def said(result: pytest.RunResult) -> str:
    return "\n".join(result.outlines + result.errlines)


def assert_refused(result: pytest.RunResult, reason: str) -> None:
    """The reason stands in a line of its own, without a traceback; the exit code says usage."""
    output = said(result)
    assert result.ret == 4, output
    assert [line for line in output.splitlines() if line.endswith(reason)], output
    for sign in ("Traceback", "INTERNALERROR", "\nE  ", "\n>", "Error>"):
        assert sign not in output, output
