"""What holds for every fault, whatever it breaks."""

import ast
import io
import re
import time
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from rich.console import Console

import harness.faults
from harness.checkers.carried_out import carried_out
from harness.checkers.judge import judge
from harness.checkers.verdict import Outcome
from harness.faults import FAULTS, AnyFault, BlackHole, Fault, SilentStream
from harness.faults.listing import fault_listing
from harness.history import History
from harness.node.addressing import Addressing
from harness.scenario import steps
from harness.world.addressed_venue import AddressedVenue
from harness.world.faults import FAULTS_MAX, Ending, Faults
from harness.world.parts import Parts
from mock_venue import VenueConfig
from mock_venue.timers import loop_call_later

ROOT = Path(harness.faults.__file__).parent
EXAMPLES = {
    "links": ("rest", "store"),
    "latency_ms": 5,
    "kib_per_sec": 5,
    "delay_ms": 5,
    "bytes_max": 5,
    "down_secs": 0.5,
    "up_secs": 0.5,
    "refusal": "TIMEOUT",
    "fields": {"status": "NEW"},
    "data": "kept",
    "seconds": 1.5,
    "ppm": 100.0,
}


def example(fault: type[Fault]) -> Fault:
    needed = [field.name for field in msgspec.structs.fields(fault) if field.required]
    return fault(**{name: EXAMPLES[name] for name in needed})


def defined_in_a_file() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(ROOT.glob("*/*.py")):
        names = [
            node.name
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.ClassDef) and node.name in {fault.__name__ for fault in FAULTS}
        ]
        if names:
            found[str(path)] = names
    return found


def test_a_fault_has_a_file_of_its_own_in_the_folder_of_its_family() -> None:
    found = defined_in_a_file()
    assert sorted(name for names in found.values() for name in names) == sorted(
        fault.__name__ for fault in FAULTS
    )
    assert all(len(names) == 1 for names in found.values())
    for fault in FAULTS:
        assert f".{fault.family}." in fault.__module__


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_data_that_a_recorded_step_can_hold(fault: type[Fault]) -> None:
    step = steps.BeginFault(name="a", fault=example(fault))  # type: ignore[arg-type]
    assert msgspec.json.decode(msgspec.json.encode(step), type=steps.AnyStep) == step


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_says_what_it_does_and_where_it_is_injected(fault: type[Fault]) -> None:
    assert fault.__doc__
    assert fault.__doc__ != Fault.__doc__
    assert fault.injected


def test_the_listing_has_every_fault_and_fits_a_terminal() -> None:
    output = io.StringIO()
    Console(width=80, file=output).print(fault_listing())
    lines = output.getvalue().splitlines()
    listed = [match[1] for line in lines if (match := re.match(r"(\w+)\(", line))]
    assert listed == [fault.__name__ for fault in FAULTS]
    assert max(map(len, lines)) <= 80
    assert set(FAULTS) == set(get_args(AnyFault))


def test_every_fault_is_played_in_a_scenario() -> None:
    files = (ROOT.parents[1] / "scenarios").glob("test_*.py")
    played = "\n".join(path.read_text() for path in files)
    unplayed = {fault.__name__ for fault in FAULTS if f"{fault.__name__}(" not in played}
    # `world.node.kill()` and `world.links.cut()` begin these.
    assert unplayed <= {"NodeKilled"}
    assert "node.kill()" in played


Recorded = list[tuple[str, str]]


def at_work(recorded: Recorded) -> Faults:
    return Faults(lambda kind, data: recorded.append((kind, data["name"])))


async def begin(faults: Faults, name: str, mended: list[str] | None = None) -> None:
    async def inject() -> Ending | None:
        if mended is None:
            return None

        async def mend() -> None:
            mended.append(name)

        return mend

    await faults.begin(name, {"type": "Example"}, inject)


@pytest.mark.asyncio
async def test_faults_overlap_and_a_heal_ends_the_last_one_first() -> None:
    recorded: Recorded = []
    mended: list[str] = []
    faults = at_work(recorded)
    for name in ("a", "b", "c"):
        await begin(faults, name, mended)
    await faults.end("b")
    await faults.end_all()
    assert mended == ["b", "c", "a"]
    assert [kind for kind, _ in recorded] == ["fault_begun"] * 3 + ["fault_ended"] * 3
    with pytest.raises(ValueError, match="no fault named 'b' is at work"):
        await faults.end("b")


@pytest.mark.asyncio
async def test_a_fault_that_is_over_at_once_has_no_end() -> None:
    faults = at_work([])
    await begin(faults, "kill")
    await begin(faults, "kill")
    with pytest.raises(
        ValueError, match=r"'kill' is at work: must be one of \[\]; one that is over at once"
    ):
        await faults.end("kill")


@pytest.mark.asyncio
async def test_names_are_unique_and_faults_are_limited() -> None:
    faults = at_work([])
    mended: list[str] = []
    await begin(faults, "0", mended)
    with pytest.raises(ValueError, match="a fault named '0' is at work already"):
        await begin(faults, "0", mended)
    for number in range(1, FAULTS_MAX):
        await begin(faults, str(number), mended)
    with pytest.raises(ValueError, match=f"{FAULTS_MAX} faults are at work"):
        await begin(faults, "more", mended)


@pytest.mark.asyncio
async def test_a_fault_that_cannot_be_applied_is_not_at_work() -> None:
    recorded: Recorded = []
    faults = at_work(recorded)

    async def inject() -> None:
        raise OSError("no such thing")

    with pytest.raises(OSError, match="no such thing"):
        await faults.begin("a", {"type": "Example"}, inject)
    await faults.end_all()
    assert recorded == []


class VenueAndHistory(Parts):
    """As much of a world as a fault of the venue needs."""

    def __init__(self) -> None:
        self.history = History()
        self.venue = AddressedVenue(
            Addressing(), VenueConfig(), time.time_ns, self.history.record, loop_call_later
        )


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", [SilentStream(), BlackHole()])
async def test_a_fault_of_which_nothing_struck_is_unknown_by_its_name(fault: Fault) -> None:
    parts = VenueAndHistory()
    end = await fault.begin(parts)
    assert end is not None
    await end()
    verdict = judge(parts.history.events, [carried_out]).checkers[1]
    assert verdict.outcome is Outcome.UNKNOWN
    assert [evidence.kind for evidence in verdict.evidence] == ["fault_never_struck"]
    assert f"the rule {type(fault).__name__} never struck" in verdict.evidence[0].message
