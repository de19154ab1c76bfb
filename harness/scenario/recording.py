"""A run directory: what a run leaves behind, and how it is read again."""

import re
import time
from pathlib import Path
from typing import Any

import msgspec

from harness.checkers.verdict import Verdict
from harness.scenario.steps import AnyStep
from harness.world.setup import Setup

RECORDING_FORMAT = 2


class RecordingUnreadable(ValueError):
    """A run directory that this version cannot play or show again."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """`scenario.json`: everything needed to play a run again.

    `steps` is missing where the run was cut off before its end.
    """

    format: int
    release: str
    setup: Setup
    steps: list[AnyStep] | None


class _Head(msgspec.Struct):
    format: int


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]+", "-", name).strip("-")[:120]


def make_run_directory(reports: Path, name: str, seed: int) -> Path:
    """Create `reports/runs/<time>-<name>-<seed>`; the time is UTC with milliseconds."""
    while True:
        now_ms = time.time_ns() // 1_000_000
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now_ms // 1000)) + f".{now_ms % 1000:03}"
        directory = reports / "runs" / f"{stamp}-{_slug(name)}-{seed}"
        try:
            directory.mkdir(parents=True)
        except FileExistsError:
            continue
        return directory


def unfinished_run(reports: Path, name: str, seed: int, release: str, since_ns: int) -> Path | None:
    """Return the newest directory of such a run, begun since then, that has no verdict."""
    for directory in sorted((reports / "runs").glob(f"*-{_slug(name)}-{seed}"), reverse=True):
        if directory.stat().st_ctime_ns >= since_ns and not (directory / "verdict.json").exists():
            try:
                recording = read_recording(directory)
            except RecordingUnreadable:
                continue
            if (recording.setup.name, recording.release) == (name, release):
                return directory
    return None


def write_recording(directory: Path, release: str, setup: Setup, steps: list[Any] | None) -> None:
    """Write `scenario.json`."""
    recording = Recording(format=RECORDING_FORMAT, release=release, setup=setup, steps=steps)
    encoded = msgspec.json.format(msgspec.json.encode(recording), indent=1)
    (directory / "scenario.json").write_bytes(encoded + b"\n")


def read_recording(directory: Path) -> Recording:
    """Read `scenario.json`. Raises RecordingUnreadable with the reason in one line."""
    path = directory / "scenario.json"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordingUnreadable(
            f"{directory} is not a run directory: {path.name}: {error.strerror}"
        ) from None
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.format != RECORDING_FORMAT:
            raise RecordingUnreadable(
                f"{path} has the format {head.format}: must be {RECORDING_FORMAT}, "
                "play it with the version of nautilus-chaos that recorded it"
            )
        return msgspec.json.decode(data, type=Recording)
    except msgspec.MsgspecError as error:
        raise RecordingUnreadable(f"{path} is not a recording: {error}") from None


def read_verdict(directory: Path) -> Verdict | None:
    """Read `verdict.json`; None where the run was cut off before it. Raises RecordingUnreadable."""
    path = directory / "verdict.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Verdict)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordingUnreadable(f"{path} cannot be read: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise RecordingUnreadable(f"{path} is not a verdict: {error}") from None
